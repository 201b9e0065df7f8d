/*
 * sqlite/session - what a migration can leave behind in a connection, and how it is put back.
 *
 * PRAGMAs of the connection, attached databases, temporary objects. What a statement changes is seen while SQLite compiles it:
 * only then the first value of a PRAGMA is read, so that neither opening nor putting back costs anything when nothing was
 * changed. What belongs to the file stays: user_version, WAL mode, auto_vacuum …
 */
#ifndef GW_SQLITE_SESSION_H
#define GW_SQLITE_SESSION_H

#include "base/arena.h"
#include "base/err.h"

enum { GW_SQLITE_PRAGMAS = 32 };

struct gw_sqlite_conn;

typedef struct gw_sqlite_session {
    gw_arena *arena;
    const char *initial[GW_SQLITE_PRAGMAS]; /* by row of the table in session.c; NULL: this SQLite has no such PRAGMA */
    bool is_known[GW_SQLITE_PRAGMAS];       /* initial was read */
    bool changed[GW_SQLITE_PRAGMAS];
    bool is_asked; /* a statement was refused because the first value of PRAGMA `asked` is not known */
    size_t asked;
    bool busy_timeout, query_only, attached, temporary; /* changed, or there may be some */
} gw_sqlite_session;

/* Watch the session from now on. What has to be kept is kept on a. */
GW_CHECKED gw_rc gw_sqlite_session_begin(gw_arena *a, struct gw_sqlite_conn *c, gw_err *e);
/* When a statement was not authorized: is it because a first value has to be learned? Then the same statement may follow. */
bool gw_sqlite_session_is_asked(const struct gw_sqlite_conn *c);
GW_CHECKED gw_rc gw_sqlite_session_learn(struct gw_sqlite_conn *c, gw_err *e);
/* After each statement: PRAGMA busy_timeout puts out our busy handler. */
void gw_sqlite_session_settle(struct gw_sqlite_conn *c);
/* The name under which the very file of the connection is attached once more; NULL: it is not. SQLite waits for itself then. */
const char *gw_sqlite_session_twin(gw_arena *a, struct gw_sqlite_conn *c);
/* Outside a transaction, where most PRAGMAs do nothing. */
GW_CHECKED gw_rc gw_sqlite_session_reset(struct gw_sqlite_conn *c, gw_err *e);
bool gw_sqlite_session_is_clean(const struct gw_sqlite_conn *c); /* nothing was changed that must be put back */

#endif
