#include "workflow/application.h"

#include "base/fault.h"
#include "workflow/doubt.h"

godwit_state
gw_application_goal(const gw_application *app)
{
    return app->p->step->down ? GODWIT_REVERTED : GODWIT_APPLIED;
}

gw_rc
gw_application_begin(gw_application *app, gw_str own, gw_err *e)
{
    gw_session *const s = app->session;
    gw_watch_enter(s->watch, s->conn);
    return gw_watch_leave(s->watch, s->engine->begin(s->conn, own, e), e);
}

void
gw_application_rollback(const gw_application *app)
{
    if (app->session->conn != NULL)
        app->session->engine->rollback(app->session->conn);
}

gw_rc
gw_application_commit(gw_application *app, const gw_record *kept, gw_err *e)
{
    gw_session *const s = app->session;
    gw_err lost = {0};
    if (GW_FAULT("before_commit"))
        return gw_fail(e, GODWIT_FAILED, "fault: before_commit");
    const gw_rc rc = s->engine->commit(s->conn, &lost);
    if (rc != GODWIT_CONNECT || lost.transient) {
        *e = lost;
        return rc;
    }
    const gw_doubt doubt = {.after = kept, .before = app->is_recorded ? app->record.id : app->seen.id};
    bool settled;
    const gw_rc found = gw_doubt_settle(s, &doubt, &lost, &settled, e);
    app->is_uncertain = !settled;
    e->transient = found != GODWIT_OK && settled; /* as if it had been lost before */
    return found;
}
