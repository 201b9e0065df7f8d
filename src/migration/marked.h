/*
 * migration/marked - layouts of one file a migration, whose two ways are told apart by marks.
 *
 *     dbmate        0001_create_users.sql   -- migrate:up [transaction:false]     -- migrate:down
 *     goose         00001_create_users.sql   -- +goose Up   -- +goose Down   StatementBegin, NO TRANSACTION, ENVSUB ON
 *
 * Pure; the grammar of the marks is migration/marks. Sources: the readers of the tools themselves.
 */
#ifndef GW_MIGRATION_MARKED_H
#define GW_MIGRATION_MARKED_H

#include "migration/layout.h"

extern const gw_layout gw_layout_dbmate, gw_layout_goose;

#endif
