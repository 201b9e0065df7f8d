/*
 * migration/flyway - the layout of Flyway: the letter that a name begins with says what the file is.
 *
 *     V1__create_users.sql      versioned; V1.2__x.sql, V1_2__x.sql; in folders within, too
 *     U1__create_users.sql      its way back
 *     R__views.sql              repeatable
 *     B5__all.sql               a checkpoint: V1 to V5 in one
 *     V1__create_users.sql.conf executeInTransaction, placeholderReplacement
 *
 * In versions "_" means ".", and zeros at their end do not count: V1_0 is V1. The version of a checkpoint is "B5", beside that of V5.
 */
#ifndef GW_MIGRATION_FLYWAY_H
#define GW_MIGRATION_FLYWAY_H

#include "migration/layout.h"

extern const gw_layout gw_layout_flyway;

#endif
