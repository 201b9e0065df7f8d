/*
 * sqlite/open - from a URL to a connection.
 *
 *     sqlite:app.db   sqlite:///srv/app.db?mode=ro   sqlite::memory:
 *
 * Opening never creates the file. mode=ro opens for reading; mode=rw and mode=rwc are one, since the caller decides about creating.
 */
#ifndef GW_SQLITE_OPEN_H
#define GW_SQLITE_OPEN_H

#include "engine/sqlite/connection.h"

/* All but the engine, which the table itself fills in. */
GW_CHECKED gw_rc gw_sqlite_open(gw_arena *a, const gw_open_params *p, gw_conn **out, gw_err *e);
bool gw_sqlite_is_missing(const gw_err *e);

#endif
