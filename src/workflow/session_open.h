/*
 * workflow/session_open - a session's connection, with its history and the lock that it holds: made, and made anew.
 */
#ifndef GW_WORKFLOW_SESSION_OPEN_H
#define GW_WORKFLOW_SESSION_OPEN_H

#include "workflow/session.h"

/* Prepare, and connect, with retries as configured. Everything ends with the arena. `records`: gw_session_records() comes next. */
GW_CHECKED gw_rc gw_session_open(gw_arena *a, gw_call *call, gw_access access, bool records, gw_session *out,
                                 gw_err *e);
/* The lock of the history table, as long as the session. */
GW_CHECKED gw_rc gw_session_lock(gw_session *s, gw_err *e);
/* Which lock that is, or would be. */
GW_CHECKED gw_rc gw_session_lock_named(gw_arena *a, const gw_session *s, gw_lock_method *method, const char **key,
                                       gw_err *e);
/* In place of a connection that was lost: a new one, with the lock if it was held. conn is NULL when that fails. `lost` (may be NULL) is
 * how it was lost: somebody who ended the session of a server that still runs did not mean it to come back, so that is the error then. */
GW_CHECKED gw_rc gw_session_reopen(gw_session *s, const gw_err *lost, gw_err *e);

/* A step that may be repeated on a new connection: until it comes through, or no retry gets past its failure. */
typedef gw_rc gw_session_step(void *ctx, gw_err *e);
GW_CHECKED gw_rc gw_session_retry(gw_session *s, gw_session_step *step, void *ctx, gw_err *e);

#endif
