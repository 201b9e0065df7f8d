/*
 * migration/marked - layouts of one file a migration, whose two ways are told apart by marks.
 *
 *     dbmate        0001_create_users.sql   -- migrate:up [transaction:false]     -- migrate:down
 *     goose         00001_create_users.sql   -- +goose Up   -- +goose Down   StatementBegin, NO TRANSACTION, ENVSUB ON
 *     sql-migrate   1_create_users.sql       -- +migrate Up [notransaction]   -- +migrate Down   StatementBegin
 *     tern          001_create_users.sql     ---- create above / drop below ----   ---- tern: disable-tx ----
 *     node-pg-migrate  1414549381268_x.sql   -- Up Migration   -- Down Migration
 *
 * Pure; the grammar of the marks is migration/marks. Sources: the readers of the tools themselves.
 */
#ifndef GW_MIGRATION_MARKED_H
#define GW_MIGRATION_MARKED_H

#include "migration/layout.h"

extern const gw_layout gw_layout_dbmate, gw_layout_goose, gw_layout_node_pg_migrate, gw_layout_sql_migrate,
    gw_layout_tern;

#endif
