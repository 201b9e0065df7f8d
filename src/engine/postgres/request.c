#include "engine/postgres/request.h"

#include <pthread.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"

/* Of two owners: whoever is the last to need it frees it. */
struct gw_pg_request {
    gw_arena *arena;
    PGcancel *handle; /* of the thread */
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool is_over, is_left; /* by the server, by the caller */
};

static void
let_go(gw_pg_request *r)
{
    pthread_cond_destroy(&r->ended);
    pthread_mutex_destroy(&r->mutex);
    gw_arena_free(r->arena);
}

static void *
ask(void *subject)
{
    char why[256];
    gw_pg_request *const r = subject;
    (void)PQcancel(r->handle, why, sizeof(why));
    PQfreeCancel(r->handle);
    pthread_mutex_lock(&r->mutex);
    r->is_over = true;
    const bool is_left = r->is_left;
    pthread_cond_signal(&r->ended);
    pthread_mutex_unlock(&r->mutex);
    if (is_left)
        let_go(r);
    return NULL;
}

static void
prepare(gw_pg_request *r)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&r->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&r->mutex, NULL);
}

gw_pg_request *
gw_pg_request_start(PGconn *link)
{
    PGcancel *const handle = PQgetCancel(link);
    if (handle == NULL)
        return NULL;
    pthread_t thread;
    gw_arena *const arena = gw_arena_new();
    gw_pg_request *const r = gw_new(arena, gw_pg_request);
    *r = (gw_pg_request){.arena = arena, .handle = handle};
    prepare(r);
    if (pthread_create(&thread, NULL, ask, r) != 0) {
        PQfreeCancel(handle);
        let_go(r);
        return NULL;
    }
    pthread_detach(thread);
    return r;
}

bool
gw_pg_request_is_over(gw_pg_request *r)
{
    pthread_mutex_lock(&r->mutex);
    const bool is_over = r->is_over;
    pthread_mutex_unlock(&r->mutex);
    return is_over;
}

bool
gw_pg_request_end(gw_pg_request *r, int64_t until_ms)
{
    const struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000L};
    pthread_mutex_lock(&r->mutex);
    while (!r->is_over && gw_clock_ms() < until_ms)
        (void)pthread_cond_timedwait(&r->ended, &r->mutex, &until);
    const bool is_over = r->is_over;
    r->is_left = true;
    pthread_mutex_unlock(&r->mutex);
    if (is_over)
        let_go(r);
    return is_over;
}
