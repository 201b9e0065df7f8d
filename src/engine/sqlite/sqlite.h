/*
 * engine/sqlite - SQLite by libsqlite3. A database is a file, and BEGIN IMMEDIATE is the lock that keeps a second runner out.
 */
#ifndef GW_SQLITE_SQLITE_H
#define GW_SQLITE_SQLITE_H

#include "db/engine.h"

extern const gw_engine gw_sqlite;

#endif
