#include "engine/sqlite/kept.h"

sqlite3_stmt *
gw_sqlite_kept_take(gw_sqlite_kept *k, gw_str sql)
{
    for (size_t i = 0; i < GW_SQLITE_KEPT; i++) {
        sqlite3_stmt *const stmt = k->at[i];
        if (stmt == NULL || !gw_str_is(sql, sqlite3_sql(stmt)))
            continue;
        k->at[i] = NULL;
        return stmt;
    }
    return NULL;
}

/* A statement that is not reset holds its locks. */
void
gw_sqlite_kept_put(gw_sqlite_kept *k, sqlite3_stmt *stmt)
{
    if (stmt == NULL)
        return;
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
    for (size_t i = 0; i < GW_SQLITE_KEPT; i++)
        if (k->at[i] == NULL) {
            k->at[i] = stmt;
            return;
        }
    sqlite3_finalize(k->at[k->oldest]);
    k->at[k->oldest] = stmt;
    k->oldest = (k->oldest + 1) % GW_SQLITE_KEPT;
}

void
gw_sqlite_kept_end(gw_sqlite_kept *k)
{
    for (size_t i = 0; i < GW_SQLITE_KEPT; i++) {
        sqlite3_finalize(k->at[i]);
        k->at[i] = NULL;
    }
}
