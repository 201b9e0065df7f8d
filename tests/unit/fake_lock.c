#include "fake_world.h"

#include <string.h>

/* ---- a lock of the session ---- */

gw_rc
fake_try_lock(gw_conn *c, const char *key, bool *taken, gw_err *e)
{
    FAKE_TURN;
    GW_TRY(fake_step(fake_conn_of(c), GW_STR_LIT("lock"), e));
    fake_lock *const l = fake_lock_of(key);
    *taken = l->owner == NULL || l->owner == fake_conn_of(c);
    if (*taken)
        l->owner = fake_conn_of(c);
    return GODWIT_OK;
}

void
fake_unlock(gw_conn *c, const char *key)
{
    FAKE_TURN;
    fake_say("unlock");
    if (fake_lock_of(key)->owner == fake_conn_of(c))
        fake_lock_of(key)->owner = NULL;
}

char *
fake_lock_held(gw_arena *a, gw_conn *c, const char *key)
{
    return gw_printf(a, "HELD '%s' BY %d", key, (int)fake_conn_of(c)->number);
}

static char *
name_of(gw_arena *a, const fake_conn *c)
{
    return gw_printf(a, "%s@fake, pid %d", c->base.facts.user, (int)c->number);
}

gw_rc
fake_lock_holder(gw_arena *a, gw_conn *c, const char *key, gw_lock_holder *out, gw_err *e)
{
    FAKE_TURN;
    GW_TRY(fake_step(fake_conn_of(c), GW_STR_LIT("holder"), e));
    const fake_conn *const owner = fake_lock_of(key)->owner;
    *out = (gw_lock_holder){0};
    if (owner != NULL)
        *out = (gw_lock_holder){.who = name_of(a, owner), .since = FAKE_NOW, .session = owner->number};
    return GODWIT_OK;
}

gw_rc
fake_end_session(gw_conn *c, int64_t session, gw_err *e)
{
    FAKE_TURN;
    GW_TRY(fake_step(fake_conn_of(c), GW_STR_LIT("end_session"), e));
    fake_conn *const other = fake_conn_find(session);
    if (other == NULL)
        return gw_fail(e, GODWIT_FAILED, "no such session");
    other->dead = true;
    fake_conn_leave(other);
    return GODWIT_OK;
}

/* ---- a claim of the runner ---- */

gw_rc
fake_claim(gw_conn *c, bool *taken, gw_err *e)
{
    FAKE_TURN;
    GW_TRY(fake_step(fake_conn_of(c), GW_STR_LIT("claim"), e));
    fake_lock *const l = fake_lock_of("claim");
    *taken = l->owner == NULL || l->owner == fake_conn_of(c);
    if (*taken)
        l->owner = fake_conn_of(c);
    return GODWIT_OK;
}

void
fake_unclaim(gw_conn *c)
{
    FAKE_TURN;
    fake_say("unclaim");
    if (fake_lock_of("claim")->owner == fake_conn_of(c))
        fake_lock_of("claim")->owner = NULL;
}

/* ---- who waits for whom ---- */

gw_rc
fake_blockers(gw_arena *a, gw_conn *c, int64_t session, gw_blockers *out, gw_err *e)
{
    FAKE_TURN;
    const fake_world *const w = fake_world_get();
    const fake_conn *const waiting = fake_conn_find(session);
    *out = (gw_blockers){0};
    if (fake_conn_of(c)->dead)
        return gw_fail(e, GODWIT_CONNECT, "the fake connection is gone");
    if (waiting == NULL || waiting->session.waits_for == NULL)
        return GODWIT_OK;
    for (size_t i = 0; i < w->conns.len; i++)
        if (w->conns.at[i] != NULL && &w->conns.at[i]->session == waiting->session.waits_for)
            *gw_vec_push(a, out) =
                (gw_blocker){.who = name_of(a, w->conns.at[i]), .since = FAKE_NOW, .query = "fake query"};
    return GODWIT_OK;
}
