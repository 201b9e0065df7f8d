/*
 * sqlite/kept - prepared statements that are used again: godwit's own texts with parameters, and its savepoints.
 *
 * Taken out while one is in use, so that a query within a query finds another or none. SQLite itself prepares a kept
 * statement again when the schema has changed since. Never for PRAGMAs, some of which act while they are prepared.
 */
#ifndef GW_SQLITE_KEPT_H
#define GW_SQLITE_KEPT_H

#include "base/str.h"
#include "engine/sqlite/library.h"

enum { GW_SQLITE_KEPT = 8 };

typedef struct gw_sqlite_kept {
    sqlite3_stmt *at[GW_SQLITE_KEPT]; /* NULL: free */
    unsigned oldest;
} gw_sqlite_kept;

sqlite3_stmt *gw_sqlite_kept_take(gw_sqlite_kept *k, gw_str sql); /* NULL: there is none */
void gw_sqlite_kept_put(gw_sqlite_kept *k, sqlite3_stmt *stmt);   /* NULL is fine */
/* Before the connection is closed. */
void gw_sqlite_kept_end(gw_sqlite_kept *k);

#endif
