#include "contract.h"

static void
begin(gw_conn *c)
{
    gw_err e = {0};
    ok(c->engine->begin(c, (gw_str){0}, &e), &e);
}

static void
commit(gw_conn *c)
{
    gw_err e = {0};
    ok(c->engine->commit(c, &e), &e);
}

void
keeps_what_is_committed(void **state)
{
    fixture *const fx = *state;
    const char *const table = new_table(fx);
    assert_false(fx->engine->in_transaction(fx->conn));
    begin(fx->conn);
    assert_true(fx->engine->in_transaction(fx->conn));
    exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (1, 'one')", table));
    exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (2, 'two')", table));
    commit(fx->conn);
    assert_false(fx->engine->in_transaction(fx->conn));
    assert_string_equal(rows_of(fx, open_another(fx), say(fx, "SELECT v FROM {t} ORDER BY n", table), NULL, 0),
                        "one\ntwo\n");
}

void
forgets_what_is_rolled_back(void **state)
{
    fixture *const fx = *state;
    const char *const table = new_table(fx);
    exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (1, 'one')", table));
    begin(fx->conn);
    exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (2, 'two')", table));
    exec(fx->conn, say(fx, "DELETE FROM {t} WHERE n = 1", table));
    fx->engine->rollback(fx->conn);
    assert_false(fx->engine->in_transaction(fx->conn));
    assert_string_equal(rows_of(fx, fx->conn, say(fx, "SELECT v FROM {t}", table), NULL, 0), "one\n");
}

void
rolls_back_ddl_exactly_when_it_says_so(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    const char *const name = any_name(fx);
    drop_later(fx, say(fx, "DROP TABLE IF EXISTS {t}", name));
    begin(fx->conn);
    exec(fx->conn, say(fx, "CREATE TABLE {t} (n INTEGER, v TEXT)", name));
    fx->engine->rollback(fx->conn);
    const bool gone = try_exec(fx->conn, say(fx, "SELECT n FROM {t}", name), &e) != GODWIT_OK;
    assert_int_equal(gone, (fx->engine->caps & GW_CAP_TX_DDL) != 0);
}

void
rolls_back_nothing_without_harm(void **state)
{
    fixture *const fx = *state;
    const char *const table = new_table(fx);
    fx->engine->rollback(fx->conn);
    fx->engine->rollback(fx->conn);
    exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (1, 'one')", table));
    fx->engine->rollback(fx->conn);
    assert_string_equal(rows_of(fx, fx->conn, say(fx, "SELECT v FROM {t}", table), NULL, 0), "one\n");
}

void
is_usable_after_a_failure_in_a_transaction(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    const char *const table = new_table(fx);
    begin(fx->conn);
    exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (1, 'one')", table));
    assert_int_equal(try_exec(fx->conn, "SELECT 1,, 2", &e), GODWIT_FAILED);
    fx->engine->rollback(fx->conn);
    assert_string_equal(rows_of(fx, fx->conn, say(fx, "SELECT v FROM {t}", table), NULL, 0), "");
    begin(fx->conn);
    exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (2, 'two')", table));
    commit(fx->conn);
    assert_string_equal(rows_of(fx, fx->conn, say(fx, "SELECT v FROM {t}", table), NULL, 0), "two\n");
}

void
begins_with_the_users_own_words(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    const char *const table = new_table(fx);
    gw_conn *const other = open_another(fx);
    ok(fx->engine->begin(fx->conn, gw_str_of(fx->words->own_begin), &e), &e);
    assert_true(fx->engine->in_transaction(fx->conn));
    const gw_rc rc = fx->words->own_forbids_writes
                         ? try_exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (1, 'one')", table), &e)
                         : try_exec(other, say(fx, "SELECT v FROM {t}", table), &e);
    assert_int_equal(rc, GODWIT_FAILED);
    fx->engine->rollback(fx->conn);
    exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (1, 'one')", table));
}

/* How long it takes until ALTER TABLE gives up. */
static int64_t
time_blocked(fixture *fx, gw_conn *c, const char *table)
{
    gw_err e = {0};
    const int64_t began = gw_clock_ms();
    assert_int_equal(try_exec(c, say(fx, "ALTER TABLE {t} ADD COLUMN more INTEGER", table), &e), GODWIT_FAILED);
    assert_true(e.transient);
    assert_string_not_equal(e.code, "");
    return gw_clock_ms() - began;
}

/* Never shorter; a busy machine may look late, but not each time. */
static void
assert_blocked_for(fixture *fx, gw_conn *c, const char *table, int64_t ms)
{
    int64_t took = 0;
    for (int i = 0; i < 5; i++) {
        took = time_blocked(fx, c, table);
        assert_true(took >= ms - 100);
        if (took < ms + 900)
            return;
    }
    assert_in_range(took, ms - 100, ms + 900);
}

void
waits_for_a_locked_table_only_so_long(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    const char *const table = new_table(fx);
    gw_open_params p = params_of(fx);
    p.lock_timeout_ms = 1000;
    gw_conn *const other = open_on(fx->arena, &p);
    begin(fx->conn);
    exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (1, 'one')", table));
    assert_blocked_for(fx, other, table, 1000);
    ok(fx->engine->set_lock_timeout(other, 2000, &e), &e);
    assert_blocked_for(fx, other, table, 2000);
    ok(fx->engine->set_lock_timeout(other, 0, &e), &e);
    assert_blocked_for(fx, other, table, 1000);
    commit(fx->conn);
    exec(other, say(fx, "ALTER TABLE {t} ADD COLUMN more INTEGER", table));
}
