/*
 * workflow/watch - ends a statement that takes too long, or that the user no longer wants.
 *
 * A thread of its own, from the first statement on, waits for the interrupt and for deadlines; while a statement is entered it cancels that on the
 * server, again and again until it is left. Outside a statement nothing is cancelled, so that committing, rolling back
 * and unlocking are never hit. But when the time is over they do not wait for ever either, where the way to the server is
 * stalled: what takes 5 s then loses the connection.
 */
#ifndef GW_WORKFLOW_WATCH_H
#define GW_WORKFLOW_WATCH_H

#include "workflow/call.h"

typedef enum gw_deadline {
    GW_DEADLINE_STATEMENT,
    GW_DEADLINE_MIGRATION,
    GW_DEADLINE_RUN,
    GW_DEADLINE__COUNT
} gw_deadline;

typedef struct gw_watch gw_watch;

/* The thread ends with the arena. One that cannot be started is told by the next gw_watch_check(). */
GW_CHECKED gw_rc gw_watch_start(gw_arena *a, const gw_call *call, gw_watch **out, gw_err *e);
/* ms from now; 0: none. */
void gw_watch_deadline(gw_watch *w, gw_deadline deadline, int64_t ms);
/* Connect: that ends when the time is over. The connection is looked after until `a` ends, or what is deferred on `a` later has. */
GW_CHECKED gw_rc gw_watch_open(gw_watch *w, gw_arena *a, const gw_engine *engine, const gw_open_params *p,
                               gw_conn **out, gw_err *e);
/* From here until gw_watch_leave() what the connection executes may be cancelled. Whatever is executed on a connection first is entered: until
 * then nobody watches. */
void gw_watch_enter(gw_watch *w, gw_conn *c);
/* `rc` and `e` are how it ended; of what was cut short, or lost its connection when the time was over, the error becomes the reason.
 * Returns the class. */
GW_CHECKED gw_rc gw_watch_leave(gw_watch *w, gw_rc rc, gw_err *e);
/* GODWIT_INTERRUPTED, or GODWIT_FAILED naming the time-out that has passed. */
GW_CHECKED gw_rc gw_watch_check(gw_watch *w, gw_err *e);
/* For what must be known or given back although the time is over: it is not over for so long. Whatever is executed then loses its
 * connection at once. 0: that is done. */
void gw_watch_extend(gw_watch *w, int64_t ms);

#endif
