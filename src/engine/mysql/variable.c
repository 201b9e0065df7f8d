#include "engine/mysql/variable.h"

#include <limits.h>

#include "base/ban.h"

enum { ANY = 0, NEVER = UINT_MAX };

/* Since which version of MariaDB and of MySQL a session variable exists. What is missing here a migration can
 * change for those after it. Character sets stand before collations, since setting one resets the other. */
static const struct {
    const char *name;
    unsigned mariadb, mysql;
} variables[] = {
    {"autocommit", ANY, ANY},
    {"sql_mode", ANY, ANY},
    {"foreign_key_checks", ANY, ANY},
    {"unique_checks", ANY, ANY},
    {"check_constraint_checks", ANY, NEVER},
    {"character_set_client", ANY, ANY},
    {"character_set_results", ANY, ANY},
    {"character_set_connection", ANY, ANY},
    {"collation_connection", ANY, ANY},
    {"character_set_server", ANY, ANY},
    {"collation_server", ANY, ANY},
    {"character_set_filesystem", ANY, ANY},
    {"default_collation_for_utf8mb4", NEVER, 80011},
    {"time_zone", ANY, ANY},
    {"lc_time_names", ANY, ANY},
    {"lc_messages", ANY, ANY},
    {"lock_wait_timeout", ANY, ANY},
    {"innodb_lock_wait_timeout", ANY, ANY},
    {"max_statement_time", ANY, NEVER},
    {"max_execution_time", NEVER, ANY},
    {"tx_isolation", ANY, NEVER},
    {"tx_read_only", ANY, NEVER},
    {"transaction_isolation", NEVER, ANY},
    {"transaction_read_only", NEVER, ANY},
    {"completion_type", ANY, ANY},
    {"sql_notes", ANY, ANY},
    {"sql_warnings", ANY, ANY},
    {"sql_safe_updates", ANY, ANY},
    {"sql_select_limit", ANY, ANY},
    {"sql_big_selects", ANY, ANY},
    {"sql_buffer_result", ANY, ANY},
    {"sql_auto_is_null", ANY, ANY},
    {"sql_quote_show_create", ANY, ANY},
    {"sql_log_bin", ANY, ANY},
    {"binlog_format", ANY, ANY},
    {"sql_if_exists", 100502, NEVER},
    {"sql_require_primary_key", NEVER, 80013},
    {"sql_generate_invisible_primary_key", NEVER, 80030},
    {"max_join_size", ANY, ANY},
    {"group_concat_max_len", ANY, ANY},
    {"max_error_count", ANY, ANY},
    {"max_sp_recursion_depth", ANY, ANY},
    {"max_recursive_iterations", ANY, NEVER},
    {"cte_max_recursion_depth", NEVER, 80003},
    {"div_precision_increment", ANY, ANY},
    {"default_week_format", ANY, ANY},
    {"block_encryption_mode", NEVER, ANY},
    {"explicit_defaults_for_timestamp", ANY, ANY},
    {"default_storage_engine", ANY, ANY},
    {"default_tmp_storage_engine", ANY, ANY},
    {"enforce_storage_engine", ANY, NEVER},
    {"default_table_encryption", NEVER, 80016},
    {"innodb_strict_mode", ANY, ANY},
    {"innodb_table_locks", ANY, ANY},
    {"alter_algorithm", ANY, NEVER},
    {"old_alter_table", NEVER, ANY},
    {"system_versioning_alter_history", ANY, NEVER},
    {"restrict_fk_on_non_standard_key", NEVER, 80400},
    {"updatable_views_with_limit", ANY, ANY},
    {"auto_increment_increment", ANY, ANY},
    {"auto_increment_offset", ANY, ANY},
    {"optimizer_switch", ANY, ANY},
    {"wait_timeout", ANY, ANY},
    {"net_read_timeout", ANY, ANY},
    {"net_write_timeout", ANY, ANY},
    {"tmp_table_size", ANY, ANY},
    {"max_heap_table_size", ANY, ANY},
    {"session_track_system_variables", 100202, 50704},
    {"session_track_schema", 100202, 50704},
    {"session_track_state_change", 100202, 50704},
    {"wsrep_on", ANY, NEVER}, /* of MySQL's clusters only where the names were asked for */
    {"wsrep_sync_wait", ANY, NEVER},
    {"wsrep_osu_method", ANY, NEVER},
};

enum { VARIABLES = sizeof(variables) / sizeof(variables[0]) };

/* What stands ahead of the variables. A statement that set `timestamp` stopped the clock of its session. */
static const char *const ahead[GW_MYSQL_AHEAD] = {
    [GW_MYSQL_DATABASE] = "DATABASE()",
    [GW_MYSQL_ROLE] = "CURRENT_ROLE()",
    [GW_MYSQL_CLOCK] = "IF(ABS(@@SESSION.timestamp - UNIX_TIMESTAMP(SYSDATE(6))) < 1, 0, 1)",
};

static bool
has_variable(const gw_mysql_flavour *f, size_t i)
{
    if (f->known != NULL)
        return gw_map_has(f->known, gw_str_of(variables[i].name));
    const unsigned since = f->mariadb ? variables[i].mariadb : variables[i].mysql;
    return since != NEVER && f->version >= since;
}

void
gw_mysql_variable_columns(const gw_mysql_flavour *f, gw_buf *out)
{
    for (size_t i = 0; i < GW_MYSQL_AHEAD; i++)
        gw_buf_printf(out, ", %s", ahead[i]);
    for (size_t i = 0; i < VARIABLES; i++)
        if (has_variable(f, i))
            gw_buf_printf(out, ", @@SESSION.%s", variables[i].name);
}

const char *
gw_mysql_variable_next(const gw_mysql_flavour *f, size_t *at)
{
    while (*at < VARIABLES && !has_variable(f, *at))
        ++*at;
    return *at < VARIABLES ? variables[(*at)++].name : NULL;
}

size_t
gw_mysql_variable_column(const gw_mysql_flavour *f, const char *name)
{
    size_t at = 0, column = GW_MYSQL_AHEAD;
    for (const char *next; (next = gw_mysql_variable_next(f, &at)) != NULL; column++)
        if (strcmp(next, name) == 0)
            return column;
    return SIZE_MAX;
}
