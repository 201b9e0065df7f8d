/*
 * engine/postgres/error - what the server or libpq said, as a gw_err.
 *
 * A statement's failure is GODWIT_FAILED as long as the connection lives, whatever its SQLSTATE: dblink's 08006 is not
 * ours.
 */
#ifndef GW_ENGINE_POSTGRES_ERROR_H
#define GW_ENGINE_POSTGRES_ERROR_H

#include "engine/postgres/session.h"

/* A statement failed. `r` may be NULL: libpq could not even send it. `sql` is what the server was given, for the
 * position. */
gw_rc gw_pg_fail(gw_pg *c, const PGresult *r, gw_str sql, gw_err *e);

/* `why` the connection was lost, as code and notes of an error that says what that means. */
gw_rc gw_pg_note_loss(const gw_err *why, gw_err *e);

typedef struct gw_pg_refusal {
    const PGconn *link;
    ConnStatusType phase; /* before the step that failed; CONNECTION_BAD: nothing was tried yet */
    bool verified;        /* godwit itself asked for a verified certificate */
} gw_pg_refusal;
/* No connection was made. */
gw_rc gw_pg_fail_connect(const gw_pg_refusal *refusal, gw_err *e);

#endif
