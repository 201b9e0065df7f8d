/*
 * engine/postgres/wire - waiting for the server so that a lost connection, cancel() and drop() are noticed.
 *
 * The connection is non-blocking. cancel() and drop() only wake the thread that waits: they neither block nor touch libpq. That thread
 * then asks the server, in a thread of the request's own (engine/postgres/request); a request that is still under way when the statement
 * has ended is waited for before the next one is sent, so that it can never hit that. A server that does not answer within 5 s loses
 * the connection (gave_up).
 */
#ifndef GW_ENGINE_POSTGRES_WIRE_H
#define GW_ENGINE_POSTGRES_WIRE_H

#include "engine/postgres/session.h"

/* Any thread, also a signal handler. Of the contract. */
void gw_pg_cancel(gw_conn *c);
void gw_pg_drop(gw_conn *c, int64_t ms);

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
