#include "engine/postgres/transaction.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "engine/postgres/change.h"
#include "engine/postgres/error.h"
#include "engine/postgres/send.h"
#include "postgres_sql.h"

static bool
is_failed(const gw_pg *c)
{
    return PQtransactionStatus(c->link) == PQTRANS_INERROR;
}

/* ---- behind a pooler ---- */

/* The cleaning has a transaction of its own, so that the user's begins without a snapshot, and a rollback does not undo it. One
 * message: between two transactions of a message the pooler cannot take the session away. */
static gw_rc
begin_pooled(gw_pg *c, gw_str own, gw_err *e)
{
    GW_SCOPE(a);
    gw_buf sql = gw_buf_new(a);
    gw_err failure = {0};
    gw_buf_puts(&sql, "BEGIN;\n");
    gw_buf_puts(&sql, gw_sql_pooled_clean);
    gw_buf_puts(&sql, gw_sql_pooled_forget);
    gw_buf_puts(&sql, c->said);
    gw_buf_puts(&sql, "COMMIT;\n");
    const size_t before = sql.len;
    gw_buf_add(&sql, own);
    gw_buf_puts(&sql, "\n;\n");
    if (c->read_only)
        gw_buf_puts(&sql, "SET TRANSACTION READ ONLY;\n");
    if (c->lock_timeout_now_ms > 0)
        gw_buf_printf(&sql, "SET LOCAL lock_timeout = %lld;\n",
                      (long long)(c->lock_timeout_now_ms > INT_MAX ? INT_MAX : c->lock_timeout_now_ms));
    c->may_be_other_role = c->may_have_prepared = false;
    c->read_only_by[0] = '\0';
    if (gw_pg_own(c, gw_buf_text(&sql), &failure) == GODWIT_OK)
        return GODWIT_OK;
    failure.offset = failure.offset > before ? failure.offset - before : 0;
    *e = failure;
    gw_pg_rollback(&c->head);
    return e->rc;
}

/* Deferred constraints are checked first, in the session as the user's statements left it. */
static const char *
commit_text(gw_arena *a, const gw_pg *c)
{
    if (!c->head.facts.pooled || is_failed(c))
        return "COMMIT";
    return gw_printf(a, "SET CONSTRAINTS ALL IMMEDIATE;\n%s%s%sCOMMIT", gw_sql_pooled_clean,
                     c->may_have_prepared ? gw_sql_pooled_forget : "", c->said);
}

/* ---- of the contract ---- */

gw_rc
gw_pg_begin(gw_conn *conn, gw_str own, gw_err *e)
{
    const gw_pg *const c = gw_pg_of(conn);
    const bool says = c->read_only_by[0] != '\0' && !conn->facts.read_only && !c->read_only;
    const gw_str words = own.len > 0 ? own : says ? GW_STR_LIT("BEGIN READ WRITE") : GW_STR_LIT("BEGIN");
    if (conn->facts.pooled)
        return begin_pooled(gw_pg_of(conn), words, e);
    return gw_pg_exec_users(gw_pg_of(conn), words, e);
}

static gw_rc
fail_lost(const gw_err *failure, gw_err *e)
{
    gw_fail(e, GODWIT_CONNECT, "the connection was lost during COMMIT: nobody knows yet whether it was kept");
    return gw_pg_note_loss(failure, e);
}

gw_rc
gw_pg_commit(gw_conn *conn, gw_err *e)
{
    gw_pg *const c = gw_pg_of(conn);
    gw_err failure = {0};
    if (!gw_pg_is_alive(conn)) {
        gw_fail(e, GODWIT_CONNECT, "the connection was lost before COMMIT: nothing was kept");
        e->transient = true;
        return e->rc;
    }
    GW_SCOPE(a);
    const gw_rc rc = gw_pg_own(c, commit_text(a, c), &failure);
    if (rc == GODWIT_CONNECT || (rc != GODWIT_OK && c->gave_up))
        return fail_lost(&failure, e);
    *e = failure;
    if (rc == GODWIT_OK && strcmp(c->tag, "ROLLBACK") == 0)
        gw_fail(e, GODWIT_FAILED, "COMMIT kept nothing: a statement of the transaction had failed");
    if (e->rc != GODWIT_OK)
        gw_pg_rollback(conn);
    return e->rc;
}

void
gw_pg_rollback(gw_conn *conn)
{
    gw_pg *const c = gw_pg_of(conn);
    gw_err failure = {0}; /* a rollback fails only with the connection, and that undoes the transaction too */
    if (!gw_pg_in_transaction(conn))
        return;
    GW_SCOPE(a);
    const bool forget = conn->facts.pooled && c->may_have_prepared;
    if (gw_pg_own(c, gw_printf(a, "ROLLBACK;\n%s", forget ? gw_sql_pooled_forget : ""), &failure) == GODWIT_OK)
        c->may_have_prepared &= !forget;
}

static bool
take_count(void *ctx, size_t columns, const char *const *values)
{
    int64_t *const count = ctx;
    (void)columns;
    *count = values[0] == NULL ? -1 : strtoll(values[0], NULL, 10);
    return false;
}

/* As whatever role: it is one message, so that it is one transaction. A pooler's sessions are not ours. */
gw_rc
gw_pg_transactions(gw_conn *conn, int64_t *count, gw_err *e)
{
    *count = -1;
    return conn->facts.pooled || conn->facts.cluster
               ? GODWIT_OK
               : gw_pg_ask(gw_pg_of(conn), gw_sql_transactions, take_count, count, e);
}
