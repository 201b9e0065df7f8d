/*
 * engine/mysql - MariaDB 10.6 and MySQL 8 and newer, by libmariadb: the engine contract (db/engine.h) as a const
 * table.
 *
 * One DDL statement is atomic and commits by itself. The lock is GET_LOCK on the connection that executes. A schema
 * and a database are the same thing here. libmariadb's own option files ([client], [client-server], [client-mariadb],
 * [godwit]) and environment keep working: what the URL does not say is left to them.
 */
#ifndef GW_ENGINE_MYSQL_ENGINE_H
#define GW_ENGINE_MYSQL_ENGINE_H

#include "db/engine.h"

extern const gw_engine gw_mysql;

#endif
