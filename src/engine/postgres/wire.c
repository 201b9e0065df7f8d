#include "engine/postgres/wire.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"

enum { CANCEL_AGAIN_MS = 1000, PATIENCE_MS = 5000, READS_MOST = 10000 };

/* ---- other threads ---- */

static void
wake(gw_pg *c)
{
    const uint64_t one = 1;
    const int keep = errno;
    atomic_store(&c->is_woken, true);
    while (write(c->wake, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
    errno = keep;
}

void
gw_pg_cancel(gw_conn *conn)
{
    gw_pg *const c = gw_pg_of(conn);
    atomic_store(&c->is_cancelled, true);
    wake(c);
}

void
gw_pg_drop(gw_conn *conn, int64_t ms)
{
    gw_pg *const c = gw_pg_of(conn);
    atomic_store(&c->drop_ms, ms);
    wake(c);
}

/* ---- what they want ---- */

static bool
take_wake(const gw_pg *c)
{
    uint64_t count;
    return read(c->wake, &count, sizeof(count)) == (ssize_t)sizeof(count);
}

/* Ends the reads that libpq would wait in. */
static void
shut(const gw_pg *c)
{
    (void)shutdown(PQsocket(c->link), SHUT_RDWR);
}

/* What had arrived is read up to the end, so that libpq knows of it. */
static void
give_up(gw_pg *c)
{
    c->gave_up = true;
    shut(c);
    for (int i = 0; i < READS_MOST && PQstatus(c->link) == CONNECTION_OK && PQconsumeInput(c->link) != 0; i++)
        ;
}

/* One that is still under way could hit the next statement: then there is none. */
static void
await_request(gw_pg *c)
{
    if (c->request != NULL && !gw_pg_request_end(c->request, c->cancel_until_ms))
        shut(c);
    c->request = NULL;
}

void
gw_pg_wire_clear(gw_pg *c)
{
    await_request(c);
    if (atomic_load(&c->is_woken)) {
        atomic_store(&c->is_woken, false); /* first: whoever writes between the two is taken for a later one */
        (void)take_wake(c);
        atomic_store(&c->is_cancelled, false);
        atomic_store(&c->drop_ms, -1);
    }
    c->cancelling = false;
    c->gave_up = false;
    c->cancel_next_ms = 0;
    c->began_ms = gw_clock_ms();
}

/* Somebody called cancel(). A request that gets lost is repeated when the caller repeats his. */
static void
ask_to_cancel(gw_pg *c)
{
    const int64_t now = gw_clock_ms();
    if (!c->cancelling)
        c->cancel_until_ms = now + PATIENCE_MS;
    c->cancelling = true;
    if (now < c->cancel_next_ms || (c->request != NULL && !gw_pg_request_is_over(c->request)))
        return;
    if (c->request != NULL)
        (void)gw_pg_request_end(c->request, 0);
    c->request = gw_pg_request_start(c->link);
    c->cancel_next_ms = now + CANCEL_AGAIN_MS;
}

/* ---- waiting ---- */

static int64_t
earlier(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

/* The earliest of the caller's end, the opening's and our patience; -1: none. */
static int
ms_left(const gw_pg *c, int64_t until_ms)
{
    const int64_t end = earlier(earlier(until_ms, c->until_ms), c->cancelling ? c->cancel_until_ms : 0);
    if (end == 0)
        return -1;
    const int64_t left = end - gw_clock_ms();
    return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

static bool
is_out_of_patience(const gw_pg *c)
{
    const int64_t now = gw_clock_ms();
    return (c->cancelling && now >= c->cancel_until_ms) || (c->until_ms != 0 && now >= c->until_ms);
}

/* Whether to go on with waiting. */
static bool
hear_others(gw_pg *c)
{
    if (!take_wake(c))
        return true;
    const long long drop_ms = atomic_exchange(&c->drop_ms, -1);
    if (atomic_exchange(&c->is_cancelled, false))
        ask_to_cancel(c);
    return drop_ms < 0 || gw_clock_ms() - c->began_ms < drop_ms;
}

short
gw_pg_wire_wait(gw_pg *c, short events, int64_t until_ms)
{
    enum { SERVER, WAKE, INTERRUPT, COUNT };
    while (!c->gave_up) {
        struct pollfd fds[COUNT] = {
            [SERVER] = {.fd = PQsocket(c->link), .events = events},
            [WAKE] = {.fd = c->wake, .events = POLLIN},
            [INTERRUPT] = {.fd = gw_interrupt_fd(c->interrupt), .events = POLLIN},
        };
        const int left = ms_left(c, until_ms);
        const int ready = poll(fds, COUNT, left);
        if (ready < 0 && errno != EINTR)
            return 0;
        const bool is_wanted = ready <= 0 || fds[WAKE].revents == 0 || hear_others(c);
        if (ready > 0 && fds[SERVER].revents != 0)
            return (fds[SERVER].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0 ? events : fds[SERVER].revents;
        if (!is_wanted || (ready > 0 && fds[INTERRUPT].revents != 0) || (left == 0 && is_out_of_patience(c)))
            give_up(c);
        else if (left == 0)
            return 0;
    }
    return 0;
}

/* Reading while we write: the server may not take more before it is rid of what it has to say. */
void
gw_pg_wire_flush(gw_pg *c)
{
    while (PQflush(c->link) == 1) {
        const short ready = gw_pg_wire_wait(c, POLLIN | POLLOUT, 0);
        if (ready == 0 || ((ready & POLLIN) != 0 && PQconsumeInput(c->link) == 0))
            return;
    }
}

PGresult *
gw_pg_wire_next(gw_pg *c)
{
    while (PQisBusy(c->link) != 0)
        if (gw_pg_wire_wait(c, POLLIN, 0) == 0 || PQconsumeInput(c->link) == 0)
            break; /* lost: the result says how */
    return PQgetResult(c->link);
}

void
gw_pg_wire_drain(gw_pg *c)
{
    for (;;) {
        char *row = NULL;
        const int got = PQgetCopyData(c->link, &row, 1);
        if (got < 0)
            return;
        if (got > 0)
            PQfreemem(row);
        else if (gw_pg_wire_wait(c, POLLIN, 0) == 0 || PQconsumeInput(c->link) == 0)
            return;
    }
}
