/*
 * workflow/session - the target of a call: connected, its history found, its lock held, watched.
 */
#ifndef GW_WORKFLOW_SESSION_H
#define GW_WORKFLOW_SESSION_H

#include "db/history.h"
#include "workflow/watch.h"

/* What a call wants of its target. */
typedef enum gw_access {
    GW_ACCESS_LOOK, /* read only; a database that does not exist is an empty one: conn is NULL then */
    GW_ACCESS_WRITE,
    GW_ACCESS_CREATE /* write; create the database when it is a file, or when the setting `create` says so */
} gw_access;

typedef struct gw_session {
    gw_call *call;
    const gw_engine *engine;
    gw_url url;
    const char *shown; /* the URL without secrets */
    gw_access access;
    gw_arena *link;    /* of the connection and of the lock that it holds */
    gw_conn *conn;     /* NULL: see GW_ACCESS_LOOK, and gw_session_reopen */
    unsigned reopened; /* times: what was said to the session is lost then */
    gw_history history;
    bool is_locked;
    gw_watch *watch;
    const char *run_id; /* 16 hex digits */
    const char *applied_by;
    int64_t statement_timeout_ms, timeout_ms;
} gw_session;

/* Engine and URL of the configuration, not connected; fills the report's target, service and env. */
GW_CHECKED gw_rc gw_session_prepare(gw_call *call, gw_session *out, gw_err *e);
/* Prepare, and connect, with retries as configured. Everything ends with the arena. */
GW_CHECKED gw_rc gw_session_open(gw_arena *a, gw_call *call, gw_access access, gw_session *out, gw_err *e);
/* The lock of the history table, as long as the session. */
GW_CHECKED gw_rc gw_session_lock(gw_session *s, gw_err *e);
GW_CHECKED gw_rc gw_session_lock_key(gw_arena *a, gw_session *s, const char **out, gw_err *e);
/* All records; none without a database. */
GW_CHECKED gw_rc gw_session_records(gw_arena *a, const gw_session *s, gw_records *out, gw_err *e);
/* In place of a connection that was lost: a new one, with the lock if it was held. conn is NULL when that fails. */
GW_CHECKED gw_rc gw_session_reopen(gw_session *s, gw_err *e);
bool gw_session_is_alive(const gw_session *s);

#endif
