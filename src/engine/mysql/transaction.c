#include "engine/mysql/transaction.h"

#include "engine/mysql/connection.h"

#include "base/ban.h"

gw_rc
gw_mysql_begin(gw_conn *c, gw_str own, gw_err *e)
{
    return gw_mysql_send(gw_mysql_of(c), own.len > 0 ? own : GW_STR_LIT("START TRANSACTION"), NULL, NULL, e);
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

void
gw_mysql_rollback(gw_conn *head)
{
    gw_mysql_conn *const c = gw_mysql_of(head);
    gw_err ignored = {0};
    if (!c->lost && gw_mysql_send(c, GW_STR_LIT("ROLLBACK"), NULL, NULL, &ignored) == GODWIT_INTERRUPTED) {
        gw_err again = {0}; /* a cancellation that came late */
        if (!c->lost && gw_mysql_send(c, GW_STR_LIT("ROLLBACK"), NULL, NULL, &again) != GODWIT_OK)
            return;
    }
}

bool
gw_mysql_in_transaction(gw_conn *head)
{
    const gw_mysql_conn *const c = gw_mysql_of(head);
    return !c->lost && (c->my->server_status & SERVER_STATUS_IN_TRANS) != 0;
}
