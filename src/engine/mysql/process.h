/*
 * engine/mysql/process - the process list: who is connected, and what he runs.
 *
 * It has two homes. information_schema's goes one day; performance_schema's is missing on MariaDB and where it is turned off, and shows less of
 * a long statement.
 */
#ifndef GW_ENGINE_MYSQL_PROCESS_H
#define GW_ENGINE_MYSQL_PROCESS_H

#include "db/engine.h"

/* "app@10.0.0.7, connection 4711". */
char *gw_mysql_process_who(gw_arena *a, const char *user, const char *host, int64_t session);
/* The session of that number; who NULL: there is none, or not everybody may see it. */
GW_CHECKED gw_rc gw_mysql_process_find(gw_arena *a, gw_conn *c, int64_t session, gw_lock_holder *out, gw_err *e);
/* Of the contract. */
GW_CHECKED gw_rc gw_mysql_twin(gw_arena *a, gw_conn *c, gw_str sql, gw_lock_holder *out, gw_err *e);

#endif
