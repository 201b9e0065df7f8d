/*
 * migration/atlas - the layout of Atlas's own folders, known by atlas.sum: 20260326170903_create_users.sql, or 20260326170903.sql.
 *
 * Files go one way; what comes back is Atlas's to compute. Folders of golang-migrate and others may have an atlas.sum too, and stay what
 * they are.
 */
#ifndef GW_MIGRATION_ATLAS_H
#define GW_MIGRATION_ATLAS_H

#include "migration/layout.h"

extern const gw_layout gw_layout_atlas;

#endif
