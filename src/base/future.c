#include "base/future.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"

struct gw_future {
    gw_arena *arena;
    gw_future_fn *work;
    void *subject;
    gw_interrupt over; /* asked when it is */
    pthread_t thread;
    pthread_mutex_t mutex;
    bool is_left; /* by the one who waits */
};

/* Threads that nobody waits for, and that are not over. */
static atomic_size_t left_alone;

bool
gw_future_is_any_left(void)
{
    return atomic_load(&left_alone) > 0;
}

void
gw_future_free(gw_future *f)
{
    gw_interrupt_close(&f->over);
    pthread_mutex_destroy(&f->mutex);
    gw_arena_free(f->arena);
}

static void *
run(void *subject)
{
    gw_future *const f = subject;
    f->work(f->subject);
    pthread_mutex_lock(&f->mutex);
    gw_interrupt_ask(&f->over);
    const bool is_left = f->is_left;
    pthread_mutex_unlock(&f->mutex);
    if (is_left) {
        gw_future_free(f);
        atomic_fetch_sub(&left_alone, 1);
    }
    return NULL;
}

gw_future *
gw_future_start(gw_arena *a, gw_future_fn *work, void *subject)
{
    gw_future *const f = gw_new(a, gw_future);
    *f = (gw_future){.arena = a, .work = work, .subject = subject};
    pthread_mutex_init(&f->mutex, NULL);
    gw_interrupt_open(&f->over);
    if (f->over.fd >= 0 && pthread_create(&f->thread, NULL, run, f) == 0)
        return f;
    gw_future_free(f);
    return NULL;
}

bool
gw_future_is_over(const gw_future *f)
{
    return gw_interrupt_is_asked(&f->over);
}

static int
rest_of(int64_t until_ms)
{
    const int64_t rest = until_ms - gw_clock_ms();
    return rest <= 0 ? 0 : rest > INT_MAX ? INT_MAX : (int)rest;
}

/* Until it is over, or nobody wants to wait any longer. */
static void
await(const gw_future *f, int64_t until_ms, const gw_interrupt *interrupt)
{
    struct pollfd fds[] = {{.fd = gw_interrupt_fd(&f->over), .events = POLLIN},
                           {.fd = gw_interrupt_fd(interrupt), .events = POLLIN}};
    int ready;
    do
        ready = poll(fds, 2, rest_of(until_ms));
    while ((ready < 0 && errno == EINTR) || (ready == 0 && rest_of(until_ms) != 0));
}

bool
gw_future_end(gw_future *f, int64_t until_ms, const gw_interrupt *interrupt)
{
    await(f, until_ms, interrupt);
    pthread_mutex_lock(&f->mutex);
    const bool is_over = gw_future_is_over(f);
    const pthread_t thread = f->thread; /* once it is left, the thread may free f at any moment */
    f->is_left = !is_over;
    atomic_fetch_add(&left_alone, !is_over);
    pthread_mutex_unlock(&f->mutex);
    if (is_over)
        pthread_join(thread, NULL); /* what it holds of OpenSSL goes with its end */
    else
        pthread_detach(thread);
    return is_over;
}
