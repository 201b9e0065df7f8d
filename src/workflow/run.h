/*
 * workflow/run - a plan carried out: everything is read and checked first, then one migration after the other.
 */
#ifndef GW_WORKFLOW_RUN_H
#define GW_WORKFLOW_RUN_H

#include "migration/plan.h"
#include "workflow/scene.h"

/* Read and split every file of the plan; runs nothing. */
GW_CHECKED gw_rc gw_run_check(gw_scene *scene, const gw_plan *plan, gw_err *e);
/* Check, and run, or with `pretend` only say, the steps; in the report are those that ran or would run, and what is
 * left pending. */
GW_CHECKED gw_rc gw_run(gw_scene *scene, const gw_plan *plan, bool pretend, gw_err *e);
/* The rest of what has begun: as gw_run(), but on_failure hears of every failure, also of one that comes before the first step, and of
 * `before`, with which nothing is run. */
GW_CHECKED gw_rc gw_run_on(gw_scene *scene, const gw_plan *plan, gw_rc before, gw_err *e);

#endif
