/*
 * db/history - the history table: created, read, written, in terms of the engine contract.
 *
 * Append-only: one row for each attempt, completed in place when it ends. Columns that godwit does not know stay untouched; a table
 * that lacks one of ours, or holds a state or kind that we do not know, was written by another version: GODWIT_FOLDER.
 */
#ifndef GW_DB_HISTORY_H
#define GW_DB_HISTORY_H

#include "db/engine.h"
#include "migration/record.h"

typedef struct gw_history {
    gw_conn *conn;
    const char *schema, *table;     /* unquoted; schema NULL without schemas */
    bool schema_is_said;            /* the configuration names it */
    const char *shown;              /* "public.godwit_history" */
    const char *sql[GW_SQL__COUNT]; /* filled in */
    bool exists;
} gw_history;

/* `name` is "[schema.]table". Looks whether the table is there and fit; writes nothing. */
GW_CHECKED gw_rc gw_history_open(gw_arena *a, gw_conn *c, const char *name, gw_history *out, gw_err *e);
GW_CHECKED gw_rc gw_history_create(gw_history *h, gw_err *e); /* when it does not exist */
/* From now on only a session that holds the lock `key` writes: each write that hits no row is GODWIT_LOCKED. */
void gw_history_hold(gw_arena *a, gw_history *h, const char *key);
/* Oldest first; none when the table does not exist. */
GW_CHECKED gw_rc gw_history_list(gw_arena *a, const gw_history *h, gw_records *out, gw_err *e);
/* *found false: the version was never tried. */
GW_CHECKED gw_rc gw_history_newest(gw_arena *a, const gw_history *h, const char *version, gw_record *out, bool *found,
                                   gw_err *e);
/* Insert; *id (may be NULL) becomes the row's. r->id is not read. */
GW_CHECKED gw_rc gw_history_add(const gw_history *h, const gw_record *r, int64_t *id, gw_err *e);
GW_CHECKED gw_rc gw_history_mark(const gw_history *h, int64_t id, size_t done, const char *fingerprint, gw_err *e);
/* Complete the row r->id: state, done, fingerprint, finished_at, duration_ms, error. */
GW_CHECKED gw_rc gw_history_end(const gw_history *h, const gw_record *r, gw_err *e);

#endif
