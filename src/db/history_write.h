/*
 * db/history_write - rows of the history table: added, marked, completed; at once, or as steps of a batch.
 *
 * Every write proves that the lock is held, and hits exactly one row: GODWIT_LOCKED otherwise.
 */
#ifndef GW_DB_HISTORY_WRITE_H
#define GW_DB_HISTORY_WRITE_H

#include "db/history.h"

/* What a mark says beside how many statements are kept. */
typedef struct gw_mark {
    size_t done;
    const char *fingerprint;
    const char *
        states; /* expressions in SQL, comma-separated, whose texts the server appends to it, with commas; NULL: none */
} gw_mark;

/* The three that write: with a lease in the transaction that is open, behind its fence, or in one of their own. Transient: nothing was
 * written. */

/* Insert; *id (may be NULL) becomes the row's. r->id is not read. */
GW_CHECKED gw_rc gw_history_add(const gw_history *h, const gw_record *r, const char *states, int64_t *id, gw_err *e);
GW_CHECKED gw_rc gw_history_mark(const gw_history *h, int64_t id, const gw_mark *mark, gw_err *e);
/* Complete the row r->id: state, done, fingerprint, finished_at, duration_ms, error. */
GW_CHECKED gw_rc gw_history_end(const gw_history *h, const gw_record *r, gw_err *e);

/* The same as steps of a batch (GW_CAP_BATCH); not with a lease, whose fence has to be looked at. Texts and parameters live in a. */
gw_op gw_history_op_add(gw_arena *a, const gw_history *h, const gw_record *r, const char *states);
gw_op gw_history_op_mark(gw_arena *a, const gw_history *h, const gw_mark *mark);
gw_op gw_history_op_end(gw_arena *a, const gw_history *h, const gw_record *r);
/* After a step of a batch failed: GODWIT_LOCKED when that is because the lock is gone; otherwise *e stays what it is. */
GW_CHECKED gw_rc gw_history_explain(const gw_history *h, gw_err *e);

#endif
