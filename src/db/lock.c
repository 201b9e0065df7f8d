#include "db/lock.h"

#include <assert.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/hash.h"

/* The first row that fits decides. */
static const struct {
    gw_cap needs;
    bool trusted; /* only where session locks can be trusted */
    gw_lock_method method;
} policy[] = {
    {GW_CAP_TX_LOCK, false, GW_LOCK_TRANSACTION},
    {GW_CAP_SESSION_LOCK, true, GW_LOCK_SESSION},
};

gw_lock_method
gw_lock_policy(const gw_engine *engine, const gw_facts *facts)
{
    const bool trusted = !facts->pooled && !facts->cluster;
    for (size_t i = 0; i < sizeof(policy) / sizeof(policy[0]); i++)
        if ((engine->caps & policy[i].needs) != 0 && (trusted || !policy[i].trusted))
            return policy[i].method;
    return GW_LOCK_LEASE;
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

static gw_rc
refuse_lease(const gw_conn *c, gw_err *e)
{
    const gw_facts *const f = &c->facts;
    if (f->pooled) {
        gw_fail(e, GODWIT_REFUSED,
                "session locks cannot be trusted behind a pooler yet: nothing would keep a second runner out of %s",
                f->database);
        return gw_err_hint(e, "connect directly to the server, or to a pooler's port in session mode");
    }
    if (f->cluster) {
        gw_fail(e, GODWIT_REFUSED,
                "session locks cannot be trusted on a cluster yet: %s %s would give the lock of %s to one runner on "
                "each node",
                f->product, f->version, f->database);
        return gw_err_hint(e,
                           "connect to a server outside the cluster, or take this node out of it while migrations run");
    }
    return gw_fail(e, GODWIT_REFUSED, "%s has no lock that keeps a second runner out of %s", f->product, f->database);
}

/* A held lock's undo. */
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

/* Runners that started together must not ask together for ever: a quarter more or less. */
static int64_t
with_jitter(int64_t ms)
{
    uint16_t r = UINT16_MAX / 2;
    if (getrandom(&r, sizeof(r), GRND_NONBLOCK) != (ssize_t)sizeof(r))
        return ms;
    return ms - ms / 4 + ms / 2 * r / UINT16_MAX;
}

/* Who holds it is a courtesy: a server that will not tell does not end the wait; one that is gone does. */
static gw_rc
look(gw_arena *a, gw_conn *c, const char *key, gw_lock_holder *holder, gw_err *e)
{
    gw_err told = {0};
    *holder = (gw_lock_holder){0};
    const gw_rc rc = c->engine->lock_holder(a, c, key, holder, &told);
    if (rc == GODWIT_CONNECT || rc == GODWIT_INTERRUPTED) {
        *e = told;
        return rc;
    }
    return GODWIT_OK;
}

static gw_rc
give_up(const gw_conn *c, const gw_lock_holder *holder, gw_err *e)
{
    gw_fail(e, GODWIT_LOCKED, "another godwit holds the lock of %s: %s%s%s", c->facts.database,
            holder->who == NULL ? "the server does not tell who" : holder->who, holder->since == NULL ? "" : " since ",
            holder->since == NULL ? "" : holder->since);
    return gw_err_hint(e, "`godwit lock status` tells more; --lock-wait says how long to wait");
}

/* Ask, tell whom we wait for, sleep, ask again; once more when the time is over. */
static gw_rc
poll_lock(gw_conn *c, const gw_lock_params *p, gw_err *e)
{
    const int64_t began = gw_clock_ms();
    for (;;) {
        GW_SCOPE(scratch);
        bool taken = false;
        gw_lock_holder holder;
        GW_TRY(c->engine->try_lock(c, p->key, &taken, e));
        if (taken)
            return GODWIT_OK;
        GW_TRY(look(scratch, c, p->key, &holder, e));
        const int64_t waited = gw_clock_ms() - began;
        if (waited >= p->wait_ms)
            return give_up(c, &holder, e);
        if (p->waiting != NULL)
            GW_TRY(p->waiting(p->ctx, &holder, waited, e));
        const int64_t nap = with_jitter(p->poll_ms > 0 ? p->poll_ms : 1);
        gw_interrupt_sleep(p->interrupt, nap < p->wait_ms - waited ? nap : p->wait_ms - waited);
    }
}

gw_rc
gw_lock_take(gw_arena *a, gw_conn *c, const gw_lock_params *p, gw_err *e)
{
    switch (gw_lock_policy(c->engine, &c->facts)) {
    case GW_LOCK_TRANSACTION:
        return GODWIT_OK;
    case GW_LOCK_LEASE:
        return refuse_lease(c, e);
    case GW_LOCK_SESSION:
        break;
    }
    GW_TRY(poll_lock(c, p, e));
    held *const h = gw_new(a, held);
    *h = (held){.conn = c, .key = gw_text(a, p->key)};
    gw_defer(a, release, h);
    return GODWIT_OK;
}
