/*
 * db/history_text - the engine's texts of the bookkeeping, filled in for one history table and the lease beside it.
 *
 * Everything is qualified, since a migration may change where bare names lead: by the schema, or by the database.
 */
#ifndef GW_DB_HISTORY_TEXT_H
#define GW_DB_HISTORY_TEXT_H

#include "db/engine.h"

typedef struct gw_history_text {
    const gw_engine *engine;
    gw_dialect dialect;
    const char *space; /* the schema or database; NULL: none, or the server knows it */
    const char *table;
    const char *condition; /* under which is written; NULL: none */
} gw_history_text;

/* Read "[schema.]table"; *schema is NULL when it is not said. GODWIT_USAGE. */
GW_CHECKED gw_rc gw_history_text_name(gw_arena *a, const char *name, gw_dialect dialect, const char **schema,
                                      const char **table, gw_err *e);
/* The table of leases beside a history: its name with "_lease", cut so that every server takes it as it is. */
char *gw_history_text_lease(gw_arena *a, const char *table);

/* A text, filled in: with the plain fingerprint, and what stands around that where there is one. Many rows are written with other states. */
typedef struct gw_history_sql {
    const char *whole; /* NULL where the engine has no such text */
    const char *head, *tail;
} gw_history_sql;

gw_history_sql gw_history_text_fill(gw_arena *a, const gw_history_text *t, gw_sql_id id);
/* All GW_SQL__COUNT. */
void gw_history_text_fill_all(gw_arena *a, const gw_history_text *t, gw_history_sql *out);
/* Of one that holds a fingerprint. `states`: see gw_mark; NULL: none. */
const char *gw_history_text_with(gw_arena *a, const gw_history_text *t, const gw_history_sql *sql, gw_sql_id id,
                                 const char *states);

#endif
