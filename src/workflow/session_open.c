#include "workflow/session_open.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/lock.h"
#include "workflow/connect.h"
#include "workflow/retry.h"

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
    gw_watch_enter(s->watch, s->conn);
    return gw_watch_leave(s->watch, gw_history_open(s->link, s->conn, &s->probe, &s->history, e), e);
}

/* Of a connection that has just been made. */
static gw_rc
open_first_history(gw_session *s, gw_err *e)
{
    bool fits = false;
    if (s->reads_ahead)
        GW_TRY(gw_history_ahead_open(s->link, s->conn, &s->ahead, &s->history, &fits, e));
    s->reads_ahead = fits;
    return fits ? GODWIT_OK : open_history(s, e);
}

static gw_rc
open_history_of(void *session, gw_err *e)
{
    return open_first_history(session, e);
}

/* ---- the session ---- */

enum { FAREWELL_MS = 5000 };

typedef struct link_end {
    gw_arena *link;
    gw_watch *watch;
} link_end;

/* Unlocking, with a server that may not answer. */
static void
end_link(void *session)
{
    const link_end *const end = session;
    gw_watch_extend(end->watch, FAREWELL_MS);
    gw_arena_free(end->link);
}

gw_rc
gw_session_open(gw_arena *a, gw_call *call, gw_access access, bool records, gw_session *out, gw_err *e)
{
    int64_t run_timeout_ms;
    GW_TRY(gw_session_prepare(call, out, e));
    GW_TRY(gw_config_ms(call->config, GW_SETTING_STATEMENT_TIMEOUT, &out->statement_timeout_ms, e));
    GW_TRY(gw_config_ms(call->config, GW_SETTING_TIMEOUT, &out->timeout_ms, e));
    GW_TRY(gw_config_ms(call->config, GW_SETTING_LOCK_TIMEOUT, &out->lock_timeout_ms, e));
    GW_TRY(gw_config_ms(call->config, GW_SETTING_RUN_TIMEOUT, &run_timeout_ms, e));
    out->arena = a;
    out->access = access;
    out->reads_ahead = records;
    out->run_id = new_run_id(a);
    GW_TRY(gw_watch_start(a, call, &out->watch, e));
    link_end *const end = gw_new(a, link_end);
    *end = (link_end){out->link = gw_arena_new(), out->watch};
    gw_defer(a, end_link, end);
    gw_watch_deadline(out->watch, GW_DEADLINE_RUN, run_timeout_ms);
    GW_TRY(gw_connect(out, e));
    if (out->conn == NULL)
        return GODWIT_OK;
    return gw_session_retry(out, open_history_of, out, e);
}

/* A server that was started again has another place. */
static gw_rc
check_ended(const gw_session *s, const gw_err *lost, const char *place, gw_err *e)
{
    if (lost == NULL || !s->engine->is_ended_session(lost) || strcmp(place, s->conn->facts.place) != 0)
        return GODWIT_OK;
    *e = *lost;
    e->transient = false;
    return gw_err_note(e, "somebody ended this session on the server, so it is not tried again");
}

static void
drop_link(gw_session *s)
{
    s->conn = NULL;
    s->is_littered = false;
    gw_arena_reset(s->link);
}

static gw_rc
open_again(gw_session *s, const gw_err *lost, const char *place, gw_err *e)
{
    GW_TRY(gw_connect(s, e));
    GW_TRY(open_history(s, e));
    if (s->lease_token != NULL)
        GW_TRY(gw_lease_check(&s->history.lease, s->lease_token, e));
    GW_TRY(check_ended(s, lost, place, e));
    return s->is_locked ? gw_session_lock(s, e) : GODWIT_OK;
}

/* A connection without the history and the lock is none. */
gw_rc
gw_session_reopen(gw_session *s, const gw_err *lost, gw_err *e)
{
    GW_SCOPE(scratch);
    const char *const place =
        s->conn == NULL || s->conn->facts.place == NULL ? "" : gw_text(scratch, s->conn->facts.place);
    s->reopened++;
    drop_link(s);
    const gw_rc rc = open_again(s, lost, place, e);
    if (rc != GODWIT_OK)
        drop_link(s);
    return rc;
}

