/*
 * migration/squash - one text out of several migrations, which does what they do one after the other.
 *
 * What one file cannot say is refused, with the place: a file that is kept from running where another is not, an assertion further on, and
 * what an earlier one would leave to a later one (migration/leak) and no statement ends; both phases of a deploy (migration/phase). Transactions stay what they are, where it must be by
 * a BEGIN and COMMIT in the text. The text (migration/joint) is then put into a file of the layout, and read as that: only if it has the same
 * statements, kept together as before, is it given out. Pure.
 */
#ifndef GW_MIGRATION_SQUASH_H
#define GW_MIGRATION_SQUASH_H

#include "migration/folder.h"
#include "migration/joint.h"

typedef struct gw_squash_params {
    const gw_layout *layout;
    const char *const *prefixes; /* of directives */
    bool any_bytes;
    gw_way way;                  /* of the parts; ways down are in the order in which they run */
    const gw_joint_parts *parts; /* of one dialect, at least one */
    gw_layout_new *made; /* what it becomes: gets its text of this way, and what its marks say of a transaction */
} gw_squash_params;

/* The way up before the way down: in one file they may share a mark. GODWIT_REFUSED with position: they cannot be one. */
GW_CHECKED gw_rc gw_squash(gw_arena *a, const gw_squash_params *p, gw_err *e);

/* The first file that the text says was squashed into it, but for `self`, and that is there all the same: what a squash that was broken off
 * leaves. NULL: none. */
const char *gw_squash_rest(gw_arena *a, gw_str text, const char *self, const gw_files *files);

#endif
