/*
 * migration/foreign - marks of other layouts in what is about to be run as SQL.
 *
 * dbmate, goose and their kin keep the way up and the way down in one file, told apart by comments. Run as plain SQL
 * such a file would undo what it just did; so it is refused, and the layout is named. One row a mark.
 */
#ifndef GW_MIGRATION_FOREIGN_H
#define GW_MIGRATION_FOREIGN_H

#include "base/err.h"
#include "sql/split.h"

/* GODWIT_FOLDER with position when a comment of the text is such a mark. */
GW_CHECKED gw_rc gw_foreign_check(const char *path, gw_str text, const gw_stmts *stmts, gw_err *e);

#endif
