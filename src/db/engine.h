/*
 * db/engine - the contract between godwit and a database engine: one const table each.
 *
 * Required functions are never NULL. Optional ones are NULL exactly when their capability bit is clear. A connection belongs to
 * one thread; cancel() alone may be called from another one while the connection is open. Statements go to the server one by one.
 *
 * Errors: GODWIT_CONNECT when the connection could not be made or is lost (e->transient: trying again may help), GODWIT_INTERRUPTED
 * when cancel() ended the statement, GODWIT_FAILED for everything else the server says; with e->code, the server's hint and
 * detail as hint and notes, and e->offset (1-based byte within the statement) when the server tells where.
 */
#ifndef GW_DB_ENGINE_H
#define GW_DB_ENGINE_H

#include "base/err.h"
#include "base/interrupt.h"
#include "base/vec.h"
#include "config/url.h"
#include "sql/dialect.h"
#include "sql/effect.h"

typedef struct gw_engine gw_engine;

typedef enum gw_cap {
    GW_CAP_TX_DDL = 1 << 0,       /* DDL is transactional */
    GW_CAP_SESSION_LOCK = 1 << 1, /* try_lock, unlock, lock_holder, end_session: a lock that lives with the session */
    GW_CAP_TX_LOCK =
        1 << 2,           /* begin() itself excludes other runners: the decision is repeated inside the transaction */
    GW_CAP_COPY = 1 << 3, /* copy_in */
    GW_CAP_SCHEMAS = 1 << 4,   /* tables live in schemas within a database */
    GW_CAP_DATABASES = 1 << 5, /* databases are created on a server (otherwise they are files) */
    GW_CAP_LEASE = 1 << 6,     /* the lease's texts: a lock that is a row, where sessions cannot be trusted */
    GW_CAP_BATCH = 1 << 7,     /* batch: many migrations in few round trips */
    GW_CAP_GROUP = 1 << 8,     /* group_begin, group_end: many transactions under one commit */
    GW_CAP_CLAIM = 1 << 9,     /* claim, unclaim: with GW_CAP_TX_LOCK, where no lock outlives a transaction */
    GW_CAP_STATE = 1 << 10,    /* state: objects that a statement is about can be compared before and after */
    GW_CAP_TIDY = 1 << 11,     /* tidy */
    GW_CAP_BLOCKERS = 1 << 12, /* blockers */
    GW_CAP_RESET_ALL =
        1 << 13 /* reset() also takes away variables, temporary objects, and statements that were prepared */
} gw_cap;

/* The texts of the bookkeeping in the engine's tongue. "{table}" and "{lease}" are replaced by the quoted, qualified tables, "{schema}" by
 * their quoted schema, "{table_text}" and "{lease_text}" by string constants, "{schema_text}" by one or by current_schema; parameters
 * are $1, $2 … on every engine. "{held}" stands in those that write, and is replaced by lock_held() or by what is always true: a runner
 * that lost its lock writes no row. "{fingerprint}" stands for the parameter of that name (INSERT $9, MARK $3, END $4, JOIN $33), or for
 * GW_SQL_FINGERPRINT of it and of the states of objects as the server sees them at that moment. */
