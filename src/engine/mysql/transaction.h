/*
 * engine/mysql/transaction - begin, commit, rollback of the contract. The server itself says whether one is open.
 */
#ifndef GW_ENGINE_MYSQL_TRANSACTION_H
#define GW_ENGINE_MYSQL_TRANSACTION_H

#include "engine/mysql/connection.h"

GW_CHECKED gw_rc gw_mysql_begin(gw_conn *c, gw_str own, gw_err *e);
GW_CHECKED gw_rc gw_mysql_commit(gw_conn *c, gw_err *e);
void gw_mysql_rollback(gw_conn *c);
bool gw_mysql_in_transaction(gw_conn *c);
/* A statement outside a transaction is kept by itself. */
bool gw_mysql_commits_by_itself(const gw_mysql_conn *c);

/* The session began so that it may write, and a statement of the user's may have changed that. */
bool gw_mysql_may_be_read_only(const gw_mysql_conn *c);

#endif
