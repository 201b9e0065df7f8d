/*
 * db/predecessor_read - what another tool's history says, row by row.
 */
#ifndef GW_DB_PREDECESSOR_READ_H
#define GW_DB_PREDECESSOR_READ_H

#include "db/predecessor.h"

/* Its rows. Whoever is to write takes its lock before: db/predecessor_lock. */
GW_CHECKED gw_rc gw_predecessor_read(gw_arena *a, gw_conn *c, const gw_legacy_table *from, gw_legacies *out, gw_err *e);

#endif
