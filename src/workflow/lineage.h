/*
 * workflow/lineage - what a branch did to the migrations of its base: by the names of files where those tell everything, else by reading
 * the folder as git has it in both commits.
 */
#ifndef GW_WORKFLOW_LINEAGE_H
#define GW_WORKFLOW_LINEAGE_H

#include "workflow/git.h"

/* Every migration that was edited, removed, moved, or added before what the base has. Where the base itself cannot be read a note says so,
 * since the branch may be what puts that right. Errors as gw_git_growth. */
GW_CHECKED gw_rc gw_lineage_check(gw_arena *a, gw_call *call, const gw_folder *folder, const gw_git_branch *branch,
                                  gw_problems *out, gw_err *e);

#endif
