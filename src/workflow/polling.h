/*
 * workflow/polling - waiting for what only somebody else can end: ask, say who is in the way, sleep, ask again.
 */
#ifndef GW_WORKFLOW_POLLING_H
#define GW_WORKFLOW_POLLING_H

#include "workflow/session.h"

/* One question. *in_the_way is a sentence that says whom we wait for, on `a`; NULL: nobody, and the wait is over. */
typedef gw_rc gw_poll_fn(gw_arena *a, void *ctx, const char **in_the_way, gw_err *e);

/* Until nobody is in the way. GODWIT_LOCKED, with the last sentence as its message, when lock_wait is over. */
GW_CHECKED gw_rc gw_poll(gw_session *s, gw_poll_fn *ask, void *ctx, gw_err *e);

#endif
