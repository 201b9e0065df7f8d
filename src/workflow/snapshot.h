/*
 * workflow/snapshot - the migrations folder as git has it, staged or in a commit, laid out in a temporary folder.
 *
 * The work tree is neither read nor touched. Line ends are those of a check-out on Linux: attributes count, core.autocrlf does not.
 */
#ifndef GW_WORKFLOW_SNAPSHOT_H
#define GW_WORKFLOW_SNAPSHOT_H

#include "workflow/call.h"

typedef struct gw_snapshot {
    const char *shown; /* the folder, as the user calls it */
    const char *path;  /* where it is laid out; NULL: git has nothing of it there */
    const char *tree;  /* git's name of the whole, and … */
    const char *head;  /* … the commit that it is, or comes behind */
} gw_snapshot;

/* A folder of the work tree, laid out for as long as `a`. `commit` NULL: what is staged. GODWIT_USAGE: there is no such commit, no repository,
 * a merge that is not settled; GODWIT_IO: no git. */
GW_CHECKED gw_rc gw_snapshot_of(gw_arena *a, const gw_call *call, const char *folder, const char *commit,
                                gw_snapshot *out, gw_err *e);
/* That of the call, which from then on is its folder. */
GW_CHECKED gw_rc gw_snapshot_take(gw_arena *a, gw_call *call, const char *commit, gw_snapshot *out, gw_err *e);
/* In an error the folder is called as the user calls it. */
void gw_snapshot_name(const gw_snapshot *s, gw_err *e);

#endif
