/*
 * db/predecessor_find - which other tools have a history in this database.
 */
#ifndef GW_DB_PREDECESSOR_FIND_H
#define GW_DB_PREDECESSOR_FIND_H

#include "db/predecessor.h"

/* All that there are, those of the current schema first. */
GW_CHECKED gw_rc gw_predecessors_find(gw_arena *a, gw_conn *c, gw_legacy_tables *out, gw_err *e);

#endif
