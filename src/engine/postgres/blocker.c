#include "engine/postgres/blocker.h"

#include <inttypes.h>

#include "engine/postgres/backend.h"
#include "engine/postgres/query.h"
#include "engine/postgres/resolve.h"
#include "postgres_sql.h"

typedef struct blocker_rows {
    gw_arena *arena;
    gw_blockers *out;
} blocker_rows;

static bool
take_blocker(void *ctx, size_t columns, const char *const *values)
{
    const blocker_rows *const rows = ctx;
    (void)columns;
    *gw_vec_push(rows->arena, rows->out) = (gw_blocker){
        .who = gw_text(rows->arena, values[0]),
        .since = gw_text(rows->arena, values[1]),
        .query = gw_text(rows->arena, values[2]),
    };
    return true;
}

gw_rc
gw_pg_blockers(gw_arena *a, gw_conn *conn, int64_t session, gw_blockers *out, gw_err *e)
{
    GW_SCOPE(scope);
    blocker_rows rows = {.arena = a, .out = out};
    const gw_param pid = {gw_printf(scope, "%" PRId64, session)};
    const char *const text =
        gw_pg_fill(scope, gw_sql_blockers, (gw_pg_mark[]){{"{who}", gw_pg_backend_who(scope, "b.pid")}}, 1);
    *out = (gw_blockers){0};
    return gw_pg_query(conn, text, &pid, 1, take_blocker, &rows, e);
}
