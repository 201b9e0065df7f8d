#include "engine/mysql/attempt.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include "base/clock.h"

#include "base/ban.h"

/* Of two owners: whoever is the last to need it frees it. */
typedef struct attempt {
    gw_arena *arena;
    gw_mysql_target target;
    int ended; /* eventfd */
    pthread_t thread;
    pthread_mutex_t mutex;
    bool is_over, is_left; /* by the dialler, by the caller */
    MYSQL *my;             /* NULL: it failed */
    gw_err e;
} attempt;

static void
let_go(attempt *t)
{
    if (t->my != NULL)
        gw_mysql_hang_up(t->my);
    pthread_mutex_destroy(&t->mutex);
    close(t->ended);
    gw_arena_free(t->arena);
}

static void *
dial(void *subject)
{
    const uint64_t one = 1;
    MYSQL *my = NULL;
    gw_err failure = {0};
    attempt *const t = subject;
    mysql_thread_init();
    const gw_rc rc = gw_mysql_dial(&t->target, 0, &my, &failure);
    mysql_thread_end();
    pthread_mutex_lock(&t->mutex);
    t->my = rc == GODWIT_OK ? my : NULL;
    t->e = failure;
    t->is_over = true;
    while (write(t->ended, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
    const bool is_left = t->is_left;
    pthread_mutex_unlock(&t->mutex);
    if (is_left)
        let_go(t);
    return NULL;
}

static attempt *
start(const gw_mysql_target *target)
{
    gw_arena *const arena = gw_arena_new();
    attempt *const t = gw_new(arena, attempt);
    *t = (attempt){.arena = arena, .ended = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    gw_mysql_target_copy(arena, target, &t->target);
    pthread_mutex_init(&t->mutex, NULL);
    if (t->ended >= 0 && pthread_create(&t->thread, NULL, dial, t) == 0)
        return t;
    let_go(t);
    return NULL;
}

/* Whether it is over before anybody wants to stop. */
static bool
await(const attempt *t, const gw_interrupt *interrupt, int64_t until_ms)
{
    for (;;) {
        struct pollfd fds[] = {{.fd = t->ended, .events = POLLIN},
                               {.fd = gw_interrupt_fd(interrupt), .events = POLLIN}};
        const int64_t left = until_ms - gw_clock_ms();
        const int ready = poll(fds, 2, until_ms == 0 ? -1 : left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left);
        if (ready > 0)
            return fds[0].revents != 0;
        if ((ready == 0 && until_ms != 0 && gw_clock_ms() >= until_ms) || (ready < 0 && errno != EINTR))
            return false;
    }
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
    attempt *const t = until_ms == 0 && gw_interrupt_fd(interrupt) < 0 ? NULL : start(target);
    if (t == NULL)
        return gw_mysql_dial(target, 0, out, e);
    (void)await(t, interrupt, until_ms);
    pthread_mutex_lock(&t->mutex);
    const bool is_over = t->is_over;
    *out = t->my;
    t->my = is_over ? NULL : t->my;
    t->is_left = true;
    if (is_over)
        *e = t->e;
    const pthread_t thread = t->thread;
    pthread_mutex_unlock(&t->mutex);
    if (is_over) { /* what the thread holds of OpenSSL goes with its end */
        pthread_join(thread, NULL);
        let_go(t);
        return e->rc;
    }
    pthread_detach(thread);
    return gw_interrupt_is_asked(interrupt) ? gw_mysql_fail_interrupted(target, e) : gw_mysql_fail_late(target, e);
}
