/*
 * db/holder - whom a runner waits for: who has the lock, and who stands in the way of a statement.
 */
#ifndef GW_DB_HOLDER_H
#define GW_DB_HOLDER_H

#include "base/vec.h"

/* A session in whose way we stand in line. */
typedef struct gw_blocker {
    const char *who;   /* as in gw_lock_holder */
    const char *since; /* UTC: its transaction; NULL unknown */
    const char *query; /* what it runs, or ran last; NULL unknown */
    bool is_guess;     /* the server does not tell for certain */
} gw_blocker;
typedef gw_vec(gw_blocker) gw_blockers;

typedef struct gw_lock_holder {
    const char *who;   /* "app@10.0.0.7, pid 4711, psql"; NULL: the lock is free */
    const char *since; /* UTC */
    const char *query; /* what it runs; NULL: idle */
    int64_t session;   /* for end_session */
    bool is_lease;     /* a row says so, no session: see db/lease */
} gw_lock_holder;

#endif
