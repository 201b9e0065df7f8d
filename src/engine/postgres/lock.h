/*
 * engine/postgres/lock - one runner at a time, by a session advisory lock of the connection that executes.
 *
 * Never a blocking wait in the server: one that waits there holds a snapshot, and CREATE INDEX CONCURRENTLY waits for
 * that.
 */
#ifndef GW_ENGINE_POSTGRES_LOCK_H
#define GW_ENGINE_POSTGRES_LOCK_H

#include "db/engine.h"

/* Of the contract. A key that is a number fitting a bigint is used as it is; any other is hashed. */
GW_CHECKED gw_rc gw_pg_try_lock(gw_conn *c, const char *key, bool *taken, gw_err *e);
void gw_pg_unlock(gw_conn *c, const char *key);
GW_CHECKED char *gw_pg_lock_held(gw_arena *a, gw_conn *conn, const char *key);
gw_rc gw_pg_lock_holder(gw_arena *a, gw_conn *c, const char *key, gw_lock_holder *out, gw_err *e);
/* Waits a few seconds until the session is gone; GODWIT_FAILED when it is not. */
GW_CHECKED gw_rc gw_pg_end_session(gw_conn *c, int64_t session, gw_err *e);

bool gw_pg_is_ended_session(const gw_err *e);

#endif
