/*
 * migration/joint - the text that several scripts make one after the other.
 *
 * Each is written by migration/rewrite, as it stands in its file; what its file says of itself is said anew, once for all of them. Whether the
 * text means the same is migration/squash's to find out.
 */
#ifndef GW_MIGRATION_JOINT_H
#define GW_MIGRATION_JOINT_H

#include "migration/layout.h"
#include "migration/script.h"

/* A migration, one way. */
typedef struct gw_joint_part {
    const char *file; /* below the folder */
    bool is_end;      /* of none: what that of this file left is ended here */
    bool is_wrapped;  /* in a transaction of its own, begun and committed by the text */
    gw_script script;
} gw_joint_part;
typedef gw_vec(gw_joint_part) gw_joint_parts;

typedef struct gw_joint_params {
    const gw_layout *layout;
    const char *const *prefixes; /* of directives */
    const gw_joint_parts *parts; /* at least one; all of one dialect */
    const char *mark;            /* stands before each part's file in the comment above it */
    bool checkpoint;             /* it is to say that it is one */
    gw_tx_mode tx;               /* to be said by a directive */
    const char *delimiter;       /* NULL: a semicolon */
    gw_shims shims, drops;       /* to be said */
} gw_joint_params;

/* GODWIT_FOLDER with position: a line that would be a mark of the layout. */
GW_CHECKED gw_rc gw_joint_text(gw_arena *a, const gw_joint_params *p, gw_str *out, gw_err *e);

#endif
