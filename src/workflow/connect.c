#include "workflow/connect.h"

#include "base/clock.h"
#include "workflow/retry.h"

static void
on_notice(void *ctx, const char *text)
{
    gw_tell(ctx, &(godwit_event){.kind = GODWIT_EVENT_NOTICE, .text = text});
}

static gw_rc
wait_before_retry(const gw_session *s, const gw_err *failure, int64_t wait_ms, gw_err *e)
{
    GW_SCOPE(a);
    gw_tell(s->call, &(godwit_event){
                         .kind = GODWIT_EVENT_WAITING,
                         .text = gw_printf(a, "%s; trying again in %s", failure->message, gw_duration_text(a, wait_ms)),
                     });
    return gw_retry_sleep(s, wait_ms, e);
}

/* There was no more time: that is the reason. */
static gw_rc
check_after(const gw_session *s, const gw_err *failure, gw_err *e)
{
    if (gw_retry_sleep(s, 0, e) == GODWIT_OK)
        return GODWIT_OK;
    return gw_err_note(e, "%s", failure->message);
}

/* Maintenance has no watch. */
static gw_rc
open_once(gw_arena *a, gw_session *s, const gw_open_params *p, gw_conn **out, gw_err *e)
{
    return s->watch == NULL ? s->engine->open(a, p, out, e) : gw_watch_open(s->watch, a, s->engine, p, out, e);
}

/* The first question of each try: what a try that failed has heard counts for nothing. */
static gw_rc
prepare_probe(gw_session *s, gw_open_params *p, gw_err *e)
{
    const char *name;
    if (p->maintenance)
        return GODWIT_OK;
    GW_TRY(gw_config_text(s->call->config, GW_SETTING_HISTORY, &name, e));
    GW_TRY(gw_history_probe_new(s->link, s->engine, name, &s->probe, e));
    p->first = s->probe.sql;
    p->first_fn = gw_history_heard;
    p->first_ctx = &s->probe;
    if (!s->reads_ahead)
        return GODWIT_OK;
    s->ahead = gw_history_ahead_new(s->arena, &s->probe);
    p->first = s->ahead.sql;
    p->otherwise = s->probe.sql;
    p->first_fn = gw_history_ahead_heard;
    p->first_ctx = &s->ahead;
    return GODWIT_OK;
}

static gw_rc
connect_with_retries(gw_arena *a, gw_session *s, gw_open_params *p, gw_conn **out, gw_err *e)
{
    size_t tries;
    int64_t backoff_ms;
    GW_TRY(gw_config_count(s->call->config, GW_SETTING_CONNECT_TRIES, &tries, e));
    GW_TRY(gw_config_ms(s->call->config, GW_SETTING_CONNECT_BACKOFF, &backoff_ms, e));
    GW_TRY(gw_retry_sleep(s, 0, e));
    for (size_t attempt = 1;; attempt++) {
        gw_err failure = {0};
        GW_TRY(prepare_probe(s, p, e));
        const gw_rc rc = open_once(a, s, p, out, &failure);
        if (rc == GODWIT_CONNECT && !s->is_last_look)
            GW_TRY(check_after(s, &failure, e));
        if (rc == GODWIT_OK || rc != GODWIT_CONNECT || !failure.transient || attempt > tries || s->is_last_look) {
            *e = failure;
            return rc;
        }
        GW_TRY(wait_before_retry(s, &failure, backoff_ms * (int64_t)attempt, e));
    }
}

gw_rc
gw_connect_params(gw_session *s, gw_open_params *out, gw_err *e)
{
    gw_config *const c = s->call->config;
    *out = (gw_open_params){
        .url = &s->url,
        .owns_process = s->call->owns_process,
        .read_only = s->access == GW_ACCESS_LOOK,
        .interrupt = s->call->interrupt,
        .notice = on_notice,
        .notice_ctx = s->call,
    };
    out->lock_timeout_ms = gw_retry_queue_ms(s->lock_timeout_ms);
    GW_TRY(gw_config_ms(c, GW_SETTING_CONNECT_TIMEOUT, &out->connect_timeout_ms, e));
    return gw_config_ms(c, GW_SETTING_LOCK_WAIT, &out->lock_wait_ms, e);
}

gw_rc
gw_connect_maintenance(gw_arena *a, gw_session *s, gw_conn **out, gw_err *e)
{
    *out = NULL;
    if ((s->engine->caps & GW_CAP_DATABASES) == 0)
        return GODWIT_OK;
    gw_open_params p;
    GW_TRY(gw_connect_params(s, &p, e));
    p.maintenance = true;
    p.read_only = false;
    return connect_with_retries(a, s, &p, out, e);
}

/* The database does not exist: make it if that is wanted, else say how. */
static gw_rc
create_database(gw_session *s, const gw_err *missing, gw_err *e)
{
    bool create;
    GW_TRY(gw_config_switch(s->call->config, GW_SETTING_CREATE, &create, e));
    if (!create && (s->engine->caps & GW_CAP_DATABASES) != 0) {
        *e = *missing;
        e->hint[0] = '\0'; /* the engine cannot know what this call may do about it */
        return gw_err_hint(e, "create it with `godwit db create`, or let `godwit up --create` do it");
    }
    GW_SCOPE(scope);
    gw_conn *server;
    GW_TRY(gw_connect_maintenance(scope, s, &server, e));
    GW_TRY(s->engine->database_create(server, &s->url, e));
    gw_tell_note(s->call, "created the database %s", s->shown);
    return GODWIT_OK;
}

gw_rc
gw_connect(gw_session *s, gw_err *e)
{
    gw_open_params open;
    gw_err failure = {0};
    GW_TRY(gw_connect_params(s, &open, e));
    const gw_rc rc = connect_with_retries(s->link, s, &open, &s->conn, &failure);
    if (rc == GODWIT_OK)
        return GODWIT_OK;
    s->conn = NULL;
    const bool is_missing = s->engine->is_missing_database(&failure);
    if (is_missing && s->access == GW_ACCESS_LOOK)
        return GODWIT_OK;
    if (!is_missing || s->access != GW_ACCESS_CREATE) {
        *e = failure;
        return is_missing ? gw_err_hint(e, "create it with `godwit db create`") : rc;
    }
    GW_TRY(create_database(s, &failure, e));
    return connect_with_retries(s->link, s, &open, &s->conn, e);
}
