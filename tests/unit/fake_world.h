/*
 * tests/fake_world - what the fake server knows beside its tables: connections, databases, locks, and the log of all that it was asked.
 */
#ifndef GW_TESTS_FAKE_WORLD_H
#define GW_TESTS_FAKE_WORLD_H

#include "fake_engine.h"
#include "fake_table.h"
#include "fake_turn.h"

#define FAKE_NOW "2026-03-26 17:09:03.123"

typedef struct fake_conn {
    gw_conn base;
    fake_session session;
    gw_open_params params;
    int64_t number;
    bool dead;
} fake_conn;

typedef struct fake_lock {
    const char *key;
    const fake_conn *owner; /* NULL: free */
} fake_lock;

typedef struct fake_world {
    gw_arena *arena; /* everything here */
    gw_buf log;
    gw_vec(fake_lock) locks;        /* claims too */
    gw_vec(const char *) databases; /* NULL: dropped */
    gw_vec(fake_conn *) conns;      /* by number; NULL: closed */
} fake_world;

/* The one there is; its arena exists. */
fake_world *fake_world_get(void);
fake_conn *fake_conn_of(gw_conn *c);
/* NULL: there is no such connection, or it was closed. */
fake_conn *fake_conn_find(int64_t number);
/* Everything that is asked passes here: it is logged, and refused when the test says so. c may be NULL. */
gw_rc fake_step(fake_conn *c, gw_str what, gw_err *e);
void fake_say(const char *what); /* into the log only */
/* Its transaction is over; what it changed is kept, or not. */
void fake_conn_end_transaction(fake_conn *c, bool keep);
/* Whatever it holds is free. */
void fake_conn_leave(fake_conn *c);
fake_lock *fake_lock_of(const char *key);

/* Parts of gw_fake. */
gw_rc fake_try_lock(gw_conn *c, const char *key, bool *taken, gw_err *e);
void fake_unlock(gw_conn *c, const char *key);
char *fake_lock_held(gw_arena *a, gw_conn *c, const char *key);
gw_rc fake_lock_holder(gw_arena *a, gw_conn *c, const char *key, gw_lock_holder *out, gw_err *e);
gw_rc fake_end_session(gw_conn *c, int64_t session, gw_err *e);
gw_rc fake_claim(gw_conn *c, bool *taken, gw_err *e);
void fake_unclaim(gw_conn *c);
gw_rc fake_blockers(gw_arena *a, gw_conn *c, int64_t session, gw_blockers *out, gw_err *e);
gw_rc fake_begin(gw_conn *c, gw_str own, gw_err *e);
gw_rc fake_commit(gw_conn *c, gw_err *e);
void fake_rollback(gw_conn *c);
gw_rc fake_batch(gw_conn *c, gw_batch_item *items, size_t count, gw_batch_end *end, gw_err *e);
gw_rc fake_group_begin(gw_conn *c, bool *untouched, gw_err *e);
gw_rc fake_group_end(gw_conn *c, gw_err *e);
void fake_group_drop(gw_conn *c);
bool fake_is_clean(gw_conn *c);

#endif
