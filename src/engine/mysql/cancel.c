#include "engine/mysql/cancel.h"

#include <fcntl.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "engine/mysql/dial.h"

#include "base/ban.h"

enum { ANSWER_MS = 3000, PATIENCE_MS = 5000, SLOW_TIMES = 12 };

void
gw_mysql_cancel_open(gw_mysql_cancel *c, const gw_mysql_target *t, MYSQL *my)
{
    *c = (gw_mysql_cancel){.target = t, .session = mysql_thread_id(my)};
    c->socket = fcntl(mysql_get_socket(my), F_DUPFD_CLOEXEC, 0);
    pthread_mutex_init(&c->mutex, NULL);
}

void
gw_mysql_cancel_close(gw_mysql_cancel *c)
{
    if (c->socket >= 0)
        close(c->socket);
    pthread_mutex_destroy(&c->mutex);
}

void
gw_mysql_cancel_enter(gw_mysql_cancel *c)
{
    pthread_mutex_lock(&c->mutex);
    c->busy = true;
    c->delivered = false;
    c->asked_ms = 0;
    c->began_ms = gw_clock_ms();
    pthread_mutex_unlock(&c->mutex);
}

bool
gw_mysql_cancel_is_asked(gw_mysql_cancel *c)
{
    pthread_mutex_lock(&c->mutex);
    const bool asked = c->asked_ms != 0;
    pthread_mutex_unlock(&c->mutex);
    return asked;
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

static bool
is_same_server(const gw_mysql_cancel *c, MYSQL *my)
{
    bool same = false;
    if (mysql_query(my, "SELECT " GW_MYSQL_SERVER_IDENTITY) != 0)
        return false;
    MYSQL_RES *const rows = mysql_store_result(my);
    if (rows == NULL)
        return false;
    const MYSQL_ROW row = mysql_fetch_row(rows);
    same = row != NULL && row[0] != NULL && c->server != NULL && strcmp(row[0], c->server) == 0;
    mysql_free_result(rows);
    return same;
}

static bool
kill_statement(const gw_mysql_cancel *c)
{
    char text[64];
    MYSQL *my = NULL;
    gw_err ignored = {0};
    gw_mysql_target t = *c->target;
    t.connect_timeout_ms = ANSWER_MS;
    t.database = NULL; /* it may be gone by now */
    if (gw_mysql_dial(&t, ANSWER_MS, &my, &ignored) != GODWIT_OK)
        return false;
    (void)snprintf(text, sizeof(text), "KILL QUERY %lu", c->session);
    const bool done = is_same_server(c, my) && mysql_query(my, text) == 0;
    gw_mysql_hang_up(my);
    return done;
}

static void
shut(const gw_mysql_cancel *c)
{
    if (c->socket >= 0)
        (void)shutdown(c->socket, SHUT_RDWR);
}

void
gw_mysql_cancel_ask(gw_mysql_cancel *c)
{
    pthread_mutex_lock(&c->mutex);
    if (c->busy) {
        if (c->asked_ms == 0)
            c->asked_ms = gw_clock_ms();
        mysql_thread_init();
        /* Again when it was delivered: the server may have heard it before the statement. */
        if (gw_clock_ms() - c->asked_ms < PATIENCE_MS && kill_statement(c))
            c->delivered = true;
        mysql_thread_end();
        if (!c->delivered || gw_clock_ms() - c->asked_ms >= PATIENCE_MS)
            shut(c);
    }
    pthread_mutex_unlock(&c->mutex);
}

void
gw_mysql_cancel_drop(gw_mysql_cancel *c, int64_t ms)
{
    pthread_mutex_lock(&c->mutex);
    if (c->busy && gw_clock_ms() - c->began_ms >= (atomic_load(&c->is_slow) ? ms * SLOW_TIMES : ms))
        shut(c);
    pthread_mutex_unlock(&c->mutex);
}
