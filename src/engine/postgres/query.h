/*
 * engine/postgres/query - statements: sent, heard out, their failure translated.
 *
 * Rows come one by one, so that memory does not grow with a result. exec() is for the user's statements. query() is for
 * godwit's: they run as the role and in the encoding that the session began with, whatever the user's statements left.
 *
 * Behind a pooler a statement outside a transaction has a session of its own: one that only speaks to its session is refused there.
 */
#ifndef GW_ENGINE_POSTGRES_QUERY_H
#define GW_ENGINE_POSTGRES_QUERY_H

#include "engine/postgres/session.h"

/* Of the contract. */
GW_CHECKED gw_rc gw_pg_exec(gw_conn *c, gw_str sql, gw_err *e);
GW_CHECKED gw_rc gw_pg_query(gw_conn *c, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn,
                             void *ctx, gw_err *e);

/* What a statement may change in its session, by its first word and its text: what functions do is not seen. */
typedef enum gw_pg_change {
    GW_PG_ROLE = 1,
    GW_PG_ENCODING = 2,
    GW_PG_PREPARED = 4, /* prepared statements */
    GW_PG_READ_ONLY = 8 /* this transaction, or those after it */
} gw_pg_change;
unsigned gw_pg_may_change(gw_str verb, gw_str sql);

/* Statements of our own without parameters, in one message, as whatever role is set; they are one transaction. */
GW_CHECKED gw_rc gw_pg_own(gw_pg *c, const char *sql, gw_err *e);
/* The same; the rows of all of them go to fn. */
GW_CHECKED gw_rc gw_pg_ask(gw_pg *c, const char *sql, gw_row_fn *fn, void *ctx, gw_err *e);

#endif
