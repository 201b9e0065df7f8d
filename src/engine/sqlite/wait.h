/*
 * sqlite/wait - the busy handler: how long a call waits for another connection's lock, and how the wait ends early.
 *
 * One gw_sqlite_wait a connection. Each call begins with gw_sqlite_wait_begin(); a cancel before that does not touch it. The wait
 * naps with growing, random pauses, and after a second says by a notice whom it waits for.
 */
#ifndef GW_SQLITE_WAIT_H
#define GW_SQLITE_WAIT_H

#include <stdatomic.h>

#include "base/interrupt.h"
#include "db/engine.h"

typedef struct gw_sqlite_wait {
    const char *path;
    gw_notice_fn *notice; /* may be NULL */
    void *notice_ctx;
    int64_t limit_ms, began_ms; /* of the current call; began_ms counts only when it had to wait */
    bool writing;               /* this connection has the file locked for writing: only others can be in its way */
    bool told;
    atomic_bool cancelled;
    const gw_interrupt *interrupt; /* while the connection is opened, when nobody can cancel it yet; else NULL */
} gw_sqlite_wait;

void gw_sqlite_wait_begin(gw_sqlite_wait *w, int64_t limit_ms, bool writing);
/* For sqlite3_busy_handler(): 1 to try again, 0 to give up. */
int gw_sqlite_wait_on(void *wait, int attempt);

#endif
