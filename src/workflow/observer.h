/*
 * workflow/observer - while a statement waits for a lock: who holds it, since when, with which query.
 *
 * A thread of its own looks on a second connection, that it makes when a statement has taken half a second, and tells by events. What it
 * cannot find out it does not tell: it never makes a run fail.
 */
#ifndef GW_WORKFLOW_OBSERVER_H
#define GW_WORKFLOW_OBSERVER_H

#include "workflow/call.h"

typedef struct gw_observer gw_observer;

/* `open`: how the run connects. *out is NULL where the engine cannot tell; it ends with the arena. */
GW_CHECKED gw_rc gw_observer_start(gw_arena *a, const gw_call *call, const gw_engine *engine,
                                   const gw_open_params *open, gw_observer **out, gw_err *e);
/* From here until gw_observer_leave() this session of the server executes a statement. NULL is fine. */
void gw_observer_enter(gw_observer *o, int64_t session);
void gw_observer_leave(gw_observer *o);
/* Whom the newest statement waited for, as "pid 4711 (app@…) since …: SELECT …"; NULL: nobody that we saw. */
const char *gw_observer_seen(gw_arena *a, gw_observer *o);

#endif
