#include "engine/sqlite/statement.h"

#include <limits.h>

#include "engine/sqlite/error.h"
#include "engine/sqlite/others.h"
#include "engine/sqlite/place.h"
#include "engine/sqlite/session.h"

/* Is there more than blanks and comments behind a statement? SQLite itself answers: a text that it cannot read counts. */
static bool
has_more(sqlite3 *db, gw_str tail)
{
    for (tail = gw_str_trim(tail); tail.len > 0; tail = gw_str_trim(tail)) {
        sqlite3_stmt *stmt = NULL;
        const char *rest = NULL;
        if (sqlite3_prepare_v3(db, tail.ptr, (int)tail.len, 0, &stmt, &rest) != SQLITE_OK)
            return true;
        if (stmt != NULL) {
            sqlite3_finalize(stmt);
            return true;
        }
        tail = gw_str_slice(tail, (size_t)(rest - tail.ptr), tail.len);
    }
    return false;
}

/* A PRAGMA that changes what it never changed before is refused once: its first value is read, then it may. */
static gw_rc
compile(gw_sqlite_conn *c, gw_str sql, bool keep, sqlite3_stmt **out, const char **tail, gw_err *e)
{
    const unsigned flags = keep ? SQLITE_PREPARE_PERSISTENT : 0;
    int rc = sqlite3_prepare_v3(c->db, sql.ptr, (int)sql.len, flags, out, tail);
    if (rc == SQLITE_AUTH && gw_sqlite_session_is_asked(c)) {
        GW_TRY(gw_sqlite_session_learn(c, e));
        rc = sqlite3_prepare_v3(c->db, sql.ptr, (int)sql.len, flags, out, tail);
    }
    return rc == SQLITE_OK ? GODWIT_OK : gw_sqlite_fail(c, e);
}

static gw_rc
prepare(gw_sqlite_conn *c, gw_str sql, bool keep, sqlite3_stmt **out, gw_err *e)
{
    const char *tail = NULL;
    if (sql.len > INT_MAX)
        return gw_fail(e, GODWIT_FAILED, "the statement is too long for SQLite: %zu bytes", sql.len);
    GW_TRY(compile(c, sql, keep, out, &tail, e));
    const size_t length = (size_t)(tail - sql.ptr);
    if (!has_more(c->db, gw_str_slice(sql, length, sql.len)))
        return GODWIT_OK;
    gw_fail(e, GODWIT_REFUSED, "SQLite reads more than one statement here; nothing of it was run");
    e->offset = length + 1;
    return e->rc;
}

/* "$17": which parameter that is, from 0; one without a name is the next; SIZE_MAX: none of ours. */
static size_t
parameter_of(const char *name, int at)
{
    enum { PARAMETERS = 32766 };
    size_t number = 0;
    if (name == NULL)
        return (size_t)at - 1;
    if (name[0] != '$')
        return SIZE_MAX;
    for (const char *p = name + 1; *p != '\0'; p++) {
        if (*p < '0' || *p > '9' || number > PARAMETERS)
            return SIZE_MAX;
        number = number * 10 + (size_t)(*p - '0');
    }
    return number - 1;
}

/* What the text does not name is not needed; what is not bound is null. */
static gw_rc
bind(gw_sqlite_conn *c, sqlite3_stmt *stmt, const gw_param *params, size_t count, gw_err *e)
{
    const int places = count == 0 ? 0 : sqlite3_bind_parameter_count(stmt);
    for (int at = 1; at <= places; at++) {
        const size_t i = parameter_of(sqlite3_bind_parameter_name(stmt, at), at);
        if (i >= count || params[i].text == NULL)
            continue;
        const gw_str text = gw_str_of(params[i].text);
        if (sqlite3_bind_text64(stmt, at, text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8) != SQLITE_OK)
            return gw_sqlite_fail(c, e);
    }
    return GODWIT_OK;
}

/* Until the rows end, or the reader has enough. */
static int
read_rows(sqlite3_stmt *stmt, gw_row_fn *fn, void *ctx)
{
    GW_SCOPE(a);
    const size_t columns = (size_t)sqlite3_column_count(stmt);
    const char **const values = gw_new_array(a, const char *, columns + 1);
    int rc;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        for (size_t i = 0; i < columns; i++)
            values[i] = (const char *)sqlite3_column_text(stmt, (int)i);
        if (!fn(ctx, columns, values))
            return rc;
    }
    return rc;
}

