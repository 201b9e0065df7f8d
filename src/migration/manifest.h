/*
 * migration/manifest - godwit's own index, migrations.json: order, and what names of files do not say.
 *
 *     {"migrations": [
 *         "001_initial_schema.sql",
 *         {"file": "add_feature.sql", "version": "002", "name": "add feature", "down": "undo/add_feature.sql",
 *          "verify": "add_feature.verify.sql", "tx": "none", "kind": "versioned"}
 *     ]}
 *
 * Only `file` must be there; a text is an entry with nothing else. Without `version` and `name` they are what the file's name says, "001" and
 * "initial_schema", or both the whole name; without `down` and `verify` they are the files that `native` takes for it.
 */
#ifndef GW_MIGRATION_MANIFEST_H
#define GW_MIGRATION_MANIFEST_H

#include "migration/layout.h"

extern const gw_layout gw_layout_manifest;

#endif
