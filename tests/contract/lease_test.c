#include "contract.h"

#include <pthread.h>

#include "db/history_read.h"
#include "db/history_write.h"
#include "db/lock.h"
#include "sql/quote.h"

enum { SHORT_MS = 300, LONG_MS = 60000 };

/* Of nobody: whoever is to connect there is like one that stands still. */
static const gw_url nowhere = {.scheme = "none", .host = "127.0.0.1", .port = 1, .database = "none"};

/* A runner with a connection of its own. */
typedef struct runner {
    gw_conn *conn;
    gw_history history;
    gw_open_params open;
    gw_lock_params p;
    gw_lease *lease;
    unsigned failures; /* in its own thread */
} runner;

static bool
has_leases(const fixture *fx)
{
    if ((fx->engine->caps & GW_CAP_LEASE) != 0)
        return true;
    assert_null(fx->engine->sql[GW_SQL_LEASE_TAKE]);
    return false;
}

static void
drop_table_later(fixture *fx, const char *name)
{
    gw_buf sql = gw_buf_new(fx->arena);
    gw_buf_puts(&sql, "DROP TABLE IF EXISTS ");
    gw_quote_name(&sql, gw_str_of(name), fx->conn->facts.dialect);
    drop_later(fx, gw_buf_text(&sql));
}

/* A history that nobody else has. */
static const char *
new_name(fixture *fx)
{
    const char *const name = any_name(fx);
    drop_table_later(fx, name);
    drop_table_later(fx, gw_history_text_lease(fx->arena, name));
    return name;
}

static runner *
new_runner(fixture *fx, gw_arena *scope, const char *name, const char *owner)
{
    gw_err e = {0};
    gw_history_probe probe;
    runner *const r = gw_new(fx->arena, runner);
    r->open = params_of(fx);
    r->open.lock_timeout_ms = 1000;
    r->conn = open_on(scope, &r->open);
    ok(gw_history_probe_new(fx->arena, fx->engine, name, &probe, &e), &e);
    ok(gw_history_open(fx->arena, r->conn, &probe, &r->history, &e), &e);
    r->p = (gw_lock_params){
        .method = GW_LOCK_LEASE,
        .key = gw_lock_key(fx->arena, NULL, &r->conn->facts, name),
        .poll_ms = 20,
        .lease = {.table = &r->history.lease, .open = &r->open, .owner = owner, .who = owner, .length_ms = LONG_MS},
    };
    return r;
}

/* One whose heart does not beat, as if it stood still from time to time. */
static runner *
new_sleeper(fixture *fx, gw_arena *scope, const char *name, const char *owner)
{
    gw_open_params *const open = gw_new(fx->arena, gw_open_params);
    runner *const r = new_runner(fx, scope, name, owner);
    *open = r->open;
    open->url = &nowhere;
    r->p.lease.open = open;
    r->p.lease.length_ms = SHORT_MS;
    return r;
}

static bool
takes(gw_arena *scope, runner *r)
{
    gw_err e = {0};
    bool taken = false;
    ok(gw_lease_try(scope, &r->p.lease, &r->lease, &taken, NULL, &e), &e);
    return taken;
}

/* What ran out: seen, and seen again. */
static bool
takes_over(gw_arena *scope, runner *r)
{
    gw_lease_sighting sighting = {.apart_ms = 20};
    r->p.lease.sighting = &sighting;
    const bool taken = takes(scope, r);
    gw_sleep_ms(40);
    const bool taken_now = taken || takes(scope, r);
    r->p.lease.sighting = NULL;
    assert_false(taken);
    return taken_now;
}

static gw_rc
fence(runner *r, gw_err *e)
{
    gw_err beginning = {0};
    ok(r->conn->engine->begin(r->conn, (gw_str){"", 0}, &beginning), &beginning);
    return gw_lease_fence(r->lease, e);
}

static void
commit(runner *r)
{
    gw_err e = {0};
    ok(r->conn->engine->commit(r->conn, &e), &e);
}

