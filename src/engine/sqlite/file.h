/*
 * sqlite/file - the database as a file: whether it is there, creating and deleting it.
 *
 * Nothing but an SQLite database is ever deleted, and none that someone uses.
 */
#ifndef GW_SQLITE_FILE_H
#define GW_SQLITE_FILE_H

#include "db/engine.h"

/* gw_engine.database_…; c is NULL. A database in memory is always there. */
GW_CHECKED gw_rc gw_sqlite_file_exists(gw_conn *c, const gw_url *url, bool *exists, gw_err *e);
GW_CHECKED gw_rc gw_sqlite_file_create(gw_conn *c, const gw_url *url, gw_err *e);
GW_CHECKED gw_rc gw_sqlite_file_drop(gw_conn *c, const gw_url *url, gw_err *e);

#endif
