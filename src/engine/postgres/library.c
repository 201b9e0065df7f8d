#include "engine/postgres/library.h"

#include <stddef.h>

#include "base/library.h"

gw_libpq_functions gw_libpq;

static const char *const names[] = {GW_LIBPQ_NAMES};
_Static_assert(sizeof(gw_libpq) + sizeof(names[0]) == sizeof(names), "a pointer for each name, and the NULL");

/* Written once, by base/library. */
static gw_library library = {.file = "libpq.so.5", .package = "libpq5", .names = names, .functions = &gw_libpq};

gw_rc
gw_pg_library_load(gw_err *e)
{
    return gw_library_load(&library, e);
}
