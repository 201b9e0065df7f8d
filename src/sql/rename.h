/*
 * sql/rename - what a list of renames comes to: which names are gone, which are new, which are another object's now.
 *
 * RENAME TABLE a TO x, b TO a, x TO b: a and b have changed places, x was only passed through.
 */
#ifndef GW_SQL_RENAME_H
#define GW_SQL_RENAME_H

#include "sql/target.h"

typedef struct gw_rename {
    gw_str from, to; /* as written, not empty */
} gw_rename;
typedef gw_vec(gw_rename) gw_renames;

typedef struct gw_renames_params {
    const gw_renames *renames; /* in their order */
    gw_object_kind kind;
    gw_dialect dialect;
    bool lenient; /* IF EXISTS */
} gw_renames_params;

/* Adds a target for each name that ends otherwise than it began. False: of a list, two names may be the same or not,
 * which only the server knows (a and current.a, a and A), or it is too long; nothing is added then. */
bool gw_renames_sum(gw_arena *a, const gw_renames_params *p, gw_targets *out);

#endif
