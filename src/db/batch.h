/*
 * db/batch - many migrations in one call of an engine.
 */
#ifndef GW_DB_BATCH_H
#define GW_DB_BATCH_H

#include "db/conn.h"
#include "db/texts.h"

/* One step of a batch: a statement of the user's, or one of the three GW_SQL_BATCH_…, filled in. */
typedef struct gw_op {
    gw_str sql;
    const gw_param *params;
    size_t count;
    bool is_bookkeeping;
    gw_sql_id
        text; /* of bookkeeping: which one. Behind the parameters of an END come those of the INSERT of that row */
    gw_str
        joined; /* of an INSERT: GW_SQL_BATCH_JOIN, filled in, whose parameters are all those of the END ahead and then its own; empty:
                       there is none, or this row is not one that says "running" */
    gw_str plain,
        seal; /* of an INSERT: GW_SQL_BATCH_PLAIN and _SEAL, filled in, without states of objects; empty: there is none */
} gw_op;

/* One migration, in a clean session. */
typedef struct gw_batch_item {
    const gw_op *ops;
    size_t count;
    bool transaction; /* all of it is one, begun and committed by the engine; otherwise what commits is among the ops */
    int64_t duration_ms; /* out, when it was done */
} gw_batch_item;

typedef struct gw_batch_end {
    size_t done; /* items that are known to be applied, durably */
    size_t op;   /* after a failure: the op of item `done` that failed, or its count: the commit did */
} gw_batch_end;

#endif
