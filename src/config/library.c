#include "config/library.h"

#include <stddef.h>

#include "base/library.h"

gw_libfyaml_functions gw_libfyaml;

static const char *const names[] = {GW_LIBFYAML_NAMES};
_Static_assert(sizeof(gw_libfyaml) + sizeof(names[0]) == sizeof(names), "a pointer for each name, and the NULL");

/* Written once, by base/library. */
static gw_library library = {
    .file = "libfyaml.so.0", .package = "libfyaml0", .names = names, .functions = &gw_libfyaml};

gw_rc
gw_config_library_load(gw_err *e)
{
    if (gw_library_load(&library, e) != GODWIT_OK)
        e->rc = GODWIT_USAGE; /* no connection is at fault */
    return e->rc;
}
