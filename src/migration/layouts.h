/*
 * migration/layouts - the table of layouts, and which one a folder has.
 */
#ifndef GW_MIGRATION_LAYOUTS_H
#define GW_MIGRATION_LAYOUTS_H

#include "migration/layout.h"

extern const gw_layout *const gw_layouts[];
extern const size_t gw_layout_count;

const gw_layout *gw_layout_find(const char *name); /* NULL: none of that name */
/* GODWIT_USAGE: none of that name; the hint lists those that there are, behind `others`. */
GW_CHECKED gw_rc gw_layout_choose(const char *name, const char *others, const gw_layout **out, gw_err *e);
/* The one layout that the tree is of; the first row for a folder without migrations. GODWIT_FOLDER when two fit: both are named, with a
 * file of each, and `layout:` is asked for. */
GW_CHECKED gw_rc gw_layout_detect(const gw_tree *t, const gw_layout **out, gw_err *e);
/* Would a file of that name be read as this migration? "scale_down" would be the way down of "scale". */
bool gw_layout_has_name(const gw_layout *l, const char *version, const char *name);

#endif
