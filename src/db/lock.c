#include "db/lock.h"

#include <assert.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/hash.h"

enum { SURE_OF_A_LEASE_MS = 250, SILENCE_MS = 30000 };

/* ---- the policy ---- */

/* The first row that fits decides. */
static const struct {
    gw_lock_choice choice;
    gw_cap needs;
    bool trusted; /* only where session locks can be trusted */
    gw_lock_method method;
} policy[] = {
    {GW_LOCK_AUTO, GW_CAP_TX_LOCK, false, GW_LOCK_TRANSACTION},
    {GW_LOCK_AUTO, GW_CAP_SESSION_LOCK, true, GW_LOCK_SESSION},
    {GW_LOCK_AUTO, GW_CAP_LEASE, false, GW_LOCK_LEASE},
    {GW_LOCK_ONLY_SESSION, GW_CAP_SESSION_LOCK, false, GW_LOCK_SESSION},
    {GW_LOCK_ONLY_LEASE, GW_CAP_LEASE, false, GW_LOCK_LEASE},
};

static const char *const choice_names[] = {
    [GW_LOCK_AUTO] = "auto",
    [GW_LOCK_ONLY_SESSION] = "session",
    [GW_LOCK_ONLY_LEASE] = "lease",
};

static gw_rc
refuse(const gw_facts *f, gw_lock_choice choice, gw_err *e)
{
    if (choice != GW_LOCK_AUTO) {
        (void)gw_fail(e, GODWIT_REFUSED, "%s has no lock of the kind '%s'", f->product, choice_names[choice]);
        return gw_err_hint(e, "leave the setting `lock` out: godwit chooses one that keeps a second runner out");
    }
    (void)gw_fail(e, GODWIT_REFUSED, "%s has no lock that keeps a second runner out of %s%s", f->product, f->database,
                  f->pooled    ? " behind a pooler"
                  : f->cluster ? " on a cluster"
                               : "");
    return f->pooled || f->cluster ? gw_err_hint(e, "connect directly to one server") : e->rc;
}

gw_rc
gw_lock_policy(const gw_engine *engine, const gw_facts *facts, gw_lock_choice choice, gw_lock_method *out, gw_err *e)
{
    const bool trusted = !facts->pooled && !facts->cluster && !facts->replays;
    for (size_t i = 0; i < sizeof(policy) / sizeof(policy[0]); i++)
        if (policy[i].choice == choice && (engine->caps & policy[i].needs) != 0 && (trusted || !policy[i].trusted)) {
            *out = policy[i].method;
            return GODWIT_OK;
        }
    return refuse(facts, choice, e);
}

char *
gw_lock_key(gw_arena *a, const char *configured, const gw_facts *facts, const char *history)
{
    if (configured != NULL && configured[0] != '\0')
        return gw_text(a, configured);
    gw_buf text = gw_buf_new(a);
    gw_buf_puts(&text, facts->database);
    gw_buf_putc(&text, '\0');
    gw_buf_puts(&text, history);
    return gw_printf(a, "%lld", (long long)(gw_hash64(gw_buf_str(&text)) & INT64_MAX));
}

/* ---- who holds it ---- */

static bool
has_leases(const gw_lease_table *t)
{
    return t != NULL && t->read != NULL;
}

/* A server that refuses for good to tell about its session locks gives none: there may be other locks then. */
static gw_rc
session_holder(gw_arena *a, gw_conn *c, const char *key, gw_lock_holder *out, gw_err *e)
{
    gw_err told = {0};
    *out = (gw_lock_holder){0};
    if (c->engine->lock_holder == NULL)
        return GODWIT_OK;
    const gw_rc rc = c->engine->lock_holder(a, c, key, out, &told);
    if (rc == GODWIT_OK || (rc == GODWIT_FAILED && !told.transient))
        return GODWIT_OK;
    *e = told;
    return rc;
}

gw_rc
gw_lock_holder_of(gw_arena *a, gw_conn *c, const char *key, const gw_lease_table *t, gw_lock_holder *out, gw_err *e)
{
    *out = (gw_lock_holder){0};
    if (c->engine->lock_holder != NULL && (!has_leases(t) || !t->exists))
        return c->engine->lock_holder(a, c, key, out, e);
    GW_TRY(session_holder(a, c, key, out, e));
    return out->who == NULL && has_leases(t) ? gw_lease_holder(a, t, NULL, out, e) : GODWIT_OK;
}

/* ---- one attempt ---- */

/* A held session lock's undo. */
typedef struct held {
    gw_conn *conn;
    const char *key;
} held;

static void
release(void *subject)
{
    const held *const h = subject;
    h->conn->engine->unlock(h->conn, h->key);
}

