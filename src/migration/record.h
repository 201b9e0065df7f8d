/*
 * migration/record - one row of the history: one attempt on a migration.
 */
#ifndef GW_MIGRATION_RECORD_H
#define GW_MIGRATION_RECORD_H

#include <godwit.h>

#include "base/vec.h"

/* Texts as the table holds them. NULL: SQL null. */
typedef struct gw_record {
    int64_t id;
    const char *version, *name;
    const char *kind;      /* "versioned", "baseline", "adopted", "repeatable", "checkpoint", "covered" */
    const char *direction; /* "up", "down" */
    godwit_state state;
    const char *checksum; /* of the up file */
    size_t statements, done;
    const char *fingerprint;              /* of a row that is not ended: gw_script_prefix() of the `done` statements */
    const char *started_at, *finished_at; /* UTC, "YYYY-MM-DD HH:MM:SS.mmm" */
    int64_t duration_ms;
    const char *applied_by, *run_id, *tool, *error;
    const char *down; /* the down file's text, for a checkout that lost it */
    bool was_put_off; /* it kept nothing, and before it the migration was skipped or deferred: it is not late */
    bool has_down;    /* of a row that was read: it holds one, whether it is here or not (db/history_current) */
} gw_record;

typedef gw_vec(gw_record) gw_records;

/* The kind of what a checkpoint stands for: applied as long as that is. */
#define GW_RECORD_COVERED "covered"

const char *gw_state_name(godwit_state state); /* see godwit_state_name() */
/* Is what `next` is about as it was with `newest` (NULL: there was none), its newest row before, which put it off? */
bool gw_record_puts_off(const gw_record *newest, const gw_record *next);
bool gw_state_is_pending(godwit_state state); /* to be run: never tried, or waiting for the next run */

#endif
