/*
 * sqlite/statement - one statement through SQLite.
 */
#ifndef GW_SQLITE_STATEMENT_H
#define GW_SQLITE_STATEMENT_H

#include "engine/sqlite/connection.h"

/* See gw_engine.query. A text in which SQLite reads a second statement is refused before the first one runs. */
GW_CHECKED gw_rc gw_sqlite_query(gw_sqlite_conn *c, gw_str sql, const gw_param *params, size_t count, gw_row_fn *fn,
                                 void *ctx, gw_err *e);
/* The same with another limit on the wait for locks. */
GW_CHECKED gw_rc gw_sqlite_exec_within(gw_sqlite_conn *c, const char *sql, int64_t limit_ms, gw_err *e);

#endif
