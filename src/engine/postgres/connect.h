/*
 * engine/postgres/connect - a connection: made within a time, asked what it is, closed with its arena.
 */
#ifndef GW_ENGINE_POSTGRES_CONNECT_H
#define GW_ENGINE_POSTGRES_CONNECT_H

#include "db/engine.h"

/* Of the contract. */
GW_CHECKED gw_rc gw_pg_open(gw_arena *a, const gw_open_params *p, gw_conn **out, gw_err *e);
bool gw_pg_is_missing_database(const gw_err *e);

#endif
