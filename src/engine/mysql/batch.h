/*
 * engine/mysql/batch - many migrations in few packets.
 *
 * An item goes in one packet: what it is made of, the bookkeeping with it, and between them what exec() would ask in round trips of its
 * own. A packet ends early behind a statement that others may not follow (engine/mysql/traits), and goes on with the next item
 * where the one before certainly left the session as it was: after tables, indexes and views. There the row of the one and that of the next
 * are written together (GW_SQL_BATCH_JOIN); what that needs is that nothing else of this session inserts in between.
 *
 * How long an item took is from the answer that ended the one before to the answer that ended it; the history has the server's times.
 */
#ifndef GW_ENGINE_MYSQL_BATCH_H
#define GW_ENGINE_MYSQL_BATCH_H

#include "db/engine.h"

/* Of the contract. */
GW_CHECKED gw_rc gw_mysql_batch(gw_conn *c, gw_batch_item *items, size_t count, gw_batch_end *end, gw_err *e);

#endif
