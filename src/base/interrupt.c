#include "base/interrupt.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

void
gw_interrupt_open(gw_interrupt *i)
{
    atomic_init(&i->is_asked, false);
    i->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

void
gw_interrupt_close(gw_interrupt *i)
{
    if (i->fd >= 0)
        (void)close(i->fd);
    i->fd = -1;
}

/* Only what a signal handler may do. That it is full already is fine: it is readable then. */
void
gw_interrupt_ask(gw_interrupt *i)
{
    const int kept = errno;
    const uint64_t one = 1;
    atomic_store(&i->is_asked, true);
    while (write(i->fd, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
    errno = kept;
}

int
gw_interrupt_fd(const gw_interrupt *i)
{
    return i == NULL ? -1 : i->fd;
}

bool
gw_interrupt_is_asked(const gw_interrupt *i)
{
    return i != NULL && atomic_load(&i->is_asked);
}

/* A request that comes meanwhile is not lost: it stays asked. */
void
gw_interrupt_clear(gw_interrupt *i)
{
    uint64_t count;
    atomic_store(&i->is_asked, false);
    while (read(i->fd, &count, sizeof(count)) < 0 && errno == EINTR)
        ;
}

void
gw_interrupt_sleep(const gw_interrupt *i, int64_t ms)
{
    const int64_t until = gw_clock_ms() + ms;
    for (int64_t left = ms; left > 0 && !gw_interrupt_is_asked(i); left = until - gw_clock_ms()) {
        struct pollfd asked = {.fd = gw_interrupt_fd(i), .events = POLLIN};
        if (poll(&asked, 1, left > INT_MAX ? INT_MAX : (int)left) > 0)
            return;
    }
}
