/*
 * workflow/doubt - a connection that was lost during a commit: nobody knows whether it happened, so the history is asked.
 *
 * A new connection takes the lock before it reads: the server gives it only when the lost session has ended, and with it
 * the commit. Engines without a session lock work on files, which cannot hang up.
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

#endif
