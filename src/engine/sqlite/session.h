/*
 * sqlite/session - what a migration can leave behind in a connection, and how it is put back.
 *
 * PRAGMAs of the connection, attached databases, temporary objects. What a statement changes is seen while SQLite compiles it, so
 * that putting back costs nothing when nothing was changed. What belongs to the file stays: user_version, WAL mode, auto_vacuum …
 */
#ifndef GW_SQLITE_SESSION_H
#define GW_SQLITE_SESSION_H

#include "base/err.h"

enum { GW_SQLITE_PRAGMAS = 32 };

struct gw_sqlite_conn;

typedef struct gw_sqlite_session {
    const char *initial[GW_SQLITE_PRAGMAS]; /* by row of the table in session.c; NULL: this SQLite has no such PRAGMA */
    bool changed[GW_SQLITE_PRAGMAS];
    bool busy_timeout, attached, temporary; /* changed, or there may be some */
} gw_sqlite_session;

/* Remember how the session begins, and watch it from now on. */
GW_CHECKED gw_rc gw_sqlite_session_begin(gw_arena *a, struct gw_sqlite_conn *c, gw_err *e);
/* After each statement: PRAGMA busy_timeout puts out our busy handler. */
void gw_sqlite_session_settle(struct gw_sqlite_conn *c);
/* An open transaction is rolled back. */
GW_CHECKED gw_rc gw_sqlite_session_reset(struct gw_sqlite_conn *c, gw_err *e);

#endif
