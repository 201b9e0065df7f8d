/*
 * workflow/session - the target of a call: connected, its history found, its lock held, watched.
 */
#ifndef GW_WORKFLOW_SESSION_H
#define GW_WORKFLOW_SESSION_H

#include "db/history_ahead.h"
#include "db/history_read.h"
#include "db/history_write.h"
#include "db/lock.h"
#include "workflow/observer.h"
#include "workflow/watch.h"

/* What a call wants of its target. */
typedef enum gw_access {
    GW_ACCESS_LOOK, /* read only; a database that does not exist is an empty one: conn is NULL then */
    GW_ACCESS_WRITE,
    GW_ACCESS_CREATE /* write; create the database when it is a file, or when the setting `create` says so */
} gw_access;

typedef struct gw_session {
    gw_arena *arena; /* of the session */
    gw_call *call;
    const gw_engine *engine;
    gw_url url;
    const char *shown; /* the URL without secrets */
    gw_access access;
    gw_arena *link;    /* of the connection and of the lock that it holds */
    gw_conn *conn;     /* NULL: see GW_ACCESS_LOOK, and gw_session_reopen */
    unsigned reopened; /* times: what was said to the session is lost then */
    gw_history_probe probe;
    bool reads_ahead; /* the rows of the history come with the connection */
    gw_history_ahead ahead;
    gw_history history;
    bool is_locked;
    bool is_littered;  /* a file left in it what reset() does not put back: the next one needs another session */
    bool is_last_look; /* see gw_doubt_look */
    gw_records
        *group; /* in a group (gw_engine.group_begin): rows that are written at its end, all at once; NULL otherwise */
    gw_lock_method lock_method; /* once it is locked */
    const char *lease_token;    /* of the lease that is or was held; NULL: none */
    gw_watch *watch;
    gw_observer *observer;  /* NULL until the session is locked */
    const char *run_id;     /* 16 hex digits */
    const char *applied_by; /* NULL until the session is locked: only who writes needs a name */
    int64_t statement_timeout_ms, timeout_ms;
    int64_t lock_timeout_ms; /* of a statement, all its attempts together; 0: the server's own */
} gw_session;

/* Engine and URL of the configuration, not connected; fills the report's target, service and env. */
GW_CHECKED gw_rc gw_session_prepare(gw_call *call, gw_session *out, gw_err *e);
bool gw_session_is_alive(const gw_session *s);
/* What a plan is made of (db/history_current); none without a database. */
GW_CHECKED gw_rc gw_session_records(gw_arena *a, gw_session *s, gw_records *out, gw_err *e);

#endif
