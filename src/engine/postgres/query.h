/*
 * engine/postgres/query - statements of the contract. exec() is for the user's statements. query() is for
 * godwit's: they run as the role and in the encoding that the session began with, whatever the user's statements left.
 *
 * A statement that plainly gives up the advisory lock of the run is refused: the history could not be written behind it.
 * Behind a pooler a statement outside a transaction has a session of its own: one that only speaks to its session is refused there.
 */
#ifndef GW_ENGINE_POSTGRES_QUERY_H
#define GW_ENGINE_POSTGRES_QUERY_H

#include "engine/postgres/session.h"

/* Of the contract. */
GW_CHECKED gw_rc gw_pg_exec(gw_conn *c, gw_str sql, gw_err *e);
GW_CHECKED gw_rc gw_pg_query(gw_conn *c, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn,
                             void *ctx, gw_err *e);

#endif
