/*
 * engine/mysql/database - the database itself: is it there, create it, drop it. On a connection without a database.
 */
#ifndef GW_ENGINE_MYSQL_DATABASE_H
#define GW_ENGINE_MYSQL_DATABASE_H

#include "db/engine.h"

GW_CHECKED gw_rc gw_mysql_database_exists(gw_conn *c, const gw_url *url, bool *exists, gw_err *e);
GW_CHECKED gw_rc gw_mysql_database_create(gw_conn *c, const gw_url *url, gw_err *e);
GW_CHECKED gw_rc gw_mysql_database_drop(gw_conn *c, const gw_url *url, gw_err *e);

#endif
