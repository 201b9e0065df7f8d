#include "workflow/session.h"
#include "workflow/workflow.h"

/* Who holds the lock now. Engines without a session lock have nobody to name: their lock lasts as long as a transaction. */
static gw_rc
ask_holder(gw_arena *a, gw_session *s, gw_lock_holder *holder, godwit_lock *out, gw_err *e)
{
    gw_arena *const kept = s->call->arena;
    const char *key;
    *out = (godwit_lock){.brief = (s->engine->caps & GW_CAP_TX_LOCK) != 0, .method = s->engine->lock_method};
    *holder = (gw_lock_holder){0};
    if (s->conn == NULL)
        return GODWIT_OK;
    GW_TRY(gw_session_lock_key(a, s, &key, e));
    out->key = gw_text(kept, key);
    if ((s->engine->caps & GW_CAP_SESSION_LOCK) == 0)
        return GODWIT_OK;
    GW_TRY(s->engine->lock_holder(a, s->conn, key, holder, e));
    out->held = holder->who != NULL;
    out->holder = gw_text(kept, holder->who);
    out->since = gw_text(kept, holder->since);
    out->query = gw_text(kept, holder->query);
    return GODWIT_OK;
}

gw_rc
gw_lock_show(gw_call *call, godwit_lock *out, gw_err *e)
{
    GW_SCOPE(a);
    gw_session *const session = gw_new(a, gw_session);
    gw_lock_holder holder;
    GW_TRY(gw_session_open(a, call, GW_ACCESS_LOOK, session, e));
    return ask_holder(a, session, &holder, out, e);
}

gw_rc
gw_lock_release(gw_call *call, bool force, godwit_lock *out, gw_err *e)
{
    GW_SCOPE(a);
    gw_session *const session = gw_new(a, gw_session);
    gw_lock_holder holder;
    GW_TRY(gw_session_open(a, call, GW_ACCESS_WRITE, session, e));
    GW_TRY(ask_holder(a, session, &holder, out, e));
    if (!out->held)
        return GODWIT_OK;
    if (out->query != NULL && !force) {
        (void)gw_fail(e, GODWIT_REFUSED, "the lock's owner is at work: %s runs %s", out->holder, out->query);
        return gw_err_hint(e, "wait for it, or end its session with `godwit lock release --force`");
    }
    return session->engine->end_session(session->conn, holder.session, e);
}
