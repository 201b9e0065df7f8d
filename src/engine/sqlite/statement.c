#include "engine/sqlite/statement.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>

#include "engine/sqlite/error.h"
#include "engine/sqlite/place.h"

/* Is there more than blanks and comments behind a statement? SQLite itself answers: a text that it cannot read counts. */
static bool
has_more(sqlite3 *db, const char *tail, const char *end)
{
    sqlite3_stmt *stmt = NULL;
    while (tail < end) {
        if (sqlite3_prepare_v3(db, tail, (int)(end - tail), 0, &stmt, &tail) != SQLITE_OK)
            return true;
        if (stmt != NULL) {
            sqlite3_finalize(stmt);
            return true;
        }
    }
    return false;
}

static gw_rc
prepare(gw_sqlite_conn *c, gw_str sql, sqlite3_stmt **out, gw_err *e)
{
    const char *tail = NULL;
    if (sql.len > INT_MAX)
        return gw_fail(e, GODWIT_FAILED, "the statement is too long for SQLite: %zu bytes", sql.len);
    if (sqlite3_prepare_v3(c->db, sql.ptr, (int)sql.len, 0, out, &tail) != SQLITE_OK)
        return gw_sqlite_fail(c, e);
    if (!has_more(c->db, tail, sql.ptr + sql.len))
        return GODWIT_OK;
    gw_fail(e, GODWIT_REFUSED, "SQLite reads more than one statement here; nothing of it was run");
    e->offset = (size_t)(tail - sql.ptr) + 1;
    return e->rc;
}

static gw_rc
bind(gw_sqlite_conn *c, sqlite3_stmt *stmt, const gw_param *params, size_t count, gw_err *e)
{
    for (size_t i = 0; i < count; i++) {
        char name[16];
        const int len = snprintf(name, sizeof(name), "$%zu", i + 1);
        assert(len > 0 && (size_t)len < sizeof(name));
        const int at = sqlite3_bind_parameter_index(stmt, name);
        if (at == 0 || params[i].text == NULL) /* unbound is null */
            continue;
        const gw_str text = gw_str_of(params[i].text);
        if (sqlite3_bind_text64(stmt, at, text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8) != SQLITE_OK)
            return gw_sqlite_fail(c, e);
    }
    return GODWIT_OK;
}

static gw_rc
step(gw_sqlite_conn *c, sqlite3_stmt *stmt, gw_row_fn *fn, void *ctx, gw_err *e)
{
    GW_SCOPE(a);
    const size_t columns = (size_t)sqlite3_column_count(stmt);
    const char **const values = gw_new_array(a, const char *, columns + 1);
    int rc;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (fn == NULL)
            continue;
        for (size_t i = 0; i < columns; i++)
            values[i] = (const char *)sqlite3_column_text(stmt, (int)i);
        if (!fn(ctx, columns, values))
            return GODWIT_OK;
    }
    c->base.affected = sqlite3_changes64(c->db);
    c->base.inserted = sqlite3_last_insert_rowid(c->db);
    return rc == SQLITE_DONE ? GODWIT_OK : gw_sqlite_fail(c, e);
}

static gw_rc
run(gw_sqlite_conn *c, gw_str sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx, gw_err *e)
{
    sqlite3_stmt *stmt = NULL;
    gw_rc rc = prepare(c, sql, &stmt, e);
    if (rc == GODWIT_OK && stmt != NULL)
        rc = bind(c, stmt, params, count, e);
    if (rc == GODWIT_OK && stmt != NULL)
        rc = step(c, stmt, fn, ctx, e);
    sqlite3_finalize(stmt);
    gw_sqlite_session_settle(c);
    if (rc == GODWIT_FAILED && e->offset == 0)
        e->offset = gw_sqlite_place(sql, e->message);
    return rc;
}

/* Our transactions write from their first statement on. */
static bool
is_writing(const gw_sqlite_conn *c)
{
    return sqlite3_get_autocommit(c->db) == 0;
}

gw_rc
gw_sqlite_query(gw_sqlite_conn *c, gw_str sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx,
                gw_err *e)
{
    gw_sqlite_wait_begin(&c->wait, c->lock_timeout_ms, is_writing(c));
    return run(c, sql, params, count, fn, ctx, e);
}

gw_rc
gw_sqlite_exec_within(gw_sqlite_conn *c, const char *sql, int64_t limit_ms, gw_err *e)
{
    gw_sqlite_wait_begin(&c->wait, limit_ms, is_writing(c));
    return run(c, gw_str_of(sql), NULL, 0, NULL, NULL, e);
}
