/*
 * engine/postgres/transaction - begin, commit, roll back.
 *
 * Behind a pooler a session lasts as long as a transaction, and then serves somebody else. There begin() makes it clean before the
 * transaction and says godwit's settings within, and commit() takes away what the user's statements left, in one message each.
 */
#ifndef GW_ENGINE_POSTGRES_TRANSACTION_H
#define GW_ENGINE_POSTGRES_TRANSACTION_H

#include "db/engine.h"

/* Of the contract. */
GW_CHECKED gw_rc gw_pg_begin(gw_conn *c, gw_str own, gw_err *e);
GW_CHECKED gw_rc gw_pg_commit(gw_conn *c, gw_err *e);
void gw_pg_rollback(gw_conn *c);
GW_CHECKED gw_rc gw_pg_transactions(gw_conn *c, int64_t *count, gw_err *e);

#endif
