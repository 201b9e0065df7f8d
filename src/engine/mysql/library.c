#include "engine/mysql/library.h"

#include <pthread.h>
#include <stddef.h>

#include "base/library.h"

#include "base/ban.h"

/* Written once, under `once`. */
gw_libmariadb_functions gw_libmariadb;
static gw_err failure;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
load(void)
{
    static const char *const names[] = {GW_LIBMARIADB_NAMES};
    _Static_assert(sizeof(gw_libmariadb) + sizeof(names[0]) == sizeof(names), "a pointer for each name, and the NULL");
    const gw_library library = {
        .file = "libmariadb.so.3", .package = "libmariadb3", .names = names, .functions = &gw_libmariadb};
    (void)!gw_library_load(&library, &failure);
}

gw_rc
gw_mysql_library_load(gw_err *e)
{
    pthread_once(&once, load);
    if (failure.rc != GODWIT_OK)
        *e = failure;
    return failure.rc;
}
