#include "engine/mysql/session.h"

#include <assert.h>
#include <limits.h>

#include "engine/mysql/connection.h"
#include "engine/mysql/literal.h"
#include "engine/mysql/transaction.h"

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
    {"wsrep_on", ANY, NEVER}, /* of MySQL's clusters only where the names were asked for */
};

enum { VARIABLES = sizeof(variables) / sizeof(variables[0]), AHEAD = 3 };

/* What stands ahead of the variables. A statement that set `timestamp` stopped the clock of its session. */
static const char *const ahead[AHEAD] = {
    "DATABASE()",
    "CURRENT_ROLE()",
    "IF(ABS(@@SESSION.timestamp - UNIX_TIMESTAMP(SYSDATE(6))) < 1, 0, 1)",
};
enum { COLUMN_DATABASE, COLUMN_ROLE, COLUMN_CLOCK };

static bool
has_variable(const gw_mysql_flavour *f, size_t i)
{
    if (f->known != NULL)
        return gw_map_has(f->known, gw_str_of(variables[i].name));
    const unsigned since = f->mariadb ? variables[i].mariadb : variables[i].mysql;
    return since != NEVER && f->version >= since;
}

void
gw_mysql_session_columns(const gw_mysql_session *s, gw_buf *out)
{
    for (size_t i = 0; i < AHEAD; i++)
        gw_buf_printf(out, ", %s", ahead[i]);
    for (size_t i = 0; i < VARIABLES; i++)
        if (has_variable(&s->flavour, i))
            gw_buf_printf(out, ", @@SESSION.%s", variables[i].name);
}

void
gw_mysql_session_keep(gw_arena *a, gw_mysql_session *s, size_t columns, const char *const *values)
{
    s->began = (gw_mysql_texts){0};
    for (size_t i = 0; i < columns; i++)
        *gw_vec_push(a, &s->began) = gw_text(a, values[i]);
}

const char *
gw_mysql_session_began(const gw_mysql_session *s, const char *name)
{
    for (size_t i = 0, column = AHEAD; i < VARIABLES; i++)
        if (has_variable(&s->flavour, i)) {
            if (strcmp(variables[i].name, name) == 0)
                return s->began.at[column];
            column++;
        }
    return NULL;
}

static void
put_lock_timeout(gw_buf *out, int64_t ms)
{
    const int64_t most = 31536000; /* of MariaDB, and what both begin with at most */
    const int64_t seconds = (ms + 999) / 1000 < most ? (ms + 999) / 1000 : most;
    gw_buf_printf(out, "SESSION lock_wait_timeout = %lld, SESSION innodb_lock_wait_timeout = %lld", (long long)seconds,
                  (long long)seconds);
}

void
gw_mysql_session_opening(const gw_mysql_session *s, const gw_open_params *p, gw_buf *out)
{
    /* libmariadb greets with utf8mb4_general_ci. The server's own default collation is what everybody else's
     * literals have. */
    if (!s->flavour.mariadb)
        gw_buf_puts(out, "NAMES utf8mb4");
    if (p->lock_timeout_ms > 0) {
        gw_buf_puts(out, s->flavour.mariadb ? "" : ", ");
        put_lock_timeout(out, p->lock_timeout_ms);
    }
}

static bool
has_word(gw_str sql, const char *word)
{
    const size_t len = strlen(word);
    for (size_t at = 0; at + len <= sql.len; at++)
        if ((sql.ptr[at] | 0x20) == word[0] && strncasecmp(sql.ptr + at, word, len) == 0)
            return true;
    return false;
}

void
gw_mysql_session_note(gw_mysql_session *s, gw_str sql)
{
    /* LOCK TABLES, FLUSH TABLES WITH READ LOCK, BACKUP LOCK; or EXECUTE of a text that we cannot see. */
    if (!s->table_locks && sql.len < 65536)
        s->table_locks = has_word(sql, "lock") || has_word(sql, "execute");
}

/* ---- the way back ---- */

typedef struct comparison {
    gw_mysql_conn *c;
    gw_buf set; /* ", SESSION name = value …" */
    bool database, role;
} comparison;

static bool
same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
is_number(const char *text)
{
    return text[0] != '\0' && strspn(text, "0123456789.") == strlen(text);
}

static void
put_value(gw_buf *out, MYSQL *my, const char *value)
{
    if (value != NULL && is_number(value))
        gw_buf_puts(out, value);
    else
        gw_mysql_literal_add(out, my, value);
}

