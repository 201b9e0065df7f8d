/*
 * db/lock - one runner at a time: which way an engine can promise that, and waiting for it.
 *
 * The policy is a table: capability and facts in, method out. The wait polls, never blocks inside the server, and says whom it waits for.
 * Where a lease ran out it may last longer than it should, to see whether that stays so: by a poll; on a cluster at least by the length of a lease.
 */
#ifndef GW_DB_LOCK_H
#define GW_DB_LOCK_H

#include "db/lease.h"

typedef enum gw_lock_method {
    GW_LOCK_SESSION,     /* the engine's session lock, on the connection that executes */
    GW_LOCK_TRANSACTION, /* begin() excludes others; every unit decides again inside it */
    GW_LOCK_LEASE        /* poolers, clusters, or because somebody asked for it */
} gw_lock_method;

/* What the setting `lock` says. */
typedef enum gw_lock_choice { GW_LOCK_AUTO, GW_LOCK_ONLY_SESSION, GW_LOCK_ONLY_LEASE } gw_lock_choice;
/* GODWIT_REFUSED: the engine has no such lock, or `auto` finds none that could be trusted. */
GW_CHECKED gw_rc gw_lock_policy(const gw_engine *engine, const gw_facts *facts, gw_lock_choice choice,
                                gw_lock_method *out, gw_err *e);

typedef struct gw_lock_params {
    gw_lock_method method;
    const char *key; /* see gw_lock_key */
    int64_t wait_ms, poll_ms;
    gw_lease_params lease;         /* where there are leases; its sighting is not read */
    const gw_interrupt *interrupt; /* ends the sleep between two polls: `waiting` is asked then. May be NULL */
    /* Called at each poll with whom we wait for and since when; returning non-OK ends the wait with it. May be NULL. */
    gw_rc (*waiting)(void *ctx, const gw_lock_holder *holder, int64_t waited_ms, gw_err *e);
    void *ctx;
} gw_lock_params;

/* Hash of database and history table as a decimal number that fits a bigint, unless `configured` says one. */
char *gw_lock_key(gw_arena *a, const char *configured, const gw_facts *facts, const char *history);

/* Take the lock; it is released when `a` ends, before the connection that was opened on it earlier. GODWIT_LOCKED, naming the holder,
 * when the wait is over. *lease (may be NULL) becomes the lease, or NULL with another method.
 *
 * A session lock and a lease exclude each other: whoever has taken one looks whether the other is held, and gives back its own then.
 * A lease that ran out is taken away from its owner before it counts as free, for it may be that he only could not prolong it. */
GW_CHECKED gw_rc gw_lock_take(gw_arena *a, gw_conn *c, const gw_lock_params *p, gw_lease **lease, gw_err *e);
/* Who holds it, by whichever method; who NULL: it is free. */
GW_CHECKED gw_rc gw_lock_holder_of(gw_arena *a, gw_conn *c, const char *key, const gw_lease_table *t,
                                   gw_lock_holder *out, gw_err *e);

#endif
