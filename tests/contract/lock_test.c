#include "contract.h"

#include <pthread.h>

#include "db/lock.h"

/* Longer than any server takes as it is. */
#define LONG_KEY "a name of more than 64 characters: 0123456789012345678901234567890123456789"

static bool
has_session_locks(const fixture *fx)
{
    return (fx->engine->caps & GW_CAP_SESSION_LOCK) != 0;
}

static bool
excludes_in_begin(const fixture *fx)
{
    return (fx->engine->caps & GW_CAP_TX_LOCK) != 0;
}

static const char *
any_key(fixture *fx)
{
    return gw_lock_key(fx->arena, NULL, &fx->conn->facts, any_name(fx));
}

static bool
takes(gw_conn *c, const char *key)
{
    gw_err e = {0};
    bool taken = false;
    ok(c->engine->try_lock(c, key, &taken, &e), &e);
    return taken;
}

static gw_lock_holder
holder_of(fixture *fx, gw_conn *c, const char *key)
{
    gw_err e = {0};
    gw_lock_holder holder = {0};
    ok(c->engine->lock_holder(fx->arena, c, key, &holder, &e), &e);
    return holder;
}

void
excludes_a_second_runner_and_names_the_first(void **state)
{
    fixture *const fx = *state;
    if (!has_session_locks(fx)) {
        assert_true(excludes_in_begin(fx));
        return;
    }
    gw_conn *const other = open_another(fx);
    const char *const key = any_key(fx);
    assert_null(holder_of(fx, other, key).who);
    assert_true(takes(fx->conn, key));
    assert_false(takes(other, key));
    const gw_lock_holder holder = holder_of(fx, other, key);
    assert_non_null(holder.who);
    assert_non_null(strstr(holder.who, fx->conn->facts.user));
    assert_true(holder.session != 0);
    fx->engine->unlock(fx->conn, key);
    assert_null(holder_of(fx, other, key).who);
    assert_true(takes(other, key));
    assert_false(takes(fx->conn, key));
    fx->engine->unlock(other, key);
}

void
releases_the_lock_when_the_connection_closes(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_arena *const scope = scope_of(fx);
    const gw_open_params p = params_of(fx);
    gw_conn *const first = open_on(scope, &p);
    const char *const key = any_key(fx);
    if (has_session_locks(fx))
        assert_true(takes(first, key));
    else
        ok(fx->engine->begin(first, (gw_str){0}, &e), &e);
    gw_undo(fx->arena, scope);
    if (!has_session_locks(fx)) {
        ok(fx->engine->begin(fx->conn, (gw_str){0}, &e), &e);
        return;
    }
    bool taken = false; /* a server notices a moment later */
    for (int64_t end = gw_clock_ms() + 2000; !taken && gw_clock_ms() < end; gw_sleep_ms(20))
        taken = takes(fx->conn, key);
    assert_true(taken);
}

void
keeps_locks_of_different_keys_apart(void **state)
{
    fixture *const fx = *state;
    gw_conn *const other = open_another(fx);
    if (!has_session_locks(fx)) {
        assert_null(fx->engine->try_lock);
        return;
    }
    static const char *const keys[] = {"4711", "a text, it's \\one", "9223372036854775807", LONG_KEY};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        assert_true(takes(i % 2 == 0 ? fx->conn : other, keys[i]));
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        assert_false(takes(i % 2 == 0 ? other : fx->conn, keys[i]));
        assert_non_null(holder_of(fx, fx->conn, keys[i]).who);
        fx->engine->unlock(i % 2 == 0 ? fx->conn : other, keys[i]);
    }
}

void
keeps_the_lock_when_the_session_is_reset(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    if (!has_session_locks(fx)) {
        assert_true(excludes_in_begin(fx));
        return;
    }
    gw_conn *const other = open_another(fx);
    const char *const key = any_key(fx);
    assert_true(takes(fx->conn, key));
    exec(fx->conn, fx->words->settings[0].set);
    ok(fx->engine->reset(fx->conn, &e), &e);
    assert_false(takes(other, key));
    ok(fx->engine->begin(fx->conn, (gw_str){0}, &e), &e);
    fx->engine->rollback(fx->conn);
    assert_false(takes(other, key));
    fx->engine->unlock(fx->conn, key);
}

