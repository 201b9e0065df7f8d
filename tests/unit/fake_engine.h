/*
 * tests/fake_engine - an engine in memory, for tests that need a database but no server; it passes the contract suite.
 *
 * Every step is logged, and any step can be made to fail. It understands a small tongue of its own, close enough to SQL:
 *
 *     CREATE TABLE [IF NOT EXISTS] t (n, v)   DROP TABLE [IF EXISTS] t   ALTER TABLE t ADD COLUMN c   CREATE | DROP SCHEMA s
 *     INSERT INTO t VALUES (1, 'one', $1, NULL)   INSERT INTO t NEXT VALUES (…): the first column is the next number
 *     UPDATE t SET v = 'two' WHERE n = 1   DELETE FROM t [WHERE n = 1]
 *     SELECT n, v FROM t [WHERE n = 1] [ORDER BY n]   SELECT count(*) FROM t   SELECT 1, 'a', $1   COLUMNS t   LAST NUMBER
 *     NEWEST n, v FROM t WHERE n = 1: the last row   COPY t FROM stdin   SET name value   SHOW name   SLEEP: until cancelled
 *     values: NOW   LAST: number   STATE_OF t   APPEND(text, a, b): "texta,b"   behind INSERT and UPDATE: IF | MUST HELD 'key' BY 3
 *     LEASE word t: see fake_lease.h
 *
 * Tables are versioned: a transaction's changes are its own until it commits, and others wait for the tables that it changed.
 */
#ifndef GW_TESTS_FAKE_ENGINE_H
#define GW_TESTS_FAKE_ENGINE_H

#include "db/engine.h"

extern const gw_engine gw_fake;

/* What a test says about the fake server, and what it hears. Connections opened from now on are as it says. It has every capability:
 * a test that wants less changes a copy of gw_fake. */
typedef struct fake_server {
    const char
        *refuse; /* steps that begin with this fail; NULL none. "open", "commit", "reset", "lock", or a statement */
    unsigned refuse_after;   /* let so many of them pass first */
    gw_rc refuse_rc;         /* GODWIT_FAILED when 0; GODWIT_CONNECT also ends the connection */
    const char *refuse_code; /* e.code; NULL: XX000 */
    unsigned refuse_times;   /* only so many; 0: every one */
    bool refuse_transient;   /* e.transient */
    bool untouched;          /* says so when a group begins */
    bool refuse_late;        /* a commit takes effect all the same: only its answer is lost */
    const char *completes;   /* tidy() says of statements that begin with this that they are done; NULL none */
    int64_t ahead_ms;        /* how much faster its clock went than ours: leases run out by it */
    int64_t item_ms;         /* what each item of a batch took, by its clock */
    bool pooled, cluster, read_only;
} fake_server;
extern fake_server fake;

/* "open;begin;INSERT INTO …;commit;" since the last reset. */
const char *fake_log(void);
void fake_log_clear(void);
void fake_log_cut(size_t length); /* as it was when it had this length */
/* No table, no lock, no refusal, no log. Only while no connection is open. */
void fake_reset(void);

#endif
