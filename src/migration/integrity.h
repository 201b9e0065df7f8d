/*
 * migration/integrity - a folder, and what its sum file says of it.
 *
 * Errors have `path` and `line` of the sum file; their message names the file by itself.
 */
#ifndef GW_MIGRATION_INTEGRITY_H
#define GW_MIGRATION_INTEGRITY_H

#include "migration/folder.h"
#include "migration/item.h"

/* The folder was hashed. GODWIT_FOLDER with the first difference as the error, the names of up to five others as its notes. */
GW_CHECKED gw_rc gw_integrity_check(const gw_folder *folder, gw_err *e);
/* Every difference, each as an error. */
void gw_integrity_problems(gw_arena *a, const gw_folder *folder, gw_problems *out);
/* The path of the sum file, and what is to be in it. The folder is read as it is now, a sum file that is there or not. */
GW_CHECKED gw_rc gw_integrity_sum(gw_arena *a, const gw_folder *folder, const char **path, char **text, gw_err *e);

#endif