/* Waiting for the lock. */
typedef struct wait {
    gw_conn *conn;
    const gw_lock_params *p;
    gw_lease_table *leases;
    bool other_is_in_the_way; /* the last time: then it is looked at first */
    gw_lease *lease;          /* once it is taken */
    gw_lease_params lease_params;
    gw_lease_sighting sighting;
    gw_lock_holder holder; /* whom we wait for; on the scratch of the attempt */
    gw_err refusal;        /* what the server said instead of a name */
} wait;

static gw_rc
take_own(gw_arena *kept, wait *w, bool *taken, gw_err *e)
{
    gw_conn *const c = w->conn;
    if (w->p->method == GW_LOCK_LEASE)
        return gw_lease_try(kept, &w->lease_params, &w->lease, taken, &w->refusal, e);
    GW_TRY(c->engine->try_lock(c, w->p->key, taken, e));
    if (*taken) {
        held *const h = gw_new(kept, held);
        *h = (held){.conn = c, .key = w->p->key};
        gw_defer(kept, release, h);
    }
    return GODWIT_OK;
}

/* A lease that ran out is in the way too, until it is taken from its owner, who could go on with it otherwise. */
static gw_rc
look_at_lease(gw_arena *scratch, wait *w, gw_err *e)
{
    GW_SCOPE(moment);
    gw_lease *lease;
    bool is_over, taken = false;
    GW_TRY(gw_lease_holder(scratch, w->leases, &is_over, &w->holder, e));
    if (!is_over)
        return GODWIT_OK;
    GW_TRY(gw_lease_try(moment, &w->lease_params, &lease, &taken, &w->refusal, e));
    if (taken)
        w->holder = (gw_lock_holder){0};
    return GODWIT_OK;
}

/* Who holds the lock of the other kind. The table of leases may have been made since we looked for it. */
static gw_rc
look_at_other(gw_arena *scratch, wait *w, gw_err *e)
{
    w->holder = (gw_lock_holder){0};
    if (w->p->method == GW_LOCK_LEASE)
        return session_holder(scratch, w->conn, w->p->key, &w->holder, e);
    if (!has_leases(w->leases))
        return GODWIT_OK;
    GW_TRY(gw_lease_find(w->leases, e));
    return look_at_lease(scratch, w, e);
}

/* A courtesy: a server that will not tell does not end the wait; one that is gone does. */
static gw_rc
look_at_own(gw_arena *scratch, wait *w, gw_err *e)
{
    gw_err told = {0};
    bool is_over;
    w->holder = (gw_lock_holder){0};
    const gw_rc rc = w->p->method == GW_LOCK_LEASE
                         ? gw_lease_holder(scratch, w->leases, &is_over, &w->holder, &told)
                         : w->conn->engine->lock_holder(scratch, w->conn, w->p->key, &w->holder, &told);
    if (rc == GODWIT_CONNECT || rc == GODWIT_INTERRUPTED) {
        *e = told;
        return rc;
    }
    if (rc != GODWIT_OK)
        w->refusal = told;
    return GODWIT_OK;
}

/* Both kinds are taken before the other is looked at: of two runners at least one sees the other. */
static gw_rc
attempt(gw_arena *kept, gw_arena *scratch, wait *w, bool *taken, gw_err *e)
{
    *taken = false;
    if (w->other_is_in_the_way) {
        GW_TRY(look_at_other(scratch, w, e));
        if (w->holder.who != NULL)
            return GODWIT_OK;
    }
    GW_TRY(take_own(kept, w, taken, e));
    if (!*taken) {
        w->other_is_in_the_way = false;
        return look_at_own(scratch, w, e);
    }
    GW_TRY(look_at_other(scratch, w, e));
    w->other_is_in_the_way = w->holder.who != NULL;
    *taken = !w->other_is_in_the_way;
    return GODWIT_OK;
}

static void
end_kept(void *kept)
{
    gw_arena_free(kept);
}

/* What is taken stays as long as `a`, or is given back at once. */
static gw_rc
attempt_on(gw_arena *a, gw_arena *scratch, wait *w, bool *taken, gw_err *e)
{
    gw_arena *const kept = gw_arena_new();
    gw_err failure = {0};
    w->refusal = (gw_err){0};
    const gw_rc rc = attempt(kept, scratch, w, taken, &failure);
    if (rc == GODWIT_OK && *taken) {
        gw_defer(a, end_kept, kept);
        return GODWIT_OK;
    }
    gw_arena_free(kept);
    *taken = false;
    if (rc == GODWIT_FAILED && failure.transient) {
        w->refusal = failure; /* a deadlock and the like: nothing was taken, later it may be */
        w->holder = (gw_lock_holder){0};
        return GODWIT_OK;
    }
    if (rc != GODWIT_OK)
        *e = failure;
    return rc;
}

