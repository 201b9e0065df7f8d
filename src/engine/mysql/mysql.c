#include "engine/mysql/batch.h"
#include "engine/mysql/blocker.h"
#include "engine/mysql/connection.h"
#include "engine/mysql/database.h"
#include "engine/mysql/engine.h"
#include "engine/mysql/foresight.h"
#include "engine/mysql/lock.h"
#include "engine/mysql/open.h"
#include "engine/mysql/process.h"
#include "engine/mysql/reset.h"
#include "engine/mysql/state.h"
#include "engine/mysql/statement.h"
#include "engine/mysql/transaction.h"
#include "mysql_sql.h"

#include "base/ban.h"

static void
cancel(gw_conn *c)
{
    gw_mysql_cancel_ask(&gw_mysql_of(c)->cancel);
}

static void
drop(gw_conn *c, int64_t ms)
{
    gw_mysql_cancel_drop(&gw_mysql_of(c)->cancel, ms);
}

static const char *const schemes[] = {"mysql", "mariadb", NULL};

const gw_engine gw_mysql = {
    .name = "mysql",
    .schemes = schemes,
    .caps = GW_CAP_SESSION_LOCK | GW_CAP_SCHEMAS | GW_CAP_DATABASES | GW_CAP_BATCH | GW_CAP_LEASE | GW_CAP_STATE |
            GW_CAP_FORESIGHT | GW_CAP_BLOCKERS | GW_CAP_TWIN | GW_CAP_SHADOWS,
    .dialect = GW_DIALECT_MYSQL,
    .sql =
        {
            [GW_SQL_HISTORY_EXISTS] = gw_sql_history_exists,
            [GW_SQL_HISTORY_HERE] = "",
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
            [GW_SQL_BATCH_MARK] = gw_sql_batch_mark,
            [GW_SQL_BATCH_END] = gw_sql_batch_end,
            [GW_SQL_BATCH_JOIN] = gw_sql_batch_join,
            [GW_SQL_LEASE_CREATE] = gw_sql_lease_create,
            [GW_SQL_LEASE_SEED] = gw_sql_lease_seed,
            [GW_SQL_LEASE_READ] = gw_sql_lease_read,
            [GW_SQL_LEASE_TAKE] = gw_sql_lease_take,
            [GW_SQL_LEASE_BEAT] = gw_sql_lease_beat,
            [GW_SQL_LEASE_FREE] = gw_sql_lease_free,
            [GW_SQL_FINGERPRINT] = "CONCAT({parameter}, CONCAT_WS(',', {states}))",
        },
    .lock_method = "GET_LOCK",
    .current_schema = "DATABASE()",
    .adopt = {.tables = gw_sql_tables,
              .hex = "LOWER(HEX({x}))",
              .join = "CONCAT({x}, '{between}', {y})",
              .lock = "SELECT IF(GET_LOCK($1, 0) = 1, '1', NULL)",
              .unlock = "DO RELEASE_LOCK($1)",
              .holder = gw_sql_adopt_holder},
    .open = gw_mysql_open,
    .is_missing_database = gw_mysql_is_missing_database,
    .is_ended_session = gw_mysql_is_ended_session,
    .exec = gw_mysql_exec,
    .query = gw_mysql_query,
    .begin = gw_mysql_begin,
    .commit = gw_mysql_commit,
    .rollback = gw_mysql_rollback,
    .in_transaction = gw_mysql_in_transaction,
    .reset = gw_mysql_reset,
    .set_lock_timeout = gw_mysql_set_lock_timeout,
    .cancel = cancel,
    .drop = drop,
    .is_alive = gw_mysql_is_alive,
    .copy_in = NULL,
    .try_lock = gw_mysql_try_lock,
    .unlock = gw_mysql_unlock,
    .lock_holder = gw_mysql_lock_holder,
    .lock_held = gw_mysql_lock_held,
    .end_session = gw_mysql_end_session,
    .batch = gw_mysql_batch,
    .state = gw_mysql_state,
    .blockers = gw_mysql_blockers,
    .foresee = gw_mysql_foresee,
    .twin = gw_mysql_twin,
    .database_exists = gw_mysql_database_exists,
    .database_create = gw_mysql_database_create,
    .database_drop = gw_mysql_database_drop,
};
