#include "engine/mysql/transaction.h"

#include "engine/mysql/connection.h"

#include "base/ban.h"

bool
gw_mysql_may_be_read_only(const gw_mysql_conn *c)
{
    const gw_mysql_session *const s = &c->session;
    const char *const name = s->flavour.mariadb ? "tx_read_only" : "transaction_read_only";
    const char *const began = gw_mysql_session_began(s, name);
    return (s->changed || !s->is_known) && began != NULL && strcmp(began, "0") == 0;
}

gw_rc
gw_mysql_begin(gw_conn *c, gw_str own, gw_err *e)
{
    gw_mysql_part part;
    if (own.len > 0)
        return gw_mysql_send_users(gw_mysql_of(c), own, gw_mysql_traits_now(gw_mysql_of(c), own), &part, e);
    const bool says = gw_mysql_may_be_read_only(gw_mysql_of(c));
    return gw_mysql_send(gw_mysql_of(c),
                         says ? GW_STR_LIT("START TRANSACTION READ WRITE") : GW_STR_LIT("START TRANSACTION"), NULL,
                         NULL, e);
}

gw_rc
gw_mysql_commit(gw_conn *head, gw_err *e)
{
    gw_mysql_conn *const c = gw_mysql_of(head);
    const bool before = c->lost;
    const gw_rc rc = gw_mysql_send(c, GW_STR_LIT("COMMIT"), NULL, NULL, e);
    if (rc == GODWIT_CONNECT && !before) {
        e->transient = false;
        return gw_err_note(e, "while committing: whether it was kept is not known yet");
    }
    return rc;
}

static gw_rc
roll_back(gw_mysql_conn *c)
{
    gw_err ignored = {0};
    if (c->lost)
        return GODWIT_OK;
    atomic_store(&c->cancel.is_slow, true);
    return gw_mysql_send(c, GW_STR_LIT("ROLLBACK"), NULL, NULL, &ignored);
}

void
gw_mysql_rollback(gw_conn *head)
{
    gw_mysql_conn *const c = gw_mysql_of(head);
    if (roll_back(c) == GODWIT_INTERRUPTED && roll_back(c) != GODWIT_OK) /* a cancellation that came late */
        return;
}

bool
gw_mysql_in_transaction(gw_conn *head)
{
    const gw_mysql_conn *const c = gw_mysql_of(head);
    return !c->lost && (c->my->server_status & SERVER_STATUS_IN_TRANS) != 0;
}

/* MySQL's status says so of every session at first, also where all begin with autocommit = 0. */
bool
gw_mysql_commits_by_itself(const gw_mysql_conn *c)
{
    const char *const began = gw_mysql_session_began(&c->session, "autocommit");
    return (c->my->server_status & SERVER_STATUS_AUTOCOMMIT) != 0 && (began == NULL || strcmp(began, "0") != 0);
}
