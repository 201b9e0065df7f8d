/*
 * tests/stage_engine - the engine of a stage: the fake, with the capabilities of one real engine, and with what the fake cannot do.
 *
 *     CALL statement: as a procedure of MySQL's would run it    SET autocommit = 0    START TRANSACTION, COMMIT in a batch
 *     LOCK TABLES, UNLOCK TABLES, CREATE INDEX, DROP INDEX, VACUUM, DO, what is kept in a session (SET @a, SET zone = …, PREPARE,
 *     EXECUTE, CREATE TEMPORARY, SELECT 1 INTO @a): said, and no more
 */
#ifndef GW_TESTS_STAGE_ENGINE_H
#define GW_TESTS_STAGE_ENGINE_H

#include "fake_engine.h"

struct stage;

typedef enum stage_kind {
    STAGE_POSTGRES, /* batches of whole transactions; what a file begins with */
    STAGE_MYSQL,    /* DDL commits by itself, batches in parts */
    STAGE_SQLITE    /* begin() is the lock; groups, claims; SQL is PostgreSQL's all the same */
} stage_kind;

/* What a test says about statements of files, beside fake. */
typedef struct stage_server {
    const char *lose_after; /* statements that begin so are executed, and the connection is lost then; NULL none */
    unsigned lose_skip;     /* let so many of them pass first */
    unsigned lose_times;    /* only so many; 0: every one */
    const char *place;      /* of connections that are opened from now on; NULL: the fake's */
    bool is_lock_wait;      /* what is refused for a passing reason waited for a lock */
    bool call_commits;      /* a procedure commits what it did … */
    gw_rc call_fails;       /* … and fails then; GODWIT_CONNECT: the connection is lost; 0: it does not */
    bool call_transient;
    bool is_autocommit_off;
    void (*on_statement)(struct stage *s, gw_str sql); /* before a statement of a file; may be NULL */
} stage_server;

/* From now on, until the next stage begins, connections of `engine` belong to `s`. */
void stage_engine_begin(struct stage *s, gw_engine *engine);
void stage_engine_is(struct stage *s, stage_kind kind);

#endif
