#include "engine/sqlite/reset.h"

#include <assert.h>

#include "engine/sqlite/session.h"
#include "engine/sqlite/statement.h"
#include "sql/quote.h"

static gw_rc
run(gw_sqlite_conn *c, const char *sql, gw_err *e)
{
    return gw_sqlite_query(c, gw_str_of(sql), NULL, 0, NULL, NULL, e);
}

/* WAL is a property of the file: a migration that switched to or from it meant every connection. The other modes are ours. */
static gw_rc
restore_journal(gw_arena *a, gw_sqlite_conn *c, const char *initial, gw_err *e)
{
    const char *now = NULL;
    GW_TRY(gw_sqlite_session_read(a, c, "journal_mode", &now, e));
    const gw_str wal = GW_STR_LIT("wal");
    if (now == NULL || initial == NULL || gw_str_eq(gw_str_of(now), wal))
        return GODWIT_OK;
    const char *const mode = gw_str_eq(gw_str_of(initial), wal) ? "delete" : initial;
    return gw_str_is(gw_str_of(now), mode) ? GODWIT_OK : run(c, gw_printf(a, "PRAGMA journal_mode = %s", mode), e);
}

static gw_rc
restore_pragmas(gw_arena *a, gw_sqlite_conn *c, gw_err *e)
{
    gw_sqlite_session *const s = &c->session;
    for (size_t i = 0; i < GW_SQLITE_PRAGMAS; i++) {
        if (!s->changed[i])
            continue;
        const gw_str name = gw_str_of(gw_sqlite_pragmas[i]);
        if (gw_str_is(name, "journal_mode"))
            GW_TRY(restore_journal(a, c, s->initial[i], e));
        else if (s->initial[i] != NULL)
            GW_TRY(run(c, gw_printf(a, "PRAGMA %s = %s", gw_sqlite_pragmas[i], s->initial[i]), e));
        if (gw_str_is(name, "locking_mode")) /* an exclusive lock is given up by the next read */
            GW_TRY(run(c, "SELECT count(*) FROM (SELECT 1 FROM main.sqlite_master LIMIT 1)", e));
    }
    return GODWIT_OK;
}

typedef struct statements {
    gw_arena *a;
    gw_dialect dialect;
    gw_vec(const char *) sql;
} statements;

static bool
add_detach(void *ctx, size_t columns, const char *const *values)
{
    statements *const s = ctx;
    gw_buf sql = gw_buf_new(s->a);
    (void)columns;
    assert(columns == 1);
    gw_buf_puts(&sql, "DETACH DATABASE ");
    gw_quote_name(&sql, gw_str_of(values[0]), s->dialect);
    *gw_vec_push(s->a, &s->sql) = gw_buf_text(&sql);
    return true;
}

static bool
add_drop(void *ctx, size_t columns, const char *const *values)
{
    statements *const s = ctx;
    gw_buf sql = gw_buf_new(s->a);
    (void)columns;
    assert(columns == 2);
    gw_buf_printf(&sql, "DROP %s IF EXISTS temp.", values[0]);
    gw_quote_name(&sql, gw_str_of(values[1]), s->dialect);
    *gw_vec_push(s->a, &s->sql) = gw_buf_text(&sql);
    return true;
}

/* Run what `add` makes of the rows of `sql`. */
static gw_rc
run_each(gw_arena *a, gw_sqlite_conn *c, const char *sql, gw_row_fn *add, gw_err *e)
{
    statements s = {.a = a, .dialect = c->base.facts.dialect};
    GW_TRY(gw_sqlite_query(c, gw_str_of(sql), NULL, 0, add, &s, e));
    for (size_t i = 0; i < s.sql.len; i++)
        GW_TRY(run(c, s.sql.at[i], e));
    return GODWIT_OK;
}

gw_rc
gw_sqlite_reset(gw_sqlite_conn *c, gw_err *e)
{
    GW_SCOPE(a);
    gw_sqlite_session *const s = &c->session;
    if (gw_sqlite_session_is_clean(c))
        return GODWIT_OK;
    GW_TRY(restore_pragmas(a, c, e));
    /* Triggers first: dropping a view that one of them stands on would take it along. */
    if (s->temporary)
        GW_TRY(run_each(
            a, c,
            "SELECT type, name FROM sqlite_temp_master WHERE type IN ('table', 'view', 'trigger') AND name NOT LIKE "
            "'sqlite^_%' ESCAPE '^' ORDER BY type = 'trigger' DESC, type = 'view' DESC",
            add_drop, e));
    if (s->attached)
        GW_TRY(
            run_each(a, c, "SELECT name FROM pragma_database_list WHERE name NOT IN ('main', 'temp')", add_detach, e));
    for (size_t i = 0; i < GW_SQLITE_PRAGMAS; i++)
        s->changed[i] = false;
    s->query_only = s->attached = s->temporary = false;
    return GODWIT_OK;
}
