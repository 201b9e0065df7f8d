#include "engine/mysql/twin.h"

#include "engine/mysql/lock.h"
#include "engine/mysql/statement.h"
#include "mysql_sql.h"

#include "base/ban.h"

enum { COLUMN_SESSION, COLUMN_USER, COLUMN_HOST, COLUMN_SINCE, COLUMN_QUERY };

typedef struct sighting {
    gw_arena *a;
    gw_lock_holder *out;
} sighting;

static bool
take(void *ctx, size_t columns, const char *const *values)
{
    const sighting *const s = ctx;
    (void)columns;
    s->out->session = strtoll(values[COLUMN_SESSION], NULL, 10);
    s->out->who = gw_mysql_lock_who(s->a, values[COLUMN_USER], values[COLUMN_HOST], s->out->session);
    s->out->since = gw_text(s->a, values[COLUMN_SINCE]);
    s->out->query = gw_text(s->a, values[COLUMN_QUERY]);
    return false;
}

/* The process list's new home first: the old one goes one day. */
gw_rc
gw_mysql_twin(gw_arena *a, gw_conn *c, gw_str sql, gw_lock_holder *out, gw_err *e)
{
    GW_SCOPE(scratch);
    static const char *const texts[] = {gw_sql_twin_new, gw_sql_twin};
    const gw_param param[] = {{gw_strdup(scratch, sql)}};
    sighting s = {.a = a, .out = out};
    gw_err refused = {0};
    *out = (gw_lock_holder){0};
    const gw_rc rc = gw_mysql_query(c, texts[0], param, 1, take, &s, &refused);
    if (rc != GODWIT_FAILED) {
        *e = refused;
        return rc;
    }
    return gw_mysql_query(c, texts[1], param, 1, take, &s, e);
}
