/*
 * sqlite/reset - the session put back to how it began.
 */
#ifndef GW_SQLITE_RESET_H
#define GW_SQLITE_RESET_H

#include "engine/sqlite/connection.h"

/* Outside a transaction, where most PRAGMAs do nothing. */
GW_CHECKED gw_rc gw_sqlite_reset(gw_sqlite_conn *c, gw_err *e);

#endif
