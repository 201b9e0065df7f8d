/*
 * engine/sqlite/library - SQLite: linked into the program, or libsqlite3.so.0, loaded when the first database is opened.
 *
 * Includes the library's own header; the functions that library.txt names are called through a table. Finding them in the shared one took
 * a sixth of a run with nothing to do. libgodwit has no SQLite of its own: two in one process release each other's
 * locks (https://www.sqlite.org/howtocorrupt.html, 2.2.1).
 */
#ifndef GW_ENGINE_SQLITE_LIBRARY_H
#define GW_ENGINE_SQLITE_LIBRARY_H

#include <sqlite3.h>

#include "base/err.h"
#include "libsqlite_functions.h"

/* In a program that is linked with SQLite (linked.c); elsewhere it has no address. */
extern const gw_libsqlite_functions gw_libsqlite_linked __attribute__((weak, visibility("hidden")));

/* Before any of those functions is called; once is enough, more often is fine, any thread. Where nobody else uses the library it need not
 * keep count of its memory, which is a tenth of its work. */
GW_CHECKED gw_rc gw_sqlite_library_load(bool owns_process, gw_err *e);

#endif
