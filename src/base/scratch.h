/*
 * base/scratch - a temporary folder that goes with its arena, and all in it.
 */
#ifndef GW_BASE_SCRATCH_H
#define GW_BASE_SCRATCH_H

#include "base/err.h"

/* Empty, in $TMPDIR or /tmp, for nobody else to read. GODWIT_IO. */
GW_CHECKED gw_rc gw_scratch_make(gw_arena *a, const char **path, gw_err *e);

#endif