typedef enum gw_sql_id {
    GW_SQL_HISTORY_EXISTS, /* asked before anything is known of the server: only the three …_text stand in it. First a row whose name is
                               empty; its second column is not NULL if the table of leases is there. Then a row for each column of the
                               history: its name, lower case; of a table of that name elsewhere: its name, and as second column where
                               that is. Further columns are not read */
    GW_SQL_HISTORY_HERE, /* asked as early: one row of one boolean, whether a bare {table_text} is that of {schema_text}; "" where it always is */
    GW_SQL_HISTORY_SCHEMA, /* create the schema if it is missing; "" without schemas */
    GW_SQL_HISTORY_CREATE,
    GW_SQL_HISTORY_LIST, /* id, version, name, kind, direction, state, checksum, statements, done, fingerprint, started_at,
                               finished_at, duration_ms, applied_by, run_id, tool, error, down; by id; times as UTC text */
    GW_SQL_HISTORY_NEWEST, /* the same columns, newest row of version $1 */
    GW_SQL_HISTORY_INSERT, /* $1…$17 in that order without id; must make the new id readable by GW_SQL_HISTORY_LAST_ID */
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

/* What a server is, asked once at connect. */
typedef struct gw_facts {
    const char *product;  /* "PostgreSQL", "MariaDB", "MySQL", "SQLite" */
    const char *version;  /* "15.18" */
    const char *database; /* name, or file */
    const char *schema;   /* where an unqualified table would be created; NULL without schemas */
    const char *user;     /* as the server knows it; "" for SQLite */
    int64_t session;      /* the server's number of this session: for end_session and blockers; 0: none */
    const char *place;    /* which server that number is of: text that differs between the nodes of a cluster */
    bool read_only;
    bool atomic_ddl;      /* one DDL statement happens or does not */
    bool pooled, cluster; /* session locks cannot be trusted: the lease (lock policy) */
    gw_dialect dialect;   /* with the session's settings */
} gw_facts;

/* The head of every engine's own connection struct. */
typedef struct gw_conn {
    const gw_engine *engine;
    gw_facts facts;
    int64_t affected; /* rows that the newest query() or exec() inserted, updated or deleted */
    int64_t inserted; /* the id that it gave to a new row; 0: none, or the engine has to be asked */
} gw_conn;

typedef void gw_notice_fn(void *ctx, const char *text);

/* One row; values are zero-terminated and live only during the call; NULL: SQL null. Returning false ends the query. */
typedef bool gw_row_fn(void *ctx, size_t columns, const char *const *values);

typedef struct gw_open_params {
    const gw_url *url;
    int64_t connect_timeout_ms;
    int64_t lock_timeout_ms; /* a statement's wait for table locks; 0: the server's own */
    int64_t
        lock_wait_ms; /* GW_CAP_TX_LOCK: how long begin() waits for another runner (GODWIT_LOCKED then); cancel() ends the wait */
    bool maintenance; /* connect to the server, not to the database: for create, drop, exists */
    bool read_only;   /* never create the file, write nothing (status, --pretend) */
    const gw_interrupt *
        interrupt; /* asked: open() ends with GODWIT_INTERRUPTED where it can (else within connect_timeout_ms); NULL: none */
    int64_t until_ms;     /* gw_clock_ms(): open() ends by then, whatever time-out the URL says; 0: no such end */
    gw_notice_fn *notice; /* may be NULL */
    void *notice_ctx;
    const char *first; /* a query that goes along with what open() has to ask itself; NULL: none */
    const char *
        otherwise; /* asked when the server refuses the first, or other nodes may know more; NULL: refused is refused */
    gw_row_fn *first_fn; /* for the rows of both */
    void *first_ctx;
} gw_open_params;

typedef struct gw_param {
    const char *text; /* NULL: SQL null */
} gw_param;

/* One step of a batch: a statement of the user's, or one of the three GW_SQL_BATCH_…, filled in. */
typedef struct gw_op {
    gw_str sql;
    const gw_param *params;
    size_t count;
    bool is_bookkeeping;
    gw_sql_id
        text; /* of bookkeeping: which one. Behind the parameters of an END come those of the INSERT of that row */
    gw_str
        joined; /* of an INSERT: GW_SQL_BATCH_JOIN, filled in, whose parameters are all those of the END ahead and then its own; empty:
                       there is none, or this row is not one that says "running" */
} gw_op;

/* One migration, in a clean session. */
typedef struct gw_batch_item {
    const gw_op *ops;
    size_t count;
    bool transaction; /* all of it is one, begun and committed by the engine; otherwise what commits is among the ops */
    int64_t duration_ms; /* out, when it was done */
} gw_batch_item;

typedef struct gw_batch_end {
    size_t done; /* items that are known to be applied, durably */
    size_t op;   /* after a failure: the op of item `done` that failed, or its count: the commit did */
} gw_batch_end;

/* A session in whose way we stand in line. */
typedef struct gw_blocker {
    const char *who;   /* as in gw_lock_holder */
    const char *since; /* UTC: its transaction; NULL unknown */
    const char *query; /* what it runs, or ran last; NULL unknown */
    bool is_guess;     /* the server does not tell for certain */
} gw_blocker;
typedef gw_vec(gw_blocker) gw_blockers;

typedef struct gw_lock_holder {
    const char *who;   /* "app@10.0.0.7, pid 4711, psql"; NULL: the lock is free */
    const char *since; /* UTC */
    const char *query; /* what it runs; NULL: idle */
    int64_t session;   /* for end_session */
    bool is_lease;     /* a row says so, no session: see db/lease */
} gw_lock_holder;

struct gw_engine {
    const char *name;
    const char *const *schemes; /* NULL-terminated */
    unsigned caps;
    gw_dialect_kind dialect;
    const char *sql[GW_SQL__COUNT];
    const char *lock_method;    /* "advisory lock", "GET_LOCK", "database file" */
    const char *current_schema; /* in SQL: gw_facts.schema, as the server knows it */

    /* Close is deferred on a. GODWIT_USAGE: a URL parameter that means nothing here. GODWIT_CONNECT with e->code "3D000", "1049" or
     * "14" (gw_engine.missing_database) when the database does not exist. TLS as config/url's remote rule says. */
    gw_rc (*open)(gw_arena *a, const gw_open_params *p, gw_conn **out, gw_err *e);
    /* Did this failure of open mean that the database itself does not exist? */
    bool (*is_missing_database)(const gw_err *e);
    /* Did the server say, when the connection was lost, that somebody ended the session? It says the same when it shuts down. Never NULL. */
    bool (*is_ended_session)(const gw_err *e);
    /* One statement; rows, if any, are read and dropped. */
    gw_rc (*exec)(gw_conn *c, gw_str sql, gw_err *e);
    /* One statement with parameters $1 …; rows go to fn (may be NULL). */
    gw_rc (*query)(gw_conn *c, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx,
                   gw_err *e);
    /* begin: `own` is the user's BEGIN text or empty. With GW_CAP_TX_LOCK it excludes others, see lock_wait_ms. */
    gw_rc (*begin)(gw_conn *c, gw_str own, gw_err *e);
    gw_rc (*commit)(gw_conn *c, gw_err *e); /* lost meanwhile: GODWIT_CONNECT, not transient: nobody knows yet */
    void (*rollback)(gw_conn *c);
    bool (*in_transaction)(gw_conn *c);
    /* The session as it began: role, search_path, sql_mode, foreign_key_checks, PRAGMAs, temporary settings; locks stay. */
    gw_rc (*reset)(gw_conn *c, gw_err *e);
    /* How long statements wait for table locks from now on; 0: as it began. */
    gw_rc (*set_lock_timeout)(gw_conn *c, int64_t ms, gw_err *e);
    /* Any thread: end what the connection executes. Never blocks for long. A server that does not do it within 5 s loses the connection, as
     * long as whoever cancels goes on to call this. */
    void (*cancel)(gw_conn *c);
    /* Any thread: if it has executed the same for longer than `ms`, end the connection itself, without a word: nobody waits for this server any
     * longer. Fails with GODWIT_CONNECT. NULL: nothing can stall here. */
    void (*drop)(gw_conn *c, int64_t ms);
    /* The connection's session is not as a lock needs it any more: it was lost since. */
    bool (*is_alive)(gw_conn *c);

    /* GW_CAP_COPY: `sql` is a COPY … FROM STDIN. */
    gw_rc (*copy_in)(gw_conn *c, gw_str sql, gw_str data, gw_err *e);
    /* GW_CAP_SESSION_LOCK. The key is text; engines that need a number hash it, plain numbers stay what they are. */
    gw_rc (*try_lock)(gw_conn *c, const char *key, bool *taken, gw_err *e);
    void (*unlock)(gw_conn *c, const char *key);
    /* Also without GW_CAP_SESSION_LOCK, where somebody can be named: with GW_CAP_CLAIM who has the claim, or writes. */
    gw_rc (*lock_holder)(gw_arena *a, gw_conn *c, const char *key, gw_lock_holder *out, gw_err *e);
    /* A condition in SQL that is true while this session holds the lock. */
    char *(*lock_held)(gw_arena *a, gw_conn *c, const char *key);
    gw_rc (*end_session)(gw_conn *c, int64_t session, gw_err *e);

    /* GW_CAP_BATCH: in order, in as few round trips as it takes; nothing behind the first failure is executed. Statements that read the
     * session's state see it as reset() leaves it. GODWIT_CONNECT that is not transient: end->done are known to be applied; of
     * those behind them any number may be too, and one in part, since the server goes on with what it has received: the history tells, once
     * the session has ended. Of a failed item that is a transaction nothing is kept; of another the ops before end->op. */
    gw_rc (*batch)(gw_conn *c, gw_batch_item *items, size_t count, gw_batch_end *end, gw_err *e);
    /* GW_CAP_GROUP: until group_end(), begin(), commit() and rollback() work within one transaction that excludes other runners.
     * group_end() commits it; when that fails nothing of the group is kept. reset() in between is fine as long as is_clean(). */
    gw_rc (*group_begin)(gw_conn *c, gw_err *e);
    gw_rc (*group_end)(gw_conn *c, gw_err *e);
    void (*group_drop)(gw_conn *c); /* roll it back; harmless without one */
    bool (*is_clean)(gw_conn *c);   /* nothing that reset() would have to put back was changed */
    /* GW_CAP_CLAIM: say that a migration of several units is under way; false: another runner, alive, said so. Ends with the process. */
    gw_rc (*claim)(gw_conn *c, bool *taken, gw_err *e);
    void (*unclaim)(gw_conn *c);
    /* GW_CAP_STATE: an expression in SQL, a text of hex digits and lower-case words without blanks or commas: "absent", or what tells one
     * state of the object from another. NULL: this engine cannot tell for such a target. */
    char *(*state)(gw_arena *a, gw_conn *c, const gw_target *target);
    /* GW_CAP_TIDY: before a statement outside a transaction, and after it failed: remove or complete what an earlier try of the same
     * statement left behind. *completed: with that it is done. What was done is told as a notice. */
    gw_rc (*tidy)(gw_conn *c, gw_str sql, bool *completed, gw_err *e);
    /* GW_CAP_BLOCKERS: whom the session `session` waits for; none when it does not wait for a lock. c is another connection. */
    gw_rc (*blockers)(gw_arena *a, gw_conn *c, int64_t session, gw_blockers *out, gw_err *e);

    /* The database itself. On servers: c is a maintenance connection. For files (no GW_CAP_DATABASES): c is NULL. */
    gw_rc (*database_exists)(gw_conn *c, const gw_url *url, bool *exists, gw_err *e);
    gw_rc (*database_create)(gw_conn *c, const gw_url *url, gw_err *e); /* exists already: fine */
    gw_rc (*database_drop)(gw_conn *c, const gw_url *url, gw_err *e);   /* ends its sessions; absent: fine */
};

#endif
