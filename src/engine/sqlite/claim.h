/*
 * sqlite/claim - the sign that a migration of several units is under way, and who excludes other runners now.
 *
 * Between two units SQLite itself holds no lock. So the runner locks an empty file beside the database, "<file>-godwit", with flock(): the
 * lock goes with the process, also when that is killed, and what is left of the file then says nothing. A file of its own, since
 * a second descriptor of the database, once closed, would drop all locks that SQLite has on it in this process. Who gives the
 * claim back removes the file; who locked a file that was removed meanwhile tries again. A file of that name which is not empty, or
 * not a file, is somebody else's: it is named, and left alone.
 */
#ifndef GW_SQLITE_CLAIM_H
#define GW_SQLITE_CLAIM_H

#include "db/engine.h"

#define GW_SQLITE_CLAIM "-godwit" /* behind the name of the database file */

/* gw_engine's functions of these names. A database in memory is always taken: nobody else sees it. */
GW_CHECKED gw_rc gw_sqlite_claim(gw_conn *conn, bool *taken, gw_err *e);
void gw_sqlite_unclaim(gw_conn *conn);
/* Who has the claim, or else who is in a transaction that writes. */
GW_CHECKED gw_rc gw_sqlite_lock_holder(gw_arena *a, gw_conn *conn, const char *key, gw_lock_holder *out, gw_err *e);

#endif
