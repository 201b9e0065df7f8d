#include "engine/sqlite/sqlite.h"

#include "engine/sqlite/error.h"
#include "engine/sqlite/file.h"
#include "engine/sqlite/open.h"
#include "engine/sqlite/statement.h"
#include "sql/lex.h"
#include "sqlite_sql.h"

static gw_rc
query(gw_conn *c, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx, gw_err *e)
{
    return gw_sqlite_query(gw_sqlite_conn_of(c), gw_str_of(sql), params, count, fn, ctx, e);
}

static gw_rc
exec(gw_conn *c, gw_str sql, gw_err *e)
{
    return gw_sqlite_query(gw_sqlite_conn_of(c), sql, NULL, 0, NULL, NULL, e);
}

/* ---- transactions ---- */

static bool
has_word(gw_str text, const char *word, gw_dialect dialect)
{
    gw_lexer lexer = gw_lex(text, dialect);
    for (gw_token t = gw_lex_solid(&lexer); t.kind != GW_TOKEN_END; t = gw_lex_solid(&lexer))
        if (t.kind == GW_TOKEN_WORD && gw_str_is_nocase(t.text, word))
            return true;
    return false;
}

/* A deferred BEGIN, the user's own too, would let a second runner decide on what the first is about to change. */
static gw_rc
begin(gw_conn *conn, gw_str own, gw_err *e)
{
    gw_sqlite_conn *const c = gw_sqlite_conn_of(conn);
    gw_err busy = {0};
    const char *const sql = has_word(own, "EXCLUSIVE", conn->facts.dialect) ? "BEGIN EXCLUSIVE"
                            : c->may_write                                  ? "BEGIN IMMEDIATE"
                                                                            : "BEGIN";
    const gw_rc rc = gw_sqlite_exec_within(c, sql, c->lock_wait_ms, &busy);
    if (rc != GODWIT_OK && busy.transient)
        return gw_sqlite_fail_locked(c->path, e);
    if (rc != GODWIT_OK)
        *e = busy;
    return rc;
}

static gw_rc
commit(gw_conn *conn, gw_err *e)
{
    gw_sqlite_conn *const c = gw_sqlite_conn_of(conn);
    return gw_sqlite_exec_within(c, "COMMIT", c->lock_timeout_ms, e);
}

static bool
in_transaction(gw_conn *conn)
{
    return sqlite3_get_autocommit(gw_sqlite_conn_of(conn)->db) == 0;
}

/* Again when a cancel that came late ended it. */
static void
rollback(gw_conn *conn)
{
    enum { TRIES = 3 };
    gw_sqlite_conn *const c = gw_sqlite_conn_of(conn);
    for (int i = 0; i < TRIES && in_transaction(conn); i++) {
        gw_err ignored = {0};
        if (gw_sqlite_exec_within(c, "ROLLBACK", c->lock_timeout_ms, &ignored) == GODWIT_OK)
            return;
    }
}

/* ---- the session ---- */

static gw_rc
reset(gw_conn *conn, gw_err *e)
{
    return gw_sqlite_session_reset(gw_sqlite_conn_of(conn), e);
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

static const char *const schemes[] = {"sqlite", "sqlite3", NULL};

const gw_engine gw_sqlite = {
    .name = "sqlite",
    .schemes = schemes,
    .caps = GW_CAP_TX_DDL | GW_CAP_TX_LOCK,
    .dialect = GW_DIALECT_SQLITE,
    .sql =
        {
            [GW_SQL_HISTORY_EXISTS] = gw_sql_history_exists,
            [GW_SQL_HISTORY_SCHEMA] = "",
            [GW_SQL_HISTORY_CREATE] = gw_sql_history_create,
            [GW_SQL_HISTORY_LIST] = gw_sql_history_list,
            [GW_SQL_HISTORY_NEWEST] = gw_sql_history_newest,
            [GW_SQL_HISTORY_INSERT] = gw_sql_history_insert,
            [GW_SQL_HISTORY_LAST_ID] = "SELECT last_insert_rowid()",
            [GW_SQL_HISTORY_MARK] = gw_sql_history_mark,
            [GW_SQL_HISTORY_END] = gw_sql_history_end,
        },
    .lock_method = "database file",
    .open = gw_sqlite_open,
    .is_missing_database = gw_sqlite_is_missing,
    .exec = exec,
    .query = query,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .in_transaction = in_transaction,
    .reset = reset,
    .set_lock_timeout = set_lock_timeout,
    .cancel = cancel,
    .is_alive = is_alive,
    .database_exists = gw_sqlite_file_exists,
    .database_create = gw_sqlite_file_create,
    .database_drop = gw_sqlite_file_drop,
};
