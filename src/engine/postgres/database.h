/*
 * engine/postgres/database - the database itself: there, made, dropped. By a maintenance connection.
 */
#ifndef GW_ENGINE_POSTGRES_DATABASE_H
#define GW_ENGINE_POSTGRES_DATABASE_H

#include "db/engine.h"

/* Of the contract. A URL without a database means the one that libpq would choose. */
GW_CHECKED gw_rc gw_pg_database_exists(gw_conn *c, const gw_url *url, bool *exists, gw_err *e);
GW_CHECKED gw_rc gw_pg_database_create(gw_conn *c, const gw_url *url, gw_err *e);
GW_CHECKED gw_rc gw_pg_database_drop(gw_conn *c, const gw_url *url, gw_err *e);

#endif
