/*
 * db/predecessor - the histories that other tools keep in a database: by what each is known, and how it is read. One row a tool.
 *
 * Nothing of theirs is ever written. Source of the formats: each tool's own source and, where said so, databases that it made.
 */
#ifndef GW_DB_PREDECESSOR_H
#define GW_DB_PREDECESSOR_H

#include "db/engine.h"
#include "migration/adoption.h"

typedef struct gw_predecessor {
    const char *name;    /* what --from says */
    const char *table;   /* of its history, lower case */
    const char *columns; /* that it has, lower case, blanks between them */
    const char *only;    /* it has no others: "1"; NULL: it may */
    const char *without; /* a column that tells it from another tool's; NULL */
    const char *beside;  /* a table beside it; NULL */
    const char *unless;  /* a table that is not beside it; NULL */
    const char *rule;    /* why it is this tool's, where others have a table of that name; NULL */
    gw_proof proof;
    /* Its rows, the oldest first: key, name, state (a word of gw_legacy_state: applied, gone, up_to, failed), proof, when. {table} is the
     * quoted table, [x] the quoted name x, {hex x} the bytes of x in hex, {join x y} x and y with a colon between them, {pair x y}
     * with two. */
    const char *rows;
    const char *lock; /* the table of its lock; NULL */
    const char *busy; /* who holds that: a row, if anybody; {lock} is the quoted table */
    const char
        *advisory; /* PostgreSQL: the number of its advisory lock; NULL: it has none, or one that depends on names */
} gw_predecessor;

extern const gw_predecessor gw_predecessors[];
extern const size_t gw_predecessor_count;

/* One that was found. */
typedef struct gw_legacy_table {
    const gw_predecessor *tool;
    const char *schema, *table, *lock; /* as the server says them; lock NULL: there is none */
} gw_legacy_table;
typedef gw_vec(gw_legacy_table) gw_legacy_tables;

/* All that there are, those of the current schema first. */
GW_CHECKED gw_rc gw_predecessors_find(gw_arena *a, gw_conn *c, gw_legacy_tables *out, gw_err *e);
/* Its rows. GODWIT_LOCKED: the tool is at work. */
GW_CHECKED gw_rc gw_predecessor_read(gw_arena *a, gw_conn *c, const gw_legacy_table *from, gw_legacies *out, gw_err *e);

#endif
