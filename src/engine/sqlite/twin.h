/*
 * sqlite/twin - the connection's own file, attached to it once more: SQLite then waits for itself.
 */
#ifndef GW_SQLITE_TWIN_H
#define GW_SQLITE_TWIN_H

#include "engine/sqlite/connection.h"

/* The name under which it is attached; NULL: it is not. */
const char *gw_sqlite_twin(gw_arena *a, gw_sqlite_conn *c);

#endif
