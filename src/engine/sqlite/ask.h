/*
 * sqlite/ask - a question to SQLite about the connection itself, beside whatever is executed on it.
 *
 * Under everything else that executes: it sees no limit of its own on waiting, keeps nothing prepared and explains no failure.
 */
#ifndef GW_SQLITE_ASK_H
#define GW_SQLITE_ASK_H

#include "engine/sqlite/connection.h"

/* The rows go to fn. SQLITE_OK, or what SQLite says, which the connection's newest error then is too. */
int gw_sqlite_ask(gw_sqlite_conn *c, const char *sql, gw_row_fn *fn, void *ctx);

#endif
