#include "engine/mysql/attempt.h"

#include "base/clock.h"
#include "base/future.h"

#include "base/ban.h"

typedef struct attempt {
    gw_mysql_target target;
    MYSQL *my; /* NULL: it failed, or was taken */
    gw_err e;
} attempt;

static void
hang_up(void *subject)
{
    const attempt *const t = subject;
    if (t->my != NULL)
        gw_mysql_hang_up(t->my);
}

static void
dial(void *subject)
{
    attempt *const t = subject;
    mysql_thread_init();
    if (gw_mysql_dial(&t->target, 0, &t->my, &t->e) != GODWIT_OK)
        t->my = NULL;
    mysql_thread_end();
}

/* *out is what it works on. */
static gw_future *
start(const gw_mysql_target *target, attempt **out)
{
    gw_arena *const a = gw_arena_new();
    attempt *const t = *out = gw_new(a, attempt);
    gw_mysql_target_copy(a, target, &t->target);
    gw_defer(a, hang_up, t);
    return gw_future_start(a, dial, t);
}

gw_rc
gw_mysql_fail_interrupted(const gw_mysql_target *t, gw_err *e)
{
    return gw_fail(e, GODWIT_INTERRUPTED, "interrupted while connecting to %s", t->shown);
}

gw_rc
gw_mysql_fail_late(const gw_mysql_target *t, gw_err *e)
{
    (void)gw_fail(e, GODWIT_CONNECT, "could not connect to %s: the server did not answer in time", t->shown);
    e->transient = true;
    return e->rc;
}

gw_rc
gw_mysql_attempt(const gw_mysql_target *target, const gw_interrupt *interrupt, int64_t until_ms, MYSQL **out, gw_err *e)
{
    attempt *t;
    const bool may_end = until_ms != 0 || gw_interrupt_fd(interrupt) >= 0;
    gw_future *const future = may_end ? start(target, &t) : NULL;
    if (future == NULL)
        return gw_mysql_dial(target, 0, out, e);
    *out = NULL;
    if (!gw_future_end(future, until_ms == 0 ? INT64_MAX : until_ms, interrupt))
        return gw_interrupt_is_asked(interrupt) ? gw_mysql_fail_interrupted(target, e) : gw_mysql_fail_late(target, e);
    *out = t->my;
    t->my = NULL;
    *e = t->e;
    gw_future_free(future);
    return e->rc;
}
