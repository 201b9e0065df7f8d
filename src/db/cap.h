/*
 * db/cap - in what engines differ: a bit each, for what a function of gw_engine is there for, or for what may be relied on.
 */
#ifndef GW_DB_CAP_H
#define GW_DB_CAP_H

typedef enum gw_cap {
    GW_CAP_TX_DDL = 1 << 0,       /* DDL is transactional */
    GW_CAP_SESSION_LOCK = 1 << 1, /* try_lock, unlock, lock_holder, end_session: a lock that lives with the session */
    GW_CAP_TX_LOCK =
        1 << 2,           /* begin() itself excludes other runners: the decision is repeated inside the transaction */
    GW_CAP_COPY = 1 << 3, /* copy_in */
    GW_CAP_SCHEMAS = 1 << 4,   /* tables live in schemas within a database */
    GW_CAP_DATABASES = 1 << 5, /* databases are created on a server (otherwise they are files) */
    GW_CAP_LEASE = 1 << 6,     /* the lease's texts: a lock that is a row, where sessions cannot be trusted */
    GW_CAP_BATCH = 1 << 7,     /* batch: many migrations in few round trips */
    GW_CAP_GROUP = 1 << 8,     /* group_begin, group_end: many transactions under one commit */
    GW_CAP_CLAIM = 1 << 9,     /* claim, unclaim: with GW_CAP_TX_LOCK, where no lock outlives a transaction */
    GW_CAP_STATE = 1 << 10,    /* state: objects that a statement is about can be compared before and after */
    GW_CAP_TIDY = 1 << 11,     /* tidy */
    GW_CAP_BLOCKERS = 1 << 12, /* blockers */
    GW_CAP_RESET_ALL =
        1 << 13, /* reset() also takes away variables, temporary objects, and statements that were prepared */
    GW_CAP_COUNTS = 1 << 14,   /* transactions */
    GW_CAP_TWIN = 1 << 15,     /* twin */
    GW_CAP_SHADOWS = 1 << 16,  /* a temporary table hides one of its name, also where that is written with its schema */
    GW_CAP_FORESIGHT = 1 << 17 /* with GW_CAP_STATE, foresee: of many objects at once */
} gw_cap;

#endif
