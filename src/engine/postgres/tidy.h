/*
 * engine/postgres/tidy - what a statement that ran CONCURRENTLY left behind when it failed or its runner died.
 *
 *   CREATE INDEX    its INVALID index is dropped, also when the server chose its name; with IF NOT EXISTS it would be kept, of no use
 *   REINDEX         the INVALID indexes that it made beside the real ones, …_ccnew and …_ccold, are dropped
 *   DETACH          a partition that is half detached is detached for good
 *
 * DROP INDEX leaves nothing that it could not drop when it runs again. An index is dropped only when it is INVALID and nobody works on its
 * table so that he could be building it: otherwise the error is GODWIT_FAILED, transient, and names him. Drops are CONCURRENTLY
 * too: they wait for transactions that use the table, as long as the lock time-out of the session lets them.
 */
#ifndef GW_ENGINE_POSTGRES_TIDY_H
#define GW_ENGINE_POSTGRES_TIDY_H

#include "db/engine.h"

/* Of the contract. */
GW_CHECKED gw_rc gw_pg_tidy(gw_conn *c, gw_str sql, bool *completed, gw_err *e);

#endif