static bool
compare(void *ctx, size_t columns, const char *const *values)
{
    comparison *const r = ctx;
    const gw_mysql_session *const s = &r->c->session;
    assert(columns == s->began.len + 1);
    const char *const *const now = values + 1;
    r->database = s->began.at[COLUMN_DATABASE] != NULL && !same(s->began.at[COLUMN_DATABASE], now[COLUMN_DATABASE]);
    r->role = !same(s->began.at[COLUMN_ROLE], now[COLUMN_ROLE]);
    if (!same(s->began.at[COLUMN_CLOCK], now[COLUMN_CLOCK]))
        gw_buf_puts(&r->set, ", SESSION timestamp = DEFAULT");
    for (size_t i = 0, column = AHEAD; i < VARIABLES; i++) {
        if (!has_variable(&s->flavour, i))
            continue;
        const char *const began = s->began.at[column];
        if (!same(began, now[column++])) {
            gw_buf_printf(&r->set, ", SESSION %s = ", variables[i].name);
            put_value(&r->set, r->c->my, began);
        }
    }
    return true;
}

static void
put_role(gw_buf *out, const gw_mysql_session *s)
{
    const char *const role = s->began.at[COLUMN_ROLE];
    gw_buf_puts(out, "SET ROLE ");
    if (role == NULL || strcmp(role, "NONE") == 0)
        gw_buf_puts(out, "NONE");
    else if (s->flavour.mariadb)
        gw_mysql_literal_name(out, role);
    else
        gw_buf_puts(out, role); /* MySQL gives them quoted, and several */
}

static gw_rc
send_text(gw_mysql_conn *c, gw_buf *text, gw_err *e)
{
    return gw_mysql_send(c, gw_buf_str(text), NULL, NULL, e);
}

static gw_rc
go_back(gw_arena *a, comparison *r, gw_err *e)
{
    gw_mysql_conn *const c = r->c;
    gw_buf text = gw_buf_new(a);
    if (r->set.len > 0) {
        gw_buf_puts(&text, "SET");
        gw_buf_add(&text, gw_str_slice(gw_buf_str(&r->set), 1, r->set.len));
        GW_TRY(send_text(c, &text, e));
    }
    if (r->role) {
        text = gw_buf_new(a);
        put_role(&text, &c->session);
        GW_TRY(send_text(c, &text, e));
    }
    if (r->database) {
        text = gw_buf_new(a);
        gw_buf_puts(&text, "USE ");
        gw_mysql_literal_name(&text, c->session.began.at[COLUMN_DATABASE]);
        GW_TRY(send_text(c, &text, e));
    }
    return GODWIT_OK;
}

gw_rc
gw_mysql_reset(gw_conn *head, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_mysql_conn *const c = gw_mysql_of(head);
    if (gw_mysql_in_transaction(head) || (c->my->server_status & SERVER_STATUS_AUTOCOMMIT) == 0)
        GW_TRY(gw_mysql_send(c, GW_STR_LIT("ROLLBACK"), NULL, NULL, e));
    if (c->session.table_locks)
        GW_TRY(gw_mysql_send(c, GW_STR_LIT("UNLOCK TABLES"), NULL, NULL, e));
    c->session.table_locks = false;
    comparison r = {.c = c, .set = gw_buf_new(scratch)};
    gw_buf text = gw_buf_new(scratch);
    gw_buf_puts(&text, "SELECT 0");
    gw_mysql_session_columns(&c->session, &text);
    GW_TRY(gw_mysql_send(c, gw_buf_str(&text), compare, &r, e));
    return go_back(scratch, &r, e);
}

gw_rc
gw_mysql_set_lock_timeout(gw_conn *head, int64_t ms, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_mysql_conn *const c = gw_mysql_of(head);
    gw_buf text = gw_buf_new(scratch);
    gw_buf_puts(&text, "SET ");
    if (ms > 0)
        put_lock_timeout(&text, ms);
    else
        gw_buf_printf(&text, "SESSION lock_wait_timeout = %s, SESSION innodb_lock_wait_timeout = %s",
                      gw_mysql_session_began(&c->session, "lock_wait_timeout"),
                      gw_mysql_session_began(&c->session, "innodb_lock_wait_timeout"));
    return send_text(c, &text, e);
}
