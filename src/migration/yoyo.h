/*
 * migration/yoyo - the SQL migrations of yoyo: <id>.sql with <id>.rollback.sql, in the order in which they depend on each other.
 *
 *     -- depends: 0001-users 0002-posts
 *     -- transactional: false
 *
 * These stand in the comments at the top. What depends on nothing that is still to come runs by its name. Source: yoyo's own reader.
 */
#ifndef GW_MIGRATION_YOYO_H
#define GW_MIGRATION_YOYO_H

#include "migration/layout.h"

extern const gw_layout gw_layout_yoyo;

#endif
