#include "engine/mysql/library.h"

#include <stddef.h>

#include "base/library.h"

#include "base/ban.h"

gw_libmariadb_functions gw_libmariadb;

static const char *const names[] = {GW_LIBMARIADB_NAMES};
_Static_assert(sizeof(gw_libmariadb) + sizeof(names[0]) == sizeof(names), "a pointer for each name, and the NULL");

/* Written once, by base/library. */
static gw_library library = {
    .file = "libmariadb.so.3", .package = "libmariadb3", .names = names, .functions = &gw_libmariadb};

gw_rc
gw_mysql_library_load(gw_err *e)
{
    return gw_library_load(&library, e);
}
