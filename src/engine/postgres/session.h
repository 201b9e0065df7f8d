/*
 * engine/postgres/session - one connection: its state, the session's settings, its notices.
 *
 * What a migration can change in a session, and what godwit itself sets there, is known here and only here.
 */
#ifndef GW_ENGINE_POSTGRES_SESSION_H
#define GW_ENGINE_POSTGRES_SESSION_H

#include "engine/postgres/library.h"

#include "db/engine.h"

typedef struct gw_pg {
    gw_conn head; /* first: every gw_conn of this engine is one of these */
    PGconn *link;
    const char *database; /* that the URL means: also on a maintenance connection, also when libpq decides */
    int encoding;         /* of the session as it began: UTF8 */

    gw_notice_fn *notice;
    void *notice_ctx;
    bool quiet; /* drop notices: of our own statements */

    int64_t lock_timeout_ms; /* as it began; 0: the server's own */
    bool read_only;
    bool may_be_other_role; /* a statement of the user's may have left another role */

    PGcancel *cancel_handle;
    int wake;        /* eventfd: somebody called cancel(); -1: none */
    bool cancelling; /* the server was asked to cancel the statement that runs */
    bool gave_up;    /* and did not answer: the connection was dropped */
    int64_t cancel_next_ms, cancel_until_ms;
    char tag[32]; /* command tag of the newest statement: "INSERT 0 1" */
} gw_pg;

gw_pg *gw_pg_of(gw_conn *c);
/* A PQnoticeReceiver; arg is the gw_pg. */
void gw_pg_hear(void *arg, const PGresult *notice);
/* The statements that make a session what open() promises; nothing when there is nothing to say. */
void gw_pg_settings(gw_buf *out, const gw_pg *c);

/* Of the contract. */
GW_CHECKED gw_rc gw_pg_reset(gw_conn *c, gw_err *e);
GW_CHECKED gw_rc gw_pg_set_lock_timeout(gw_conn *c, int64_t ms, gw_err *e);
bool gw_pg_in_transaction(gw_conn *c);
bool gw_pg_is_alive(gw_conn *c);

#endif
