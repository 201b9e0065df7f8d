/*
 * engine/mysql/lock - GET_LOCK: a named lock that lives with the session, who holds it, and ending that session.
 *
 * Names are "godwit:" and the key, hashed when that is longer than the 64 characters that MySQL allows. A server has
 * one space of such names for all its databases; a cluster has one a node (facts.cluster). A member of a group that replicates in
 * multi-primary mode is such a node too, and known only when it is asked: try_lock() refuses there.
 */
#ifndef GW_ENGINE_MYSQL_LOCK_H
#define GW_ENGINE_MYSQL_LOCK_H

#include "db/engine.h"

GW_CHECKED gw_rc gw_mysql_try_lock(gw_conn *c, const char *key, bool *taken, gw_err *e);
void gw_mysql_unlock(gw_conn *c, const char *key);
char *gw_mysql_lock_held(gw_arena *a, gw_conn *c, const char *key);
GW_CHECKED gw_rc gw_mysql_lock_holder(gw_arena *a, gw_conn *c, const char *key, gw_lock_holder *out, gw_err *e);
GW_CHECKED gw_rc gw_mysql_end_session(gw_conn *c, int64_t session, gw_err *e);

bool gw_mysql_is_ended_session(const gw_err *e);

#endif
