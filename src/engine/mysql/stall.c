#include "engine/mysql/stall.h"

#include <errno.h>
#include <ma_pvio.h>
#include <poll.h>

#include "base/clock.h"

#include "base/ban.h"

enum { FIRST_LOOK_MS = 100, LONGEST_MS = 5000, ON_ITS_WAY_MS = 200, SOON_MS = 1000 };

/* Within `ms`: an answer, a part of one, or the end of the connection. */
static bool
can_read(const MYSQL *my, const gw_mysql_cancel *cancel, int ms)
{
    const MARIADB_PVIO *const io = my->net.pvio;
    struct pollfd fd = {.fd = cancel->socket, .events = POLLIN};
    if (io == NULL || (io->cache != NULL && io->cache_pos < io->cache + io->cache_size))
        return true;
    int n;
    do
        n = poll(&fd, 1, ms);
    while (n < 0 && errno == EINTR);
    return n != 0;
}

static bool
is_idle(const gw_mysql_target *target, const gw_mysql_cancel *cancel, int64_t until_ms)
{
    bool yes = false;
    gw_mysql_request *const r = gw_mysql_request_start(GW_MYSQL_IDLE, target, cancel->server, cancel->session);
    return r != NULL && gw_mysql_request_end(r, until_ms, &yes) && yes;
}

bool
gw_mysql_stall_wait(MYSQL *my, const gw_mysql_target *target, gw_mysql_cancel *cancel)
{
    const int64_t until_ms = gw_mysql_cancel_until(cancel);
    for (int ms = FIRST_LOOK_MS;; ms = ms < LONGEST_MS / 2 ? 2 * ms : LONGEST_MS) {
        if (can_read(my, cancel, ms))
            return false;
        const int64_t soon_ms = gw_clock_ms() + SOON_MS;
        if (is_idle(target, cancel, until_ms > soon_ms ? until_ms : soon_ms) && !can_read(my, cancel, ON_ITS_WAY_MS)) {
            my->server_status &= (unsigned)~SERVER_MORE_RESULTS_EXIST;
            my->status = MYSQL_STATUS_READY;
            return true;
        }
    }
}
