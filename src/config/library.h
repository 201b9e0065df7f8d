/*
 * config/library - libfyaml.so.0, loaded when there is a configuration file to read: most starts have none.
 *
 * Includes the library's own header; the functions that library.txt names are called through a table.
 */
#ifndef GW_CONFIG_LIBRARY_H
#define GW_CONFIG_LIBRARY_H

#include <libfyaml.h>

#include "base/err.h"
#include "libfyaml_functions.h"

/* Before any of those functions is called. GODWIT_USAGE when it cannot be had. */
GW_CHECKED gw_rc gw_config_library_load(gw_err *e);

#endif
