#include "engine/postgres/postgres.h"

#include "engine/postgres/backend.h"
#include "engine/postgres/batch.h"
#include "engine/postgres/blocker.h"
#include "engine/postgres/connect.h"
#include "engine/postgres/copy.h"
#include "engine/postgres/database.h"
#include "engine/postgres/lock.h"
#include "engine/postgres/query.h"
#include "engine/postgres/session.h"
#include "engine/postgres/settings.h"
#include "engine/postgres/state.h"
#include "engine/postgres/tidy.h"
#include "engine/postgres/transaction.h"
#include "engine/postgres/wire.h"
#include "postgres_sql.h"

static const char *const schemes[] = {"postgres", "postgresql", NULL};

static gw_rc
open_conn(gw_arena *a, const gw_open_params *p, gw_conn **out, gw_err *e)
{
    GW_TRY(gw_pg_open(a, p, out, e));
    (*out)->engine = &gw_postgres;
    return GODWIT_OK;
}

const gw_engine gw_postgres = {
    .name = "postgres",
    .schemes = schemes,
    .caps = GW_CAP_TX_DDL | GW_CAP_SESSION_LOCK | GW_CAP_COPY | GW_CAP_SCHEMAS | GW_CAP_DATABASES | GW_CAP_LEASE |
            GW_CAP_BATCH | GW_CAP_STATE | GW_CAP_TIDY | GW_CAP_BLOCKERS | GW_CAP_RESET_ALL | GW_CAP_COUNTS |
            GW_CAP_TWIN,
    .dialect = GW_DIALECT_POSTGRES,
    .sql =
        {
            [GW_SQL_HISTORY_EXISTS] = gw_sql_history_exists,
            [GW_SQL_HISTORY_HERE] = gw_sql_history_here,
            [GW_SQL_HISTORY_SCHEMA] = gw_sql_history_schema,
            [GW_SQL_HISTORY_CREATE] = gw_sql_history_create,
            [GW_SQL_HISTORY_LIST] = gw_sql_history_list,
            [GW_SQL_HISTORY_PLAN] = gw_sql_history_plan,
            [GW_SQL_HISTORY_DOWN] = gw_sql_history_down,
            [GW_SQL_HISTORY_NEWEST] = gw_sql_history_newest,
            [GW_SQL_HISTORY_INSERT] = gw_sql_history_insert,
            [GW_SQL_HISTORY_LAST_ID] = gw_sql_history_last_id,
            [GW_SQL_HISTORY_MARK] = gw_sql_history_mark,
            [GW_SQL_HISTORY_END] = gw_sql_history_end,
            [GW_SQL_BATCH_INSERT] = gw_sql_batch_insert,
            [GW_SQL_BATCH_MARK] = "",
            [GW_SQL_BATCH_END] = "",
            [GW_SQL_BATCH_PLAIN] = gw_sql_batch_plain,
            [GW_SQL_BATCH_SEAL] = gw_sql_batch_seal,
            [GW_SQL_LEASE_CREATE] = gw_sql_lease_create,
            [GW_SQL_LEASE_SEED] = gw_sql_lease_seed,
            [GW_SQL_LEASE_READ] = gw_sql_lease_read,
            [GW_SQL_LEASE_TAKE] = gw_sql_lease_take,
            [GW_SQL_LEASE_BEAT] = gw_sql_lease_beat,
            [GW_SQL_LEASE_FREE] = gw_sql_lease_free,
            [GW_SQL_FINGERPRINT] =
                "pg_catalog.concat({parameter}::pg_catalog.text, pg_catalog.concat_ws(',', {states}))",
        },
    .lock_method = "advisory lock",
    .current_schema = "coalesce(pg_catalog.current_schema(), 'public')",
    .adopt = {.tables = gw_sql_tables,
              .hex = "pg_catalog.encode({x}, 'hex')",
              .join = "({x} || '{between}' || {y})",
              .lock = "SELECT CASE WHEN pg_catalog.pg_try_advisory_lock($1::bigint) THEN '1' END",
              .unlock = "SELECT pg_catalog.pg_advisory_unlock($1::bigint)",
              .holder = gw_sql_adopt_holder,
              .lock_is_number = true},
    .open = open_conn,
    .is_missing_database = gw_pg_is_missing_database,
    .is_ended_session = gw_pg_is_ended_session,
    .exec = gw_pg_exec,
    .query = gw_pg_query,
    .begin = gw_pg_begin,
    .commit = gw_pg_commit,
    .rollback = gw_pg_rollback,
    .in_transaction = gw_pg_in_transaction,
    .reset = gw_pg_reset,
    .set_lock_timeout = gw_pg_set_lock_timeout,
    .cancel = gw_pg_cancel,
    .drop = gw_pg_drop,
    .is_alive = gw_pg_is_alive,
    .copy_in = gw_pg_copy_in,
    .batch = gw_pg_batch,
    .try_lock = gw_pg_try_lock,
    .unlock = gw_pg_unlock,
    .lock_holder = gw_pg_lock_holder,
    .lock_held = gw_pg_lock_held,
    .end_session = gw_pg_end_session,
    .state = gw_pg_state,
    .tidy = gw_pg_tidy,
    .blockers = gw_pg_blockers,
    .twin = gw_pg_twin,
    .transactions = gw_pg_transactions,
    .database_exists = gw_pg_database_exists,
    .database_create = gw_pg_database_create,
    .database_drop = gw_pg_database_drop,
};