/* ---- waiting ---- */

/* Runners that started together must not ask together for ever: a quarter more or less. */
static int64_t
with_jitter(int64_t ms)
{
    uint16_t r = UINT16_MAX / 2;
    if (getrandom(&r, sizeof(r), GRND_NONBLOCK) != (ssize_t)sizeof(r))
        return ms;
    return ms - ms / 4 + ms / 2 * r / UINT16_MAX;
}

static gw_rc
give_up(const wait *w, gw_err *e)
{
    const gw_lock_holder *const holder = &w->holder;
    gw_fail(e, GODWIT_LOCKED, "another godwit holds the lock of %s: %s%s%s", w->conn->facts.database,
            holder->who == NULL ? "the server does not tell who" : holder->who, holder->since == NULL ? "" : " since ",
            holder->since == NULL ? "" : holder->since);
    if (holder->who == NULL && w->refusal.rc != GODWIT_OK)
        gw_err_note(e, "the server says: %s", w->refusal.message);
    return gw_err_hint(e, "`godwit lock status` tells more; --lock-wait says how long to wait");
}

static int64_t
longer(int64_t one, int64_t two)
{
    return one > two ? one : two;
}

/* How long a lease that ran out has to stay so. On a cluster each node carries out DDL for itself, and commits nothing meanwhile: the owner's
 * may need longer for it than ours, perhaps as much longer as ours kept us waiting (`took`), or its row was not written. That may also be
 * how long the owner has been dead. */
static int64_t
time_to_be_sure(const wait *w, int64_t took)
{
    const gw_lease_sighting *const s = &w->sighting;
    const int64_t ms = longer(w->p->poll_ms, SURE_OF_A_LEASE_MS), silence = s->late_ms + w->p->lease.length_ms;
    if (!w->conn->facts.cluster)
        return ms;
    const int64_t all = longer(longer(ms, w->p->lease.length_ms), took);
    return s->since_ms == 0 ? all : longer(longer(all, s->apart_ms), silence < SILENCE_MS ? silence : SILENCE_MS);
}

/* When a lease that ran out may be taken; 0: there is none. */
static int64_t
next_look(const gw_lease_sighting *s)
{
    return s->since_ms == 0 ? 0 : s->since_ms + s->apart_ms;
}

/* Ask, tell whom we wait for, sleep, ask again; once more when the time is over, and again if it was over too soon to be sure of a lease. */
static gw_rc
poll_lock(gw_arena *a, wait *w, gw_err *e)
{
    const gw_lock_params *const p = w->p;
    const int64_t began = gw_clock_ms();
    int64_t until = began + p->wait_ms;
    for (bool is_longer = false;;) {
        GW_SCOPE(scratch);
        bool taken = false;
        const int64_t asked = gw_clock_ms();
        GW_TRY(attempt_on(a, scratch, w, &taken, e));
        if (taken)
            return GODWIT_OK;
        const int64_t now = gw_clock_ms();
        w->sighting.apart_ms = time_to_be_sure(w, now - asked);
        const int64_t look = next_look(&w->sighting);
        if (now >= until && !is_longer && look > asked) { /* also one that is due by now */
            until = longer(look, now + 1);
            is_longer = true;
        }
        if (asked >= until) /* not one that began before, and took until now */
            return give_up(w, e);
        if (p->waiting != NULL)
            GW_TRY(p->waiting(p->ctx, &w->holder, now - began, e));
        const int64_t nap = with_jitter(p->poll_ms > 0 ? p->poll_ms : 1);
        if (now < until)
            gw_interrupt_sleep(p->interrupt, nap < until - now ? nap : until - now);
    }
}

gw_rc
gw_lock_take(gw_arena *a, gw_conn *c, const gw_lock_params *p, gw_lease **lease, gw_err *e)
{
    gw_lock_params *const own = gw_new(a, gw_lock_params);
    wait w = {.conn = c, .p = own, .leases = p->lease.table, .lease_params = p->lease};
    *own = *p;
    own->key = gw_text(a, p->key);
    w.lease_params.sighting = &w.sighting;
    w.sighting.apart_ms = time_to_be_sure(&w, 0);
    if (lease != NULL)
        *lease = NULL;
    if (p->method == GW_LOCK_TRANSACTION)
        return GODWIT_OK;
    assert(p->method != GW_LOCK_LEASE || has_leases(p->lease.table));
    GW_TRY(poll_lock(a, &w, e));
    if (lease != NULL)
        *lease = w.lease;
    return GODWIT_OK;
}
