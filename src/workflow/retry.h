/*
 * workflow/retry - whether what failed is tried again, and when.
 *
 * Only what is transient, and kept nothing. A deadlock, a lost connection and the like are tried again as often as `retries` says, with
 * a wait that doubles. A wait for a lock is another matter: a statement that queues for a table holds up whoever comes behind it. So
 * lock_timeout is spent in several short queues with pauses between them, in which the transaction holds nothing.
 */
#ifndef GW_WORKFLOW_RETRY_H
#define GW_WORKFLOW_RETRY_H

#include "workflow/session.h"

typedef struct gw_retry {
    const gw_session *session;
    int64_t lock_timeout_ms; /* of what is tried, all together; 0: none */
    size_t tries;            /* so far */
    int64_t queued_ms;       /* for locks, pauses included */
} gw_retry;

/* How long one attempt may queue of a lock_timeout. */
int64_t gw_retry_queue_ms(int64_t lock_timeout_ms);
/* Wait, and say why, if `failure` is worth another try: *again. GODWIT_INTERRUPTED, or a time-out that passed meanwhile. */
GW_CHECKED gw_rc gw_retry_wait(gw_retry *r, const gw_err *failure, bool *again, gw_err *e);

/* So long, or until the time is over or somebody interrupts: that is the error then. */
GW_CHECKED gw_rc gw_retry_sleep(const gw_session *s, int64_t ms, gw_err *e);

#endif