gw_rc
gw_session_retry(gw_session *s, gw_session_step *step, void *ctx, gw_err *e)
{
    gw_retry retry = {.session = s};
    bool again = true;
    gw_err failure = {0};
    gw_rc rc = step(ctx, &failure);
    while (rc == GODWIT_CONNECT && failure.transient) {
        GW_TRY(gw_retry_wait(&retry, &failure, &again, e));
        if (!again)
            break;
        const gw_err lost = failure;
        failure = (gw_err){0};
        rc = gw_session_is_alive(s) ? GODWIT_OK : gw_session_reopen(s, &lost, &failure);
        if (rc == GODWIT_OK)
            rc = step(ctx, &failure);
    }
    *e = failure;
    return rc;
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
gw_session_lock_named(gw_arena *a, const gw_session *s, gw_lock_method *method, const char **key, gw_err *e)
{
    static const char *const choices[] = {
        [GW_LOCK_AUTO] = "auto", [GW_LOCK_ONLY_SESSION] = "session", [GW_LOCK_ONLY_LEASE] = "lease"};
    const char *said, *configured;
    gw_lock_choice choice = GW_LOCK_AUTO;
    GW_TRY(gw_config_text(s->call->config, GW_SETTING_LOCK, &said, e));
    GW_TRY(gw_config_text(s->call->config, GW_SETTING_LOCK_KEY, &configured, e));
    while (choice < GW_LOCK_ONLY_LEASE && strcmp(choices[choice], said) != 0)
        choice++;
    *key = gw_lock_key(a, configured, &s->conn->facts, s->history.shown);
    return gw_lock_policy(s->engine, &s->conn->facts, choice, method, e);
}

static gw_rc
lease_params(gw_session *s, gw_lease_params *out, gw_err *e)
{
    gw_open_params *const open = gw_new(s->link, gw_open_params);
    GW_TRY(gw_connect_params(s, open, e));
    *out = (gw_lease_params){
        .table = &s->history.lease,
        .open = open,
        .owner = s->run_id,
        .who = gw_printf(s->link, "%s, pid %d", s->applied_by, (int)getpid()),
    };
    return gw_config_ms(s->call->config, GW_SETTING_LEASE, &out->length_ms, e);
}

gw_rc
gw_session_lock(gw_session *s, gw_err *e)
{
    gw_lock_params p = {.interrupt = s->call->interrupt, .waiting = on_waiting, .ctx = s};
    gw_lease *lease = NULL;
    s->reads_ahead = false;
    if (s->applied_by == NULL)
        s->applied_by = who_applies(s->arena, &s->conn->facts);
    if (s->history.is_brief)
        GW_TRY(open_history(s, e));
    GW_TRY(gw_session_lock_named(s->link, s, &p.method, &p.key, e));
    GW_TRY(gw_config_ms(s->call->config, GW_SETTING_LOCK_WAIT, &p.wait_ms, e));
    GW_TRY(gw_config_ms(s->call->config, GW_SETTING_LOCK_POLL, &p.poll_ms, e));
    GW_TRY(lease_params(s, &p.lease, e));
    GW_TRY(gw_lock_take(s->link, s->conn, &p, &lease, e));
    s->is_locked = true;
    s->lock_method = p.method;
    s->lease_token = lease == NULL ? NULL : gw_text(s->arena, gw_lease_token(lease));
    /* Who held the lock until now may have been the first runner ever. */
    if (!s->history.exists)
        GW_TRY(open_history(s, e));
    gw_history_hold(s->link, &s->history, p.key, lease);
    return s->observer == NULL ? gw_observer_start(s->arena, s->call, s->engine, p.lease.open, &s->observer, e)
                               : GODWIT_OK;
}
