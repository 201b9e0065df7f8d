#include "engine/postgres/library.h"

#include <pthread.h>
#include <stddef.h>

#include "base/library.h"

/* Written once, under `once`. */
gw_libpq_functions gw_libpq;
static gw_err failure;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
load(void)
{
    static const char *const names[] = {GW_LIBPQ_NAMES};
    _Static_assert(sizeof(gw_libpq) + sizeof(names[0]) == sizeof(names), "a pointer for each name, and the NULL");
    const gw_library library = {.file = "libpq.so.5", .package = "libpq5", .names = names, .functions = &gw_libpq};
    (void)!gw_library_load(&library, &failure);
}

gw_rc
gw_pg_library_load(gw_err *e)
{
    pthread_once(&once, load);
    if (failure.rc != GODWIT_OK)
        *e = failure;
    return failure.rc;
}
