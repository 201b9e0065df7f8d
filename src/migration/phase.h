/*
 * migration/phase - the two phases of a deploy, paired across the files of a folder, and which of them has to wait.
 *
 * One migration renames something and keeps the old name usable for the code that still runs: a shim. A later one, the contract migration,
 * drops the shim, once no code needs it. Between the two there must be a deploy. So where both are pending on a database with a history, the
 * second waits for the next run: it is deferred. On a fresh database no code runs, and nothing has to wait.
 *
 * A run that fails is no deploy: the row that says `deferred` has no end until its run has ended well, and what it defers waits once more. Where
 * there is no such row, since the drop came later, what the run of the shim left undone tells.
 *
 * Pure. Within the folder: a drop belongs to the newest shim of that name in a file before its own. A checkpoint holds what is before it, so
 * that it may declare a shim again.
 */
#ifndef GW_MIGRATION_PHASE_H
#define GW_MIGRATION_PHASE_H

#include "migration/plan.h"
#include "migration/script.h"

typedef struct gw_pair {
    const gw_file *made_by, *dropped_by; /* dropped_by NULL: the shim lives */
    const gw_shim *shim, *drop;
} gw_pair;
typedef gw_vec(gw_pair) gw_pairs;

typedef struct gw_phase_problem {
    const gw_file *file;
    gw_err e;
} gw_phase_problem;

typedef struct gw_phases {
    gw_pairs pairs; /* in the order of the shims */
    gw_vec(gw_phase_problem) problems;
} gw_phases;

/* Problems, GODWIT_FOLDER with position: a drop whose shim no earlier file makes, a shim that is made twice, a directive in a migration that is
 * repeatable or with a value that is none. */
void gw_phases_of(gw_arena *a, const gw_folder *folder, gw_phases *out);
/* GODWIT_FOLDER with position: the file says that it makes a shim, or drops one, and no statement of it does. What is not in its text may. */
GW_CHECKED gw_rc gw_phases_check(const gw_file *file, const gw_script *script, gw_err *e);

typedef struct gw_phases_defer_params {
    const gw_phases *phases;
    const gw_items
        *before; /* as all was when this run began: another runner may have been first since, in the same deploy */
    const char *environment; /* see gw_directives_skip() */
} gw_phases_defer_params;

/* Its newest row says that it is deferred, by a run that did not end well, or did not end yet. NULL: no. */
bool gw_phases_is_open(const gw_item *item);
/* Turn the steps that have to wait into GW_ACTION_DEFER, with their reason, which lives in a. How many. */
size_t gw_phases_defer(gw_arena *a, const gw_phases_defer_params *p, gw_plan *plan);

#endif
