/*
 * engine/postgres/send - statements: sent, heard out, their failure translated.
 *
 * Rows come one by one, so that memory does not grow with a result. All of them run as whatever role is set.
 */
#ifndef GW_ENGINE_POSTGRES_SEND_H
#define GW_ENGINE_POSTGRES_SEND_H

#include "engine/postgres/session.h"

/* Statements without parameters, in one message; they are one transaction. */
GW_CHECKED gw_rc gw_pg_own(gw_pg *c, const char *sql, gw_err *e);
/* The same; the rows of all of them go to fn. */
GW_CHECKED gw_rc gw_pg_ask(gw_pg *c, const char *sql, gw_row_fn *fn, void *ctx, gw_err *e);
/* One statement of ours, with parameters; its notices are dropped. */
GW_CHECKED gw_rc gw_pg_send(gw_pg *c, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx,
                            gw_err *e);

#endif
