/*
 * engine/postgres/blocker - in whose way a statement stands in line: the sessions and prepared transactions that a session waits for.
 *
 * As pg_blocking_pids() has it, which also counts those that stand in line before us. What they run is told where this user may know.
 */
#ifndef GW_ENGINE_POSTGRES_BLOCKER_H
#define GW_ENGINE_POSTGRES_BLOCKER_H

#include "db/engine.h"

/* Of the contract. */
GW_CHECKED gw_rc gw_pg_blockers(gw_arena *a, gw_conn *c, int64_t session, gw_blockers *out, gw_err *e);

#endif
