#include "db/predecessor_find.h"

#include <string.h>

#include "db/predecessor_beside.h"
#include "db/predecessor_text.h"

/* A table that may be one, and its columns. */
typedef struct seen {
    const char *schema, *table;
    bool is_current;
    gw_vec(const char *) columns;
} seen;

typedef struct search {
    gw_arena *a;
    gw_vec(seen) tables;
} search;

/* schema, table, column, whether the schema is the current one; a table's columns come together */
static bool
see(void *ctx, size_t columns, const char *const *v)
{
    search *const s = ctx;
    (void)columns;
    seen *last = s->tables.len == 0 ? NULL : &s->tables.at[s->tables.len - 1];
    if (last == NULL || strcmp(last->schema, v[0]) != 0 || strcmp(last->table, v[1]) != 0) {
        last = gw_vec_push(s->a, &s->tables);
        *last = (seen){.schema = gw_text(s->a, v[0]), .table = gw_text(s->a, v[1]), .is_current = v[3] != NULL};
    }
    *gw_vec_push(s->a, &last->columns) = gw_text(s->a, v[2]);
    return true;
}

static bool
has_column(const seen *t, gw_str name)
{
    for (size_t i = 0; i < t->columns.len; i++)
        if (gw_str_is_nocase(name, t->columns.at[i]))
            return true;
    return false;
}

/* A table of this name in the schema of that one, as the server says it; NULL: none. */
static const char *
beside(const search *s, const seen *t, const char *table)
{
    for (size_t i = 0; i < s->tables.len && table != NULL; i++)
        if (strcmp(s->tables.at[i].schema, t->schema) == 0 && gw_str_is_nocase(gw_str_of(s->tables.at[i].table), table))
            return s->tables.at[i].table;
    return NULL;
}

static bool
fits(const search *s, const seen *t, const gw_predecessor *p)
{
    size_t count = 0;
    if (!gw_str_is_nocase(gw_str_of(t->table), p->table))
        return false;
    for (gw_str rest = gw_str_of(p->columns); rest.ptr != NULL; count++)
        if (!has_column(t, gw_str_cut(rest, ' ', &rest)))
            return false;
    return (p->only == NULL || count == t->columns.len) &&
           (p->without == NULL || !has_column(t, gw_str_of(p->without))) &&
           (p->beside == NULL || beside(s, t, p->beside) != NULL) && beside(s, t, p->unless) == NULL;
}

/* Every table that a row names, as a list of string constants. */
static char *
names_of(gw_arena *a, gw_dialect dialect)
{
    gw_buf out = gw_buf_new(a);
    for (size_t i = 0; i < gw_predecessor_count; i++) {
        const gw_predecessor *const p = &gw_predecessors[i];
        const char *const names[] = {p->table, p->lock, p->beside};
        for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
            if (names[k] == NULL)
                continue;
            gw_buf_puts(&out, out.len == 0 ? "" : ", ");
            gw_buf_puts(&out, gw_string_text(a, names[k], dialect));
        }
    }
    return gw_strdup(a, gw_buf_str(&out));
}

static void
add_fitting(gw_arena *a, const search *s, const seen *t, gw_legacy_tables *out)
{
    for (size_t i = 0; i < gw_predecessor_count; i++) {
        const gw_predecessor *const p = &gw_predecessors[i];
        if (fits(s, t, p))
            *gw_vec_push(a, out) =
                (gw_legacy_table){.tool = p, .schema = t->schema, .table = t->table, .lock = beside(s, t, p->lock)};
    }
}

static gw_rc
look_into(gw_arena *a, gw_conn *c, const char *schema, search *s, gw_err *e)
{
    const char *const names = names_of(a, c->facts.dialect);
    const char *const sql = gw_put_in(a, gw_put_in(a, c->engine->adopt.tables, "{names}", names), "{schema}", schema);
    return c->engine->query(c, sql, NULL, 0, see, s, e);
}

gw_rc
gw_predecessors_find(gw_arena *a, gw_conn *c, gw_legacy_tables *out, gw_err *e)
{
    search s = {.a = a};
    const char *attached;
    GW_TRY(gw_predecessor_attach(a, c, &attached, e));
    GW_TRY(look_into(a, c, "main", &s, e));
    if (attached != NULL) {
        GW_TRY(look_into(a, c, attached, &s, e));
        GW_TRY(gw_predecessor_detach(c, e));
    }
    for (int current = 1; current >= 0; current--)
        for (size_t i = 0; i < s.tables.len; i++)
            if (s.tables.at[i].is_current == (current == 1))
                add_fitting(a, &s, &s.tables.at[i], out);
    return GODWIT_OK;
}