void
gives_the_lease_to_one_runner_and_names_it(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_lock_holder holder;
    if (!has_leases(fx))
        return;
    gw_arena *const scope = scope_of(fx);
    const char *const name = new_name(fx);
    runner *const one = new_runner(fx, fx->arena, name, "0123456789abcdef");
    runner *const two = new_runner(fx, fx->arena, name, "fedcba9876543210");
    one->p.lease.who = "it's \\me, pid 1";
    assert_true(takes(scope, one));
    assert_false(takes(fx->arena, two));
    ok(gw_lease_holder(fx->arena, &two->history.lease, NULL, &holder, &e), &e);
    assert_string_equal(holder.who, one->p.lease.who);
    assert_int_equal(strlen(holder.since), strlen("2026-03-26 17:09:03.123"));
    assert_true(holder.is_lease);
    ok(fence(one, &e), &e);
    commit(one);
    gw_undo(fx->arena, scope);
    ok(gw_lease_holder(fx->arena, &two->history.lease, NULL, &holder, &e), &e);
    assert_null(holder.who);
    assert_true(takes(fx->arena, two));
}

void
keeps_the_lease_as_long_as_its_owner_lives(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    if (!has_leases(fx))
        return;
    const char *const name = new_name(fx);
    runner *const one = new_runner(fx, fx->arena, name, "one");
    runner *const two = new_runner(fx, fx->arena, name, "two");
    one->p.lease.length_ms = 2 * SHORT_MS;
    assert_true(takes(fx->arena, one));
    for (int i = 0; i < 6; i++) {
        gw_sleep_ms(SHORT_MS);
        assert_false(takes(fx->arena, two));
    }
    ok(fence(one, &e), &e);
    commit(one);
}

void
gives_the_lease_away_when_it_ran_out(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0}, none = {0};
    if (!has_leases(fx))
        return;
    const char *const name = new_name(fx);
    runner *const one = new_sleeper(fx, fx->arena, name, "one");
    runner *const two = new_runner(fx, fx->arena, name, "two");
    one->conn->facts.place = "elsewhere"; /* so that its session stays */
    assert_true(takes(fx->arena, one));
    assert_false(takes(fx->arena, two));
    gw_sleep_ms(SHORT_MS + 50);
    assert_false(takes(fx->arena, two)); /* without a memory nobody is sure */
    assert_true(takes_over(fx->arena, two));
    assert_int_equal(fence(one, &e), GODWIT_LOCKED);
    assert_non_null(strstr(e.message, "two took it over at "));
    fx->engine->rollback(one->conn);
    ok(fence(two, &none), &none);
    commit(two);
}

void
lets_an_owner_go_on_whose_heart_finds_no_session(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    if (!has_leases(fx))
        return;
    const char *const name = new_name(fx);
    runner *const one = new_sleeper(fx, fx->arena, name, "one");
    runner *const two = new_runner(fx, fx->arena, name, "two");
    assert_true(takes(fx->arena, one));
    gw_sleep_ms(2 * SHORT_MS);
    ok(fence(one, &e), &e);
    commit(one);
    assert_false(takes(fx->arena, two));
}

void
keeps_takers_out_between_fence_and_commit(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    if (!has_leases(fx))
        return;
    const char *const name = new_name(fx);
    runner *const one = new_sleeper(fx, fx->arena, name, "one");
    runner *const two = new_runner(fx, fx->arena, name, "two");
    one->conn->facts.place = "elsewhere";
    assert_true(takes(fx->arena, one));
    ok(fence(one, &e), &e);
    gw_sleep_ms(SHORT_MS + 50);
    assert_false(takes_over(fx->arena, two));
    commit(one);
    gw_sleep_ms(SHORT_MS + 50);
    assert_true(takes_over(fx->arena, two));
}

typedef struct work {
    gw_conn *conn;
    const char *sql;
    gw_rc rc;
    gw_err e;
} work;

static void *
work_on(void *subject)
{
    work *const w = subject;
    w->rc = try_exec(w->conn, w->sql, &w->e);
    return NULL;
}

