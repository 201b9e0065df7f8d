#include "engine/mysql/process.h"

#include <inttypes.h>

#include "engine/mysql/statement.h"
#include "mysql_sql.h"

#include "base/ban.h"

enum { COLUMN_SESSION, COLUMN_USER, COLUMN_HOST, COLUMN_SINCE, COLUMN_QUERY };

typedef struct listing {
    gw_arena *a;
    gw_lock_holder *out;
} listing;

/* "10.0.0.7:53211" → "10.0.0.7"; "localhost" stays. */
static gw_str
host_without_port(const char *host)
{
    const gw_str s = gw_str_of(host);
    const char *const colon = strrchr(host, ':');
    return colon == NULL ? s : gw_str_slice(s, 0, (size_t)(colon - host));
}

char *
gw_mysql_process_who(gw_arena *a, const char *user, const char *host, int64_t session)
{
    const gw_str place = host_without_port(host != NULL ? host : "?");
    return gw_printf(a, "%s@%.*s, connection %" PRId64, user != NULL ? user : "?", GW_STR_ARG(place), session);
}

static bool
take(void *ctx, size_t columns, const char *const *values)
{
    const listing *const l = ctx;
    (void)columns;
    const int64_t session = strtoll(values[COLUMN_SESSION], NULL, 10);
    *l->out = (gw_lock_holder){
        .who = gw_mysql_process_who(l->a, values[COLUMN_USER], values[COLUMN_HOST], session),
        .since = gw_text(l->a, values[COLUMN_SINCE]),
        .query = gw_text(l->a, values[COLUMN_QUERY]),
        .session = session,
    };
    return false;
}

/* `homes`: the texts of the old one and of the new one. */
static gw_rc
ask(gw_arena *a, gw_conn *c, const char *const homes[2], const char *param, gw_lock_holder *out, gw_err *e)
{
    listing l = {.a = a, .out = out};
    gw_err refused = {0};
    *out = (gw_lock_holder){0};
    const gw_rc rc = gw_mysql_query(c, homes[0], (gw_param[]){{param}}, 1, take, &l, &refused);
    if (rc == GODWIT_FAILED)
        return gw_mysql_query(c, homes[1], (gw_param[]){{param}}, 1, take, &l, e);
    *e = refused;
    return rc;
}

gw_rc
gw_mysql_process_find(gw_arena *a, gw_conn *c, int64_t session, gw_lock_holder *out, gw_err *e)
{
    static const char *const homes[] = {gw_sql_process, gw_sql_process_new};
    GW_SCOPE(scratch);
    return ask(a, c, homes, gw_printf(scratch, "%" PRId64, session), out, e);
}

gw_rc
gw_mysql_twin(gw_arena *a, gw_conn *c, gw_str sql, gw_lock_holder *out, gw_err *e)
{
    static const char *const homes[] = {gw_sql_twin, gw_sql_twin_new};
    GW_SCOPE(scratch);
    return ask(a, c, homes, gw_strdup(scratch, sql), out, e);
}
