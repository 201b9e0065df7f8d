/*
 * workflow/checks - the verify scripts of what is applied: each runs in a transaction that is rolled back, and none of its statements may fail.
 */
#ifndef GW_WORKFLOW_CHECKS_H
#define GW_WORKFLOW_CHECKS_H

#include "workflow/scene.h"

/* Every one that fails is a problem with its place, GODWIT_FAILED; one that cannot be rolled back is none that is run: GODWIT_FOLDER.
 * *count: how many were run. Fails itself when the connection does. */
GW_CHECKED gw_rc gw_checks_run(gw_arena *a, gw_scene *scene, gw_problems *out, size_t *count, gw_err *e);

#endif
