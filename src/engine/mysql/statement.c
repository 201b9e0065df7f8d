#include "engine/mysql/statement.h"

#include "engine/mysql/literal.h"
#include "engine/mysql/patience.h"
#include "engine/mysql/remark.h"
#include "engine/mysql/transaction.h"
#include "sql/cursor.h"

#include "base/ban.h"

/* A COMMIT of the user's own: whether it happened is as unknown as with ours. */
static bool
is_commit(gw_str sql)
{
    return sql.len >= 6 && strncasecmp(sql.ptr, "COMMIT", 6) == 0;
}

/* SET … wsrep_on = …: what is written without it stays on one node, godwit's rows and its lease too. */
static bool
leaves_cluster(const gw_mysql_conn *c, gw_str sql)
{
    gw_cursor words = gw_cursor_at(sql, c->head.facts.dialect);
    if (!c->head.facts.cluster || !gw_cursor_accept(&words, "SET"))
        return false;
    for (; words.t.kind != GW_TOKEN_END; gw_cursor_next(&words)) {
        gw_str name = words.t.text;
        for (gw_str rest = name; rest.ptr != NULL && words.t.kind == GW_TOKEN_PARAMETER;)
            name = gw_str_cut(rest, '.', &rest);
        if (gw_str_is_nocase(name, "wsrep_on") || gw_str_is_nocase(name, "@@wsrep_on"))
            return true;
    }
    return false;
}

gw_rc
gw_mysql_exec(gw_conn *head, gw_str sql, gw_err *e)
{
    gw_mysql_conn *const c = gw_mysql_of(head);
    gw_mysql_part part;
    if (leaves_cluster(c, sql)) {
        (void)gw_fail(e, GODWIT_FAILED,
                      "a migration cannot turn wsrep_on: what it does would be on one node only, "
                      "and the history with it");
        return gw_err_hint(e, "run such statements by hand, on each node");
    }
    const unsigned traits = gw_mysql_traits_now(c, sql);
    gw_mysql_session_note(&c->session, traits);
    const gw_rc rc = gw_mysql_send_users(c, sql, traits, &part, e);
    if (rc == GODWIT_OK && c->notice != NULL && part.warnings > 0)
        gw_mysql_remarks_tell(c, NULL);
    else if (rc == GODWIT_FAILED && !e->transient)
        gw_mysql_remarks_tell(c, e);
    else if (rc == GODWIT_CONNECT && is_commit(sql))
        e->transient = false;
    return rc;
}

/* ---- godwit's statements ---- */

static bool
is_read_only(const gw_err *e)
{
    return gw_str_is(gw_str_of(e->code), "1792");
}

/* Nothing is left of it, and the file's own transaction cannot become another. */
static gw_rc
fail_read_only(gw_err *e)
{
    *e = (gw_err){0};
    (void)gw_fail(e, GODWIT_FAILED, "the file made its transaction read only, and godwit's own row belongs into it");
    gw_err_copy(e->code, sizeof(e->code), GW_STR_LIT("1792"));
    return gw_err_hint(e, "take READ ONLY out of the file's START TRANSACTION or SET TRANSACTION");
}

/* The file made the session read only: this once it is not. */
static gw_rc
write_all_the_same(gw_mysql_conn *c, gw_str sql, gw_row_fn *fn, void *ctx, gw_err *e)
{
    *e = (gw_err){0};
    GW_TRY(gw_mysql_send(c, GW_STR_LIT("START TRANSACTION READ WRITE"), NULL, NULL, e));
    const gw_rc rc = gw_mysql_send(c, sql, fn, ctx, e);
    const int64_t affected = c->head.affected, inserted = c->head.inserted;
    if (rc != GODWIT_OK) {
        gw_mysql_rollback(&c->head);
        return rc;
    }
    GW_TRY(gw_mysql_send(c, GW_STR_LIT("COMMIT"), NULL, NULL, e));
    c->head.affected = affected;
    c->head.inserted = inserted;
    return GODWIT_OK;
}

gw_rc
gw_mysql_query(gw_conn *head, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx,
               gw_err *e)
{
    GW_SCOPE(scratch);
    gw_mysql_conn *const c = gw_mysql_of(head);
    gw_buf text = gw_buf_new(scratch);
    gw_str rest = gw_str_of(sql);
    if (c->session.changed || !c->session.is_known)
        gw_mysql_patience(&c->session.flavour, &rest, &text);
    gw_mysql_literal_fill(&text, c->my, rest, params, count);
    const bool was_in_transaction = gw_mysql_in_transaction(head);
    const gw_rc rc = gw_mysql_send(c, gw_buf_str(&text), fn, ctx, e);
    if (rc != GODWIT_FAILED || !is_read_only(e) || !gw_mysql_may_be_read_only(c))
        return rc;
    return was_in_transaction ? fail_read_only(e) : write_all_the_same(c, gw_buf_str(&text), fn, ctx, e);
}
