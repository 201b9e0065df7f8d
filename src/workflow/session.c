#include "workflow/session.h"

#include <pwd.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/lock.h"
#include "workflow/connect.h"

static char *
new_run_id(gw_arena *a)
{
    uint64_t random = 0;
    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
        random = (uint64_t)gw_clock_ms() << 20 ^ (uint64_t)getpid();
    return gw_printf(a, "%016llx", (unsigned long long)random);
}

static char *
who_applies(gw_arena *a, const gw_facts *facts)
{
    char host[256] = "";
    if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0')
        (void)snprintf(host, sizeof(host), "localhost");
    if (facts->user != NULL && facts->user[0] != '\0')
        return gw_printf(a, "%s@%s", facts->user, host);
    struct passwd entry, *found = NULL;
    char names[1024];
    if (getpwuid_r(geteuid(), &entry, names, sizeof(names), &found) == 0 && found != NULL)
        return gw_printf(a, "%s@%s", found->pw_name, host);
    return gw_printf(a, "uid %u@%s", (unsigned)geteuid(), host);
}

static gw_rc
open_history(gw_session *s, gw_err *e)
{
    const char *name;
    GW_TRY(gw_config_text(s->call->config, GW_SETTING_HISTORY, &name, e));
    gw_watch_enter(s->watch, s->conn);
    return gw_watch_leave(s->watch, gw_history_open(s->link, s->conn, name, &s->history, e), e);
}

/* ---- the session ---- */

static void
end_link(void *link)
{
    gw_arena_free(link);
}

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

gw_rc
gw_session_open(gw_arena *a, gw_call *call, gw_access access, gw_session *out, gw_err *e)
{
    int64_t run_timeout_ms;
    GW_TRY(gw_session_prepare(call, out, e));
    GW_TRY(gw_config_ms(call->config, GW_SETTING_STATEMENT_TIMEOUT, &out->statement_timeout_ms, e));
    GW_TRY(gw_config_ms(call->config, GW_SETTING_TIMEOUT, &out->timeout_ms, e));
    GW_TRY(gw_config_ms(call->config, GW_SETTING_RUN_TIMEOUT, &run_timeout_ms, e));
    out->access = access;
    out->run_id = new_run_id(a);
    out->link = gw_arena_new();
    gw_defer(a, end_link, out->link);
    GW_TRY(gw_watch_start(a, call, &out->watch, e));
    gw_watch_deadline(out->watch, GW_DEADLINE_RUN, run_timeout_ms);
    GW_TRY(gw_connect(out, e));
    if (out->conn == NULL)
        return GODWIT_OK;
    out->applied_by = who_applies(a, &out->conn->facts);
    return open_history(out, e);
}

gw_rc
gw_session_reopen(gw_session *s, gw_err *e)
{
    s->conn = NULL;
    s->reopened++;
    gw_arena_reset(s->link);
    GW_TRY(gw_connect(s, e));
    GW_TRY(open_history(s, e));
    return s->is_locked ? gw_session_lock(s, e) : GODWIT_OK;
}

bool
gw_session_is_alive(const gw_session *s)
{
    return s->conn != NULL && s->engine->is_alive(s->conn);
}

gw_rc
gw_session_records(gw_arena *a, const gw_session *s, gw_records *out, gw_err *e)
{
    *out = (gw_records){0};
    if (s->conn == NULL)
        return GODWIT_OK;
    gw_watch_enter(s->watch, s->conn);
    return gw_watch_leave(s->watch, gw_history_list(a, &s->history, out, e), e);
}

/* ---- the lock ---- */

static gw_rc
on_waiting(void *ctx, const gw_lock_holder *holder, int64_t waited_ms, gw_err *e)
{
    const gw_session *const s = ctx;
    GW_TRY(gw_watch_check(s->watch, e));
    GW_SCOPE(a);
    const char *const text = holder->who == NULL
                                 ? "another godwit holds the lock"
                                 : gw_printf(a, "another godwit holds the lock: %s, since %s", holder->who,
                                             holder->since == NULL ? "an unknown time" : holder->since);
    gw_tell(s->call, &(godwit_event){.kind = GODWIT_EVENT_WAITING, .text = text, .elapsed_ms = waited_ms});
    return GODWIT_OK;
}

gw_rc
gw_session_lock_key(gw_arena *a, gw_session *s, const char **out, gw_err *e)
{
    const char *configured;
    GW_TRY(gw_config_text(s->call->config, GW_SETTING_LOCK_KEY, &configured, e));
    *out = gw_lock_key(a, configured, &s->conn->facts, s->history.shown);
    return GODWIT_OK;
}

gw_rc
gw_session_lock(gw_session *s, gw_err *e)
{
    gw_lock_params p = {.interrupt = s->call->interrupt, .waiting = on_waiting, .ctx = s};
    GW_TRY(gw_session_lock_key(s->link, s, &p.key, e));
    GW_TRY(gw_config_ms(s->call->config, GW_SETTING_LOCK_WAIT, &p.wait_ms, e));
    GW_TRY(gw_config_ms(s->call->config, GW_SETTING_LOCK_POLL, &p.poll_ms, e));
    GW_TRY(gw_lock_take(s->link, s->conn, &p, e));
    s->is_locked = true;
    /* Who held the lock until now may have been the first runner ever. */
    if (!s->history.exists)
        GW_TRY(open_history(s, e));
    gw_history_hold(s->link, &s->history, p.key);
    return GODWIT_OK;
}
