#include "engine/sqlite/path.h"

#include <string.h>

/* Many builds of SQLite read "file:…" as a URI of their own, and ":…" is reserved. */
const char *
gw_sqlite_path(gw_arena *a, const gw_url *url)
{
    const gw_str path = gw_str_of(url->database);
    const bool is_special = gw_str_starts(path, ":") || gw_str_starts(path, "file:");
    return gw_printf(a, "%s%.*s", is_special && !gw_sqlite_path_is_memory(url->database) ? "./" : "", GW_STR_ARG(path));
}

bool
gw_sqlite_path_is_memory(const char *path)
{
    return strcmp(path, ":memory:") == 0;
}
