/*
 * migration/nested - layouts with a folder for each migration.
 *
 *     drizzle   20260326170903_create_users/migration.sql                with snapshot.json, which is drizzle-kit's own
 *     prisma    20260326170903_create_users/migration.sql                with migration_lock.toml beside the folders
 *     diesel    2026-03-26-170903_create_users/up.sql                    with down.sql, metadata.toml
 *
 * In all three a down.sql beside it is the way back, and a verify.sql the check of it.
 */
#ifndef GW_MIGRATION_NESTED_H
#define GW_MIGRATION_NESTED_H

#include "migration/layout.h"

extern const gw_layout gw_layout_drizzle, gw_layout_prisma, gw_layout_diesel;

/* Of drizzle, whichever version of it. */
gw_frame_fn gw_nested_frame;
extern const gw_dress gw_nested_dress;
bool gw_nested_is_mark(gw_str line);

#endif
