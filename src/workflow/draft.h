/*
 * workflow/draft - a migration that is to be written: what it is called, and its files.
 */
#ifndef GW_WORKFLOW_DRAFT_H
#define GW_WORKFLOW_DRAFT_H

#include "workflow/migrations.h"

/* "Add users' e-mail" as it stands in a file's name, "add_users_e_mail". GODWIT_USAGE: it does not make one. */
GW_CHECKED gw_rc gw_draft_name(gw_arena *a, const char *words, const char **out, gw_err *e);
/* Behind all others: a number, or the time. */
GW_CHECKED gw_rc gw_draft_version(gw_arena *a, const gw_folder *folder, const char **out, gw_err *e);
/* A name like "users down" would make a file that the folder takes for another one's down file: GODWIT_USAGE. */
GW_CHECKED gw_rc gw_draft_check_name(gw_arena *a, const gw_layout *layout, const char *version, const char *name,
                                     gw_err *e);
/* What differs from its sum file already would be sealed with what is new: GODWIT_FOLDER. */
GW_CHECKED gw_rc gw_draft_check_seal(gw_arena *a, gw_folder *folder, gw_err *e);
/* As the layout made them, its index too; the files are told. */
GW_CHECKED gw_rc gw_draft_write(gw_call *call, const gw_folder *folder, const gw_layout_files *files, gw_err *e);

#endif
