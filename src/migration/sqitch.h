/*
 * migration/sqitch - the layout of sqitch: sqitch.plan says which changes there are and in which order, deploy/, revert/ and verify/ hold
 * their scripts.
 *
 * The version of a migration is the name of its change; of a change that was reworked "users", then "users#2". sqitch.conf, where it stands
 * in the folder, may name other folders and another plan.
 */
#ifndef GW_MIGRATION_SQITCH_H
#define GW_MIGRATION_SQITCH_H

#include "migration/layout.h"

extern const gw_layout gw_layout_sqitch;

#endif
