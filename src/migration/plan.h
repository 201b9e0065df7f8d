/*
 * migration/plan - files and history in, what will run out; or a refusal that says why.
 *
 * Pure: migration/item says how the two are read together. A skipped or deferred migration stays listed as such, is
 * never out of order, and is planned again with GW_ACTION_RUN: its directives decide whether it is skipped again. A
 * skipped one does not count towards `steps`.
 *
 * Errors have `path` when a file is concerned, and no line; their message names the file by itself. Of several problems
 * the first is the error, up to five others are its notes.
 */
#ifndef GW_MIGRATION_PLAN_H
#define GW_MIGRATION_PLAN_H

#include "migration/item.h"

/* RUN: from the first statement. RESUME: behind the `from` first ones, which are kept; none may be, when the row says
 * that it was running: what the next one did is not known then. SKIP is never planned here: it is what RUN becomes for
 * the workflow when the file's directives say so. COVER: recorded, and not run, since the checkpoint further on stands for it. DEFER: never planned
 * here either; it waits for the next run, see migration/phase. */
typedef enum gw_action { GW_ACTION_RUN, GW_ACTION_RESUME, GW_ACTION_SKIP, GW_ACTION_COVER, GW_ACTION_DEFER } gw_action;

typedef struct gw_step {
    const gw_item *item;
    bool down;
    gw_action action;
    size_t from;        /* RESUME: statements already kept */
    bool was_running;   /* RESUME: its row does not say how it ended; its runner is dead, for we hold the lock */
    bool is_told;       /* RESUME: `from` is the user's word, and counts more than the row */
    const char *reason; /* DEFER: why */
} gw_step;
typedef gw_vec(gw_step) gw_plan;

typedef struct gw_plan_params {
    const char *target; /* a version, or a file name with or without its suffix; NULL: all; for down NULL: by steps */
    size_t steps;       /* 0: no limit; for down without target: 1 */
    bool out_of_order;  /* allow */
} gw_plan_params;

/* The migration of a version, or of a file name with or without its suffix. GODWIT_USAGE: none, with the nearest. */
GW_CHECKED gw_rc gw_plan_find(const gw_items *items, const char *target, size_t *out, gw_err *e);
/* GODWIT_FOLDER before anything else: an applied file was edited (both checksums), is gone (also when it is half done),
 * or a pending one is older than the newest applied (unless allowed). GODWIT_FAILED: a migration is half undone, or
 * being reverted. One that is half done or running is resumed. GODWIT_USAGE: no such target. An empty plan is fine. */
GW_CHECKED gw_rc gw_plan_up(gw_arena *a, const gw_items *items, const gw_plan_params *p, gw_plan *out, gw_err *e);
/* Newest first; one that is half undone, or being reverted, is resumed. Target "0": all. GODWIT_FAILED: one is half
 * done, or running up. GODWIT_USAGE: the target is not applied. GODWIT_REFUSED: no down text is known for one of them,
 * or it is a baseline; nothing is reverted then. Files need not exist. */
GW_CHECKED gw_rc gw_plan_down(gw_arena *a, const gw_items *items, const gw_plan_params *p, gw_plan *out, gw_err *e);

#endif
