#include "engine/sqlite/sqlite.h"

#include "engine/sqlite/claim.h"
#include "engine/sqlite/error.h"
#include "engine/sqlite/file.h"
#include "engine/sqlite/open.h"
#include "engine/sqlite/reset.h"
#include "engine/sqlite/session.h"
#include "engine/sqlite/statement.h"
#include "engine/sqlite/transaction.h"
#include "sqlite_sql.h"

static gw_rc
query(gw_conn *c, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx, gw_err *e)
{
    const bool is_lifted = gw_sqlite_lift(gw_sqlite_conn_of(c));
    const gw_rc rc = gw_sqlite_query(gw_sqlite_conn_of(c), gw_str_of(sql), params, count, fn, ctx, e);
    if (is_lifted)
        gw_sqlite_lower(gw_sqlite_conn_of(c));
    return rc;
}

static gw_rc
exec(gw_conn *c, gw_str sql, gw_err *e)
{
    return gw_sqlite_query(gw_sqlite_conn_of(c), sql, NULL, 0, NULL, NULL, e);
}

static gw_rc
open_conn(gw_arena *a, const gw_open_params *p, gw_conn **out, gw_err *e)
{
    GW_TRY(gw_sqlite_open(a, p, out, e));
    (*out)->engine = &gw_sqlite;
    return GODWIT_OK;
}

/* ---- the session ---- */

/* A group stays as it is: most PRAGMAs do nothing within one, and what was changed lasts until its end. */
static gw_rc
reset(gw_conn *conn, gw_err *e)
{
    gw_sqlite_conn *const c = gw_sqlite_conn_of(conn);
    gw_sqlite_rollback(conn);
    if (c->group == GW_SQLITE_ALONE)
        return gw_sqlite_reset(c, e);
    if (gw_sqlite_is_lost(c))
        return gw_sqlite_fail_lost(e);
    return gw_sqlite_session_is_clean(c) ? GODWIT_OK
                                         : gw_fail(e, GODWIT_BUG, "a session was to be reset within a group");
}

static bool
is_clean(gw_conn *conn)
{
    return gw_sqlite_session_is_clean(gw_sqlite_conn_of(conn));
}

static gw_rc
set_lock_timeout(gw_conn *conn, int64_t ms, gw_err *e)
{
    gw_sqlite_conn *const c = gw_sqlite_conn_of(conn);
    (void)e;
    c->lock_timeout_ms = ms > 0 ? ms : c->initial_lock_timeout_ms;
    return GODWIT_OK;
}

static void
cancel(gw_conn *conn)
{
    gw_sqlite_conn *const c = gw_sqlite_conn_of(conn);
    atomic_store(&c->wait.cancelled, true);
    sqlite3_interrupt(c->db);
}

/* A file cannot hang up; but it can be moved away or deleted. */
static bool
is_alive(gw_conn *conn)
{
    int moved = 0;
    const int rc = sqlite3_file_control(gw_sqlite_conn_of(conn)->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return rc != SQLITE_OK || moved == 0;
}

/* Nobody can end what is no session of a server. */
static bool
is_ended_session(const gw_err *e)
{
    (void)e;
    return false;
}

static const char *const schemes[] = {"sqlite", "sqlite3", NULL};

const gw_engine gw_sqlite = {
    .name = "sqlite",
    .schemes = schemes,
    .caps = GW_CAP_TX_DDL | GW_CAP_TX_LOCK | GW_CAP_GROUP | GW_CAP_CLAIM | GW_CAP_RESET_ALL,
    .dialect = GW_DIALECT_SQLITE,
    .sql =
        {
            [GW_SQL_HISTORY_EXISTS] = gw_sql_history_exists,
            [GW_SQL_HISTORY_HERE] = "",
            [GW_SQL_HISTORY_SCHEMA] = "",
            [GW_SQL_HISTORY_CREATE] = gw_sql_history_create,
            [GW_SQL_HISTORY_LIST] = gw_sql_history_list,
            [GW_SQL_HISTORY_PLAN] = gw_sql_history_plan,
            [GW_SQL_HISTORY_DOWN] = gw_sql_history_down,
            [GW_SQL_HISTORY_NEWEST] = gw_sql_history_newest,
            [GW_SQL_HISTORY_INSERT] = gw_sql_history_insert,
            [GW_SQL_GROUP_INSERT] = gw_sql_group_insert,
            [GW_SQL_HISTORY_LAST_ID] = "SELECT last_insert_rowid()",
            [GW_SQL_HISTORY_MARK] = gw_sql_history_mark,
            [GW_SQL_HISTORY_END] = gw_sql_history_end,
        },
    .lock_method = "database file",
    .current_schema = "'main'",
    .adopt = {.tables = gw_sql_tables,
              .hex = "lower(hex({x}))",
              .join = "({x} || '{between}' || {y})",
              .file = "SELECT file FROM pragma_database_list WHERE name = 'main'",
              .attach = "ATTACH DATABASE {file} AS {schema}",
              .detach = "DETACH DATABASE {schema}"},
    .open = open_conn,
    .is_missing_database = gw_sqlite_is_missing,
    .is_ended_session = is_ended_session,
    .exec = exec,
    .query = query,
    .begin = gw_sqlite_begin,
    .commit = gw_sqlite_commit,
    .rollback = gw_sqlite_rollback,
    .in_transaction = gw_sqlite_in_transaction,
    .reset = reset,
    .set_lock_timeout = set_lock_timeout,
    .cancel = cancel,
    .is_alive = is_alive,
    .lock_holder = gw_sqlite_lock_holder,
    .group_begin = gw_sqlite_group_begin,
    .group_end = gw_sqlite_group_end,
    .group_drop = gw_sqlite_group_drop,
    .is_clean = is_clean,
    .claim = gw_sqlite_claim,
    .unclaim = gw_sqlite_unclaim,
    .database_exists = gw_sqlite_file_exists,
    .database_create = gw_sqlite_file_create,
    .database_drop = gw_sqlite_file_drop,
};
