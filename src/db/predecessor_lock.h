/*
 * db/predecessor_lock - the lock that another tool has for itself, so that it does not write what is being read.
 *
 * A lock of the session is taken, and given back when the arena ends; where a session's locks cannot be trusted (a pooler, a cluster), or
 * nothing is to be taken, it is looked at. A lock that is a row of the tool's is looked at only: nothing of the tool's is written.
 */
#ifndef GW_DB_PREDECESSOR_LOCK_H
#define GW_DB_PREDECESSOR_LOCK_H

#include "db/predecessor.h"

/* GODWIT_LOCKED, naming who has it: the tool is at work. a ends before the connection. */
GW_CHECKED gw_rc gw_predecessor_lock(gw_arena *a, gw_conn *c, const gw_legacy_table *from, bool take, gw_err *e);

#endif
