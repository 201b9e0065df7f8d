#include "engine/postgres/twin.h"

#include "engine/postgres/query.h"
#include "engine/postgres/resolve.h"
#include "postgres_sql.h"

enum { COLUMN_SESSION, COLUMN_WHO, COLUMN_SINCE, COLUMN_QUERY };

typedef struct sighting {
    gw_arena *arena;
    gw_lock_holder *out;
} sighting;

static bool
take(void *ctx, size_t columns, const char *const *values)
{
    const sighting *const s = ctx;
    (void)columns;
    s->out->session = strtoll(values[COLUMN_SESSION], NULL, 10);
    s->out->who = gw_text(s->arena, values[COLUMN_WHO]);
    s->out->since = gw_text(s->arena, values[COLUMN_SINCE]);
    s->out->query = gw_text(s->arena, values[COLUMN_QUERY]);
    return false;
}

gw_rc
gw_pg_twin(gw_arena *a, gw_conn *conn, gw_str sql, gw_lock_holder *out, gw_err *e)
{
    GW_SCOPE(scope);
    sighting s = {.arena = a, .out = out};
    const gw_param statement = {gw_strdup(scope, sql)};
    const char *const text = gw_pg_fill(scope, gw_sql_twin, (gw_pg_mark[]){{"{who}", gw_pg_who(scope, "s.pid")}}, 1);
    *out = (gw_lock_holder){0};
    return gw_pg_query(conn, text, &statement, 1, take, &s, e);
}
