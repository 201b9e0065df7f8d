/*
 * engine/postgres/state - what an object is like now, as a text by which two moments can be compared.
 *
 * A digest over the rows of the catalog that define it. What is to be dropped is told by its number instead, since a half dropped
 * object is not dropped yet; and an index that is INVALID is not created yet: both can be done again, see engine/postgres/tidy.
 */
#ifndef GW_ENGINE_POSTGRES_STATE_H
#define GW_ENGINE_POSTGRES_STATE_H

#include "db/engine.h"

/* Of the contract. An index without a name stands for all finished indexes of its table; a table with a parent (`on`) for whether
 * it is a partition of that. */
char *gw_pg_state(gw_arena *a, gw_conn *c, const gw_target *target);

#endif
