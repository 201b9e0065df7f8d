/*
 * engine/mysql/twin - who else runs the same statement. On a cluster each node tells of its own sessions.
 */
#ifndef GW_ENGINE_MYSQL_TWIN_H
#define GW_ENGINE_MYSQL_TWIN_H

#include "db/engine.h"

/* Of the contract. */
GW_CHECKED gw_rc gw_mysql_twin(gw_arena *a, gw_conn *c, gw_str sql, gw_lock_holder *out, gw_err *e);

#endif
