#include "engine/sqlite/ask.h"

#include <assert.h>

static void
read_rows(sqlite3_stmt *stmt, gw_row_fn *fn, void *ctx)
{
    enum { MOST = 4 };
    const char *values[MOST];
    const size_t columns = (size_t)sqlite3_column_count(stmt);
    assert(columns <= MOST);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        for (size_t i = 0; i < columns; i++)
            values[i] = (const char *)sqlite3_column_text(stmt, (int)i);
        if (!fn(ctx, columns, values))
            return;
    }
}

int
gw_sqlite_ask(gw_sqlite_conn *c, const char *sql, gw_row_fn *fn, void *ctx)
{
    sqlite3_stmt *stmt = NULL;
    const int rc = sqlite3_prepare_v3(c->db, sql, -1, 0, &stmt, NULL);
    if (rc != SQLITE_OK)
        return rc;
    read_rows(stmt, fn, ctx);
    return sqlite3_finalize(stmt); /* it tells how the newest step ended */
}
