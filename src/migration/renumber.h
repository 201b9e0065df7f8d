/*
 * migration/renumber - what migrations are called in another layout.
 *
 * A version stays what it is where the new layout could have it, padded with zeros to one width at most. Where one of them cannot stay all are
 * counted anew, in their order: 0001, 0002, …; in a layout of times second by second from the year 2000 on. Pure.
 */
#ifndef GW_MIGRATION_RENUMBER_H
#define GW_MIGRATION_RENUMBER_H

#include "migration/folder.h"

typedef struct gw_called {
    const char *version, *name; /* version: NULL of a repeatable one */
    bool is_new;                /* another version than it had */
} gw_called;

typedef struct gw_renumber_params {
    const gw_folder *folder;
    const bool *left_out; /* one a file */
    const gw_layout *to;
    bool allow_gaps;
} gw_renumber_params;

/* One a file; of what is left out it is empty. */
gw_called *gw_renumber(gw_arena *a, const gw_renumber_params *p);

#endif
