#include "db/history_group.h"

#include "db/history_row.h"

static gw_rc
add_many(const gw_history *h, const gw_record *rows, gw_err *e)
{
    GW_SCOPE(a);
    const size_t count = (size_t)GW_GROUP_ROWS * GW_ROW_PARAMS;
    gw_conn *const c = h->conn;
    gw_param *const params = gw_new_array(a, gw_param, count);
    for (size_t i = 0; i < GW_GROUP_ROWS; i++)
        gw_history_row_put(a, &rows[i], &params[i * GW_ROW_PARAMS]);
    if (c->engine->query(c, h->sql[GW_SQL_GROUP_INSERT], params, count, NULL, NULL, e) != GODWIT_OK)
        return gw_err_note(e, "while writing the history table %s", h->shown);
    return c->affected == GW_GROUP_ROWS ? GODWIT_OK : gw_history_fail_lost(h, e);
}

gw_rc
gw_history_add_group(const gw_history *h, const gw_records *rows, gw_err *e)
{
    size_t at = 0;
    for (; h->sql[GW_SQL_GROUP_INSERT] != NULL && rows->len - at >= GW_GROUP_ROWS; at += GW_GROUP_ROWS)
        GW_TRY(add_many(h, &rows->at[at], e));
    for (; at < rows->len; at++)
        GW_TRY(gw_history_add(h, &rows->at[at], NULL, NULL, e));
    return GODWIT_OK;
}
