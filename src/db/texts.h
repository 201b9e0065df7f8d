/*
 * db/texts - the statements that every engine gives in its own tongue, and how they are filled in.
 */
#ifndef GW_DB_TEXTS_H
#define GW_DB_TEXTS_H

#include "base/str.h"

/* The texts of the bookkeeping in the engine's tongue. "{table}" and "{lease}" are replaced by the quoted, qualified tables, "{schema}" by
 * their quoted schema, "{table_text}" and "{lease_text}" by string constants, "{schema_text}" by one or by current_schema; parameters
 * are $1, $2 … on every engine. "{held}" stands in those that write, and is replaced by lock_held() or by what is always true: a runner
 * that lost its lock writes no row. "{fingerprint}" stands for the parameter of that name (INSERT $9, MARK $3, END $4, JOIN $33), or for
 * GW_SQL_FINGERPRINT of it and of the states of objects as the server sees them at that moment. */
typedef enum gw_sql_id {
    GW_SQL_HISTORY_EXISTS, /* asked before anything is known of the server: only the three …_text stand in it. First a row whose name is
                               empty; its second column is not NULL if the table of leases is there. Then a row for each column of the
                               history: its name, lower case; of a table of that name elsewhere: its name, and as second column where
                               that is. The fourth column of the first row, where there is one, is a
                               doubt; further ones are not read */
    GW_SQL_HISTORY_HERE, /* asked as early: one row of one boolean, whether a bare {table_text} is that of {schema_text}; "" where it always is */
    GW_SQL_HISTORY_SCHEMA, /* create the schema if it is missing; "" without schemas */
    GW_SQL_HISTORY_CREATE,
    GW_SQL_HISTORY_LIST, /* id, version, name, kind, direction, state, checksum, statements, done, fingerprint, started_at,
                               finished_at, duration_ms, applied_by, run_id, tool, error, down; by id; times as UTC text. Where an
                               engine has one more column it is a doubt, and a row without id is none but for that */
    GW_SQL_HISTORY_PLAN, /* the same columns and order, and no more of them than a plan takes: of finished_at only '' where a deferred row has
                               one, error only of rows that failed, run or are deferred, down '' where there is one */
    GW_SQL_HISTORY_DOWN,   /* down of row $1 */
    GW_SQL_HISTORY_NEWEST, /* the same columns, newest row of version $1 */
    GW_SQL_HISTORY_INSERT, /* $1…$17 in that order without id; must make the new id readable by GW_SQL_HISTORY_LAST_ID */
    GW_SQL_GROUP_INSERT, /* GW_CAP_GROUP: the same for GW_GROUP_ROWS rows at once, parameters row by row, each a question mark; the ids
                               are not asked for. NULL: none */
    GW_SQL_HISTORY_LAST_ID, /* one row: the id of this session's last insert */
    GW_SQL_HISTORY_MARK,    /* $1 id, $2 done, $3 fingerprint */
    GW_SQL_HISTORY_END,     /* $1 id, $2 state, $3 done, $4 fingerprint, $5 finished_at, $6 duration_ms, $7 error */
    GW_SQL_FINGERPRINT, /* GW_CAP_STATE: "{parameter}" with the texts of "{states}", expressions with commas between them, appended,
                               with commas between them */

    /* GW_CAP_BATCH: as the three above, but by the server's clock, failing (instead of writing nothing) when the lock is not held. INSERT:
     * started_at ($10) is when the item began, finished_at and duration_ms are now unless state is "running". MARK and END:
     * $1 is not read, the row is the one that this item inserted; $5 and $6 of END are not read. */
    GW_SQL_BATCH_INSERT,
    GW_SQL_BATCH_MARK, /* "" where every item of a batch is one transaction */
    GW_SQL_BATCH_END,  /* likewise */
    /* END of an item and INSERT of the next one, "running", in one statement: for an engine that makes it of two such steps, see gw_op.
     * $1…$7 are those of END, $8…$24 the whole row that it completes, as INSERT has it, $25…$41 those of INSERT. NULL: none */
    GW_SQL_BATCH_JOIN,
    /* For an engine that leaves out the reset between two items, see gw_op. PLAIN: INSERT of a row that does not say "running", where the
     * condition SEAL holds: no code runs for it but the server's own. NULL: none */
    GW_SQL_BATCH_PLAIN,
    GW_SQL_BATCH_SEAL,

    /* GW_CAP_LEASE: a table of one row; times are the server's, milliseconds are numbers. "{lease}" is the quoted, qualified table. */
    GW_SQL_LEASE_CREATE, /* the table, if it is missing; may lose a race against another creator */
    GW_SQL_LEASE_SEED,   /* its row, free, token 0, if it is missing */
    GW_SQL_LEASE_READ, /* token, owner (NULL: free), who, session (NULL: known to have ended, on this very server), taken_at (UTC text),
                            how often the row was written, milliseconds left (0 or less: over, since when), query (NULL; with its state in brackets before
                            it: it only stays in a transaction) */
    GW_SQL_LEASE_TAKE, /* $1 token that was read, $2 owner, $3 who, $4 session, $5 milliseconds, $6 writes that were read: hits the row if
                            the token is still that and the lease is free, or over and unwritten since; the new token is one more */
    GW_SQL_LEASE_BEAT, /* $1 token, $2 owner, $3 milliseconds: hits the row if it is ours, also when it is over; prolongs it. In a
                            transaction it also keeps everybody else from taking the lease until that ends */
    GW_SQL_LEASE_FREE, /* $1 token, $2 owner */
    GW_SQL__COUNT
} gw_sql_id;

enum { GW_GROUP_ROWS = 10 };

/* What `adopt` asks in the engine's tongue about other tools. */
typedef struct gw_adopt_texts {
    /* Of each table whose name, in lower case, is one of {names}: schema, table, column in lower case, and not NULL in the current schema; a
     * table's columns together. {schema}: where a file is attached as one, else "main". */
    const char *tables;
    const char *hex;  /* the bytes of {x}, as lower-case hex digits */
    const char *join; /* {x}, the text {between} and {y}, one after another */
    /* A row: the file that the database is. What a tool keeps in another one beside it can be attached, as {schema}. NULL: it is no file. */
    const char *file;
    const char *attach, *detach; /* {file}, {schema} */
    /* The lock that another tool has for itself, $1: a row, not NULL when it is ours now; one, when nobody has it; who has it, if anybody. NULL:
     * sessions have no locks here. */
    const char *lock, *unlock, *holder;
    bool lock_is_number; /* $1 is a number; else a name */
} gw_adopt_texts;

/* What a server says of its own answer about the history: NULL nothing, or one of these. */
#define GW_DOUBT_RECOVERS "recovers" /* it follows another server, perhaps at a distance: fine where all is read only */
#define GW_DOUBT_HIDES    "hides"    /* it shows some rows, or none, to this user */

#endif
