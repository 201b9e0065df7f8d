/*
 * db/lock - one runner at a time: which way an engine can promise that, and waiting for it.
 *
 * The policy is a table: capability and facts in, method out. The wait polls, never blocks inside the server, and says whom it waits for.
 */
#ifndef GW_DB_LOCK_H
#define GW_DB_LOCK_H

#include "db/engine.h"

typedef enum gw_lock_method {
    GW_LOCK_SESSION,     /* the engine's session lock, on the connection that executes */
    GW_LOCK_TRANSACTION, /* begin() excludes others; every unit decides again inside it */
    GW_LOCK_LEASE        /* poolers, clusters: not built yet, refused by name */
} gw_lock_method;
gw_lock_method gw_lock_policy(const gw_engine *engine, const gw_facts *facts);

typedef struct gw_lock_params {
    const char *key; /* see gw_lock_key */
    int64_t wait_ms, poll_ms;
    const gw_interrupt *interrupt; /* ends the sleep between two polls: `waiting` is asked then. May be NULL */
    /* Called at each poll with whom we wait for and since when; returning non-OK ends the wait with it. May be NULL. */
    gw_rc (*waiting)(void *ctx, const gw_lock_holder *holder, int64_t waited_ms, gw_err *e);
    void *ctx;
} gw_lock_params;

/* Hash of database and history table as a decimal number that fits a bigint, unless `configured` says one. */
char *gw_lock_key(gw_arena *a, const char *configured, const gw_facts *facts, const char *history);

/* Take the lock; it is released when `a` ends, before the connection that was opened on it earlier. GODWIT_LOCKED, naming the holder,
 * when the wait is over. */
GW_CHECKED gw_rc gw_lock_take(gw_arena *a, gw_conn *c, const gw_lock_params *p, gw_err *e);

#endif
