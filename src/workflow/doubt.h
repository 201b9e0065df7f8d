/*
 * workflow/doubt - a connection that was lost during a commit, or a cancel that came late: nobody knows whether it happened, so the history
 * is asked.
 *
 * A new connection takes the lock before it reads: the server gives it only when the lost session has ended, and with it
 * the commit. Engines without a session lock work on files, which cannot hang up. Is the time of the run over, it looks once and
 * shortly, without the lock: then only what it sees is certain.
 */
#ifndef GW_WORKFLOW_DOUBT_H
#define GW_WORKFLOW_DOUBT_H

#include "workflow/session.h"

typedef struct gw_doubt {
    const gw_record *after; /* the newest row of its version if the commit happened: version, state, done, run_id */
    int64_t before;         /* the id of the newest row if it did not; 0: none */
} gw_doubt;

/* `lost` is how the commit failed. GODWIT_OK: it happened, and the session goes on with a new connection. Otherwise
 * *settled tells whether the error knows: true, it did not happen, and the new connection may record that. */
GW_CHECKED gw_rc gw_doubt_settle(gw_session *s, const gw_doubt *doubt, const gw_err *lost, bool *settled, gw_err *e);

/* What the history says of a version. A cancel that came late may hit the question in place of what it was meant for: it is asked again then. */
GW_CHECKED gw_rc gw_doubt_newest(gw_arena *a, const gw_session *s, const char *version, gw_record *out, bool *found,
                                 gw_err *e);

/* The time is over, and something must still be known: a new connection, without the lock, so that nothing can be written. All that
 * comes until gw_watch_extend(watch, 0), which the caller owes in any case, has 5 s. What the history does not show may still come, as
 * long as the server believes in the old session. */
GW_CHECKED gw_rc gw_doubt_look(gw_session *s, gw_err *e);

#endif
