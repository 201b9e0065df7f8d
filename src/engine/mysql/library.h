/*
 * engine/mysql/library - libmariadb.so.3, loaded when the first connection is opened.
 *
 * Includes the library's own header; the functions that library.txt names are called through a table.
 */
#ifndef GW_ENGINE_MYSQL_LIBRARY_H
#define GW_ENGINE_MYSQL_LIBRARY_H

#include <mysql.h>

#include "base/err.h"
#include "libmariadb_functions.h"

/* Before any of those functions is called; once is enough, more often is fine, any thread. */
GW_CHECKED gw_rc gw_mysql_library_load(gw_err *e);

#endif
