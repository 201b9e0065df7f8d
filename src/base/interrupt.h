/*
 * base/interrupt - how a signal handler or another thread says "stop" to one that works.
 *
 * One descriptor says it all: it is readable from the first request until it is cleared, so that it can be waited for
 * beside others. Where a function takes one, NULL means that nobody can interrupt.
 */
#ifndef GW_BASE_INTERRUPT_H
#define GW_BASE_INTERRUPT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct gw_interrupt {
    atomic_bool is_asked; /* the same for who only looks, and does so often */
    int fd;               /* -1: the system has no more of them; then nothing is ever asked */
} gw_interrupt;

void gw_interrupt_open(gw_interrupt *i);
void gw_interrupt_close(gw_interrupt *i);
/* Any thread, also a signal handler. */
void gw_interrupt_ask(gw_interrupt *i);
bool gw_interrupt_is_asked(const gw_interrupt *i);
void gw_interrupt_clear(gw_interrupt *i);
/* For poll(); -1, which poll() ignores, when nobody can interrupt. */
int gw_interrupt_fd(const gw_interrupt *i);
/* Until the time is over or somebody asks. */
void gw_interrupt_sleep(const gw_interrupt *i, int64_t ms);

#endif
