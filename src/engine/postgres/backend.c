#include "engine/postgres/backend.h"

#include "engine/postgres/query.h"
#include "engine/postgres/resolve.h"
#include "postgres_sql.h"

enum { COLUMN_PID, COLUMN_WHO, COLUMN_SINCE, COLUMN_QUERY };

typedef struct listing {
    gw_arena *arena;
    gw_lock_holder *out;
} listing;

static bool
take(void *ctx, size_t columns, const char *const *values)
{
    const listing *const l = ctx;
    (void)columns;
    *l->out = (gw_lock_holder){
        .who = gw_text(l->arena, values[COLUMN_WHO]),
        .since = gw_text(l->arena, values[COLUMN_SINCE]),
        .query = gw_text(l->arena, values[COLUMN_QUERY]),
        .session = strtoll(values[COLUMN_PID], NULL, 10),
    };
    return false;
}

char *
gw_pg_backend_who(gw_arena *a, const char *pid)
{
    return gw_pg_fill(a, gw_sql_who, (gw_pg_mark[]){{"{pid}", pid}}, 1);
}

gw_rc
gw_pg_backend_find(gw_arena *a, gw_conn *conn, const char *sql, const char *param, gw_lock_holder *out, gw_err *e)
{
    listing l = {.arena = a, .out = out};
    *out = (gw_lock_holder){0};
    return gw_pg_query(conn, sql, (gw_param[]){{param}}, 1, take, &l, e);
}

gw_rc
gw_pg_twin(gw_arena *a, gw_conn *conn, gw_str sql, gw_lock_holder *out, gw_err *e)
{
    GW_SCOPE(scope);
    const gw_pg_mark who = {"{who}", gw_pg_backend_who(scope, "s.pid")};
    return gw_pg_backend_find(a, conn, gw_pg_fill(scope, gw_sql_twin, &who, 1), gw_strdup(scope, sql), out, e);
}