/* It executes, and its lease is over. Without a fence the row is taken from it, and then its session ends. */
static void
takes_from_an_owner_at_work(fixture *fx, bool is_fenced)
{
    gw_err e = {0};
    pthread_t thread;
    gw_arena *const scope = scope_of(fx);
    const char *const name = new_name(fx), *const table = new_table(fx);
    runner *const one = new_sleeper(fx, scope, name, "one"), *const two = new_runner(fx, scope, name, "two");
    gw_conn *const third = open_another(fx);
    work w = {.conn = one->conn, .sql = say(fx, "UPDATE {t} SET v = 'one' WHERE n = 1", table)};
    exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (1, 'one')", table));
    ok(fx->engine->set_lock_timeout(one->conn, 20000, &e), &e);
    ok(fx->engine->begin(third, (gw_str){"", 0}, &e), &e);
    exec(third, say(fx, "UPDATE {t} SET v = 'two' WHERE n = 1", table));
    assert_true(takes(scope, one));
    if (is_fenced)
        ok(fence(one, &e), &e);
    assert_int_equal(pthread_create(&thread, NULL, work_on, &w), 0);
    gw_sleep_ms(SHORT_MS + 100);
    assert_int_equal(takes_over(scope, two), !is_fenced);
    ok(fx->engine->commit(third, &e), &e);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(fx->engine->is_alive(one->conn), is_fenced);
    if (is_fenced) {
        ok(w.rc, &w.e);
        commit(one);
    }
    gw_undo(fx->arena, scope);
}

static void
ends_an_owner_at_work_unless_it_is_behind_its_fence(fixture *fx)
{
    takes_from_an_owner_at_work(fx, false);
    takes_from_an_owner_at_work(fx, true);
}

void
ends_the_session_of_an_owner_that_stood_still(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    if (!has_leases(fx))
        return;
    const char *const name = new_name(fx);
    runner *const one = new_sleeper(fx, fx->arena, name, "one");
    runner *const two = new_runner(fx, fx->arena, name, "two");
    assert_true(one->conn->facts.session != 0);
    assert_string_equal(one->conn->facts.place, two->conn->facts.place);
    assert_true(takes(fx->arena, one));
    ok(fence(one, &e), &e);
    gw_sleep_ms(SHORT_MS + 50);
    assert_true(takes_over(fx->arena, two));
    assert_int_equal(try_exec(one->conn, "SELECT 1", &e), GODWIT_CONNECT);
    ends_an_owner_at_work_unless_it_is_behind_its_fence(fx);
}

/* What it held is not given back with a connection that was lost, since its last statement may still run. */
void
takes_over_from_an_owner_whose_session_is_gone(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    if (!has_leases(fx))
        return;
    gw_arena *const scope = scope_of(fx);
    const char *const name = new_name(fx);
    runner *const one = new_sleeper(fx, fx->arena, name, "one");
    runner *const two = new_runner(fx, fx->arena, name, "two");
    one->p.lease.length_ms = 2 * SHORT_MS;
    assert_true(takes(scope, one));
    ok(fx->engine->end_session(two->conn, one->conn->facts.session, &e), &e);
    (void)fx->engine->is_alive(one->conn);
    gw_undo(fx->arena, scope);
    assert_false(takes(fx->arena, two));
    gw_sleep_ms(2 * SHORT_MS + 50);
    assert_true(takes_over(fx->arena, two));
}

static void *
take_often(void *subject)
{
    runner *const r = subject;
    for (int i = 0; i < 3; i++) {
        static unsigned inside;
        GW_SCOPE(a);
        gw_err e = {0};
        r->failures += gw_lock_take(a, r->conn, &r->p, NULL, &e) != GODWIT_OK;
        if (e.rc != GODWIT_OK)
            print_error("%s: %s (%s)\n", r->p.lease.owner, e.message, e.notes);
        r->failures += __atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST) != 0;
        gw_sleep_ms(5);
        r->failures += __atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST) != 1;
    }
    return NULL;
}

void
lets_every_runner_have_the_lease_that_they_all_make(void **state)
{
    enum { RUNNERS = 12 };
    fixture *const fx = *state;
    pthread_t threads[RUNNERS];
    runner *runners[RUNNERS];
    if (!has_leases(fx))
        return;
    const char *const name = new_name(fx);
    for (size_t i = 0; i < RUNNERS; i++) {
        runners[i] = new_runner(fx, fx->arena, name, gw_printf(fx->arena, "runner %zu", i));
        runners[i]->p.wait_ms = 30000;
    }
    for (size_t i = 0; i < RUNNERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_often, runners[i]), 0);
    for (size_t i = 0; i < RUNNERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < RUNNERS; i++)
        assert_int_equal(runners[i]->failures, 0);
}

