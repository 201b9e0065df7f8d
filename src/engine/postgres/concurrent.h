/*
 * engine/postgres/concurrent - what a statement that works CONCURRENTLY is about, as far as its leftovers go.
 *
 * Pure. Never fails: any other statement is none.
 */
#ifndef GW_ENGINE_POSTGRES_CONCURRENT_H
#define GW_ENGINE_POSTGRES_CONCURRENT_H

#include "base/str.h"
#include "sql/dialect.h"

typedef enum gw_pg_concurrent_kind {
    GW_PG_CONCURRENT_NONE,
    GW_PG_CREATE_INDEX,
    GW_PG_REINDEX_INDEX,
    GW_PG_REINDEX_TABLE,
    GW_PG_REINDEX_SCHEMA,
    GW_PG_REINDEX_DATABASE,
    GW_PG_DETACH
} gw_pg_concurrent_kind;

/* Names as written. */
typedef struct gw_pg_concurrent {
    gw_pg_concurrent_kind kind;
    gw_str
        name; /* of the index, the table, the schema, the partition; empty: an index that the server names, this database */
    gw_str table; /* of the index that is created; of the partition: the parent */
    bool unique;
    gw_str rest; /* of CREATE INDEX, behind the table */
} gw_pg_concurrent;

void gw_pg_concurrent_read(gw_str statement, gw_dialect dialect, gw_pg_concurrent *out);

#endif
