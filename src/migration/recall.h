/*
 * migration/recall - how much of a session can be had again that is gone, or that a rollback did not put back.
 *
 * A new session is told again what the kept statements said to the old one, as far as that is the same said now. What they set
 * from data, temporary tables and the like are lost with their session, and what is made from such is lost too. That matters
 * only to a statement still to come that relies on it: a gap. Statements at the end of the kept part that only looked,
 * with nothing behind them that changed data, may look again: as if the run had begun there. Pure.
 */
#ifndef GW_MIGRATION_RECALL_H
#define GW_MIGRATION_RECALL_H

#include "migration/script.h"
#include "sql/memory.h"

typedef struct gw_recall_gap {
    gw_memory_item item;
    size_t used_by; /* the first statement still to come that relies on it */
    size_t set_by;  /* the kept statement that left it */
    size_t root;    /* from here on all would have to be done again to have it: set_by, or what that was made from */
} gw_recall_gap;

typedef struct gw_recall {
    bool *says; /* one a kept statement: it is to be said again to a new session */
    bool has_gap;
    gw_recall_gap gap;
} gw_recall;

/* The first `done` statements are kept, their session is gone. */
void gw_recall_read(gw_arena *a, const gw_script *s, size_t done, gw_recall *out);
/* "@id, which statement 2 set from data" */
const char *gw_recall_show(gw_arena *a, const gw_recall_gap *gap);

/* Statements `from` up to `to`, not included, are to be tried again in the session in which those up to `at`, included, were
 * rolled back: would they see something of the first try? */
bool gw_recall_is_dirty(const gw_script *s, size_t from, size_t to, size_t at);
/* Does one of these statements rely on the item before another has set it anew? */
bool gw_recall_is_exposed(gw_arena *a, const gw_script *s, size_t from, size_t to, const gw_memory_item *what);
/* May any statement leave more than settings: variables, temporary tables, statements that are prepared? */
bool gw_recall_leaves(const gw_script *s);

#endif
