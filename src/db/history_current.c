#include "db/history_current.h"

#include <assert.h>
#include <string.h>

#include "db/column.h"
#include "db/history_doubt.h"
#include "db/history_read.h"

/* Where the rows of a version lie. `applied` is a place of its own only while the newest row is none that applies. */
typedef struct places {
    size_t applied, newest;
} places;

static bool
applies(const gw_record *r)
{
    return r->state == GODWIT_APPLIED && strcmp(r->direction, "up") == 0;
}

static void
keep_first(gw_arena *a, gw_history_current *c, const gw_record *r)
{
    places *const p = gw_new(a, places);
    p->applied = p->newest = c->records.len;
    *gw_vec_push(a, &c->records) = *r;
    gw_map_put(c->versions, gw_str_of(r->version), p);
}

/* One place is enough for a row that supersedes all; behind a row that applies, what came of it later has one more. */
static void
keep_next(gw_arena *a, gw_history_current *c, places *p, gw_record *r)
{
    r->was_put_off = gw_record_puts_off(&c->records.at[p->newest], r);
    if (p->applied == p->newest && applies(&c->records.at[p->newest]) && !applies(r)) {
        p->newest = c->records.len;
        (void)gw_vec_push(a, &c->records);
    } else if (applies(r)) {
        c->records.at[p->applied] = *r;
    }
    c->records.at[p->newest] = *r;
}

gw_rc
gw_history_current_add(gw_arena *a, gw_history_current *current, const char *shown, const char *const *values,
                       gw_err *e)
{
    if (current->versions == NULL)
        current->versions = gw_map_new(a);
    if (values[GW_COLUMN_ID] == NULL)
        return GODWIT_OK;
    places *const p = gw_map_get(current->versions, gw_str_of(values[GW_COLUMN_VERSION]));
    const size_t len = current->records.len;
    const gw_record *const like = p != NULL ? &current->records.at[p->newest]
                                  : len > 0 ? &current->records.at[len - 1]
                                            : NULL;
    gw_record r;
    GW_TRY(gw_history_read_row(a, shown, values, like, &r, e));
    if (p == NULL)
        keep_first(a, current, &r);
    else
        keep_next(a, current, p, &r);
    return GODWIT_OK;
}

typedef struct reading {
    gw_arena *a;
    const gw_history *h;
    gw_history_current current;
    gw_err *e;
} reading;

static bool
read_row(void *ctx, size_t columns, const char *const *v)
{
    reading *const r = ctx;
    assert(columns >= GW_COLUMN__COUNT);
    return gw_history_believe(r->h->conn, r->h->shown, gw_history_doubt(columns, v), r->e) == GODWIT_OK &&
           gw_history_current_add(r->a, &r->current, r->h->shown, v, r->e) == GODWIT_OK;
}

gw_rc
gw_history_current_read(gw_arena *a, const gw_history *h, gw_records *out, gw_err *e)
{
    gw_err words = {0};
    reading r = {.a = a, .h = h, .e = &words};
    *out = (gw_records){0};
    if (!h->exists)
        return GODWIT_OK;
    if (h->conn->engine->query(h->conn, h->sql[GW_SQL_HISTORY_PLAN], NULL, 0, read_row, &r, e) != GODWIT_OK)
        return gw_err_note(e, "while reading the history table %s", h->shown);
    if (words.rc != GODWIT_OK)
        *e = words;
    *out = r.current.records;
    return words.rc;
}

typedef struct down {
    gw_arena *a;
    const char *text;
} down;

static bool
read_down(void *ctx, size_t columns, const char *const *v)
{
    down *const d = ctx;
    (void)columns;
    assert(columns == 1);
    d->text = gw_text(d->a, v[0]);
    return true;
}

gw_rc
gw_history_current_down(gw_arena *a, const gw_history *h, int64_t id, const char **out, gw_err *e)
{
    GW_SCOPE(scratch);
    down d = {.a = a};
    const gw_param param = {gw_printf(scratch, "%lld", (long long)id)};
    if (h->conn->engine->query(h->conn, h->sql[GW_SQL_HISTORY_DOWN], &param, 1, read_down, &d, e) != GODWIT_OK)
        return gw_err_note(e, "while reading the history table %s", h->shown);
    *out = d.text;
    return d.text != NULL
               ? GODWIT_OK
               : gw_fail(e, GODWIT_LOCKED, "row %lld of the history %s was changed meanwhile", (long long)id, h->shown);
}
