/*
 * engine/postgres/wire - waiting for the server so that a lost connection and cancel() are noticed.
 *
 * The connection is non-blocking. A cancel only wakes the thread that waits, and that thread asks the server: so the
 * request can never hit a later statement, and cancel() neither blocks nor touches libpq. A server that does not answer
 * the request within half a minute loses the connection (gave_up).
 */
#ifndef GW_ENGINE_POSTGRES_WIRE_H
#define GW_ENGINE_POSTGRES_WIRE_H

#include "engine/postgres/session.h"

/* Any thread, also a signal handler. Of the contract. */
void gw_pg_cancel(gw_conn *c);

/* Before a statement is sent: a cancel that came for an earlier one is forgotten. */
void gw_pg_wire_clear(gw_pg *c);
/* Until `events` (POLLIN, POLLOUT) or until_ms (gw_clock_ms(); 0: no end). Returns the events that came; 0: time is over,
 * or we gave up. */
short gw_pg_wire_wait(gw_pg *c, short events, int64_t until_ms);
/* Until everything is sent. A failure shows in the next result. */
void gw_pg_wire_flush(gw_pg *c);
/* The next result of the statement, to be cleared; NULL: it is over. */
PGresult *gw_pg_wire_next(gw_pg *c);
/* Read and drop what COPY … TO STDOUT sends. */
void gw_pg_wire_drain(gw_pg *c);

#endif
