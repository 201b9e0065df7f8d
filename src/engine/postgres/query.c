#include "engine/postgres/query.h"

#include <string.h>

#include "engine/postgres/change.h"
#include "engine/postgres/send.h"
#include "engine/postgres/transaction.h"
#include "postgres_sql.h"
#include "sql/classify.h"
#include "sql/cursor.h"

/* ---- the user's statements ---- */

static bool
creates_temporary(gw_str sql, gw_dialect dialect)
{
    gw_cursor at = gw_cursor_at(sql, dialect);
    if (!gw_cursor_accept(&at, "CREATE"))
        return false;
    if (!gw_cursor_accept(&at, "LOCAL"))
        (void)gw_cursor_accept(&at, "GLOBAL");
    return gw_cursor_is(&at, "TEMPORARY") || gw_cursor_is(&at, "TEMP");
}

/* Behind a pooler, outside a transaction: the next statement may run in another session, and this one serves others. */
static gw_rc
check_lasting(const gw_pg *c, gw_str sql, gw_err *e)
{
    const gw_class class = gw_classify(sql, c->head.facts.dialect);
    const bool is_temporary = creates_temporary(sql, c->head.facts.dialect);
    if (class.kind != GW_CLASS_SESSION && !is_temporary)
        return GODWIT_OK;
    gw_fail(e, GODWIT_REFUSED,
            "%.*s%s outside a transaction has no lasting effect behind a connection pooler: the next statement may run "
            "in another session",
            GW_STR_ARG(class.verb), is_temporary ? " TEMPORARY" : "");
    return gw_err_hint(e, "connect to the server itself, or let the whole file run in one transaction");
}

/* What would take the run's lock away, by its text; what a function or a DO does shows when the history is written. */
static gw_rc
check_lock(const gw_pg *c, gw_str sql, gw_err *e)
{
    gw_cursor at = gw_cursor_at(sql, c->head.facts.dialect);
    if (!c->holds_lock)
        return GODWIT_OK;
    if (gw_cursor_accept(&at, "DISCARD ALL")) {
        gw_fail(e, GODWIT_FAILED, "DISCARD ALL would give up the lock of this run");
        return gw_err_hint(
            e, "write DISCARD PLANS, SEQUENCES, TEMP, or nothing: the next file begins with a clean session anyway");
    }
    if (!gw_cursor_accept(&at, "SELECT"))
        return GODWIT_OK;
    if (gw_cursor_accept(&at, "pg_catalog") && gw_cursor_sign(&at, '.'))
        gw_cursor_next(&at);
    if (!gw_cursor_accept(&at, "pg_advisory_unlock_all") || at.t.kind != GW_TOKEN_OPEN)
        return GODWIT_OK;
    gw_fail(e, GODWIT_FAILED, "pg_advisory_unlock_all() would give up the lock of this run");
    return gw_err_hint(e, "give back the file's own locks one by one, with pg_advisory_unlock()");
}

static gw_rc
exec_pooled(gw_pg *c, gw_str sql, gw_err *e)
{
    GW_TRY(check_lasting(c, sql, e));
    if (!c->read_only)
        return gw_pg_exec_users(c, sql, e);
    GW_TRY(gw_pg_begin(&c->head, (gw_str){0}, e)); /* says READ ONLY */
    const gw_rc rc = gw_pg_exec_users(c, sql, e);
    gw_pg_rollback(&c->head);
    return rc;
}

gw_rc
gw_pg_exec(gw_conn *conn, gw_str sql, gw_err *e)
{
    gw_pg *const c = gw_pg_of(conn);
    if (sql.len > 0 && memchr(sql.ptr, '\0', sql.len) != NULL)
        return gw_fail(e, GODWIT_FAILED, "the statement holds a NUL byte");
    GW_TRY(check_lock(c, sql, e));
    return conn->facts.pooled && !gw_pg_in_transaction(conn) ? exec_pooled(c, sql, e) : gw_pg_exec_users(c, sql, e);
}

/* ---- godwit's statements, also where the file made the session, or its transaction, read only ---- */

static bool
is_read_only(const gw_err *e)
{
    return gw_str_is(gw_str_of(e->code), "25006");
}

/* The server takes a transaction for good at its word, once it has looked at the data. */
static gw_rc
fail_read_only(const gw_pg *c, gw_err *e)
{
    *e = (gw_err){0};
    gw_fail(e, GODWIT_FAILED, "the file made its transaction read only, and godwit's own row belongs into it");
    gw_err_copy(e->code, sizeof(e->code), GW_STR_LIT("25006"));
    if (c->read_only_by[0] != '\0')
        (void)gw_err_note(e, "by: %s", c->read_only_by);
    return gw_err_hint(e, "take READ ONLY out of the file: SET TRANSACTION, transaction_read_only");
}

/* The session is read only: this once it is not. */
static gw_rc
write_all_the_same(gw_pg *c, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx, gw_err *e)
{
    const gw_err before = *e;
    gw_err failure = {0};
    if (gw_pg_own(c, "BEGIN READ WRITE", &failure) != GODWIT_OK) { /* the server recovers: it said why */
        *e = before;
        return e->rc;
    }
    *e = (gw_err){0};
    const gw_rc rc = gw_pg_send(c, sql, params, count, fn, ctx, e);
    const int64_t affected = c->head.affected, inserted = c->head.inserted;
    if (rc != GODWIT_OK) {
        gw_pg_rollback(&c->head);
        return rc;
    }
    GW_TRY(gw_pg_own(c, "COMMIT", e));
    c->head.affected = affected;
    c->head.inserted = inserted;
    return GODWIT_OK;
}

static gw_rc
query_writing(gw_pg *c, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx, gw_err *e)
{
    const bool in_transaction = gw_pg_in_transaction(&c->head);
    const bool may_differ = !c->head.facts.read_only && !c->read_only;
    gw_err refused = {0};
    if (may_differ && in_transaction && c->read_only_by[0] != '\0' &&
        gw_pg_own(c, "SET TRANSACTION READ WRITE", &refused) != GODWIT_OK && refused.rc == GODWIT_FAILED)
        return fail_read_only(c, e);
    const gw_rc rc = gw_pg_send(c, sql, params, count, fn, ctx, e);
    if (rc != GODWIT_FAILED || !is_read_only(e) || !may_differ)
        return rc;
    return in_transaction ? fail_read_only(c, e) : write_all_the_same(c, sql, params, count, fn, ctx, e);
}

gw_rc
gw_pg_query(gw_conn *conn, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx, gw_err *e)
{
    gw_pg *const c = gw_pg_of(conn);
    if (!c->may_be_other_role && PQclientEncoding(c->link) == c->encoding)
        return query_writing(c, sql, params, count, fn, ctx, e);

    GW_TRY(gw_pg_own(c, gw_sql_aside, e));
    const gw_rc rc = query_writing(c, sql, params, count, fn, ctx, e);
    const int64_t affected = conn->affected, inserted = conn->inserted;
    gw_err back = {0};
    /* In a transaction that failed this fails too, and the rollback puts back what `aside` changed. */
    if (gw_pg_own(c, gw_sql_back, &back) != GODWIT_OK && rc == GODWIT_OK)
        *e = back;
    conn->affected = affected;
    conn->inserted = inserted;
    return e->rc;
}
