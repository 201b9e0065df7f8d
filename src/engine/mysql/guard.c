#include "engine/mysql/guard.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "base/clock.h"

#include "base/ban.h"

static int
ms_left(const gw_mysql_guard *g)
{
    if (g->until_ms == 0)
        return -1;
    const int64_t left = g->until_ms - gw_clock_ms();
    return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

static void *
guard(void *subject)
{
    gw_mysql_guard *const g = subject;
    for (;;) {
        struct pollfd fds[] = {{.fd = g->wake, .events = POLLIN},
                               {.fd = gw_interrupt_fd(g->interrupt), .events = POLLIN}};
        const int left = ms_left(g);
        const int ready = poll(fds, 2, left);
        if ((ready > 0 && fds[0].revents != 0) || (ready < 0 && errno != EINTR))
            return NULL;
        if ((ready > 0 && fds[1].revents != 0) || (ready == 0 && g->until_ms != 0 && gw_clock_ms() >= g->until_ms)) {
            g->has_shut = true;
            (void)shutdown(g->socket, SHUT_RDWR);
            return NULL;
        }
    }
}

void
gw_mysql_guard_start(gw_mysql_guard *g, int socket, const gw_interrupt *interrupt, int64_t until_ms)
{
    *g = (gw_mysql_guard){.socket = socket, .wake = -1, .interrupt = interrupt, .until_ms = until_ms};
    if (until_ms == 0 && gw_interrupt_fd(interrupt) < 0)
        return;
    g->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    g->is_started = g->wake >= 0 && pthread_create(&g->thread, NULL, guard, g) == 0;
}

bool
gw_mysql_guard_end(gw_mysql_guard *g)
{
    const uint64_t one = 1;
    if (g->is_started) {
        while (write(g->wake, &one, sizeof(one)) < 0 && errno == EINTR)
            ;
        pthread_join(g->thread, NULL);
    }
    if (g->wake >= 0)
        close(g->wake);
    return g->has_shut;
}
