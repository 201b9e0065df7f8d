#include "engine/mysql/lock.h"

#include <inttypes.h>
#include <mysqld_error.h>

#include "base/clock.h"
#include "base/hash.h"
#include "engine/mysql/connection.h"
#include "engine/mysql/process.h"
#include "engine/mysql/statement.h"
#include "sql/quote.h"

#include "base/ban.h"

enum { NAME_LENGTH = 64, HASH_LENGTH = 40, GONE_WITHIN_MS = 5000, LOOK_AGAIN_MS = 20 };

static const char *
lock_name(gw_arena *a, const char *key)
{
    const gw_str text = gw_str_of(key);
    const char *const plain = gw_printf(a, "godwit:%s", key);
    if (gw_str_utf8_count(gw_str_of(plain)) <= NAME_LENGTH)
        return plain;
    return gw_printf(a, "godwit:%.*s", HASH_LENGTH, gw_sha256_hex(a, text));
}

/* The first column of the only row. */
typedef struct cell {
    gw_arena *a;
    const char *text; /* NULL: SQL null, or no row */
} cell;

static bool
take_cell(void *ctx, size_t columns, const char *const *values)
{
    cell *const out = ctx;
    out->text = columns > 0 ? gw_text(out->a, values[0]) : NULL;
    return false;
}

/* What GET_LOCK says, and whether MySQL's group replication is set to be written to on every member. */
typedef struct grant {
    gw_arena *a;
    const char *given; /* "1", "0"; NULL: SQL null */
    bool is_multi_primary;
} grant;

static bool
take_grant(void *ctx, size_t columns, const char *const *values)
{
    grant *const out = ctx;
    out->given = gw_text(out->a, values[0]);
    out->is_multi_primary = columns > 1 && gw_str_is_nocase(gw_str_of(values[1]), "OFF");
    return false;
}

/* Everybody may read that table; a server that speaks as MySQL does may lack it. */
static gw_rc
ask_for_lock(gw_conn *c, const char *name, grant *out, gw_err *e)
{
    static const char both[] =
        "SELECT GET_LOCK($1, 0), (SELECT variable_value FROM performance_schema.global_variables "
        "WHERE variable_name = 'group_replication_single_primary_mode')";
    gw_err refused = {0};
    const gw_param key[] = {{name}};
    if (gw_str_is(gw_str_of(c->facts.product), "MySQL")) {
        const gw_rc rc = gw_mysql_query(c, both, key, 1, take_grant, out, &refused);
        if (rc == GODWIT_OK)
            return GODWIT_OK;
        if (rc != GODWIT_FAILED) {
            *e = refused;
            return rc;
        }
    }
    if (gw_mysql_query(c, "SELECT GET_LOCK($1, 0)", key, 1, take_grant, out, e) == GODWIT_FAILED)
        return gw_err_hint(e, "where GET_LOCK is refused, the setting `lock: lease` takes a row for a lock");
    return e->rc;
}

gw_rc
gw_mysql_try_lock(gw_conn *c, const char *key, bool *taken, gw_err *e)
{
    GW_SCOPE(scratch);
    grant answer = {.a = scratch};
    const char *const name = lock_name(scratch, key);
    *taken = false;
    GW_TRY(ask_for_lock(c, name, &answer, e));
    if (answer.given == NULL) {
        (void)gw_fail(e, GODWIT_FAILED,
                      "the server could not say whether it gave the lock '%s': GET_LOCK returned NULL", name);
        return gw_err_hint(e, "it may be out of memory, or the session was told to end");
    }
    *taken = strcmp(answer.given, "1") == 0;
    if (!answer.is_multi_primary)
        return GODWIT_OK;
    if (*taken)
        gw_mysql_unlock(c, key);
    *taken = false;
    (void)gw_fail(e, GODWIT_REFUSED,
                  "GET_LOCK would keep nobody out: every member of this server's replication group may be "
                  "written to, and each has locks of its own");
    return gw_err_hint(e, "say `lock: lease`");
}

void
gw_mysql_unlock(gw_conn *c, const char *key)
{
    GW_SCOPE(scratch);
    gw_err ignored = {0};
    if (gw_mysql_is_alive(c) && gw_mysql_query(c, "SELECT RELEASE_LOCK($1)", (gw_param[]){{lock_name(scratch, key)}}, 1,
                                               NULL, NULL, &ignored) != GODWIT_OK)
        return; /* it goes with the session */
}

/* MariaDB compares the bytes: a literal of a session with character_set_connection = ucs2 would be another name. */
char *
gw_mysql_lock_held(gw_arena *a, gw_conn *c, const char *key)
{
    gw_buf name = gw_buf_new(a);
    gw_quote_string(&name, gw_str_of(lock_name(a, key)), c->facts.dialect);
    return gw_printf(a, "IS_USED_LOCK(_utf8mb4%s) <=> CONNECTION_ID()", gw_buf_text(&name));
}

/* ---- who holds it ---- */

gw_rc
gw_mysql_lock_holder(gw_arena *a, gw_conn *c, const char *key, gw_lock_holder *out, gw_err *e)
{
    *out = (gw_lock_holder){0};
    cell session = {.a = a};
    GW_TRY(gw_mysql_query(c, "SELECT IS_USED_LOCK($1)", (gw_param[]){{lock_name(a, key)}}, 1, take_cell, &session, e));
    if (session.text == NULL)
        return GODWIT_OK;
    const int64_t number = strtoll(session.text, NULL, 10);
    GW_TRY(gw_mysql_process_find(a, c, number, out, e));
    if (out->who == NULL) /* all that a user without PROCESS may know */
        *out = (gw_lock_holder){.who = gw_printf(a, "connection %s", session.text), .session = number};
    return GODWIT_OK;
}

gw_rc
gw_mysql_end_session(gw_conn *head, int64_t session, gw_err *e)
{
    GW_SCOPE(scratch);
    const char *const text = gw_printf(scratch, "KILL %" PRId64, session);
    gw_err failure = {0};
    if (gw_mysql_send(gw_mysql_of(head), gw_str_of(text), NULL, NULL, &failure) != GODWIT_OK) {
        if (strtol(failure.code, NULL, 10) == ER_NO_SUCH_THREAD)
            return GODWIT_OK;
        *e = failure;
        return e->rc;
    }
    for (const int64_t until = gw_clock_ms() + GONE_WITHIN_MS;; gw_sleep_ms(LOOK_AGAIN_MS)) {
        gw_lock_holder process;
        GW_TRY(gw_mysql_process_find(scratch, head, session, &process, e));
        if (process.who == NULL)
            return GODWIT_OK;
        if (gw_clock_ms() > until)
            break;
    }
    (void)gw_fail(e, GODWIT_FAILED, "connection %" PRId64 " was told to end and is still there", session);
    return gw_err_hint(e, "the server undoes its work first: SHOW PROCESSLIST shows how far it is");
}

bool
gw_mysql_is_ended_session(const gw_err *e)
{
    enum { SESSION_KILLED = 3169, CONNECTION_KILLED = 1927 }; /* of MySQL, of MariaDB */
    const long code = strtol(e->code, NULL, 10);
    return code == SESSION_KILLED || code == CONNECTION_KILLED;
}
