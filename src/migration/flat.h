/*
 * migration/flat - layouts with a file, or two, for each migration, all in one folder.
 *
 *     native    0001_create_users.sql            with 0001_create_users_down.sql or 0001_create_users.down.sql
 *     up-down   000001_create_users.up.sql       with 000001_create_users.down.sql
 *
 * Pure: names in, names out. A reader is told one file name and says what it means, or why it means nothing.
 */
#ifndef GW_MIGRATION_FLAT_H
#define GW_MIGRATION_FLAT_H

#include "migration/layout.h"

extern const gw_layout gw_layout_native, gw_layout_up_down;

/* For rows with `read`. */
const char *
gw_flat_claims(gw_arena *a, const gw_layout *l, const gw_tree *t); /* the first file that is read as an up file */
GW_CHECKED gw_rc gw_flat_list(gw_arena *a, const gw_layout *l, const gw_tree *t, gw_listing *out, gw_err *e);
GW_CHECKED gw_rc gw_flat_make(gw_arena *a, const gw_layout *l, const gw_layout_new *p, gw_layout_files *out, gw_err *e);

/* "<digits>_<name>.sql": an up file; and, whatever the layout, "<digits>_<name>.verify.sql" and "R__<name>.sql". */
gw_name gw_flat_read_plain(gw_str file_name);
gw_name gw_flat_wrong(const char *reason);
/* GODWIT_FOLDER: a file or folder that is in the folder, and no migration. */
gw_rc gw_flat_fail(const gw_layout *l, const gw_tree *t, const char *file, const char *reason, gw_err *e);
bool gw_flat_strip(gw_str *name, const char *suffix); /* take it off; false when the name does not end so */

#endif