void
ends_the_session_that_holds_the_lock(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    if (!has_session_locks(fx)) {
        assert_null(fx->engine->end_session);
        return;
    }
    const gw_open_params p = params_of(fx);
    gw_conn *const first = open_on(fx->arena, &p);
    const char *const key = any_key(fx);
    assert_true(takes(first, key));
    ok(fx->engine->end_session(fx->conn, holder_of(fx, fx->conn, key).session, &e), &e);
    bool taken = false;
    for (int64_t end = gw_clock_ms() + 2000; !taken && gw_clock_ms() < end; gw_sleep_ms(20))
        taken = takes(fx->conn, key);
    assert_true(taken);
    assert_int_equal(try_exec(first, "SELECT 1", &e), GODWIT_CONNECT);
    assert_false(fx->engine->is_alive(first));
}

/* ---- engines whose begin() is the lock ---- */

void
waits_in_begin_only_as_long_as_it_may(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0}, late = {0};
    gw_conn *const other = open_another(fx);
    ok(fx->engine->begin(fx->conn, (gw_str){0}, &e), &e);
    const int64_t began = gw_clock_ms();
    const gw_rc rc = fx->engine->begin(other, (gw_str){0}, &late);
    if (!excludes_in_begin(fx)) {
        ok(rc, &late);
        return;
    }
    assert_int_equal(rc, GODWIT_LOCKED);
    assert_in_range(gw_clock_ms() - began, 450, 20000);
    assert_non_null(strstr(late.message, other->facts.database));
    assert_false(fx->engine->in_transaction(other));
    fx->engine->rollback(fx->conn);
    ok(fx->engine->begin(other, (gw_str){0}, &e), &e);
}

static void *
cancel_soon(void *ctx)
{
    gw_conn *const c = ctx;
    gw_sleep_ms(300);
    c->engine->cancel(c);
    return NULL;
}

void
stops_waiting_in_begin_when_cancelled(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0}, late = {0};
    gw_open_params p = params_of(fx);
    p.lock_wait_ms = 30000;
    gw_conn *const other = open_on(fx->arena, &p);
    ok(fx->engine->begin(fx->conn, (gw_str){0}, &e), &e);
    pthread_t thread;
    const int64_t began = gw_clock_ms();
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, other), 0);
    const gw_rc rc = fx->engine->begin(other, (gw_str){0}, &late);
    pthread_join(thread, NULL);
    assert_in_range(gw_clock_ms() - began, 250, 20000);
    assert_int_equal(rc, excludes_in_begin(fx) ? GODWIT_INTERRUPTED : GODWIT_OK);
    fx->engine->rollback(other);
    fx->engine->rollback(fx->conn);
    ok(fx->engine->begin(other, (gw_str){0}, &e), &e);
}

/* ---- the policy on this engine ---- */

static gw_rc
count_polls(void *ctx, const gw_lock_holder *holder, int64_t waited_ms, gw_err *e)
{
    (void)e;
    assert_non_null(holder->who);
    assert_true(waited_ms >= 0);
    ++*(unsigned *)ctx;
    return GODWIT_OK;
}

void
takes_the_lock_by_the_policy(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0}, late = {0};
    unsigned polls = 0;
    gw_arena *const scope = scope_of(fx);
    gw_conn *const other = open_another(fx);
    gw_lock_params p = {.key = any_key(fx), .wait_ms = 400, .poll_ms = 100, .waiting = count_polls, .ctx = &polls};
    ok(gw_lock_policy(fx->engine, &fx->conn->facts, GW_LOCK_AUTO, &p.method, &e), &e);
    assert_int_equal(p.method, has_session_locks(fx) ? GW_LOCK_SESSION : GW_LOCK_TRANSACTION);
    ok(gw_lock_take(scope, fx->conn, &p, NULL, &e), &e);
    const gw_rc rc = gw_lock_take(fx->arena, other, &p, NULL, &late);
    if (!has_session_locks(fx)) {
        ok(rc, &late); /* begin() decides, see above */
        return;
    }
    assert_int_equal(rc, GODWIT_LOCKED);
    assert_non_null(strstr(late.message, fx->conn->facts.user));
    assert_in_range(polls, 1, 7);
    gw_undo(fx->arena, scope);
    ok(gw_lock_take(fx->arena, other, &p, NULL, &e), &e);
}
