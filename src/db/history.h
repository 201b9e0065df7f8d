/*
 * db/history - the history table: created, read, written, in terms of the engine contract.
 *
 * Append-only: one row for each attempt, completed in place when it ends. Columns that godwit does not know stay untouched; a table
 * that lacks one of ours, or holds a state or kind that we do not know, was written by another version: GODWIT_FOLDER.
 */
#ifndef GW_DB_HISTORY_H
#define GW_DB_HISTORY_H

#include "db/history_text.h"
#include "db/lease.h"
#include "migration/record.h"

/* The question whether the table is there, made before there is a connection, so that it can go along with open(). */
typedef struct gw_history_probe {
    gw_arena *arena;
    const gw_engine *engine;
    const char *name;     /* "[schema.]table" */
    gw_history_text text; /* as far as it is known */
    const char *sql;
    struct gw_history_columns *columns; /* the answer */
} gw_history_probe;

typedef struct gw_history {
    gw_conn *conn;
    gw_history_text text;
    const char *schema, *table;     /* unquoted; schema NULL without schemas */
    bool schema_is_said;            /* the configuration names it */
    const char *shown;              /* "public.godwit_history" */
    const char *sql[GW_SQL__COUNT]; /* filled in, without states; NULL where the engine has none */
    gw_history_sql texts[GW_SQL__COUNT];
    bool exists;
    bool is_brief;        /* known by its rows alone (db/history_ahead): gw_history_open() tells of leases beside it */
    gw_lease_table lease; /* texts NULL without GW_CAP_LEASE */
    gw_lease *held;       /* the lease that fences what is written; NULL: none */
} gw_history;

/* `name` is "[schema.]table". Set p->first* of an open() to the probe's sql, gw_history_heard and the probe itself. */
GW_CHECKED gw_rc gw_history_probe_new(gw_arena *a, const gw_engine *engine, const char *name, gw_history_probe *out,
                                      gw_err *e);
bool gw_history_heard(void *probe, size_t columns, const char *const *values);
bool gw_history_is_heard(const gw_history_probe *probe); /* and not used yet */
/* Which table that is on this connection, and the texts for it; whether it is there is not known. */
GW_CHECKED gw_rc gw_history_name(gw_arena *a, gw_conn *c, const gw_history_probe *probe, gw_history *out, gw_err *e);
/* Is the table there and fit? An answer that the probe has heard since is used once, when it means the same in this session; without one
 * the server is asked. Writes nothing. */
GW_CHECKED gw_rc gw_history_open(gw_arena *a, gw_conn *c, const gw_history_probe *probe, gw_history *out, gw_err *e);
GW_CHECKED gw_rc gw_history_create(gw_history *h, gw_err *e); /* when it does not exist */
/* From now on only who holds the lock writes: each write that hits no row is GODWIT_LOCKED. `lease` NULL: the session lock `key`. */
void gw_history_hold(gw_arena *a, gw_history *h, const char *key, gw_lease *lease);

#endif
