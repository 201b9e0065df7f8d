#include "workflow/observer.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

enum {
    TICK_MS = 250,
    PATIENCE_MS = 500,
    CONNECT_MS = 3000,
    CANCEL_AGAIN_MS = 50,
    LAST_ANSWER_MS = 500,
    QUERY_SHOWN = 80
};

struct gw_observer {
    const gw_call *call;
    const gw_engine *engine;
    gw_open_params open;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t ending;
    bool over, has_ended;
    int64_t server_session, entered_ms; /* 0: between statements */
    gw_conn *asking;                    /* to be cancelled when we end */
    gw_interrupt interrupt;
    char seen[512]; /* whom the newest statement waited for */
    /* of the thread alone */
    gw_arena *link;
    gw_conn *conn;
    bool is_useless; /* no second connection, or no answer: not asked again */
};

static void
describe(const gw_blockers *blockers, gw_buf *out)
{
    for (size_t i = 0; i < blockers->len; i++) {
        const gw_blocker *const b = &blockers->at[i];
        gw_buf_printf(out, "%s%s%s", i == 0 ? "" : "; ", b->is_guess ? "perhaps " : "", b->who);
        if (b->since != NULL)
            gw_buf_printf(out, " since %s", b->since);
        if (b->query != NULL) {
            gw_str rest;
            const gw_str line = gw_str_cut(gw_str_trim(gw_str_of(b->query)), '\n', &rest);
            char shown[QUERY_SHOWN + 1];
            gw_err_copy(shown, sizeof(shown), line);
            gw_buf_printf(out, ": %s%s", shown, strlen(shown) < line.len || rest.len > 0 ? "…" : "");
        }
    }
}

/* ---- the thread ---- */

static void
drop(gw_observer *o)
{
    o->conn = NULL;
    gw_arena_reset(o->link);
}

static void
set_asking(gw_observer *o, gw_conn *c)
{
    pthread_mutex_lock(&o->mutex);
    o->asking = c;
    pthread_mutex_unlock(&o->mutex);
}

static gw_rc
ask(gw_arena *a, gw_observer *o, int64_t session, gw_blockers *out, gw_err *e)
{
    if (o->conn == NULL)
        GW_TRY(o->engine->open(o->link, &o->open, &o->conn, e));
    set_asking(o, o->conn);
    const gw_rc rc = o->engine->blockers(a, o->conn, session, out, e);
    set_asking(o, NULL);
    return rc;
}

static void
tell(gw_observer *o, const char *text, int64_t entered_ms)
{
    GW_SCOPE(a);
    pthread_mutex_lock(&o->mutex);
    const bool is_news = o->entered_ms == entered_ms && strcmp(o->seen, text) != 0;
    if (is_news)
        gw_err_copy(o->seen, sizeof(o->seen), gw_str_of(text));
    pthread_mutex_unlock(&o->mutex);
    if (is_news)
        gw_tell(o->call, &(godwit_event){.kind = GODWIT_EVENT_WAITING,
                                         .text = gw_printf(a, "waiting for a lock that is held by %s", text),
                                         .elapsed_ms = gw_clock_ms() - entered_ms});
}

static void
look(gw_observer *o, int64_t session, int64_t entered_ms)
{
    GW_SCOPE(a);
    gw_blockers blockers = {0};
    gw_err ignored = {0};
    if (ask(a, o, session, &blockers, &ignored) != GODWIT_OK) {
        o->is_useless = ignored.rc != GODWIT_CONNECT || o->conn == NULL;
        drop(o);
        return;
    }
    gw_buf text = gw_buf_new(a);
    describe(&blockers, &text);
    if (text.len > 0)
        tell(o, gw_buf_text(&text), entered_ms);
}

static void
wait_ms(gw_observer *o, long ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ms * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    (void)pthread_cond_timedwait(&o->ending, &o->mutex, &until);
}

static void *
observe(void *subject)
{
    gw_observer *const o = subject;
    pthread_mutex_lock(&o->mutex);
    while (!o->over) {
        wait_ms(o, TICK_MS);
        const int64_t session = o->server_session, entered_ms = o->entered_ms;
        const bool is_slow = entered_ms != 0 && gw_clock_ms() - entered_ms >= PATIENCE_MS;
        if (o->over || !is_slow || session == 0 || o->is_useless)
            continue;
        pthread_mutex_unlock(&o->mutex);
        look(o, session, entered_ms);
        pthread_mutex_lock(&o->mutex);
    }
    o->has_ended = true;
    pthread_cond_signal(&o->ending);
    pthread_mutex_unlock(&o->mutex);
    return NULL;
}

/* ---- its life ---- */

/* Its connection may be stalled, as that of the run. */
static void
hurry(gw_conn *asking)
{
    if (asking->engine->drop != NULL)
        asking->engine->drop(asking, LAST_ANSWER_MS);
    else
        asking->engine->cancel(asking);
}

/* A cancel that comes before its question is lost: again and again. */
static void
end(void *subject)
{
    gw_observer *const o = subject;
    gw_interrupt_ask(&o->interrupt);
    pthread_mutex_lock(&o->mutex);
    o->over = true;
    pthread_cond_signal(&o->ending);
    while (!o->has_ended) {
        if (o->asking != NULL)
            hurry(o->asking);
        wait_ms(o, CANCEL_AGAIN_MS);
    }
    pthread_mutex_unlock(&o->mutex);
    pthread_join(o->thread, NULL);
    gw_arena_free(o->link);
    gw_interrupt_close(&o->interrupt);
    pthread_cond_destroy(&o->ending);
    pthread_mutex_destroy(&o->mutex);
}

gw_rc
gw_observer_start(gw_arena *a, const gw_call *call, const gw_engine *engine, const gw_open_params *open,
                  gw_observer **out, gw_err *e)
{
    *out = NULL;
    if ((engine->caps & GW_CAP_BLOCKERS) == 0)
        return GODWIT_OK;
    gw_observer *const o = gw_new(a, gw_observer);
    *o = (gw_observer){.call = call, .engine = engine, .open = *open};
    gw_interrupt_open(&o->interrupt);
    o->open.interrupt = &o->interrupt;
    o->open.read_only = true;
    o->open.connect_timeout_ms = CONNECT_MS;
    o->open.notice = NULL;
    o->link = gw_arena_new();
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&o->ending, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&o->mutex, NULL);
    const int failed = pthread_create(&o->thread, NULL, observe, o);
    if (failed != 0) {
        gw_arena_free(o->link);
        gw_interrupt_close(&o->interrupt);
        return gw_fail(e, GODWIT_IO, "cannot start a thread: %s", strerror(failed));
    }
    gw_defer(a, end, o);
    *out = o;
    return GODWIT_OK;
}

void
gw_observer_enter(gw_observer *o, int64_t session)
{
    if (o == NULL)
        return;
    pthread_mutex_lock(&o->mutex);
    o->server_session = session;
    o->entered_ms = gw_clock_ms();
    o->seen[0] = '\0';
    pthread_mutex_unlock(&o->mutex);
}

void
gw_observer_leave(gw_observer *o)
{
    if (o == NULL)
        return;
    pthread_mutex_lock(&o->mutex);
    o->entered_ms = 0;
    pthread_mutex_unlock(&o->mutex);
}

const char *
gw_observer_seen(gw_arena *a, gw_observer *o)
{
    if (o == NULL)
        return NULL;
    pthread_mutex_lock(&o->mutex);
    const char *const seen = o->seen[0] == '\0' ? NULL : gw_text(a, o->seen);
    pthread_mutex_unlock(&o->mutex);
    return seen;
}
