/*
 * sqlite/others - has anybody else written to the database since it was opened?
 *
 * SQLite numbers what a connection sees of its file: PRAGMA data_version changes with every commit of another connection, and not with
 * those of its own. It costs a statement, which an opening that nothing follows need not pay: until the first statement behind it the
 * pager's own number, which costs nothing, tells whether the file is still what was read while opening.
 */
#ifndef GW_SQLITE_OTHERS_H
#define GW_SQLITE_OTHERS_H

#include "engine/sqlite/connection.h"

/* Right behind the first statement that read the file. */
void gw_sqlite_others_opened(gw_sqlite_conn *c);
/* Before each later statement. */
void gw_sqlite_others_prepare(gw_sqlite_conn *c);
/* Within a transaction that writes. */
bool gw_sqlite_others_have_been(gw_sqlite_conn *c);

#endif
