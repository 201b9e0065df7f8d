#include "db/heart.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

enum { BEATS = 3, TICKS = 8, CANCEL_AGAIN_MS = 50, LAST_ANSWER_MS = 500, CONNECT_AT_LEAST_MS = 2000, HURRY = 4 };

struct gw_heart {
    gw_heart_params p;
    gw_open_params open;
    int64_t every_ms;
    gw_interrupt stop; /* ends sleeping and connecting */
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t ending;
    gw_conn *asking;  /* executes a beat */
    bool is_away;     /* connects, or executes a beat: it does not look at the clock */
    int64_t awake_ms; /* when it last did */
    bool has_slept, has_ended;
    /* of the thread alone */
    gw_arena *link;
    gw_conn *conn; /* NULL: to be made */
};

/* ---- awake ---- */

/* It goes on while the machine is suspended, where the system has such a clock. */
static int64_t
now_ms(void)
{
#ifdef CLOCK_BOOTTIME
    struct timespec t;
    if (clock_gettime(CLOCK_BOOTTIME, &t) == 0)
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
#endif
    return gw_clock_ms();
}

/* Whoever looks first after a sleep keeps what he saw: the other may look too late to see it. */
static bool
look(gw_heart *h, int64_t now)
{
    if (!h->is_away && now - h->awake_ms > h->p.length_ms)
        h->has_slept = true;
    return h->has_slept;
}

static bool
tick(gw_heart *h)
{
    pthread_mutex_lock(&h->mutex);
    const int64_t now = now_ms();
    const bool has_slept = look(h, now);
    h->awake_ms = now;
    pthread_mutex_unlock(&h->mutex);
    return !has_slept;
}

bool
gw_heart_has_slept(gw_heart *h)
{
    pthread_mutex_lock(&h->mutex);
    const bool has_slept = look(h, now_ms());
    pthread_mutex_unlock(&h->mutex);
    return has_slept;
}

/* ---- the thread ---- */

/* How long it was away says nothing: the server, or the way to it, let it wait. */
static void
set_away(gw_heart *h, bool is_away, gw_conn *asking)
{
    pthread_mutex_lock(&h->mutex);
    const int64_t now = now_ms();
    (void)look(h, now);
    h->is_away = is_away;
    h->asking = asking;
    h->awake_ms = now;
    pthread_mutex_unlock(&h->mutex);
}

static gw_rc
ask(gw_heart *h, gw_err *e)
{
    const gw_engine *const engine = h->p.engine;
    set_away(h, true, h->conn);
    return gw_interrupt_is_asked(&h->stop)
               ? GODWIT_OK
               : engine->query(h->conn, h->p.sql, h->p.params, GW_HEART_PARAMS, NULL, NULL, e);
}

/* *goes_on false: the lease is free, or somebody else's. */
static gw_rc
beat(gw_heart *h, bool *goes_on, gw_err *e)
{
    gw_rc rc = GODWIT_OK;
    h->open.until_ms = h->open.connect_timeout_ms > 0 ? gw_clock_ms() + h->open.connect_timeout_ms : 0;
    set_away(h, true, NULL);
    if (h->conn == NULL)
        rc = h->p.engine->open(h->link, &h->open, &h->conn, e);
    if (rc == GODWIT_OK)
        rc = ask(h, e);
    set_away(h, false, NULL);
    *goes_on = rc != GODWIT_OK || h->conn->affected == 1;
    return rc;
}

/* Counted from the beginning of the one that succeeded: after one that waited long the next is due at once. */
static int64_t
beat_and_plan(gw_heart *h, bool *goes_on)
{
    gw_err ignored = {0};
    const int64_t began = now_ms();
    const gw_rc rc = beat(h, goes_on, &ignored);
    if (rc != GODWIT_OK && (h->conn == NULL || !h->p.engine->is_alive(h->conn))) {
        h->conn = NULL;
        gw_arena_reset(h->link);
    }
    return rc == GODWIT_OK ? began + h->every_ms : now_ms() + h->every_ms / HURRY + 1;
}

static void *
beat_thread(void *subject)
{
    gw_heart *const h = subject;
    const int64_t most = h->every_ms / TICKS + 1;
    int64_t due = now_ms() + h->every_ms;
    for (bool goes_on = true; goes_on;) {
        const int64_t rest = due - now_ms();
        gw_interrupt_sleep(&h->stop, rest < 0 ? 0 : rest < most ? rest : most);
        if (gw_interrupt_is_asked(&h->stop) || !tick(h))
            break;
        if (now_ms() >= due)
            due = beat_and_plan(h, &goes_on);
    }
    gw_arena_free(h->link);
    pthread_mutex_lock(&h->mutex);
    h->has_ended = true;
    pthread_cond_signal(&h->ending);
    pthread_mutex_unlock(&h->mutex);
    return NULL;
}

/* ---- its life ---- */

static void
wait_a_little(gw_heart *h)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += CANCEL_AGAIN_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    (void)pthread_cond_timedwait(&h->ending, &h->mutex, &until);
}

/* The way to the server may be stalled. */
static void
hurry(gw_conn *asking)
{
    if (asking->engine->drop != NULL)
        asking->engine->drop(asking, LAST_ANSWER_MS);
    else
        asking->engine->cancel(asking);
}

/* A cancel that comes before its statement is lost: again and again. */
static void
end(void *subject)
{
    gw_heart *const h = subject;
    gw_interrupt_ask(&h->stop);
    pthread_mutex_lock(&h->mutex);
    while (!h->has_ended) {
        if (h->asking != NULL)
            hurry(h->asking);
        wait_a_little(h);
    }
    pthread_mutex_unlock(&h->mutex);
    pthread_join(h->thread, NULL);
    pthread_cond_destroy(&h->ending);
    pthread_mutex_destroy(&h->mutex);
    gw_interrupt_close(&h->stop);
}

static void
prepare(gw_heart *h)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&h->ending, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&h->mutex, NULL);
    h->every_ms = h->p.length_ms / BEATS + 1;
    h->awake_ms = now_ms();
    h->open = *h->p.open;
    h->open.maintenance = h->open.read_only = false;
    h->open.interrupt = &h->stop;
    h->open.notice = NULL;
    h->open.first = NULL;
    h->open.lock_timeout_ms = h->every_ms; /* a transaction of the owner may be behind the fence: once more later */
    if (h->open.connect_timeout_ms > h->every_ms)
        h->open.connect_timeout_ms = h->every_ms < CONNECT_AT_LEAST_MS ? CONNECT_AT_LEAST_MS : h->every_ms;
}

gw_rc
gw_heart_start(gw_arena *a, const gw_heart_params *p, gw_heart **out, gw_err *e)
{
    gw_heart *const h = gw_new(a, gw_heart);
    h->p = *p;
    gw_interrupt_open(&h->stop);
    if (h->stop.fd < 0)
        return gw_fail(e, GODWIT_IO, "cannot prolong the lease: the system has no descriptor left");
    prepare(h);
    h->link = gw_arena_new();
    const int failed = pthread_create(&h->thread, NULL, beat_thread, h);
    if (failed != 0) {
        gw_arena_free(h->link);
        gw_interrupt_close(&h->stop);
        return gw_fail(e, GODWIT_IO, "cannot start a thread: %s", strerror(failed));
    }
    gw_defer(a, end, h);
    *out = h;
    return GODWIT_OK;
}
