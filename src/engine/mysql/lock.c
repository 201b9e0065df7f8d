#include "engine/mysql/lock.h"

#include <mysqld_error.h>

#include "base/clock.h"
#include "base/hash.h"
#include "engine/mysql/connection.h"
#include "engine/mysql/statement.h"
#include "mysql_sql.h"
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

gw_rc
gw_mysql_try_lock(gw_conn *c, const char *key, bool *taken, gw_err *e)
{
    GW_SCOPE(scratch);
    cell answer = {.a = scratch};
    const char *const name = lock_name(scratch, key);
    *taken = false;
    GW_TRY(gw_mysql_query(c, "SELECT GET_LOCK($1, 0)", (gw_param[]){{name}}, 1, take_cell, &answer, e));
    if (answer.text == NULL) {
        (void)gw_fail(e, GODWIT_FAILED,
                      "the server could not say whether it gave the lock '%s': GET_LOCK returned NULL", name);
        return gw_err_hint(e, "it may be out of memory, or the session was told to end");
    }
    *taken = strcmp(answer.text, "1") == 0;
    return GODWIT_OK;
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

char *
gw_mysql_lock_held(gw_arena *a, gw_conn *c, const char *key)
{
    gw_buf name = gw_buf_new(a);
    gw_quote_string(&name, gw_str_of(lock_name(a, key)), c->facts.dialect);
    return gw_printf(a, "IS_USED_LOCK(%s) <=> CONNECTION_ID()", gw_buf_text(&name));
}

/* ---- who holds it ---- */

typedef struct description {
    gw_arena *a;
    gw_lock_holder *out;
} description;

/* "10.0.0.7:53211" → "10.0.0.7"; "localhost" stays. */
static gw_str
host_without_port(const char *host)
{
    const gw_str s = gw_str_of(host);
    const char *const colon = strrchr(host, ':');
    return colon == NULL ? s : gw_str_slice(s, 0, (size_t)(colon - host));
}

static bool
describe(void *ctx, size_t columns, const char *const *values)
{
    const description *const d = ctx;
    if (columns < 4)
        return false;
    const char *const user = values[0] != NULL ? values[0] : "?";
    const gw_str host = host_without_port(values[1] != NULL ? values[1] : "?");
    d->out->who = gw_printf(d->a, "%s@%.*s, connection %lld", user, GW_STR_ARG(host), (long long)d->out->session);
    d->out->since = gw_text(d->a, values[2]);
    d->out->query = gw_text(d->a, values[3]);
    return false;
}

/* The old home of the process list goes one day; the new one is missing where performance_schema is off. */
static gw_rc
ask_processes(gw_conn *c, const char *const sql[2], const gw_param *params, size_t count, gw_row_fn *fn, void *ctx,
              gw_err *e)
{
    gw_err first = {0};
    if (gw_mysql_query(c, sql[0], params, count, fn, ctx, &first) == GODWIT_OK)
        return GODWIT_OK;
    if (first.rc == GODWIT_FAILED)
        return gw_mysql_query(c, sql[1], params, count, fn, ctx, e);
    *e = first;
    return e->rc;
}

gw_rc
gw_mysql_lock_holder(gw_arena *a, gw_conn *c, const char *key, gw_lock_holder *out, gw_err *e)
{
    static const char *const process[] = {gw_sql_process, gw_sql_process_new};
    *out = (gw_lock_holder){0};
    cell session = {.a = a};
    GW_TRY(gw_mysql_query(c, "SELECT IS_USED_LOCK($1)", (gw_param[]){{lock_name(a, key)}}, 1, take_cell, &session, e));
    if (session.text == NULL)
        return GODWIT_OK;
    out->session = strtoll(session.text, NULL, 10);
    out->who = gw_printf(a, "connection %s", session.text); /* all that a user without PROCESS may know */
    description d = {.a = a, .out = out};
    return ask_processes(c, process, (gw_param[]){{session.text}}, 1, describe, &d, e);
}

gw_rc
gw_mysql_end_session(gw_conn *head, int64_t session, gw_err *e)
{
    static const char *const process[] = {gw_sql_process, gw_sql_process_new};
    GW_SCOPE(scratch);
    const char *const number = gw_printf(scratch, "%lld", (long long)session);
    const char *const text = gw_printf(scratch, "KILL %s", number);
    gw_err failure = {0};
    if (gw_mysql_send(gw_mysql_of(head), gw_str_of(text), NULL, NULL, &failure) != GODWIT_OK) {
        if (strtol(failure.code, NULL, 10) == ER_NO_SUCH_THREAD)
            return GODWIT_OK;
        *e = failure;
        return e->rc;
    }
    for (const int64_t until = gw_clock_ms() + GONE_WITHIN_MS;; gw_sleep_ms(LOOK_AGAIN_MS)) {
        cell user = {.a = scratch};
        GW_TRY(ask_processes(head, process, (gw_param[]){{number}}, 1, take_cell, &user, e));
        if (user.text == NULL)
            return GODWIT_OK;
        if (gw_clock_ms() > until)
            break;
    }
    (void)gw_fail(e, GODWIT_FAILED, "connection %s was told to end and is still there", number);
    return gw_err_hint(e, "the server undoes its work first: SHOW PROCESSLIST shows how far it is");
}
