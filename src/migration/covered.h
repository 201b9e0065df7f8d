/*
 * migration/covered - which files of a folder its sum file covers, and in which order.
 *
 * godwit.sum covers every .sql file right in the folder, down files too, by the bytes of their names; in a layout of folders or of an index
 * file every file that is listed, what stands beside it (diesel's metadata.toml, Flyway's .conf), and the index. atlas.sum covers what Atlas takes for
 * migrations there: the same, but of the layout up-down the up files alone, unless it lists down files already.
 */
#ifndef GW_MIGRATION_COVERED_H
#define GW_MIGRATION_COVERED_H

#include "migration/layout.h"

typedef struct gw_covered {
    const char *sum;            /* the name of the sum file; NULL: there is none */
    gw_vec(const char *) names; /* of the files, in the order of the sum */
} gw_covered;

extern const char gw_covered_own[]; /* the name of a sum file that is yet to be written */

/* GODWIT_FOLDER: there are two sum files. Nothing is listed where there is none, but for the whole of a folder that is to have one:
 * `is_wanted`. */
GW_CHECKED gw_rc gw_covered_find(gw_arena *a, const gw_layout *layout, const gw_tree *t, bool is_wanted,
                                 gw_covered *out, gw_err *e);

#endif
