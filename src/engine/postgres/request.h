/*
 * engine/postgres/request - asking the server to cancel, in a thread of its own.
 *
 * PQcancel() waits for the server without any limit: where the way to it is stalled, it would never come back. A request that is still
 * under way when nobody waits for it any longer ends by itself, with its connection to the server; until then it may still be heard, so
 * that the session which it means must not execute anything else.
 */
#ifndef GW_ENGINE_POSTGRES_REQUEST_H
#define GW_ENGINE_POSTGRES_REQUEST_H

#include "engine/postgres/library.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct gw_pg_request gw_pg_request;

/* Asks the server to cancel what the session executes now. NULL: the system has no thread for it, or there is no connection. */
gw_pg_request *gw_pg_request_start(PGconn *link);
/* The server has heard it, or cannot be reached. */
bool gw_pg_request_is_over(const gw_pg_request *r);
/* Waits until it is over, at most until until_ms (gw_clock_ms()); r is gone in any case. false: it is still under way. */
bool gw_pg_request_end(gw_pg_request *r, int64_t until_ms);

#endif
