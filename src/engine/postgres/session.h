/*
 * engine/postgres/session - one connection: its state and its notices.
 */
#ifndef GW_ENGINE_POSTGRES_SESSION_H
#define GW_ENGINE_POSTGRES_SESSION_H

#include "engine/postgres/library.h"

#include <stdatomic.h>

#include "db/engine.h"
#include "engine/postgres/request.h"

typedef struct gw_pg {
    gw_conn head; /* first: every gw_conn of this engine is one of these */
    PGconn *link;
    const char *database; /* that the URL means: also on a maintenance connection, also when libpq decides */
    int encoding;         /* of the session as it began: UTF8 */
    const char *role, *authorization; /* of the session as it began, as SET has them */
    const char *said; /* statements that say again what the start-up packet said; read only behind a pooler */

    gw_notice_fn *notice;
    void *notice_ctx;
    bool quiet; /* drop notices: of our own statements */

    int64_t lock_timeout_ms;     /* as it began; 0: the server's own */
    int64_t lock_timeout_now_ms; /* of the next transaction; read only behind a pooler */
    bool read_only;
    bool is_quiet;          /* seen with the lock, and nothing else since: see batch_quiet.sql */
    bool holds_lock;        /* the advisory lock of a run */
    bool watches_client;    /* the server looks now and then whether we still live, because we say so */
    bool may_be_other_role; /* a statement of the user's may have left another role */
    bool may_have_prepared; /* … or a prepared statement, which no rollback takes away */
    char read_only_by[64]; /* … or this made a transaction read only, or those after it: how it begins; "": none did */

    int wake;                 /* eventfd: somebody called cancel() or drop(); -1: none */
    atomic_bool is_woken;     /* something was written to it */
    atomic_bool is_cancelled; /* it was cancel() */
    atomic_llong drop_ms;     /* it was drop(), for statements older than that; -1: it was not */
    gw_pg_request *request;   /* to cancel; may be under way. NULL: none */
    bool cancelling;          /* the server was asked to cancel the statement that runs */
    bool gave_up;             /* it did not answer: the connection was dropped */
    int64_t began_ms, cancel_next_ms, cancel_until_ms;
    const gw_interrupt *interrupt; /* while the connection is opened: whoever asks ends it; NULL: nobody */
    int64_t until_ms;              /* and so does this; 0: no end */
    char tag[32];                  /* command tag of the newest statement: "INSERT 0 1" */
} gw_pg;

gw_pg *gw_pg_of(gw_conn *c);
/* A PQnoticeReceiver; arg is the gw_pg. */
void gw_pg_hear(void *arg, const PGresult *notice);
/* Of the contract. */
bool gw_pg_in_transaction(gw_conn *c);
bool gw_pg_is_alive(gw_conn *c);

#endif
