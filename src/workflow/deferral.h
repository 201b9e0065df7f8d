/*
 * workflow/deferral - which steps of a plan have to wait for the next run (migration/phase), and that nothing which runs needs them.
 */
#ifndef GW_WORKFLOW_DEFERRAL_H
#define GW_WORKFLOW_DEFERRAL_H

#include "migration/plan.h"
#include "workflow/scene.h"

/* Turns them into GW_ACTION_DEFER; their reasons live in a. Writes nothing. `before`: the scene's items when this run began. GODWIT_FOLDER: a
 * file of the plan says something of shims that cannot be; or a later step depends on one that has to wait: then nothing of the plan may run. */
GW_CHECKED gw_rc gw_deferral_decide(gw_arena *a, gw_scene *scene, const gw_items *before, gw_plan *plan, gw_err *e);

/* What is recorded of them: before anything runs a row each, without an end; the end when all has run. */
typedef gw_vec(gw_record) gw_deferrals;
GW_CHECKED gw_rc gw_deferral_begin(gw_arena *a, gw_scene *scene, const gw_plan *plan, gw_deferrals *out, gw_err *e);
GW_CHECKED gw_rc gw_deferral_end(gw_scene *scene, const gw_deferrals *rows, gw_err *e);

#endif
