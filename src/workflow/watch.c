#include "workflow/watch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

enum { CANCEL_AGAIN_MS = 250, PATIENCE_MS = 5000, FOREVER = -1 };

struct gw_watch {
    const gw_call *call;
    pthread_t thread; /* while it runs */
    bool runs;
    int failed;                                                 /* errno: it could not be started */
    pthread_mutex_t mutex;                                      /* guards what follows */
    gw_conn *entered;                                           /* NULL: between statements */
    gw_conn *open;                                              /* NULL: none */
    int64_t over_ms;                                            /* since when the time is over; 0: it is not */
    int64_t extended_ms;                                        /* … but only from then on; 0: at once */
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
    int64_t next = w->extended_ms;
    for (gw_deadline d = 0; d < GW_DEADLINE__COUNT && w->extended_ms == 0; d++)
        if (w->due[d] != 0 && (next == 0 || w->due[d] < next))
            next = w->due[d];
    if (next == 0 || (w->entered == NULL && w->open == NULL))
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

/* Whether somebody has to be told again soon. */
static bool
is_over(gw_watch *w)
{
    const int64_t now = gw_clock_ms();
    const bool over = w->extended_ms != 0 ? now >= w->extended_ms
                                          : gw_interrupt_is_asked(w->call->interrupt) || passed(w) < GW_DEADLINE__COUNT;
    w->over_ms = !over ? 0 : w->over_ms == 0 ? now : w->over_ms;
    return over && (w->entered != NULL || w->open != NULL);
}

/* What is entered hears it at once; what is not has some time, of its own and from the end on; an extension was that time. */
static void
tell_connection(const gw_watch *w)
{
    const bool was_extended = w->extended_ms != 0;
    const gw_engine *const engine = (w->entered != NULL ? w->entered : w->open)->engine;
    if (w->entered != NULL && !was_extended)
        engine->cancel(w->entered);
    else if (w->open != NULL && engine->drop != NULL && (was_extended || gw_clock_ms() - w->over_ms >= PATIENCE_MS))
        engine->drop(w->open, was_extended ? 0 : PATIENCE_MS);
}

static void *
watch_thread(void *subject)
{
    gw_watch *const w = subject;
    struct pollfd fds[2] = {{.fd = w->wake, .events = POLLIN},
                            {.fd = gw_interrupt_fd(w->call->interrupt), .events = POLLIN}};
    pthread_mutex_lock(&w->mutex);
    while (!w->over) {
        const bool again = is_over(w);
        if (again)
            tell_connection(w);
        const int wait = again ? CANCEL_AGAIN_MS : ms_to_next(w);
        /* The interrupt stays readable once it was asked for: it is listened to only while that is news. */
        const nfds_t count = gw_interrupt_is_asked(w->call->interrupt) ? 1 : 2;
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
    if (!w->runs)
        return;
    const uint64_t one = 1;
    while (write(w->wake, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

/* Many calls find nothing to do and send nothing: they need nobody to watch them. */
static void
need_thread(gw_watch *w)
{
    if (w->runs || w->failed != 0)
        return;
    w->failed = pthread_create(&w->thread, NULL, watch_thread, w);
    w->runs = w->failed == 0;
}

static void
watch_end(void *subject)
{
    gw_watch *const w = subject;
    pthread_mutex_lock(&w->mutex);
    w->over = true;
    nudge(w);
    pthread_mutex_unlock(&w->mutex);
    if (w->runs)
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
    if (ms != 0 && w->open != NULL && deadline != GW_DEADLINE_STATEMENT)
        nudge(w);
    pthread_mutex_unlock(&w->mutex);
}

void
gw_watch_extend(gw_watch *w, int64_t ms)
{
    pthread_mutex_lock(&w->mutex);
    w->extended_ms = ms == 0 ? 0 : gw_clock_ms() + ms;
    nudge(w);
    pthread_mutex_unlock(&w->mutex);
}

/* ---- a connection ---- */

typedef struct opened {
    gw_watch *watch;
    gw_conn *conn;
} opened;

static void
forget(void *subject)
{
    const opened *const o = subject;
    gw_watch *const w = o->watch;
    pthread_mutex_lock(&w->mutex);
    if (w->open == o->conn)
        w->open = NULL;
    pthread_mutex_unlock(&w->mutex);
}

/* The earliest deadline of all that may end connecting. */
static int64_t
connect_until(gw_watch *w)
{
    pthread_mutex_lock(&w->mutex);
    int64_t until = w->extended_ms;
    for (gw_deadline d = 0; d < GW_DEADLINE__COUNT && w->extended_ms == 0; d++)
        if (w->due[d] != 0 && (until == 0 || w->due[d] < until))
            until = w->due[d];
    pthread_mutex_unlock(&w->mutex);
    return until;
}

static bool
is_extended(gw_watch *w)
{
    pthread_mutex_lock(&w->mutex);
    const bool extended = w->extended_ms > gw_clock_ms();
    pthread_mutex_unlock(&w->mutex);
    return extended;
}

gw_rc
gw_watch_open(gw_watch *w, gw_arena *a, const gw_engine *engine, const gw_open_params *p, gw_conn **out, gw_err *e)
{
    gw_open_params own = *p;
    own.until_ms = connect_until(w);
    if (is_extended(w))
        own.interrupt = NULL; /* it was asked already */
    GW_TRY(engine->open(a, &own, out, e));
    opened *const o = gw_new(a, opened);
    *o = (opened){w, *out};
    pthread_mutex_lock(&w->mutex);
    w->open = *out;
    nudge(w);
    pthread_mutex_unlock(&w->mutex);
    gw_defer(a, forget, o);
    return GODWIT_OK;
}

/* ---- a statement ---- */

void
gw_watch_enter(gw_watch *w, gw_conn *c)
{
    need_thread(w);
    pthread_mutex_lock(&w->mutex);
    w->entered = c;
    if (ms_to_next(w) != FOREVER || gw_interrupt_is_asked(w->call->interrupt))
        nudge(w);
    pthread_mutex_unlock(&w->mutex);
}

/* A line each. */
static void
add_notes(gw_err *e, const gw_err *from)
{
    for (gw_str rest = gw_str_of(from->notes); rest.len > 0;) {
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        (void)gw_err_note(e, "%.*s", GW_STR_ARG(line));
    }
}

/* Why it is over, extended or not. */
static gw_rc
fail_over(gw_watch *w, gw_err *e)
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

/* What ended the statement is the reason, and not how it ended. */
static gw_rc
explain(gw_watch *w, gw_rc rc, gw_err *e)
{
    gw_err reason = {0};
    if (fail_over(w, &reason) == GODWIT_OK)
        return rc;
    if (rc == GODWIT_CONNECT)
        (void)gw_err_note(&reason, "%s", e->message);
    add_notes(&reason, e);
    *e = reason;
    return e->rc;
}

gw_rc
gw_watch_leave(gw_watch *w, gw_rc rc, gw_err *e)
{
    pthread_mutex_lock(&w->mutex);
    w->entered = NULL;
    pthread_mutex_unlock(&w->mutex);
    return rc != GODWIT_INTERRUPTED && rc != GODWIT_CONNECT ? rc : explain(w, rc, e);
}

gw_rc
gw_watch_check(gw_watch *w, gw_err *e)
{
    if (w->failed != 0)
        return gw_fail(e, GODWIT_IO, "cannot start a thread: %s", strerror(w->failed));
    return is_extended(w) ? GODWIT_OK : fail_over(w, e);
}
