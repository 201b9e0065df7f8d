/*
 * engine/mysql/blocker - whom a session waits for: holders of metadata locks and of row locks.
 *
 * performance_schema knows where it watches (MySQL as it comes), InnoDB knows of rows; MariaDB as it comes tells of metadata locks
 * only that somebody waits: then the transactions that are older than the wait are named as a guess, or with its plugin
 * metadata_lock_info those that hold a table which the waiting statement mentions. InnoDB tells nothing new to who asks again within
 * 100 ms.
 */
#ifndef GW_ENGINE_MYSQL_BLOCKER_H
#define GW_ENGINE_MYSQL_BLOCKER_H

#include "db/engine.h"

/* Of the contract. Who may not see other users' sessions (PROCESS, SELECT on performance_schema) sees none. */
GW_CHECKED gw_rc gw_mysql_blockers(gw_arena *a, gw_conn *c, int64_t session, gw_blockers *out, gw_err *e);

#endif
