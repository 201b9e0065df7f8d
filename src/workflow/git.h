/*
 * workflow/git - what git knows about a folder: its files at a commit, and whether they are still the same.
 *
 * By the git program on PATH. What has no commit, or is no repository, is said by name.
 */
#ifndef GW_WORKFLOW_GIT_H
#define GW_WORKFLOW_GIT_H

#include "migration/growth.h"
#include "workflow/call.h"

typedef struct gw_git {
    const gw_call *call;
    const char *dir; /* the folder of the migrations */
} gw_git;

/* The commit that `ref` means, and the newest one that the branch has in common with it. GODWIT_USAGE: there is no such ref, no repository,
 * nothing in common; GODWIT_IO: no git. */
GW_CHECKED gw_rc gw_git_base(gw_arena *a, const gw_git *git, const char *ref, const char **tip, const char **common,
                             gw_err *e);
/* The files right in the folder at a commit, by name; a blob is the same for the same content, whatever line ends git writes. None where the folder is not in it. */
GW_CHECKED gw_rc gw_git_list(gw_arena *a, const gw_git *git, const char *commit, gw_growth_files *out, gw_err *e);
/* The blobs that the files would be as they are now; names as in `files`, whose blobs are filled. */
GW_CHECKED gw_rc gw_git_hash(gw_arena *a, const gw_git *git, gw_growth_files *files, gw_err *e);

#endif
