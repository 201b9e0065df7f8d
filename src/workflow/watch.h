/*
 * workflow/watch - ends a statement that takes too long, or that the user no longer wants.
 *
 * A thread of its own waits for the interrupt and for deadlines; while a statement is entered it cancels that on the
 * server, again and again until it is left. Outside a statement nothing is cancelled, so that committing, rolling back
 * and unlocking are never hit.
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

/* The thread ends with the arena. */
GW_CHECKED gw_rc gw_watch_start(gw_arena *a, const gw_call *call, gw_watch **out, gw_err *e);
/* ms from now; 0: none. */
void gw_watch_deadline(gw_watch *w, gw_deadline deadline, int64_t ms);
/* From here until gw_watch_leave() what the connection executes may be cancelled. */
void gw_watch_enter(gw_watch *w, gw_conn *c);
/* `rc` and `e` are how it ended; of what was cut short the error becomes the reason. Returns the class. */
GW_CHECKED gw_rc gw_watch_leave(gw_watch *w, gw_rc rc, gw_err *e);
/* GODWIT_INTERRUPTED, or GODWIT_FAILED naming the time-out that has passed. */
GW_CHECKED gw_rc gw_watch_check(gw_watch *w, gw_err *e);

#endif