static gw_rc
lock(gw_arena *scope, runner *r, gw_lock_method method)
{
    gw_err e = {0};
    r->p.method = method;
    const gw_rc rc = gw_lock_take(scope, r->conn, &r->p, &r->lease, &e);
    if (rc != GODWIT_LOCKED)
        ok(rc, &e);
    return rc;
}

void
excludes_session_locks_and_leases(void **state)
{
    static const gw_lock_method methods[] = {GW_LOCK_SESSION, GW_LOCK_LEASE};
    fixture *const fx = *state;
    gw_err e = {0};
    if (!has_leases(fx) || (fx->engine->caps & GW_CAP_SESSION_LOCK) == 0)
        return;
    const char *const name = new_name(fx);
    runner *const one = new_runner(fx, fx->arena, name, "one");
    runner *const two = new_runner(fx, fx->arena, name, "two");
    for (int i = 0; i < 2; i++) {
        gw_arena *const scope = scope_of(fx);
        gw_lock_holder holder;
        assert_int_equal(lock(scope, one, methods[i]), GODWIT_OK);
        assert_int_equal(one->lease != NULL, i == 1);
        assert_int_equal(lock(scope, two, methods[1 - i]), GODWIT_LOCKED);
        ok(gw_lock_holder_of(fx->arena, two->conn, two->p.key, &two->history.lease, &holder, &e), &e);
        assert_non_null(holder.who);
        assert_int_equal(holder.is_lease, i == 1);
        gw_undo(fx->arena, scope);
        gw_arena *const again = scope_of(fx);
        assert_int_equal(lock(again, two, methods[1 - i]), GODWIT_OK);
        gw_undo(fx->arena, again);
    }
}

static const gw_record row = {.version = "1",
                              .name = "one",
                              .kind = "versioned",
                              .direction = "up",
                              .state = GODWIT_RUNNING,
                              .statements = 2,
                              .started_at = "2026-03-26 17:09:03.123"};

void
writes_history_only_with_the_lease(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0}, late = {0};
    gw_records rows;
    if (!has_leases(fx))
        return;
    const char *const name = new_name(fx);
    runner *const one = new_sleeper(fx, fx->arena, name, "one");
    runner *const two = new_runner(fx, fx->arena, name, "two");
    gw_record r = row;
    one->conn->facts.place = "elsewhere";
    one->p.lease.length_ms = 5 * SHORT_MS;
    ok(gw_history_create(&one->history, &e), &e);
    assert_true(takes(fx->arena, one));
    gw_history_hold(fx->arena, &one->history, one->p.key, one->lease);
    ok(gw_history_add(&one->history, &r, NULL, &r.id, &e), &e);
    ok(fx->engine->begin(one->conn, (gw_str){"", 0}, &e), &e);
    ok(gw_history_mark(&one->history, r.id, &(gw_mark){.done = 1}, &e), &e);
    commit(one);
    gw_sleep_ms(5 * SHORT_MS + 50);
    assert_true(takes_over(fx->arena, two));
    r.state = GODWIT_APPLIED;
    assert_int_equal(gw_history_end(&one->history, &r, &late), GODWIT_LOCKED);
    assert_non_null(strstr(late.message, "took it over"));
    assert_false(fx->engine->in_transaction(one->conn));
    ok(gw_history_list(fx->arena, &one->history, &rows, &e), &e);
    assert_int_equal(rows.len, 1);
    assert_int_equal(rows.at[0].state, GODWIT_RUNNING);
    assert_int_equal(rows.at[0].done, 1);
}

void
releases_a_lease_that_is_held_only_by_force(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0}, late = {0}, fenced = {0};
    if (!has_leases(fx))
        return;
    const char *const name = new_name(fx);
    runner *const one = new_runner(fx, fx->arena, name, "one");
    one->conn->facts.place = "elsewhere";
    assert_true(takes(fx->arena, one));
    runner *const two = new_runner(fx, fx->arena, name, "two");
    assert_true(two->history.lease.exists);
    assert_int_equal(gw_lease_release(&two->history.lease, false, &late), GODWIT_REFUSED);
    assert_non_null(strstr(late.message, "held by one since "));
    ok(gw_lease_release(&two->history.lease, true, &e), &e);
    assert_int_equal(fence(one, &fenced), GODWIT_LOCKED);
    fx->engine->rollback(one->conn);
    assert_true(takes(fx->arena, two));
}
