/*
 * migration/growth - did a folder only grow, and at its end, since the commit that its branch comes from?
 *
 * What is on the base branch may be applied somewhere: it must stay as it is, and what a branch adds must come behind it. Pure: the lists
 * come from git.
 *
 * Errors have `path` and no line; their message names the files by itself.
 */
#ifndef GW_MIGRATION_GROWTH_H
#define GW_MIGRATION_GROWTH_H

#include "migration/folder.h"
#include "migration/item.h"

typedef struct gw_growth_file {
    const char *name; /* below the folder */
    const char *blob; /* the same for the same content */
} gw_growth_file;
typedef gw_vec(gw_growth_file) gw_growth_files;

typedef struct gw_growth_params {
    const gw_folder *folder;
    const char *base;              /* "origin/main", for messages */
    const gw_growth_files *common; /* where the branch left the base; … */
    const gw_growth_files *tip;    /* … the base today; … */
    const gw_growth_files *now;    /* … and the folder. By name, each */
} gw_growth_params;

/* Every file that went, was edited, or was added before what the base has. */
void gw_growth_problems(gw_arena *a, const gw_growth_params *p, gw_problems *out);
/* What a file below the folder is; foreign where its name does not tell. */
gw_name gw_growth_read(const gw_growth_params *p, const char *name);
/* The newest up file of the base; NULL: it has none. */
const char *gw_growth_newest(const gw_growth_params *p);
/* Added by the branch: here, and not on the base. */
bool gw_growth_is_own(const gw_growth_params *p, const char *name);

#endif