static gw_rc
step(gw_sqlite_conn *c, sqlite3_stmt *stmt, gw_row_fn *fn, void *ctx, gw_err *e)
{
    int rc = SQLITE_ROW;
    if (fn != NULL)
        rc = read_rows(stmt, fn, ctx);
    else
        while (rc == SQLITE_ROW)
            rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        return GODWIT_OK;
    c->base.affected = sqlite3_changes64(c->db);
    c->base.inserted = sqlite3_last_insert_rowid(c->db);
    return rc == SQLITE_DONE ? GODWIT_OK : gw_sqlite_fail(c, e);
}

/* One statement, and what is done with it. */
typedef struct task {
    gw_str sql;
    bool keep;
    const gw_param *params;
    size_t count;
    gw_row_fn *fn;
    void *ctx;
} task;

static gw_rc
run(gw_sqlite_conn *c, const task *t, gw_err *e)
{
    if (gw_sqlite_is_lost(c))
        return gw_sqlite_fail_lost(e);
    sqlite3_stmt *stmt = t->keep ? gw_sqlite_kept_take(&c->kept, t->sql) : NULL;
    gw_rc rc = stmt != NULL ? GODWIT_OK : prepare(c, t->sql, t->keep, &stmt, e);
    if (rc == GODWIT_OK && stmt != NULL)
        rc = bind(c, stmt, t->params, t->count, e);
    if (rc == GODWIT_OK && stmt != NULL)
        rc = step(c, stmt, t->fn, t->ctx, e);
    if (t->keep && rc == GODWIT_OK)
        gw_sqlite_kept_put(&c->kept, stmt);
    else
        sqlite3_finalize(stmt);
    gw_sqlite_session_settle(c);
    if (rc == GODWIT_FAILED && e->offset == 0)
        e->offset = gw_sqlite_place(t->sql, e->message);
    return rc;
}

/* Our transactions write from their first statement on. */
static bool
is_writing(const gw_sqlite_conn *c)
{
    return sqlite3_get_autocommit(c->db) == 0;
}

static gw_rc
run_within(gw_sqlite_conn *c, int64_t limit_ms, const task *t, gw_err *e)
{
    gw_sqlite_others_prepare(c);
    gw_sqlite_wait_begin(&c->wait, limit_ms, is_writing(c));
    return run(c, t, e);
}

/* A PRAGMA has no parameters: what has some may be kept. */
gw_rc
gw_sqlite_query(gw_sqlite_conn *c, gw_str sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx,
                gw_err *e)
{
    return run_within(c, c->lock_timeout_ms,
                      &(task){.sql = sql, .keep = count > 0, .params = params, .count = count, .fn = fn, .ctx = ctx},
                      e);
}

gw_rc
gw_sqlite_exec_kept(gw_sqlite_conn *c, const char *sql, gw_err *e)
{
    return run_within(c, 0, &(task){.sql = gw_str_of(sql), .keep = true}, e);
}

gw_rc
gw_sqlite_exec_within(gw_sqlite_conn *c, const char *sql, int64_t limit_ms, gw_err *e)
{
    return run_within(c, limit_ms, &(task){.sql = gw_str_of(sql)}, e);
}

/* ---- read only ---- */

static bool
read_switch(void *ctx, size_t columns, const char *const *values)
{
    *(bool *)ctx = columns > 0 && values[0] != NULL && values[0][0] != '0';
    return false;
}

bool
gw_sqlite_lift(gw_sqlite_conn *c)
{
    bool on = false;
    gw_err ignored = {0};
    if (!c->session.query_only || !c->may_write ||
        gw_sqlite_query(c, GW_STR_LIT("PRAGMA query_only"), NULL, 0, read_switch, &on, &ignored) != GODWIT_OK)
        return false;
    return on && gw_sqlite_exec_within(c, "PRAGMA query_only = 0", 0, &ignored) == GODWIT_OK;
}

void
gw_sqlite_lower(gw_sqlite_conn *c)
{
    gw_err ignored = {0};
    const int64_t affected = c->base.affected, inserted = c->base.inserted;
    if (gw_sqlite_exec_within(c, "PRAGMA query_only = 1", 0, &ignored) != GODWIT_OK)
        return; /* nothing of the user's hangs on it */
    c->base.affected = affected;
    c->base.inserted = inserted;
}
