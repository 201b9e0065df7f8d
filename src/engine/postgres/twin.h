/*
 * engine/postgres/twin - who else runs the same statement. Of other users' sessions not everybody may know what they run.
 */
#ifndef GW_ENGINE_POSTGRES_TWIN_H
#define GW_ENGINE_POSTGRES_TWIN_H

#include "db/engine.h"

/* Of the contract. */
GW_CHECKED gw_rc gw_pg_twin(gw_arena *a, gw_conn *c, gw_str sql, gw_lock_holder *out, gw_err *e);

#endif
