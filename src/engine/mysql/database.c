#include "engine/mysql/database.h"

#include "engine/mysql/connection.h"
#include "engine/mysql/literal.h"
#include "engine/mysql/lock.h"
#include "engine/mysql/statement.h"

#include "base/ban.h"

static gw_rc
check_name(const gw_url *url, gw_err *e)
{
    if (url->database != NULL && url->database[0] != '\0')
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_USAGE, "the database URL names no database");
    return gw_err_hint(e, "add it as the path: mysql://user@host:3306/database");
}

/* `before` NAME `after` */
static gw_rc
run(gw_conn *c, const char *before, const char *name, const char *after, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_buf text = gw_buf_new(scratch);
    gw_buf_puts(&text, before);
    gw_mysql_literal_name(&text, name);
    gw_buf_puts(&text, after);
    return gw_mysql_send(gw_mysql_of(c), gw_buf_str(&text), NULL, NULL, e);
}

static bool
take_row(void *ctx, size_t columns, const char *const *values)
{
    (void)columns;
    (void)values;
    *(bool *)ctx = true;
    return false;
}

gw_rc
gw_mysql_database_exists(gw_conn *c, const gw_url *url, bool *exists, gw_err *e)
{
    GW_TRY(check_name(url, e));
    *exists = false;
    return gw_mysql_query(c, "SELECT 1 FROM information_schema.schemata WHERE schema_name = $1",
                          (gw_param[]){{url->database}}, 1, take_row, exists, e);
}

gw_rc
gw_mysql_database_create(gw_conn *c, const gw_url *url, gw_err *e)
{
    GW_TRY(check_name(url, e));
    return run(c, "CREATE DATABASE IF NOT EXISTS ", url->database, " CHARACTER SET utf8mb4", e);
}

typedef struct sessions {
    gw_arena *a;
    gw_vec(int64_t) ids;
} sessions;

static bool
take_session(void *ctx, size_t columns, const char *const *values)
{
    sessions *const s = ctx;
    if (columns > 0 && values[0] != NULL)
        *gw_vec_push(s->a, &s->ids) = strtoll(values[0], NULL, 10);
    return true;
}

/* One that uses a table would make DROP DATABASE wait. Those that we may not see or end are left to that wait. */
static gw_rc
end_sessions(gw_conn *c, const char *database, gw_err *e)
{
    GW_SCOPE(scratch);
    sessions in_it = {.a = scratch};
    GW_TRY(gw_mysql_query(c, "SELECT id FROM information_schema.processlist WHERE db = $1 AND id <> CONNECTION_ID()",
                          (gw_param[]){{database}}, 1, take_session, &in_it, e));
    for (size_t i = 0; i < in_it.ids.len; i++) {
        gw_err denied = {0};
        if (gw_mysql_end_session(c, in_it.ids.at[i], &denied) == GODWIT_CONNECT) {
            *e = denied;
            return e->rc;
        }
    }
    return GODWIT_OK;
}

gw_rc
gw_mysql_database_drop(gw_conn *c, const gw_url *url, gw_err *e)
{
    bool exists;
    GW_TRY(gw_mysql_database_exists(c, url, &exists, e));
    if (!exists)
        return GODWIT_OK;
    GW_TRY(end_sessions(c, url->database, e));
    return run(c, "DROP DATABASE IF EXISTS ", url->database, "", e);
}
