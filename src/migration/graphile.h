/*
 * migration/graphile - the committed migrations of graphile-migrate: committed/000001-create-users.sql, each with the hash of itself and of the
 * one before it.
 *
 *     --! Previous: sha1:…
 *     --! Hash: sha1:…
 *     --! Message: create users
 *
 * The folder is the one with committed/ in it, or committed/ itself. The chain of hashes is checked whenever the folder is read. What is not
 * committed (current.sql) is not read. Source: graphile-migrate's own reader.
 */
#ifndef GW_MIGRATION_GRAPHILE_H
#define GW_MIGRATION_GRAPHILE_H

#include "migration/layout.h"

extern const gw_layout gw_layout_graphile;

#endif
