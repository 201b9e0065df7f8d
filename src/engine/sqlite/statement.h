/*
 * sqlite/statement - one statement through SQLite.
 */
#ifndef GW_SQLITE_STATEMENT_H
#define GW_SQLITE_STATEMENT_H

#include "engine/sqlite/connection.h"

/* See gw_engine.query. Nothing is run in a lost group (sqlite/transaction). A text in which SQLite reads a second statement is
 * refused before the first one runs. */
GW_CHECKED gw_rc gw_sqlite_query(gw_sqlite_conn *c, gw_str sql, const gw_param *params, size_t count, gw_row_fn *fn,
                                 void *ctx, gw_err *e);
/* The statement of a savepoint: never waits, and is prepared once. */
GW_CHECKED gw_rc gw_sqlite_exec_kept(gw_sqlite_conn *c, const char *sql, gw_err *e);
/* As gw_sqlite_query with another limit on the wait for locks. */
GW_CHECKED gw_rc gw_sqlite_exec_within(gw_sqlite_conn *c, const char *sql, int64_t limit_ms, gw_err *e);

/* Around a statement of godwit's own, which writes although a migration said PRAGMA query_only. True: lower again. */
bool gw_sqlite_lift(gw_sqlite_conn *c);
void gw_sqlite_lower(gw_sqlite_conn *c);

#endif
