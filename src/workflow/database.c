#include "base/clock.h"
#include "workflow/connect.h"
#include "workflow/migrations.h"
#include "workflow/trust.h"
#include "workflow/workflow.h"

static gw_rc
confirm(const gw_session *s, bool confirmed, gw_err *e)
{
    if (confirmed)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_REFUSED, "this would delete everything in %s", s->shown);
    return gw_err_hint(e, "say so with --yes");
}

static gw_rc
create(gw_arena *a, gw_session *s, gw_err *e)
{
    gw_conn *server;
    bool exists;
    GW_TRY(gw_connect_maintenance(a, s, &server, e));
    GW_TRY(s->engine->database_exists(server, &s->url, &exists, e));
    if (!exists)
        GW_TRY(s->engine->database_create(server, &s->url, e));
    gw_tell_note(s->call, exists ? "%s exists already" : "created %s", s->shown);
    return GODWIT_OK;
}

static gw_rc
drop(gw_arena *a, gw_session *s, gw_err *e)
{
    gw_conn *server;
    bool exists;
    GW_TRY(gw_connect_maintenance(a, s, &server, e));
    GW_TRY(s->engine->database_exists(server, &s->url, &exists, e));
    if (exists)
        GW_TRY(s->engine->database_drop(server, &s->url, e));
    gw_tell_note(s->call, exists ? "dropped %s" : "%s does not exist", s->shown);
    return GODWIT_OK;
}

gw_rc
gw_database_create(gw_call *call, gw_err *e)
{
    GW_SCOPE(a);
    gw_session session = {0};
    GW_TRY(gw_session_prepare(call, &session, e));
    return create(a, &session, e);
}

gw_rc
gw_database_drop(gw_call *call, bool confirmed, gw_err *e)
{
    GW_SCOPE(a);
    gw_session session = {0};
    GW_TRY(gw_session_prepare(call, &session, e));
    GW_TRY(confirm(&session, confirmed, e));
    return drop(a, &session, e);
}

gw_rc
gw_database_reset(gw_call *call, bool confirmed, gw_err *e)
{
    GW_SCOPE(a);
    gw_migrations migrations = {0};
    gw_session session = {0};
    GW_TRY(gw_session_prepare(call, &session, e));
    GW_TRY(confirm(&session, confirmed, e));
    GW_TRY(gw_migrations_open(a, call, GW_MIGRATIONS_TO_RUN, &migrations, e));
    GW_TRY(gw_trust_check(call, &migrations.folder, e)); /* before there is nothing left */
    GW_TRY(drop(a, &session, e));
    GW_TRY(create(a, &session, e));
    return gw_up(call, &(godwit_up_params){0}, e);
}

/* One try to connect, without the configured retries: the waiting is this command's own. */
static gw_rc
try_once(gw_session *s, int64_t limit_ms, gw_err *e)
{
    enum { AT_MOST_MS = 2000 };
    GW_SCOPE(a);
    gw_conn *conn;
    const gw_open_params p = {
        .url = &s->url,
        .connect_timeout_ms = limit_ms < AT_MOST_MS ? limit_ms : AT_MOST_MS,
        .read_only = true,
        .interrupt = s->call->interrupt,
    };
    const gw_rc rc = s->engine->open(a, &p, &conn, e);
    if (rc == GODWIT_OK || !s->engine->is_missing_database(e))
        return rc;
    *e = (gw_err){0}; /* who says that the database does not exist is there; and for a file there is nobody to wait */
    return GODWIT_OK;
}

gw_rc
gw_database_wait(gw_call *call, int64_t timeout_ms, gw_err *e)
{
    enum { A_MINUTE_MS = 60000, PAUSE_MS = 250 };
    gw_session session = {0};
    GW_TRY(gw_session_prepare(call, &session, e));
    const int64_t until = gw_clock_ms() + (timeout_ms == 0 ? A_MINUTE_MS : timeout_ms);
    for (;;) {
        gw_err failure = {0};
        const int64_t left_ms = until - gw_clock_ms();
        const gw_rc rc = try_once(&session, left_ms > 0 ? left_ms : 1, &failure);
        if (rc == GODWIT_OK)
            return GODWIT_OK;
        if (rc != GODWIT_CONNECT || !failure.transient || gw_clock_ms() >= until) {
            *e = failure;
            return gw_err_note(e, "while waiting for %s", session.shown);
        }
        gw_tell(call, &(godwit_event){.kind = GODWIT_EVENT_WAITING,
                                      .text = failure.message,
                                      .elapsed_ms = gw_clock_ms() - call->started_ms});
        gw_interrupt_sleep(call->interrupt, PAUSE_MS);
        GW_TRY(gw_call_check(call, e));
    }
}
