/*
 * db/lease - a lock that is a row: for poolers, clusters, and whatever gives no session a lock that could be trusted.
 *
 * One row with owner, token and expiry, in a table beside the history ("<history>_lease"). It is taken by compare-and-swap in a commit
 * of its own, so that the certification of a cluster lets one node win. A thread prolongs it every third of its time on a
 * connection of its own (db/heart). The token is a fencing token: gw_lease_fence() prolongs the row inside the transaction that writes history, so
 * that a runner whose lease was taken over, however long it slept, commits nothing, and nobody takes it over before that commit.
 *
 * What somebody let run out is not free at once: a statement that keeps a whole cluster from committing (DDL on Galera) keeps the owner's
 * beats waiting too. A taker has to see the row twice, expired and unwritten in between, and takes it only as he saw it. The owner whose
 * beats came late, but whom nobody took it from, goes on; one that was asleep for as long as the lease is long stops (db/heart).
 *
 * Whoever takes the lease over ends the session of the owner that is gone, if it can be reached, and waits for its end. One that executes
 * is ended only after the row was taken from it: it may be such a statement, of an owner that lives.
 * A runner with a lease and one with a session lock exclude each other: see db/lock.
 */
#ifndef GW_DB_LEASE_H
#define GW_DB_LEASE_H

#include "db/engine.h"

/* The texts, and where the row lives. */
typedef struct gw_lease_table {
    gw_conn *conn;
    const char *shown;  /* "public.godwit_history_lease" */
    const char *find;   /* GW_SQL_HISTORY_EXISTS: its first row tells whether the table is there */
    const char *schema; /* makes the schema first; NULL: not needed */
    const char *create, *seed, *read, *take, *beat, *free; /* NULL without GW_CAP_LEASE */
    bool exists;                                           /* true: for certain; false: when last asked it did not */
} gw_lease_table;

/* A lease that was seen to have run out, from one try to the next. Begins as {.apart_ms = …}. */
typedef struct gw_lease_sighting {
    int64_t apart_ms; /* between the two looks, at least */
    int64_t token, writes;
    int64_t late_ms;  /* how long it had been over when it was first seen so */
    int64_t since_ms; /* gw_clock_ms(): then; 0: nothing of that kind was seen the last time */
} gw_lease_sighting;

typedef struct gw_lease_params {
    gw_lease_table *table;
    const gw_open_params *open; /* how the heart connects; its strings live as long as the lease */
    const char *owner;          /* one run: 16 hex digits */
    const char *who;            /* for people: "app@host, pid 4711" */
    int64_t length_ms;
    gw_lease_sighting *sighting; /* NULL: what somebody else let run out is not taken */
} gw_lease_params;

typedef struct gw_lease gw_lease;

/* One try; makes the table. *taken false: somebody else has it, or the server refused for a passing reason, as when another node
 * changed the row at that moment; *refusal (may be NULL) is the error then. What an earlier connection of the same owner holds is taken
 * over. The lease is given back when `a` ends, unless its connection was lost: then what that was doing may still go on. */
GW_CHECKED gw_rc gw_lease_try(gw_arena *a, const gw_lease_params *p, gw_lease **out, bool *taken, gw_err *refusal,
                              gw_err *e);
/* Has somebody made the table meanwhile? Asks unless t->exists. */
GW_CHECKED gw_rc gw_lease_find(gw_lease_table *t, gw_err *e);
/* Who has it; who NULL: it is free. *is_over: he let it run out, and nobody took it since; is_over NULL: such a one counts as free. */
GW_CHECKED gw_rc gw_lease_holder(gw_arena *a, const gw_lease_table *t, bool *is_over, gw_lock_holder *out, gw_err *e);
/* In a transaction: from here to its end the lease is ours, or GODWIT_LOCKED: it was taken, or ran out while we slept. Transient: the
 * transaction is lost, the lease perhaps not. */
GW_CHECKED gw_rc gw_lease_fence(gw_lease *l, gw_err *e);
/* The number of this taking of it; lives as long as the lease. */
const char *gw_lease_token(const gw_lease *l);
/* On a new connection: has nobody taken it since? GODWIT_LOCKED names who did. */
GW_CHECKED gw_rc gw_lease_check(const gw_lease_table *t, const char *token, gw_err *e);
/* `lock release`: take it from whoever has it. `force`: also while it has not run out. GODWIT_REFUSED names the owner. */
GW_CHECKED gw_rc gw_lease_release(const gw_lease_table *t, bool force, gw_err *e);

#endif
