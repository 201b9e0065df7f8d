/*
 * sqlite/session - what a migration can leave behind in a connection; sqlite/reset puts it back.
 *
 * PRAGMAs of the connection, attached databases, temporary objects. What a statement changes is seen while SQLite compiles it:
 * only then the first value of a PRAGMA is read, so that neither opening nor putting back costs anything when nothing was
 * changed. What belongs to the file stays: user_version, WAL mode, auto_vacuum …
 */
#ifndef GW_SQLITE_SESSION_H
#define GW_SQLITE_SESSION_H

#include "engine/sqlite/connection.h"

/* By name, as `initial` has their values. */
extern const char *const gw_sqlite_pragmas[GW_SQLITE_PRAGMAS];

/* Watch the session from now on. What has to be kept is kept on a. */
GW_CHECKED gw_rc gw_sqlite_session_begin(gw_arena *a, gw_sqlite_conn *c, gw_err *e);
/* When a statement was not authorized: is it because a first value has to be learned? Then the same statement may follow. */
bool gw_sqlite_session_is_asked(const gw_sqlite_conn *c);
GW_CHECKED gw_rc gw_sqlite_session_learn(gw_sqlite_conn *c, gw_err *e);
/* After each statement: PRAGMA busy_timeout puts out our busy handler. */
void gw_sqlite_session_settle(gw_sqlite_conn *c);
/* The value of a PRAGMA, or for one that cannot be read what it does. */
GW_CHECKED gw_rc gw_sqlite_session_read(gw_arena *a, gw_sqlite_conn *c, const char *name, const char **out, gw_err *e);
bool gw_sqlite_session_is_clean(const gw_sqlite_conn *c); /* nothing was changed that must be put back */

#endif
