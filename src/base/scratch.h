/*
 * base/scratch - a temporary folder that goes with its arena, and all in it.
 */
#ifndef GW_BASE_SCRATCH_H
#define GW_BASE_SCRATCH_H

#include "base/err.h"

/* Empty, in $TMPDIR or /tmp, for nobody else to read. GODWIT_IO. */
GW_CHECKED gw_rc gw_scratch_make(gw_arena *a, const char **path, gw_err *e);
/* The same, hidden beside `path`, so that renaming to it stays within one file system. */
GW_CHECKED gw_rc gw_scratch_make_beside(gw_arena *a, const char *path, const char **out, gw_err *e);
/* A new file within, with its folders; not on disk yet. GODWIT_IO. */
GW_CHECKED gw_rc gw_scratch_put(const char *path, gw_str text, gw_err *e);
/* What was made within stays, under this name, which nothing has but an empty folder; on disk when it returns. GODWIT_IO. */
GW_CHECKED gw_rc gw_scratch_keep(const char *made, const char *path, gw_err *e);

#endif
