/*
 * engine/postgres/batch - many migrations in one round trip, by libpq's pipeline mode.
 *
 * Everything is sent without waiting, and one sync ends it: the server itself skips what follows a failure. Each item has a transaction
 * of its own. Only the last one waits for the disk, which then holds all before it; after a failure that is made up for before batch()
 * returns.
 *
 * Between two items the session is reset, unless it is sure that the first left nothing: its text tells (sql/traceless), and the server
 * confirms that nothing else carries out what others wrote. It is asked when a row of such items begins whether there are triggers on
 * DDL and whether the history is plain (batch_quiet.sql, batch_seal.sql); of the former with every item (batch_plain.sql). The reset of a flight leaves out role and prepared statements, and
 * checks them: an item whose words speak of them runs by itself, as one does that meets them touched. So do COPY, and all items
 * behind a pooler or on a cluster.
 */
#ifndef GW_ENGINE_POSTGRES_BATCH_H
#define GW_ENGINE_POSTGRES_BATCH_H

#include "db/engine.h"

/* Of the contract. */
GW_CHECKED gw_rc gw_pg_batch(gw_conn *c, gw_batch_item *items, size_t count, gw_batch_end *end, gw_err *e);

#endif
