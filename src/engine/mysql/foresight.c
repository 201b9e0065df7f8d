#include "engine/mysql/foresight.h"

#include "engine/mysql/literal.h"
#include "engine/mysql/reset.h"
#include "sql/quote.h"

#include "base/ban.h"

/* The name of a table of the current schema, in ASCII; empty: of something else. */
static gw_str
name_of(gw_arena *a, const gw_target *t)
{
    const gw_dialect dialect = {.kind = GW_DIALECT_MYSQL, .ansi_quotes = true};
    gw_str part[3];
    if (t->kind != GW_OBJECT_TABLE || t->role != GW_TARGET_CREATED || t->lenient || t->unsure || t->vague ||
        gw_name_parts(a, t->name, dialect, part) != 1)
        return (gw_str){"", 0};
    for (size_t i = 0; i < part[0].len; i++)
        if ((unsigned char)part[0].ptr[i] >= 0x80)
            return (gw_str){"", 0};
    return part[0];
}

static bool
take_name(void *there, size_t columns, const char *const *values)
{
    (void)columns;
    if (values[0] != NULL)
        gw_map_put(there, gw_str_of(values[0]), there);
    return true;
}

static void
put_query(gw_buf *out, gw_mysql_conn *c, const gw_map *names)
{
    gw_buf_printf(out,
                  "SELECT table_name FROM information_schema.%s WHERE table_schema = DATABASE() AND table_name IN (",
                  c->session.flavour.mariadb ? "tables" : "tables_extensions");
    for (size_t i = 0; i < names->entries.len; i++) {
        if (i > 0)
            gw_buf_puts(out, ", ");
        gw_mysql_literal_add(out, c->my, gw_text(names->arena, names->entries.at[i].key.ptr));
    }
    gw_buf_puts(out, ")");
}

void
gw_mysql_foresight_end(gw_mysql_conn *c)
{
    gw_arena_free(c->foresight);
    c->foresight = NULL;
    c->absent = NULL;
}

/* Of those that were asked for; false: the server takes two names for one, and what it says of one is not known of the other. */
static bool
leave_out(gw_map *asked, const gw_map *there)
{
    for (size_t i = 0; i < there->entries.len; i++) {
        if (!gw_map_has(asked, there->entries.at[i].key))
            return false;
        gw_map_put(asked, there->entries.at[i].key, NULL);
    }
    return true;
}

/* In a clean session: whoever ran before may have chosen another database, or how many rows an answer has. */
static bool
ask(gw_mysql_conn *c, gw_map *asked)
{
    GW_SCOPE(scratch);
    gw_map *const there = gw_map_new(scratch);
    gw_buf query = gw_buf_new(scratch);
    gw_err unsaid = {0};
    put_query(&query, c, asked);
    return asked->entries.len > 0 && gw_mysql_reset(&c->head, &unsaid) == GODWIT_OK &&
           gw_mysql_send(c, gw_buf_str(&query), take_name, there, &unsaid) == GODWIT_OK && leave_out(asked, there);
}

void
gw_mysql_foresee(gw_conn *head, const gw_target *targets, size_t count)
{
    GW_SCOPE(scratch);
    gw_mysql_conn *const c = gw_mysql_of(head);
    gw_mysql_foresight_end(c);
    c->foresight = gw_arena_new();
    gw_map *const absent = gw_map_new(c->foresight);
    for (size_t i = 0; i < count; i++) {
        const gw_str name = name_of(scratch, &targets[i]);
        if (name.len > 0)
            gw_map_put(absent, name, c);
    }
    if (ask(c, absent))
        c->absent = absent;
    else
        gw_mysql_foresight_end(c);
}

bool
gw_mysql_foresight_is_absent(const gw_mysql_conn *c, const gw_target *target)
{
    GW_SCOPE(scratch);
    return c->absent != NULL && gw_map_get(c->absent, name_of(scratch, target)) != NULL;
}
