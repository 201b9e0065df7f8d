#include "engine/mysql/blocker.h"

#include "engine/mysql/process.h"
#include "engine/mysql/statement.h"
#include "mysql_sql.h"

#include "base/ban.h"

/* Asked in this order until one names somebody. What a server does not have, or does not show to this user, it refuses. */
static const char *const texts[] = {gw_sql_blockers_tables, gw_sql_blockers_rows, gw_sql_blockers_rows_mariadb,
                                    gw_sql_blockers_plugin, gw_sql_blockers_guess};

enum { COLUMN_SESSION, COLUMN_USER, COLUMN_HOST, COLUMN_SINCE, COLUMN_QUERY, COLUMN_GUESS, COLUMNS };

typedef struct listing {
    gw_arena *a;
    gw_blockers *out;
} listing;

static bool
take(void *ctx, size_t columns, const char *const *values)
{
    const listing *const l = ctx;
    if (columns < COLUMNS || values[COLUMN_SESSION] == NULL)
        return false;
    const int64_t session = strtoll(values[COLUMN_SESSION], NULL, 10);
    *gw_vec_push(l->a, l->out) = (gw_blocker){
        .who = gw_mysql_process_who(l->a, values[COLUMN_USER], values[COLUMN_HOST], session),
        .since = gw_text(l->a, values[COLUMN_SINCE]),
        .query = gw_text(l->a, values[COLUMN_QUERY]),
        .is_guess = gw_str_is(gw_str_of(values[COLUMN_GUESS]), "1"),
    };
    return true;
}

gw_rc
gw_mysql_blockers(gw_arena *a, gw_conn *c, int64_t session, gw_blockers *out, gw_err *e)
{
    GW_SCOPE(scratch);
    const gw_param number[] = {{gw_printf(scratch, "%lld", (long long)session)}};
    listing l = {.a = a, .out = out};
    *out = (gw_blockers){0};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && out->len == 0; i++) {
        gw_err refused = {0};
        const gw_rc rc = gw_mysql_query(c, texts[i], number, 1, take, &l, &refused);
        if (rc != GODWIT_OK && rc != GODWIT_FAILED) {
            *e = refused;
            return rc;
        }
    }
    return GODWIT_OK;
}
