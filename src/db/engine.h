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

typedef struct gw_engine gw_engine;

typedef enum gw_cap {
    GW_CAP_TX_DDL = 1 << 0,       /* DDL is transactional */
    GW_CAP_SESSION_LOCK = 1 << 1, /* try_lock, unlock, lock_holder, end_session: a lock that lives with the session */
    GW_CAP_TX_LOCK =
        1 << 2,           /* begin() itself excludes other runners: the decision is repeated inside the transaction */
    GW_CAP_COPY = 1 << 3, /* copy_in */
    GW_CAP_SCHEMAS = 1 << 4,  /* tables live in schemas within a database */
    GW_CAP_DATABASES = 1 << 5 /* databases are created on a server (otherwise they are files) */
} gw_cap;

/* The texts of the bookkeeping in the engine's tongue. "{table}" is replaced by the quoted, qualified history table, "{schema}" by its
 * quoted schema, "{schema_text}" and "{table_text}" by string constants; parameters are $1, $2 … on every engine. "{held}" stands in the three that write, and is
 * replaced by lock_held() or by what is always true: a runner that lost its lock writes no row. */
typedef enum gw_sql_id {
    GW_SQL_HISTORY_EXISTS, /* a row for each column of the table: its name, lower case; of a table of that name elsewhere: its
                               name, and as second column where that is */
    GW_SQL_HISTORY_SCHEMA, /* create the schema if it is missing; "" without schemas */
    GW_SQL_HISTORY_CREATE,
    GW_SQL_HISTORY_LIST, /* id, version, name, kind, direction, state, checksum, statements, done, fingerprint, started_at,
                               finished_at, duration_ms, applied_by, run_id, tool, error, down; by id; times as UTC text */
    GW_SQL_HISTORY_NEWEST, /* the same columns, newest row of version $1 */
    GW_SQL_HISTORY_INSERT, /* $1…$17 in that order without id; must make the new id readable by GW_SQL_HISTORY_LAST_ID */
    GW_SQL_HISTORY_LAST_ID, /* one row: the id of this session's last insert */
    GW_SQL_HISTORY_MARK,    /* $1 id, $2 done, $3 fingerprint */
    GW_SQL_HISTORY_END,     /* $1 id, $2 state, $3 done, $4 fingerprint, $5 finished_at, $6 duration_ms, $7 error */
    GW_SQL__COUNT
} gw_sql_id;

/* What a server is, asked once at connect. */
typedef struct gw_facts {
    const char *product;  /* "PostgreSQL", "MariaDB", "MySQL", "SQLite" */
    const char *version;  /* "15.18" */
    const char *database; /* name, or file */
    const char *schema;   /* where an unqualified table would be created; NULL without schemas */
    const char *user;     /* as the server knows it; "" for SQLite */
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
    gw_notice_fn *notice; /* may be NULL */
    void *notice_ctx;
} gw_open_params;

typedef struct gw_param {
    const char *text; /* NULL: SQL null */
} gw_param;

/* One row; values are zero-terminated and live only during the call; NULL: SQL null. Returning false ends the query. */
typedef bool gw_row_fn(void *ctx, size_t columns, const char *const *values);

typedef struct gw_lock_holder {
    const char *who;   /* "app@10.0.0.7, pid 4711, psql"; NULL: the lock is free */
    const char *since; /* UTC */
    const char *query; /* what it runs; NULL: idle */
    int64_t session;   /* for end_session */
} gw_lock_holder;

struct gw_engine {
    const char *name;
    const char *const *schemes; /* NULL-terminated */
    unsigned caps;
    gw_dialect_kind dialect;
    const char *sql[GW_SQL__COUNT];
    const char *lock_method; /* "advisory lock", "GET_LOCK", "database file" */

    /* Close is deferred on a. GODWIT_USAGE: a URL parameter that means nothing here. GODWIT_CONNECT with e->code "3D000", "1049" or
     * "14" (gw_engine.missing_database) when the database does not exist. TLS as config/url's remote rule says. */
    gw_rc (*open)(gw_arena *a, const gw_open_params *p, gw_conn **out, gw_err *e);
    /* Did this failure of open mean that the database itself does not exist? */
    bool (*is_missing_database)(const gw_err *e);
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
    /* Any thread: end what the connection executes. Never blocks for long. */
    void (*cancel)(gw_conn *c);
    /* The connection's session is not as a lock needs it any more: it was lost since. */
    bool (*is_alive)(gw_conn *c);

    /* GW_CAP_COPY: `sql` is a COPY … FROM STDIN. */
    gw_rc (*copy_in)(gw_conn *c, gw_str sql, gw_str data, gw_err *e);
    /* GW_CAP_SESSION_LOCK. The key is text; engines that need a number hash it, plain numbers stay what they are. */
    gw_rc (*try_lock)(gw_conn *c, const char *key, bool *taken, gw_err *e);
    void (*unlock)(gw_conn *c, const char *key);
    gw_rc (*lock_holder)(gw_arena *a, gw_conn *c, const char *key, gw_lock_holder *out, gw_err *e);
    /* A condition in SQL that is true while this session holds the lock. */
    char *(*lock_held)(gw_arena *a, gw_conn *c, const char *key);
    gw_rc (*end_session)(gw_conn *c, int64_t session, gw_err *e);

    /* The database itself. On servers: c is a maintenance connection. For files (no GW_CAP_DATABASES): c is NULL. */
    gw_rc (*database_exists)(gw_conn *c, const gw_url *url, bool *exists, gw_err *e);
    gw_rc (*database_create)(gw_conn *c, const gw_url *url, gw_err *e); /* exists already: fine */
    gw_rc (*database_drop)(gw_conn *c, const gw_url *url, gw_err *e);   /* ends its sessions; absent: fine */
};

#endif
