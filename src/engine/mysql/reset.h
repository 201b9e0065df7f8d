/*
 * engine/mysql/reset - a session is put back to how it began.
 *
 * It is read again, and only what differs is set, since some variables may be set by nobody but an administrator.
 *
 * Restored too: an open transaction (rolled back), table locks (released). Not known to the server as something that could be
 * listed, hence not restored: user variables, prepared statements, open handlers, temporary tables. COM_RESET_CONNECTION would
 * clear them, and release the lock of the run with them; behind a file that leaves such the run goes on in another session (workflow/gap).
 */
#ifndef GW_ENGINE_MYSQL_RESET_H
#define GW_ENGINE_MYSQL_RESET_H

#include "db/engine.h"

/* Of the contract. */
GW_CHECKED gw_rc gw_mysql_reset(gw_conn *c, gw_err *e);
GW_CHECKED gw_rc gw_mysql_set_lock_timeout(gw_conn *c, int64_t ms, gw_err *e);

#endif
