#include "engine/postgres/database.h"

#include <string.h>

#include "engine/postgres/query.h"
#include "engine/postgres/send.h"
#include "postgres_sql.h"
#include "sql/quote.h"

enum { HAS_FORCE = 130000 };

static const char *
name_of(gw_conn *conn, const gw_url *url)
{
    return url->database != NULL && url->database[0] != '\0' ? url->database : gw_pg_of(conn)->database;
}

/* `before` "name" `after`, without the notices of IF EXISTS. */
static gw_rc
run(gw_conn *conn, const char *before, const char *name, const char *after, gw_err *e)
{
    gw_pg *const c = gw_pg_of(conn);
    GW_SCOPE(a);
    gw_buf sql = gw_buf_new(a);
    gw_buf_puts(&sql, before);
    gw_quote_name(&sql, gw_str_of(name), conn->facts.dialect);
    gw_buf_puts(&sql, after);
    c->quiet = true;
    const gw_rc rc = gw_pg_own(c, gw_buf_text(&sql), e);
    c->quiet = false;
    return rc;
}

static bool
take_any(void *ctx, size_t columns, const char *const *values)
{
    (void)columns;
    (void)values;
    *(bool *)ctx = true;
    return false;
}

gw_rc
gw_pg_database_exists(gw_conn *conn, const gw_url *url, bool *exists, gw_err *e)
{
    const gw_param name = {name_of(conn, url)};
    *exists = false;
    return gw_pg_query(conn, gw_sql_database_exists, &name, 1, take_any, exists, e);
}

/* Two may create at once: the loser meets the name, or the catalog's unique index. */
gw_rc
gw_pg_database_create(gw_conn *conn, const gw_url *url, gw_err *e)
{
    gw_err failure = {0};
    if (run(conn, "CREATE DATABASE ", name_of(conn, url), "", &failure) == GODWIT_OK)
        return GODWIT_OK;
    if (strcmp(failure.code, "42P04") == 0 || strcmp(failure.code, "23505") == 0)
        return GODWIT_OK;
    *e = failure;
    return e->rc;
}

gw_rc
gw_pg_database_drop(gw_conn *conn, const gw_url *url, gw_err *e)
{
    const gw_param name = {name_of(conn, url)};
    const bool force = PQserverVersion(gw_pg_of(conn)->link) >= HAS_FORCE;
    if (!force)
        GW_TRY(gw_pg_query(conn, gw_sql_database_end_sessions, &name, 1, NULL, NULL, e));
    return run(conn, "DROP DATABASE IF EXISTS ", name.text, force ? " WITH (FORCE)" : "", e);
}
