/*
 * db/history_read - the rows of the history table.
 *
 * A kind, direction or state that we do not know was written by a newer godwit: GODWIT_FOLDER.
 */
#ifndef GW_DB_HISTORY_READ_H
#define GW_DB_HISTORY_READ_H

#include "db/history.h"

/* Oldest first; none when the table does not exist. */
GW_CHECKED gw_rc gw_history_list(gw_arena *a, const gw_history *h, gw_records *out, gw_err *e);
/* *found false: the version was never tried. */
GW_CHECKED gw_rc gw_history_newest(gw_arena *a, const gw_history *h, const char *version, gw_record *out, bool *found,
                                   gw_err *e);

/* One such row that has an id. `shown`: the table, for errors. `like`: a row whose texts it may share; NULL: none. */
GW_CHECKED gw_rc gw_history_read_row(gw_arena *a, const char *shown, const char *const *values, const gw_record *like,
                                     gw_record *out, gw_err *e);

#endif
