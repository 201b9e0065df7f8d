/*
 * workflow/git - what git knows about a folder: its files where a branch left its base, on the base today, and as they are.
 *
 * By the git program on PATH. What has no commit, or is no repository, is said by name.
 */
#ifndef GW_WORKFLOW_GIT_H
#define GW_WORKFLOW_GIT_H

#include "migration/growth.h"
#include "workflow/call.h"

/* The branch that the folder is on. */
typedef struct gw_git_branch {
    const char *folder; /* in the work tree; NULL: that of gw_folder */
    const char *base;   /* a branch, a tag, a commit */
    const char *head;   /* NULL: HEAD */
    const char *tree;   /* where its files are; NULL: in the work tree */
} gw_git_branch;

/* The commit that the base is today, and the one where the branch left it. Errors as below. */
GW_CHECKED gw_rc gw_git_base(gw_arena *a, const gw_call *call, const char *folder, const gw_git_branch *branch,
                             const char **tip, const char **common, gw_err *e);
/* Files right in the folder; in those within too where migrations may be there, or no layout is known. The same content has the same blob, whatever line ends git writes. GODWIT_USAGE: there is no such commit, no repository, nothing in
 * common; GODWIT_IO: no git. */
GW_CHECKED gw_rc gw_git_growth(gw_arena *a, const gw_call *call, const gw_folder *folder, const gw_git_branch *branch,
                               gw_growth_params *out, gw_err *e);
/* The files of a commit below a folder of the work tree, by name. */
GW_CHECKED gw_rc gw_git_files(gw_arena *a, const gw_call *call, const char *folder, const char *commit,
                              gw_growth_files *out, gw_err *e);
/* Make these files of the work tree what they are in the commit; what is staged stays. */
GW_CHECKED gw_rc gw_git_restore(const gw_call *call, const char *folder, const char *commit,
                                const gw_growth_files *files, gw_err *e);

#endif
