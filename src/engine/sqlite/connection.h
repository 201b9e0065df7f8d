/*
 * sqlite/connection - what the rooms of this folder know of one connection.
 */
#ifndef GW_SQLITE_CONNECTION_H
#define GW_SQLITE_CONNECTION_H

#include "db/engine.h"
#include "engine/sqlite/kept.h"
#include "engine/sqlite/library.h"
#include "engine/sqlite/wait.h"

/* A statement's wait for locks unless the user says another; SQLite itself would not wait at all. */
enum { GW_SQLITE_LOCK_TIMEOUT_MS = 5000 };

enum { GW_SQLITE_PRAGMAS = 32 };

/* See sqlite/session. */
typedef struct gw_sqlite_session {
    gw_arena *arena;
    const char *initial[GW_SQLITE_PRAGMAS]; /* by row of the table above; NULL: this SQLite has no such PRAGMA */
    bool is_known[GW_SQLITE_PRAGMAS];       /* initial was read */
    bool changed[GW_SQLITE_PRAGMAS];
    bool is_asked; /* a statement was refused because the first value of PRAGMA `asked` is not known */
    size_t asked;
    bool busy_timeout, query_only, attached, temporary; /* changed, or there may be some */
} gw_sqlite_session;

/* See sqlite/others. */
typedef struct gw_sqlite_others {
    unsigned opened;  /* the pager's number of what was read while opening */
    bool is_due;      /* nothing was executed since */
    bool have_been;   /* somebody has written, or nobody can tell */
    char version[16]; /* PRAGMA data_version, once it was asked for */
} gw_sqlite_others;

/* See sqlite/transaction. */
typedef enum gw_sqlite_group {
    GW_SQLITE_ALONE,    /* none: begin() is a transaction of its own */
    GW_SQLITE_GROUP,    /* between two of a group */
    GW_SQLITE_GROUP_ONE /* in one of them */
} gw_sqlite_group;

typedef struct gw_sqlite_conn {
    gw_conn base;
    sqlite3 *db;
    const char *path; /* absolute; ":memory:" */
    bool may_write;
    int64_t lock_wait_ms;            /* of begin() */
    int64_t lock_timeout_ms;         /* of every other statement, now */
    int64_t initial_lock_timeout_ms; /* and as it began */
    gw_sqlite_wait wait;
    gw_sqlite_session session;
    gw_sqlite_others others;
    gw_sqlite_kept kept;
    gw_sqlite_group group;
    int claim; /* descriptor of the claim file that is ours; -1: none */
} gw_sqlite_conn;

static inline gw_sqlite_conn *
gw_sqlite_conn_of(gw_conn *c)
{
    return (gw_sqlite_conn *)c;
}

/* A statement ended the transaction of the group. */
static inline bool
gw_sqlite_is_lost(const gw_sqlite_conn *c)
{
    return c->group != GW_SQLITE_ALONE && sqlite3_get_autocommit(c->db) != 0;
}

#endif
