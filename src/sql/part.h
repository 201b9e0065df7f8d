/*
 * sql/part - the parts of a table that a statement names, and what several actions of it come to for each of them.
 *
 * DROP INDEX i, ADD INDEX i (a): i is another one now.
 */
#ifndef GW_SQL_PART_H
#define GW_SQL_PART_H

#include "sql/target.h"

typedef struct gw_part {
    gw_target t;
    gw_str bare; /* its name, unquoted */
    bool moved;  /* by a rename, or a reorganization: nothing is lost */
} gw_part;
typedef gw_vec(gw_part) gw_parts;

/* As t says; without a name it is vague, and a table is on nothing. */
gw_part *gw_parts_add(gw_arena *a, gw_parts *parts, gw_target t);
/* Each part once. False: they are too many, and nothing is added. */
bool gw_parts_sum(gw_arena *a, gw_parts *parts, gw_dialect dialect, gw_targets *out);

/* The same name, as far as one can tell without the server. */
bool gw_part_is_like(gw_arena *a, gw_str one, gw_str other, gw_dialect dialect);

typedef gw_vec(gw_str) gw_names;

/* The columns of "(a, `b` (10) DESC)", unquoted; false: it is no such list. */
bool gw_part_columns(gw_arena *a, gw_str list, gw_dialect dialect, gw_names *out);

#endif
