/*
 * db/predecessor - the histories that other tools keep in a database: by what each is known, and how it is read. One row a tool.
 *
 * db/predecessor_find looks for them, db/predecessor_lock keeps the tool away, db/predecessor_read reads. Nothing of theirs is ever written. Source of the formats: each tool's own source and, where said so, databases that it made.
 */
#ifndef GW_DB_PREDECESSOR_H
#define GW_DB_PREDECESSOR_H

#include "db/engine.h"
#include "db/predecessor_key.h"
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
    /* Its rows, the oldest first, see db/predecessor_text: key, name, state (a word of gw_legacy_state: applied, gone, up_to, partial, failed,
     * unknown), proof, when; and where the tool has it: the project, how many statements are done, their hashes, what the last one said. */
    const char *rows;
    const char *lock; /* the table of its lock; NULL */
    const char *busy; /* who holds that: a row, if anybody; {lock} is the quoted table */
    /* Its lock for sessions, where those are numbers and where they are names; NULL: it has none there, or `lock_names` says which. */
    const char *lock_number, *lock_name;
    gw_lock_names_fn *lock_names;
} gw_predecessor;

extern const gw_predecessor gw_predecessors[];
extern const size_t gw_predecessor_count;

/* One that was found. */
typedef struct gw_legacy_table {
    const gw_predecessor *tool;
    const char *schema, *table, *lock; /* as the server says them; lock NULL: there is none */
} gw_legacy_table;
typedef gw_vec(gw_legacy_table) gw_legacy_tables;

#endif
