/*
 * migration/items - files and history, read together: every migration that either of them knows, in order.
 *
 * Pure. The newest record of a version decides:
 *   up    applied (also a baseline): applied; running: RUNNING; failed: pending when it kept nothing, else
 *         FAILED_STATE, to be resumed after its `done` statements; skipped, deferred: so
 *   down  ended: pending again; running: RUNNING; failed: applied when it undid nothing, else FAILED_STATE
 * What would be pending, or is deferred, and has no file is REVERTED: nothing of it is in the database. What only ever failed, kept nothing and
 * has no file is no item at all. Versions are the same by their gw_version_key(): "1" in the history is 0001_x.sql.
 *
 * A repeatable one is pending again when its text is another, and never edited, out of order or missing. A checkpoint stands for what comes
 * before it: on a database in which nothing was run the planner begins with the newest, and what is recorded as covered is applied as long
 * as a checkpoint is. Where something was run checkpoints are passed over: SKIPPED, without a record.
 *
 * The order is that of the folder. What has no file any more stands where its version belongs; in a layout whose versions say nothing of
 * the order, behind what was run before it.
 */
#ifndef GW_MIGRATION_ITEMS_H
#define GW_MIGRATION_ITEMS_H

#include "migration/item.h"

/* Records oldest first. files may lack checksums: nothing is "edited" then. Never fails. */
void gw_items_of(gw_arena *a, const gw_folder *files, const gw_records *records, gw_items *out);

#endif
