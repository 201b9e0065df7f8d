/*
 * migration/journal - the layout of drizzle-kit 0.x, where meta/_journal.json says which files are migrations, and in which order.
 *
 *     meta/_journal.json          {"version": "7", "dialect": "postgresql", "entries": [{"idx": 0, "when": 1700000000000, "tag": "0000_init", …}]}
 *     meta/0000_snapshot.json     drizzle-kit's own: the schema behind the migration
 *     0000_init.sql               or 0000_init/migration.sql
 *
 * The version of a migration is the number that its tag begins with, or the entry's `when` where a tag has none (drizzle's prefix `none`),
 * or where an earlier entry, of another `idx`, has that number already.
 */
#ifndef GW_MIGRATION_JOURNAL_H
#define GW_MIGRATION_JOURNAL_H

#include "migration/layout.h"

extern const gw_layout gw_layout_journal;

#endif
