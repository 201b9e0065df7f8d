/*
 * engine/postgres/query - statements: sent, heard out, their failure translated.
 *
 * Rows come one by one, so that memory does not grow with a result. exec() is for the user's statements. query() is for
 * godwit's: they run as the role and in the encoding that the session began with, whatever the user's statements left.
 */
#ifndef GW_ENGINE_POSTGRES_QUERY_H
#define GW_ENGINE_POSTGRES_QUERY_H

#include "engine/postgres/session.h"

/* Of the contract. */
GW_CHECKED gw_rc gw_pg_exec(gw_conn *c, gw_str sql, gw_err *e);
GW_CHECKED gw_rc gw_pg_query(gw_conn *c, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn,
                             void *ctx, gw_err *e);
GW_CHECKED gw_rc gw_pg_begin(gw_conn *c, gw_str own, gw_err *e);
GW_CHECKED gw_rc gw_pg_commit(gw_conn *c, gw_err *e);
void gw_pg_rollback(gw_conn *c);

/* Statements of our own without parameters, in one message, as whatever role is set; they are one transaction. */
GW_CHECKED gw_rc gw_pg_own(gw_pg *c, const char *sql, gw_err *e);
/* The same; the rows of all of them go to fn. */
GW_CHECKED gw_rc gw_pg_ask(gw_pg *c, const char *sql, gw_row_fn *fn, void *ctx, gw_err *e);

#endif
