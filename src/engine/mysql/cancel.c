#include "engine/mysql/cancel.h"

#include <fcntl.h>
#include <sys/socket.h>

#include "base/clock.h"

#include "base/ban.h"

enum { PATIENCE_MS = 5000, SLOW_TIMES = 12 };

void
gw_mysql_cancel_open(gw_mysql_cancel *c, const gw_mysql_target *t, MYSQL *my)
{
    *c = (gw_mysql_cancel){.target = t, .session = mysql_thread_id(my)};
    c->socket = fcntl(mysql_get_socket(my), F_DUPFD_CLOEXEC, 0);
    pthread_mutex_init(&c->mutex, NULL);
}

static void
shut(const gw_mysql_cancel *c)
{
    if (c->socket >= 0)
        (void)shutdown(c->socket, SHUT_RDWR);
}

/* Whether it is over, and gone. */
static bool
take(gw_mysql_request **r, bool *yes)
{
    if (!gw_mysql_request_is_over(*r))
        return false;
    (void)gw_mysql_request_end(*r, 0, yes);
    *r = NULL;
    return true;
}

/* One that is still under way could hit the next statement: then there is none. */
static void
settle(gw_mysql_cancel *c, int64_t until_ms)
{
    bool yes;
    if (c->request != NULL && !gw_mysql_request_end(c->request, until_ms, &yes))
        shut(c);
    if (c->question != NULL)
        (void)gw_mysql_request_end(c->question, 0, &yes);
    c->request = c->question = NULL;
}

void
gw_mysql_cancel_close(gw_mysql_cancel *c)
{
    settle(c, 0);
    if (c->socket >= 0)
        close(c->socket);
    pthread_mutex_destroy(&c->mutex);
}

/* ---- the thread that executes ---- */

void
gw_mysql_cancel_enter(gw_mysql_cancel *c)
{
    settle(c, c->asked_ms + PATIENCE_MS); /* others let a statement alone that is not entered */
    pthread_mutex_lock(&c->mutex);
    c->busy = true;
    c->delivered = false;
    c->asked_ms = 0;
    c->began_ms = gw_clock_ms();
    pthread_mutex_unlock(&c->mutex);
}

int64_t
gw_mysql_cancel_until(gw_mysql_cancel *c)
{
    pthread_mutex_lock(&c->mutex);
    const int64_t until_ms = c->asked_ms == 0 ? 0 : c->asked_ms + PATIENCE_MS;
    pthread_mutex_unlock(&c->mutex);
    return until_ms;
}

bool
gw_mysql_cancel_leave(gw_mysql_cancel *c)
{
    pthread_mutex_lock(&c->mutex);
    const bool asked = c->asked_ms != 0;
    c->busy = false;
    atomic_store(&c->is_slow, false);
    pthread_mutex_unlock(&c->mutex);
    return asked;
}

/* ---- others ---- */

/* Again also when it was delivered: the server may have heard it before the statement. */
static void
request(gw_mysql_cancel *c)
{
    bool told = false;
    if (c->request != NULL && !take(&c->request, &told))
        return;
    c->delivered |= told;
    c->request = gw_mysql_request_start(GW_MYSQL_KILL, c->target, c->server, c->session);
}

void
gw_mysql_cancel_ask(gw_mysql_cancel *c)
{
    pthread_mutex_lock(&c->mutex);
    if (c->busy) {
        const int64_t now = gw_clock_ms();
        if (c->asked_ms == 0)
            c->asked_ms = now;
        if (now - c->asked_ms < PATIENCE_MS)
            request(c);
        else
            shut(c);
    }
    pthread_mutex_unlock(&c->mutex);
}

/* A rollback takes its time. But a server that has done with it, or does not answer anybody, is not waited for. */
static bool
is_at_work(gw_mysql_cancel *c)
{
    bool yes = false;
    if (c->question == NULL)
        c->question = gw_mysql_request_start(GW_MYSQL_WORK, c->target, c->server, c->session);
    return c->question != NULL && (!take(&c->question, &yes) || yes);
}

void
gw_mysql_cancel_drop(gw_mysql_cancel *c, int64_t ms)
{
    pthread_mutex_lock(&c->mutex);
    const int64_t took = gw_clock_ms() - c->began_ms;
    if (c->busy && took >= ms && (!atomic_load(&c->is_slow) || took >= ms * SLOW_TIMES || !is_at_work(c)))
        shut(c);
    pthread_mutex_unlock(&c->mutex);
}
