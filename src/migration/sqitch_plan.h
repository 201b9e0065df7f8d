/*
 * migration/sqitch_plan - reading a sqitch.plan: changes and tags in the order in which they are deployed.
 *
 *     %syntax-version=1.0.0
 *     %project=flipr
 *
 *     users [appschema !old] 2013-12-30T23:49:00Z Marge <marge@example.com> # Adds users.
 *     @v1.0 2014-01-01T00:00:00Z Marge <marge@example.com> # First release.
 *
 * Pure. What other projects have godwit cannot look at: a dependency on them is refused by name.
 */
#ifndef GW_MIGRATION_SQITCH_PLAN_H
#define GW_MIGRATION_SQITCH_PLAN_H

#include "base/err.h"
#include "base/vec.h"

typedef struct gw_sqitch_change {
    const char *name, *note;   /* note: its first line; "" none */
    size_t instance;           /* 1; of a change that was reworked 2, 3, … */
    size_t next;               /* index of the change that reworks it; SIZE_MAX none */
    size_t offset;             /* of its line in the plan */
    gw_vec(const char *) tags; /* between it and the next change */
} gw_sqitch_change;

typedef struct gw_sqitch_plan {
    const char *path;
    gw_str text;
    const char *project;
    gw_vec(gw_sqitch_change) changes;
} gw_sqitch_plan;

/* GODWIT_FOLDER with position: no project, a line that is none, a dependency that is not planned before, a rework without a tag. */
GW_CHECKED gw_rc gw_sqitch_plan_read(gw_arena *a, const char *path, gw_str text, gw_sqitch_plan *out, gw_err *e);

#endif
