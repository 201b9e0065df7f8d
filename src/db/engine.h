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
#include "db/batch.h"
#include "db/cap.h"
#include "db/conn.h"
#include "db/facts.h"
#include "db/holder.h"
#include "db/texts.h"
#include "sql/effect.h"

struct gw_engine {
    const char *name;
    const char *const *schemes; /* NULL-terminated */
    unsigned caps;
    gw_dialect_kind dialect;
    const char *sql[GW_SQL__COUNT];
    const char *lock_method;    /* "advisory lock", "GET_LOCK", "database file" */
    const char *current_schema; /* in SQL: gw_facts.schema, as the server knows it */
    gw_adopt_texts adopt;

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
     * group_end() commits it; when that fails nothing of the group is kept. reset() in between is fine as long as is_clean().
     * *untouched: nobody else has written to the database since open(), and nobody can before the end of the group. */
    gw_rc (*group_begin)(gw_conn *c, bool *untouched, gw_err *e);
    gw_rc (*group_end)(gw_conn *c, gw_err *e);
    void (*group_drop)(gw_conn *c); /* roll it back; harmless without one */
    bool (*is_clean)(gw_conn *c);   /* nothing that reset() would have to put back was changed */
    /* GW_CAP_CLAIM: say that a migration of several units is under way; false: another runner, alive, said so. Ends with the process. */
    gw_rc (*claim)(gw_conn *c, bool *taken, gw_err *e);
    void (*unclaim)(gw_conn *c);
    /* GW_CAP_STATE: an expression in SQL, a text of hex digits and lower-case words without blanks or commas: "absent", or what tells one
     * state of the object from another; at the end of one that is certainly not as the statement makes it stands GW_STATE_FOREIGN. NULL: this engine cannot tell for such a target. */
    char *(*state)(gw_arena *a, gw_conn *c, const gw_target *target);
    /* GW_CAP_FORESIGHT: what statements that are to come create, each name by one of them: the server looks at all of it at once, so that
     * state() of one need not have it look again. Whatever it does not tell is looked at as ever; with count 0, all is. */
    void (*foresee)(gw_conn *c, const gw_target *targets, size_t count);
    /* GW_CAP_TIDY: before a statement outside a transaction, and after it failed: remove or complete what an earlier try of the same
     * statement left behind. *completed: with that it is done. What was done is told as a notice. */
    gw_rc (*tidy)(gw_conn *c, gw_str sql, bool *completed, gw_err *e);
    /* GW_CAP_BLOCKERS: whom the session `session` waits for; none when it does not wait for a lock. c is another connection. */
    gw_rc (*blockers)(gw_arena *a, gw_conn *c, int64_t session, gw_blockers *out, gw_err *e);

    /* GW_CAP_COUNTS: how many transactions this session has begun, one for this very question included. A statement outside a transaction is
     * one, unless it commits or rolls back by itself. *count -1: nobody can tell here. */
    gw_rc (*transactions)(gw_conn *c, int64_t *count, gw_err *e);

    /* GW_CAP_TWIN: another session that runs just this statement now, in this database, as far as this user may see it. who NULL: none. */
    gw_rc (*twin)(gw_arena *a, gw_conn *c, gw_str sql, gw_lock_holder *out, gw_err *e);

    /* The database itself. On servers: c is a maintenance connection. For files (no GW_CAP_DATABASES): c is NULL. */
    gw_rc (*database_exists)(gw_conn *c, const gw_url *url, bool *exists, gw_err *e);
    gw_rc (*database_create)(gw_conn *c, const gw_url *url, gw_err *e); /* exists already: fine */
    gw_rc (*database_drop)(gw_conn *c, const gw_url *url, gw_err *e);   /* ends its sessions; absent: fine */
};

#endif
