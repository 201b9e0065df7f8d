#include "workflow/session.h"

gw_rc
gw_session_prepare(gw_call *call, gw_session *out, gw_err *e)
{
    *out = (gw_session){.call = call};
    GW_TRY(gw_config_url(call->config, &out->url, e));
    GW_TRY(gw_call_engine(call, &out->url, &out->engine, e));
    out->shown = gw_url_show(call->arena, &out->url);
    call->report.target = out->shown;
    call->report.service = call->config->service;
    call->report.env = call->config->env_name;
    return GODWIT_OK;
}

bool
gw_session_is_alive(const gw_session *s)
{
    return s->conn != NULL && s->engine->is_alive(s->conn);
}

gw_rc
gw_session_records(gw_arena *a, gw_session *s, gw_records *out, gw_err *e)
{
    const bool is_read = s->reads_ahead;
    *out = is_read ? s->ahead.current.records : (gw_records){0};
    s->reads_ahead = false;
    if (s->conn == NULL || is_read)
        return GODWIT_OK;
    gw_watch_enter(s->watch, s->conn);
    return gw_watch_leave(s->watch, gw_history_current_read(a, &s->history, out, e), e);
}
