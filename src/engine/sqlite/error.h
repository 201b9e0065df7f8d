/*
 * sqlite/error - the one place where SQLite's failures become a gw_err.
 */
#ifndef GW_SQLITE_ERROR_H
#define GW_SQLITE_ERROR_H

#include "engine/sqlite/connection.h"

/* The newest failure of the connection: SQLite's text, the extended result code as e->code, the place when SQLite tells it. */
GW_CHECKED gw_rc gw_sqlite_fail(gw_sqlite_conn *c, gw_err *e);
/* The database file is locked by someone else: GODWIT_LOCKED, naming who. */
GW_CHECKED gw_rc gw_sqlite_fail_locked(const char *path, gw_err *e);
/* This process keeps itself out: the file is attached once more as `name`. */
gw_rc gw_sqlite_fail_twin(const gw_sqlite_conn *c, const char *name, gw_err *e);
/* The group of transactions was rolled back: transient. */
GW_CHECKED gw_rc gw_sqlite_fail_lost(gw_err *e);
/* A failure of ours with the code that SQLite would give. */
gw_rc gw_sqlite_refuse(gw_err *e, gw_rc rc, int code, const char *format, ...) GW_PRINTF(4, 5);

#endif
