/*
 * base/future - work in a thread of its own, whose end one may wait for or not.
 *
 * For what nobody can stop, as a library that dials. It has two owners, the thread and the one who waits: whoever is the last to need it
 * frees it.
 */
#ifndef GW_BASE_FUTURE_H
#define GW_BASE_FUTURE_H

#include "base/arena.h"
#include "base/interrupt.h"

typedef struct gw_future gw_future;
/* What is to be done; its subject is of the thread alone until that is over. */
typedef void gw_future_fn(void *subject);

/* `a` is the future's from now on, and ends with it; the subject lives there, and what is deferred there is undone by whichever owner is the last.
 * NULL: the system has no thread or descriptor for it, and a is gone already. */
gw_future *gw_future_start(gw_arena *a, gw_future_fn *work, void *subject);
bool gw_future_is_over(const gw_future *f);
/* Waits until it is over, at most until until_ms (gw_clock_ms()) or until somebody asks `interrupt` (may be NULL). True: it is over, its
 * thread has ended, and the subject may be read until gw_future_free(). False: nobody waits any longer, and f is the thread's alone. */
bool gw_future_end(gw_future *f, int64_t until_ms, const gw_interrupt *interrupt);
/* Of one that is over. */
void gw_future_free(gw_future *f);
/* Does a thread go on that nobody waits for? Then a process ends by _exit(): exit() would take from it what it works with, as the tables of
 * OpenSSL. */
bool gw_future_is_any_left(void);

#endif
