#include "engine/sqlite/library.h"

#include <stddef.h>

#include "base/library.h"

gw_libsqlite_functions gw_libsqlite;

static const char *const names[] = {GW_LIBSQLITE_NAMES};
_Static_assert(sizeof(gw_libsqlite) + sizeof(names[0]) == sizeof(names), "a pointer for each name, and the NULL");

/* Written once, by base/library. */
static gw_library library = {.file = "libsqlite3.so.0",
                             .package = "libsqlite3-0",
                             .names = names,
                             .functions = &gw_libsqlite,
                             .linked = &gw_libsqlite_linked};

gw_rc
gw_sqlite_library_load(bool owns_process, gw_err *e)
{
    GW_TRY(gw_library_load(&library, e));
    if (owns_process)
        (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* refused once the library is in use */
    return GODWIT_OK;
}
