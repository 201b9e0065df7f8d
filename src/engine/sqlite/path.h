/*
 * sqlite/path - the database's file, as its URL names it.
 */
#ifndef GW_SQLITE_PATH_H
#define GW_SQLITE_PATH_H

#include "base/arena.h"
#include "config/url.h"

/* The URL's path, written so that SQLite takes it for nothing but a path. */
const char *gw_sqlite_path(gw_arena *a, const gw_url *url);
bool gw_sqlite_path_is_memory(const char *path);

#endif
