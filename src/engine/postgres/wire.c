#include "engine/postgres/wire.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"

enum { CANCEL_AGAIN_MS = 1000, CANCEL_PATIENCE_MS = 30000 };

void
gw_pg_cancel(gw_conn *conn)
{
    const gw_pg *const c = gw_pg_of(conn);
    const uint64_t one = 1;
    const int keep = errno;
    while (write(c->wake, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
    errno = keep;
}

static bool
take_wake(const gw_pg *c)
{
    uint64_t count;
    return read(c->wake, &count, sizeof(count)) == (ssize_t)sizeof(count);
}

void
gw_pg_wire_clear(gw_pg *c)
{
    (void)take_wake(c);
    c->cancelling = false;
    c->gave_up = false;
    c->cancel_next_ms = 0;
}

/* Somebody called cancel(). A request that gets lost is repeated when the caller repeats his. */
static void
ask_to_cancel(gw_pg *c)
{
    const int64_t now = gw_clock_ms();
    if (!c->cancelling)
        c->cancel_until_ms = now + CANCEL_PATIENCE_MS;
    c->cancelling = true;
    if (c->cancel_handle == NULL || now < c->cancel_next_ms)
        return;
    char why[256];
    (void)PQcancel(c->cancel_handle, why, sizeof(why));
    c->cancel_next_ms = now + CANCEL_AGAIN_MS;
}

/* Ends the reads that libpq would wait in. */
static void
give_up(gw_pg *c)
{
    c->gave_up = true;
    (void)shutdown(PQsocket(c->link), SHUT_RDWR);
}

/* The earlier of the caller's end and our patience; -1: none. */
static int
ms_left(const gw_pg *c, int64_t until_ms)
{
    int64_t end = until_ms;
    if (c->cancelling && (end == 0 || c->cancel_until_ms < end))
        end = c->cancel_until_ms;
    if (end == 0)
        return -1;
    const int64_t left = end - gw_clock_ms();
    return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

short
gw_pg_wire_wait(gw_pg *c, short events, int64_t until_ms)
{
    for (;;) {
        struct pollfd fds[2] = {{.fd = PQsocket(c->link), .events = events}, {.fd = c->wake, .events = POLLIN}};
        const int left = ms_left(c, until_ms);
        const int ready = poll(fds, 2, left);
        if (ready < 0 && errno != EINTR)
            return 0;
        if (ready > 0 && (fds[1].revents & POLLIN) != 0 && take_wake(c))
            ask_to_cancel(c);
        if (ready > 0 && fds[0].revents != 0)
            return (fds[0].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0 ? events : fds[0].revents;
        if (left != 0)
            continue;
        if (c->cancelling && gw_clock_ms() >= c->cancel_until_ms)
            give_up(c);
        return 0;
    }
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
