/*
 * migration/liquibase - changelogs of Liquibase in SQL: several changesets in a file, each a migration.
 *
 *     --liquibase formatted sql
 *     --changeset ann:1 runInTransaction:false
 *     CREATE TABLE users (id int);
 *     --rollback DROP TABLE users;
 *
 * Files are in the order of their names, as includeAll has them. A version is <file>::<id>::<author>, as Liquibase writes it. What decides at the
 * time of a run (contexts, preconditions, properties) is refused by name, and so are changelogs in XML, YAML and JSON. Source: Liquibase's own
 * reader.
 */
#ifndef GW_MIGRATION_LIQUIBASE_H
#define GW_MIGRATION_LIQUIBASE_H

#include "migration/layout.h"

extern const gw_layout gw_layout_liquibase;

#endif
