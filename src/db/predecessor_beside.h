/*
 * db/predecessor_beside - the file beside the database, where that is a file itself, in which sqitch keeps what it did.
 *
 * It is attached for as long as it is read: what is attached takes part in every transaction.
 */
#ifndef GW_DB_PREDECESSOR_BESIDE_H
#define GW_DB_PREDECESSOR_BESIDE_H

#include "db/engine.h"

/* *schema: as what it is attached; NULL: there is none. */
GW_CHECKED gw_rc gw_predecessor_attach(gw_arena *a, gw_conn *c, const char **schema, gw_err *e);
GW_CHECKED gw_rc gw_predecessor_detach(gw_conn *c, gw_err *e);
bool gw_predecessor_is_beside(const gw_conn *c, const char *schema); /* is a table of that schema in such a file? */

#endif
