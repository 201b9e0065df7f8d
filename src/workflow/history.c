#include "workflow/report.h"
#include "workflow/session.h"
#include "workflow/session_open.h"
#include "workflow/workflow.h"

gw_rc
gw_history_show(gw_call *call, gw_err *e)
{
    GW_SCOPE(a);
    gw_session *const session = gw_new(a, gw_session);
    gw_records records = {0};
    GW_TRY(gw_session_open(a, call, GW_ACCESS_LOOK, false, session, e));
    if (session->conn == NULL)
        return GODWIT_OK;
    gw_watch_enter(session->watch, session->conn);
    GW_TRY(gw_watch_leave(session->watch, gw_history_list(a, &session->history, &records, e), e));
    for (size_t i = 0; i < records.len; i++)
        gw_report_attempt(call, &records.at[i]);
    return GODWIT_OK;
}
