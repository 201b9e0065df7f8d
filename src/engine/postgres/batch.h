/*
 * engine/postgres/batch - many migrations in one round trip, by libpq's pipeline mode.
 *
 * Everything is sent without waiting, and one sync ends it: the server itself skips what follows a failure. Each item has a transaction
 * of its own. Only the last one waits for the disk, which then holds all before it; after a failure that is made up for before batch()
 * returns. Between two items the session is reset, but for role and prepared statements: an item whose words speak of them runs by itself, as
 * one does that turns out to have touched them unseen, or to meet them touched. So do COPY, and all items behind a pooler or on a cluster.
 */
#ifndef GW_ENGINE_POSTGRES_BATCH_H
#define GW_ENGINE_POSTGRES_BATCH_H

#include "db/engine.h"

/* Of the contract. */
GW_CHECKED gw_rc gw_pg_batch(gw_conn *c, gw_batch_item *items, size_t count, gw_batch_end *end, gw_err *e);

#endif
