/*
 * workflow/hook - commands that the configuration wants run around a run: each gets the event as JSON on its standard input.
 *
 *     {"event": "on_failure", "target": …, "env": …, "service": …, "direction": "up", "pending": 2,
 *      "migration": {"version": …, "name": …}, "error": {"message": …, …}, "duration_ms": …}
 *
 * An interrupt ends a hook. A before_up that fails stops the run; the others cannot undo anything, so that their failure is only told.
 */
#ifndef GW_WORKFLOW_HOOK_H
#define GW_WORKFLOW_HOOK_H

#include "workflow/call.h"

typedef struct gw_hook_event {
    gw_setting_id hook;       /* GW_SETTING_BEFORE_UP … GW_SETTING_ON_FAILURE */
    const char *direction;    /* "up", "down" */
    const gw_item *migration; /* the one concerned; NULL none */
    size_t pending;           /* to run, or left */
    size_t executed;
    int64_t duration_ms;
    const gw_err *error; /* NULL none */
} gw_hook_event;

/* Nothing when no such hook is configured. */
GW_CHECKED gw_rc gw_hook_run(gw_call *call, const gw_hook_event *event, gw_err *e);
/* The same; a failure is told as a note. */
void gw_hook_tell(gw_call *call, const gw_hook_event *event);

#endif
