#include "engine/postgres/settings.h"

#include <limits.h>

#include "engine/postgres/send.h"
#include "engine/postgres/transaction.h"
#include "postgres_sql.h"

enum { SETTINGS = 3, LOOKS_AFTER_CLIENT = 140000 };
#define CLIENT_CHECK "client_connection_check_interval"

typedef struct setting {
    const char *name, *value;
} setting;

static int
clamp_ms(int64_t ms)
{
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

static const char *
milliseconds(gw_arena *a, int64_t ms)
{
    return gw_printf(a, "%d", clamp_ms(ms));
}

static size_t
settings_of(gw_arena *a, const gw_pg *c, setting out[SETTINGS])
{
    size_t count = 0;
    if (c->read_only)
        out[count++] = (setting){"default_transaction_read_only", "on"};
    if (c->lock_timeout_ms > 0)
        out[count++] = (setting){"lock_timeout", milliseconds(a, c->lock_timeout_ms)};
    if (c->watches_client)
        out[count++] = (setting){CLIENT_CHECK, "5000"};
    return count;
}

/* Behind a pooler the session is not ours: there they end with this first query. That the server looks after its client, so that the
 * lock of one that died is free within seconds, is asked for where it can: on Linux, and where nobody chose otherwise. */
void
gw_pg_settings_ask(gw_buf *out, const gw_pg *c)
{
    GW_SCOPE(a);
    const int pid = PQbackendPID(c->link);
    setting settings[SETTINGS];
    const size_t count = settings_of(a, c, settings);
    for (size_t i = 0; i < count; i++)
        gw_buf_printf(out,
                      ", pg_catalog.set_config('%s', '%s', pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.<>) %d)",
                      settings[i].name, settings[i].value, pid);
    if (PQserverVersion(c->link) < LOOKS_AFTER_CLIENT)
        gw_buf_puts(out, ", NULL");
    else
        gw_buf_printf(out,
                      ", CASE WHEN pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) %d"
                      " AND pg_catalog.strpos(pg_catalog.version(), 'linux') OPERATOR(pg_catalog.>) 0"
                      " AND pg_catalog.current_setting('" CLIENT_CHECK "', true) OPERATOR(pg_catalog.=) '0'"
                      " THEN pg_catalog.set_config('" CLIENT_CHECK "', '5000', false) END",
                      pid);
}

/* By SET, not by the start-up packet's options: poolers refuse those. */
void
gw_pg_reset_text(gw_buf *out, const gw_pg *c)
{
    GW_SCOPE(a);
    setting settings[SETTINGS];
    const size_t count = settings_of(a, c, settings);
    gw_buf_puts(out, gw_sql_reset);
    for (size_t i = 0; i < count; i++)
        gw_buf_printf(out, "%s pg_catalog.set_config('%s', '%s', false)%s", i == 0 ? "SELECT" : ",", settings[i].name,
                      settings[i].value, i + 1 == count ? ";\n" : "");
}

/* Behind a pooler nothing of the session lasts but what begin() says. */
gw_rc
gw_pg_reset(gw_conn *conn, gw_err *e)
{
    gw_pg *const c = gw_pg_of(conn);
    GW_SCOPE(a);
    gw_buf sql = gw_buf_new(a);
    if (gw_pg_in_transaction(conn))
        gw_pg_rollback(conn);
    c->lock_timeout_now_ms = c->lock_timeout_ms;
    if (conn->facts.pooled)
        return GODWIT_OK;
    gw_pg_reset_text(&sql, c);
    GW_TRY(gw_pg_own(c, gw_buf_text(&sql), e));
    c->may_be_other_role = false;
    c->may_have_prepared = false;
    c->read_only_by[0] = '\0';
    return GODWIT_OK;
}

gw_rc
gw_pg_set_lock_timeout(gw_conn *conn, int64_t ms, gw_err *e)
{
    gw_pg *const c = gw_pg_of(conn);
    const int64_t wanted = ms > 0 ? ms : c->lock_timeout_ms;
    const bool is_local = conn->facts.pooled;
    GW_SCOPE(a);
    c->lock_timeout_now_ms = wanted;
    if (is_local && !gw_pg_in_transaction(conn))
        return GODWIT_OK; /* begin() says it */
    return gw_pg_own(c,
                     gw_printf(a, "SET %s lock_timeout = %s", is_local ? "LOCAL" : "SESSION",
                               wanted > 0 ? milliseconds(a, wanted) : "DEFAULT"),
                     e);
}
