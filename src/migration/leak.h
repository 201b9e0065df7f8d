/*
 * migration/leak - what some statements of a script leave to those behind them, that would not be there if each had a file of its own.
 *
 * Every file begins with a clean session (and, as a rule, a transaction). Where several become one, what an earlier one left in its session
 * and a later one would notice has to be found first: settings, variables, temporary tables, and what holds until a transaction ends. Pure.
 */
#ifndef GW_MIGRATION_LEAK_H
#define GW_MIGRATION_LEAK_H

#include "migration/script.h"

typedef struct gw_leak {
    size_t left_by;   /* the statement */
    const char *what; /* "the setting search_path" */
    const char *undo; /* the statement that ends it, as the end of a file does; NULL: there is none */
} gw_leak;
typedef gw_vec(gw_leak) gw_leaks;

/* What of the statements from `from` up to `to`, not included, those from `to` on would notice; the last first. Where it cannot be told, they
 * would. */
void gw_leaks_find(gw_arena *a, const gw_script *s, size_t from, size_t to, gw_leaks *out);

#endif
