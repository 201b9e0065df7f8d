#include "workflow/watch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

enum { CANCEL_AGAIN_MS = 250, FOREVER = -1 };

struct gw_watch {
    const gw_call *call;
    pthread_t thread;
    pthread_mutex_t mutex;                                      /* guards what follows */
    gw_conn *entered;                                           /* NULL: between statements */
    int64_t due[GW_DEADLINE__COUNT], limit[GW_DEADLINE__COUNT]; /* gw_clock_ms(), and the time-out itself; 0: none */
    bool over;
    int wake; /* eventfd: something above changed */
};

static const struct {
    const char *setting, *hint;
} deadlines[GW_DEADLINE__COUNT] = {
    [GW_DEADLINE_STATEMENT] = {"statement_timeout",
                               "raise statement_timeout, or write `-- godwit:timeout 30m` above the statement"},
    [GW_DEADLINE_MIGRATION] = {"timeout", "raise timeout, or give this file its own with `-- godwit:timeout 30m`"},
    [GW_DEADLINE_RUN] = {"run_timeout", "raise run_timeout; what is left is applied by the next run"},
};

/* The deadline that has passed, or GW_DEADLINE__COUNT. */
static gw_deadline
passed(const gw_watch *w)
{
    const int64_t now = gw_clock_ms();
    gw_deadline d = 0;
    while (d < GW_DEADLINE__COUNT && (w->due[d] == 0 || w->due[d] > now))
        d++;
    return d;
}

static int
ms_to_next(const gw_watch *w)
{
    int64_t next = 0;
    for (gw_deadline d = 0; d < GW_DEADLINE__COUNT; d++)
        if (w->due[d] != 0 && (next == 0 || w->due[d] < next))
            next = w->due[d];
    if (next == 0 || w->entered == NULL)
        return FOREVER;
    const int64_t left = next - gw_clock_ms();
    return left <= 0 ? 0 : left > 60000 ? 60000 : (int)left + 1;
}

static void
drain(int fd)
{
    uint64_t count;
    while (read(fd, &count, sizeof(count)) < 0 && errno == EINTR)
        ;
}

static void *
watch_thread(void *subject)
{
    gw_watch *const w = subject;
    struct pollfd fds[2] = {{.fd = w->wake, .events = POLLIN},
                            {.fd = gw_interrupt_fd(w->call->interrupt), .events = POLLIN}};
    pthread_mutex_lock(&w->mutex);
    while (!w->over) {
        const bool is_asked = gw_interrupt_is_asked(w->call->interrupt);
        const bool cancel = w->entered != NULL && (is_asked || passed(w) < GW_DEADLINE__COUNT);
        if (cancel)
            w->entered->engine->cancel(w->entered);
        const int wait = cancel ? CANCEL_AGAIN_MS : ms_to_next(w);
        /* The interrupt stays readable once it was asked for: it is listened to only while that is news. */
        const nfds_t count = is_asked ? 1 : 2;
        pthread_mutex_unlock(&w->mutex);
        if (poll(fds, count, wait) > 0 && (fds[0].revents & POLLIN) != 0)
            drain(w->wake);
        pthread_mutex_lock(&w->mutex);
    }
    pthread_mutex_unlock(&w->mutex);
    return NULL;
}

static void
nudge(const gw_watch *w)
{
    const uint64_t one = 1;
    while (write(w->wake, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

static void
watch_end(void *subject)
{
    gw_watch *const w = subject;
    pthread_mutex_lock(&w->mutex);
    w->over = true;
    nudge(w);
    pthread_mutex_unlock(&w->mutex);
    pthread_join(w->thread, NULL);
    pthread_mutex_destroy(&w->mutex);
    close(w->wake);
}

gw_rc
gw_watch_start(gw_arena *a, const gw_call *call, gw_watch **out, gw_err *e)
{
    gw_watch *const w = gw_new(a, gw_watch);
    w->call = call;
    w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w->wake < 0)
        return gw_fail(e, GODWIT_IO, "cannot watch the run: %s", strerror(errno));
    pthread_mutex_init(&w->mutex, NULL);
    const int failed = pthread_create(&w->thread, NULL, watch_thread, w);
    if (failed != 0) {
        close(w->wake);
        return gw_fail(e, GODWIT_IO, "cannot start a thread: %s", strerror(failed));
    }
    gw_defer(a, watch_end, w);
    *out = w;
    return GODWIT_OK;
}

void
gw_watch_deadline(gw_watch *w, gw_deadline deadline, int64_t ms)
{
    pthread_mutex_lock(&w->mutex);
    w->limit[deadline] = ms;
    w->due[deadline] = ms == 0 ? 0 : gw_clock_ms() + ms;
    pthread_mutex_unlock(&w->mutex);
}

void
gw_watch_enter(gw_watch *w, gw_conn *c)
{
    pthread_mutex_lock(&w->mutex);
    w->entered = c;
    if (ms_to_next(w) != FOREVER || gw_interrupt_is_asked(w->call->interrupt))
        nudge(w);
    pthread_mutex_unlock(&w->mutex);
}

gw_rc
gw_watch_leave(gw_watch *w, gw_rc rc, gw_err *e)
{
    pthread_mutex_lock(&w->mutex);
    w->entered = NULL;
    pthread_mutex_unlock(&w->mutex);
    gw_err reason = {0};
    if (rc != GODWIT_INTERRUPTED || gw_watch_check(w, &reason) == GODWIT_OK)
        return rc;
    gw_err_copy(reason.notes, sizeof(reason.notes), gw_str_of(e->notes));
    *e = reason;
    return e->rc;
}

gw_rc
gw_watch_check(gw_watch *w, gw_err *e)
{
    GW_TRY(gw_call_check(w->call, e));
    pthread_mutex_lock(&w->mutex);
    const gw_deadline d = passed(w);
    const int64_t limit = d < GW_DEADLINE__COUNT ? w->limit[d] : 0;
    pthread_mutex_unlock(&w->mutex);
    if (d == GW_DEADLINE__COUNT)
        return GODWIT_OK;
    GW_SCOPE(a);
    (void)gw_fail(e, GODWIT_FAILED, "cancelled after %s: %s has passed", gw_duration_text(a, limit),
                  deadlines[d].setting);
    return gw_err_hint(e, "%s", deadlines[d].hint);
}
