/*
 * db/history_group - the rows of a group (gw_engine.group_begin), many in one statement.
 *
 * A row by itself costs as much as a small migration: a statement begun and ended, and its number drawn. What is left when too few
 * remain for that statement is added one by one.
 */
#ifndef GW_DB_HISTORY_GROUP_H
#define GW_DB_HISTORY_GROUP_H

#include "db/history_write.h"

/* In the transaction that is open. An error: not all of them are written, so that the transaction is to be rolled back. */
GW_CHECKED gw_rc gw_history_add_group(const gw_history *h, const gw_records *rows, gw_err *e);

#endif
