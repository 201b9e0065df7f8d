/*
 * sqlite/transaction - transactions, and groups of them: many under one commit.
 *
 * BEGIN IMMEDIATE keeps a second runner out: a deferred BEGIN, the user's own too, would let it decide on what the first is
 * about to change. A group is one such transaction, and what begins within it is a savepoint: thousands of migrations wait for
 * the disk once. A statement may end the whole transaction by itself (INSERT OR ROLLBACK, RAISE(ROLLBACK), a full disk, an
 * interrupted change). Then the group is lost with all that was in it: nothing is executed any more, so that nothing of it is kept
 * alone, until group_end() or group_drop(). Everything but these two says so.
 */
#ifndef GW_SQLITE_TRANSACTION_H
#define GW_SQLITE_TRANSACTION_H

#include "engine/sqlite/connection.h"

/* gw_engine's functions of these names. Within a group `own` makes no difference: it is locked for writing already. */
GW_CHECKED gw_rc gw_sqlite_begin(gw_conn *conn, gw_str own, gw_err *e);
/* Within a group, too, a broken reference that SQLite checks at the end is found here, not at the end of the group. */
GW_CHECKED gw_rc gw_sqlite_commit(gw_conn *conn, gw_err *e);
void gw_sqlite_rollback(gw_conn *conn);
bool gw_sqlite_in_transaction(gw_conn *conn);
GW_CHECKED gw_rc gw_sqlite_group_begin(gw_conn *conn, bool *untouched, gw_err *e);
/* One that is still open is rolled back. A lost group: transient, SQLITE_ABORT_ROLLBACK. */
GW_CHECKED gw_rc gw_sqlite_group_end(gw_conn *conn, gw_err *e);
void gw_sqlite_group_drop(gw_conn *conn);

#endif
