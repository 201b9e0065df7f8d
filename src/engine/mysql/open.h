/*
 * engine/mysql/open - opening a connection: one round trip behind the greeting of a server that is as its version says.
 */
#ifndef GW_ENGINE_MYSQL_OPEN_H
#define GW_ENGINE_MYSQL_OPEN_H

#include "db/engine.h"

/* Of the contract. */
GW_CHECKED gw_rc gw_mysql_open(gw_arena *a, const gw_open_params *p, gw_conn **out, gw_err *e);
bool gw_mysql_is_missing_database(const gw_err *e);

#endif
