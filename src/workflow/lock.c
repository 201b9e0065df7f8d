#include "workflow/session.h"
#include "workflow/session_open.h"
#include "workflow/workflow.h"

static const char *
method_name(const gw_session *s, gw_lock_method method)
{
    return method == GW_LOCK_LEASE ? "lease" : s->engine->lock_method;
}

/* Who holds the lock now. Where it lasts as long as a transaction there may be nobody to name. */
static gw_rc
ask_holder(gw_arena *a, gw_session *s, gw_lock_holder *holder, godwit_lock *out, gw_err *e)
{
    gw_arena *const kept = s->call->arena;
    gw_lock_method method = GW_LOCK_SESSION;
    const char *key;
    *out = (godwit_lock){.brief = (s->engine->caps & GW_CAP_TX_LOCK) != 0, .method = s->engine->lock_method};
    *holder = (gw_lock_holder){0};
    if (s->conn == NULL)
        return GODWIT_OK;
    GW_TRY(gw_session_lock_named(a, s, &method, &key, e));
    out->method = method_name(s, method);
    out->key = gw_text(kept, key);
    if (s->engine->lock_holder == NULL)
        return GODWIT_OK;
    GW_TRY(gw_lock_holder_of(a, s->conn, key, &s->history.lease, holder, e));
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
    GW_TRY(gw_session_open(a, call, GW_ACCESS_LOOK, false, session, e));
    return ask_holder(a, session, &holder, out, e);
}

static gw_rc
refuse_at_work(const godwit_lock *lock, gw_err *e)
{
    (void)gw_fail(e, GODWIT_REFUSED, "the lock's owner is at work: %s runs %s", lock->holder, lock->query);
    return gw_err_hint(e, "wait for it, or end its session with `godwit lock release --force`");
}

gw_rc
gw_lock_release(gw_call *call, bool force, godwit_lock *out, gw_err *e)
{
    GW_SCOPE(a);
    gw_session *const s = gw_new(a, gw_session);
    gw_lock_holder holder;
    GW_TRY(gw_session_open(a, call, GW_ACCESS_WRITE, false, s, e));
    GW_TRY(ask_holder(a, s, &holder, out, e));
    if (!out->held)
        return GODWIT_OK;
    if (out->query != NULL && !force)
        return refuse_at_work(out, e);
    if ((s->engine->caps & GW_CAP_SESSION_LOCK) != 0 && holder.session != 0)
        return s->engine->end_session(s->conn, holder.session, e);
    if (s->history.lease.exists)
        return gw_lease_release(&s->history.lease, force, e);
    return gw_fail(e, GODWIT_REFUSED, "the lock of %s lasts as long as a transaction of %s: it cannot be taken away",
                   s->shown, out->holder);
}
