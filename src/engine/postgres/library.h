/*
 * engine/postgres/library - libpq.so.5, loaded when the first connection is opened.
 *
 * Includes the library's own header; the functions that library.txt names are called through a table.
 */
#ifndef GW_ENGINE_POSTGRES_LIBRARY_H
#define GW_ENGINE_POSTGRES_LIBRARY_H

#include <libpq-fe.h>

#include "base/err.h"
#include "libpq_functions.h"

/* Before any of those functions is called; once is enough, more often is fine, any thread. */
GW_CHECKED gw_rc gw_pg_library_load(gw_err *e);

#endif
