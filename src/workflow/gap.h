/*
 * workflow/gap - the lock was let go in the middle of a run, and taken again: what others did meanwhile.
 *
 * The lock goes with its session: with one that was lost, and with one that is given up since a file left in it what reset() does not put back
 * (variables, temporary tables). Somebody else may have run before the next one has the lock, and the plan was made before that. A run goes on
 * where others did nothing, or a part of what is still to be done; else whoever starts again plans anew.
 */
#ifndef GW_WORKFLOW_GAP_H
#define GW_WORKFLOW_GAP_H

#include "migration/plan.h"
#include "workflow/scene.h"

typedef struct gw_gap {
    gw_scene *scene;
    const gw_plan *plan;
    unsigned reopened; /* gw_session.reopened when the history was last read … */
    gw_arena *arena;   /* … and what it said then; NULL: it was read with the plan */
    const gw_items *known;
    bool *is_elsewhere; /* one a step: another runner had to do with it; its row has to be looked at first */
} gw_gap;

/* The plan was made of the scene as it is now. */
gw_gap *gw_gap_new(gw_arena *a, gw_scene *scene, const gw_plan *plan);
/* Before step `next`: a session in which nothing is left of the files before; and if there was a gap, the history as it is now.
 * GODWIT_LOCKED: others did something else. */
GW_CHECKED gw_rc gw_gap_pass(gw_gap *g, size_t next, gw_err *e);

#endif
