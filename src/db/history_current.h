/*
 * db/history_current - of the history what a plan is made of: for each version its newest row, and the newest that applied it.
 *
 * A history may have many times more rows than versions, and rows of any size: what is superseded is forgotten while it is read, texts that
 * rows have in common are kept once, and the way down is read where it is gone.
 */
#ifndef GW_DB_HISTORY_CURRENT_H
#define GW_DB_HISTORY_CURRENT_H

#include "base/map.h"
#include "db/history.h"

/* In the records the rows of one version are in their order; a row may stand there twice. Of finished_at is read only whether a
 * deferred one has any, error only of what failed, runs or is deferred, and of
 * `down` only has_down. */
typedef struct gw_history_current {
    gw_records records;
    gw_map *versions;
} gw_history_current;

/* One row of GW_SQL_HISTORY_PLAN. `shown`: the table, for errors. The texts live in a. */
GW_CHECKED gw_rc gw_history_current_add(gw_arena *a, gw_history_current *current, const char *shown,
                                        const char *const *values, gw_err *e);
/* All of them. */
GW_CHECKED gw_rc gw_history_current_read(gw_arena *a, const gw_history *h, gw_records *out, gw_err *e);
/* The way down that row `id` holds. */
GW_CHECKED gw_rc gw_history_current_down(gw_arena *a, const gw_history *h, int64_t id, const char **out, gw_err *e);

#endif
