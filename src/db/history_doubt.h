/*
 * db/history_doubt - what a server says of its own answer about the history: whether it is to be believed (GW_DOUBT_…).
 */
#ifndef GW_DB_HISTORY_DOUBT_H
#define GW_DB_HISTORY_DOUBT_H

#include "db/engine.h"

/* The doubt of a row of GW_SQL_HISTORY_LIST; NULL: none. */
const char *gw_history_doubt(size_t columns, const char *const *values);
/* An answer about the table `shown` with that doubt, NULL included: GODWIT_REFUSED when it is not to be believed. */
GW_CHECKED gw_rc gw_history_believe(const gw_conn *c, const char *shown, const char *doubt, gw_err *e);

#endif
