/*
 * engine/sqlite/library - libsqlite3.so.0, loaded when the first database is opened.
 *
 * Includes the library's own header; the functions that library.txt names are called through a table.
 */
#ifndef GW_ENGINE_SQLITE_LIBRARY_H
#define GW_ENGINE_SQLITE_LIBRARY_H

#include <sqlite3.h>

#include "base/err.h"
#include "libsqlite_functions.h"

/* Before any of those functions is called; once is enough, more often is fine, any thread. Where nobody else uses the library it need not
 * keep count of its memory, which is a tenth of its work. */
GW_CHECKED gw_rc gw_sqlite_library_load(bool owns_process, gw_err *e);

#endif
