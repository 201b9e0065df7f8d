/*
 * db/history_row - a row of the history as parameters, and what became of it when none was written.
 */
#ifndef GW_DB_HISTORY_ROW_H
#define GW_DB_HISTORY_ROW_H

#include "db/column.h"
#include "db/history.h"

enum { GW_ROW_PARAMS = GW_COLUMN__COUNT - 1 };

const char *gw_history_number(gw_arena *a, int64_t n);
/* The GW_ROW_PARAMS of GW_SQL_HISTORY_INSERT. */
void gw_history_row_put(gw_arena *a, const gw_record *r, gw_param *params);
/* No row was hit: GODWIT_LOCKED. */
GW_CHECKED gw_rc gw_history_fail_lost(const gw_history *h, gw_err *e);

#endif
