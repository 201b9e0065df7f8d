/*
 * tests/contract/postgres_batch_test - what PostgreSQL alone promises for many migrations in one round trip: transactions, sessions that
 * are left changed in every way, and commits that wait for the disk.
 *
 *     GODWIT_TEST_URL=postgres://postgres@127.0.0.1:5432/contract postgres_batch_test
 */
#include "engine/postgres/postgres.h"
#include "server_fixture.h"

const gw_engine *const tested = &gw_postgres;

enum { ITEMS_MOST = 600, OPS_MOST = 4 };

typedef struct batch {
    gw_op ops[ITEMS_MOST][OPS_MOST];
    gw_batch_item items[ITEMS_MOST];
    size_t count;
    gw_batch_end end;
} batch;

static void
assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' lacks '%s'", text, part);
}

/* An item of up to three statements, in one transaction. */
static void
add(batch *b, const char *first, const char *second, const char *third)
{
    const char *const all[] = {first, second, third};
    gw_batch_item *const item = &b->items[b->count];
    *item = (gw_batch_item){.ops = b->ops[b->count], .transaction = true, .duration_ms = -1};
    for (size_t i = 0; i < 3 && all[i] != NULL; i++)
        b->ops[b->count][item->count++] = (gw_op){.sql = gw_str_of(all[i])};
    b->count++;
}

/* Bookkeeping as the history does it: one text for all. */
static void
add_row(batch *b)
{
    static const char sql[] = "INSERT INTO public.log (item) SELECT count(*) + 1 FROM public.log RETURNING "
                              "extract(epoch FROM clock_timestamp() "
                              "- transaction_timestamp())::bigint";
    gw_batch_item *const item = &b->items[b->count - 1];
    b->ops[b->count - 1][item->count++] = (gw_op){.sql = gw_str_of(sql), .is_bookkeeping = true};
}

static batch *
new_batch(fixture *fx)
{
    exec(fx->conn, "SET client_min_messages = warning");
    exec(fx->conn, "DROP TABLE IF EXISTS t, log");
    exec(fx->conn, "CREATE TABLE t (n int, v text)");
    exec(fx->conn, "CREATE TABLE log (item int)");
    return gw_new(fx->arena, batch);
}

static void
run_well(fixture *fx, batch *b)
{
    gw_err e = {0};
    ok(tested->batch(fx->conn, b->items, b->count, &b->end, &e), &e);
    assert_int_equal(b->end.done, b->count);
    assert_false(tested->in_transaction(fx->conn));
}

static gw_err
run_badly(fixture *fx, batch *b, size_t done, size_t op)
{
    gw_err e = {0};
    assert_int_not_equal(tested->batch(fx->conn, b->items, b->count, &b->end, &e), GODWIT_OK);
    if (b->end.done != done || b->end.op != op)
        fail_msg("done %zu instead of %zu, step %zu instead of %zu: %s [%s]", b->end.done, done, b->end.op, op,
                 e.message, e.code);
    assert_false(tested->in_transaction(fx->conn));
    return e;
}

static const char *
numbers(fixture *fx)
{
    return ask(fx, open_on(fx, (gw_open_params){0}), "SELECT string_agg(n::text, ',' ORDER BY n) FROM t", NULL);
}

/* ---- transactions ---- */

static void
tells_that_the_commit_of_an_item_failed(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    add(b, "INSERT INTO t VALUES (1)", NULL, NULL);
    add_row(b);
    add(b, "CREATE TABLE late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)", "INSERT INTO late VALUES (1), (1)", NULL);
    add_row(b);
    add(b, "INSERT INTO t VALUES (3)", NULL, NULL);
    add_row(b);
    assert_string_equal(run_badly(fx, b, 1, 3).code, "23505");
    assert_string_equal(numbers(fx), "1");
    assert_string_equal(ask(fx, fx->conn, "SELECT to_regclass('late'), (SELECT count(*) FROM log)", NULL), "NULL|1");
}

static void
begins_every_item_without_a_snapshot_and_with_the_first_defaults(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    for (int i = 0; i < 3; i++) {
        add(b, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "INSERT INTO t VALUES (1, current_setting('transaction_isolation'))",
            "CREATE TEMP TABLE left_over (a int)");
        add_row(b);
        add(b, "SET default_transaction_read_only = on", "SET default_transaction_isolation = serializable", NULL);
        add_row(b);
        add(b, "INSERT INTO t VALUES (2, current_setting('transaction_isolation'))", NULL, NULL);
        add_row(b);
    }
    run_well(fx, b);
    assert_string_equal(ask(fx, fx->conn, "SELECT n, v, count(*) FROM t GROUP BY n, v ORDER BY n", NULL),
                        "1|serializable|3\n2|read committed|3");
}

static void
runs_odd_statements_in_a_batch(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    add(b, "", "-- only a comment", "COPY (SELECT g FROM generate_series(1, 20000) g) TO STDOUT");
    add(b, "SAVEPOINT s", "ROLLBACK TO s", "INSERT INTO t VALUES (2)");
    add(b, "", "/* nothing */", NULL);
    add(b, "INSERT INTO t VALUES (4)", "DECLARE c CURSOR FOR SELECT * FROM t", "FETCH ALL FROM c");
    run_well(fx, b);
    assert_string_equal(numbers(fx), "2,4");
    add(b, "COPY t FROM STDIN", NULL, NULL);
    assert_has(run_badly(fx, b, 4, 0).message, "no data");
    b->ops[4][0] = (gw_op){.sql = {"SELECT 1\0;", 10}};
    assert_has(run_badly(fx, b, 4, 0).message, "NUL");
    b->ops[4][0] = (gw_op){.sql = GW_STR_LIT("VACUUM t")};
    assert_string_equal(run_badly(fx, b, 4, 0).code, "25001");
    b->ops[4][0] = (gw_op){.sql = GW_STR_LIT("SELECT '\xff'")};
    assert_string_equal(run_badly(fx, b, 4, 0).code, "22021");
}

/* ---- sessions ---- */

static void
cleans_the_session_between_items(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    static const char *const twists[] = {
        "SET search_path = pg_catalog",
        "SET lock_timeout = 1",
        "SET row_security = off",
        "SET TIME ZONE 'Asia/Tokyo'",
        "SET synchronous_commit = off",
        "SET client_encoding = LATIN1",
        "SET NAMES 'LATIN1'",
        "SET ROLE godwit_batch",
        "SET SESSION AUTHORIZATION godwit_batch",
        "CREATE TEMPORARY TABLE t (a int)",
        "PREPARE leftover AS SELECT 1",
        "DECLARE leftover CURSOR WITH HOLD FOR SELECT 1",
        "LISTEN leftover",
        "SELECT nextval('numbers')",
        "SELECT be_somebody()",
        "SELECT write_otherwise()",
        "SELECT remember()", /* what it does is not to be seen in the name */
        "SELECT remember()",
        "SELECT forget()",
        "SELECT set_config('search_path', 'pg_catalog', false)",
    };
    static const char look[] =
        "INSERT INTO public.t (n, v) SELECT 0, concat_ws(' ', current_setting('search_path'), "
        "current_setting('lock_timeout'), "
        "current_setting('row_security'), current_setting('TimeZone'), current_setting('synchronous_commit'), "
        "current_setting('client_encoding'), current_setting('role'), session_user, to_regclass('pg_temp.t'), "
        "(SELECT count(*) FROM pg_cursors WHERE is_holdable), (SELECT count(*) FROM pg_listening_channels()), "
        "length('é'))";
    static const char *const functions[] = {
        "DROP SEQUENCE IF EXISTS numbers",
        "CREATE SEQUENCE numbers",
        "DROP ROLE IF EXISTS godwit_batch",
        "CREATE ROLE godwit_batch",
        "CREATE OR REPLACE FUNCTION be_somebody() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET ROLE godwit_batch; END "
        "$$",
        "CREATE OR REPLACE FUNCTION write_otherwise() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM "
        "set_config('client_encoding', 'LATIN1', false); END $$",
        "CREATE OR REPLACE FUNCTION remember() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'PREPARE x AS "
        "SELECT 1'; "
        "END $$",
        "CREATE OR REPLACE FUNCTION forget() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DEALLOCATE ALL'; "
        "END $$",
    };
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        exec(fx->conn, functions[i]);
    exec(fx->conn, "GRANT INSERT, SELECT ON log TO godwit_batch");
    for (size_t i = 0; i < sizeof(twists) / sizeof(twists[0]); i++) {
        add(b, look, twists[i], NULL);
        add_row(b);
    }
    add(b, look, NULL, NULL);
    run_well(fx, b);
    reset(fx->conn);
    assert_string_equal(ask(fx, fx->conn, "SELECT count(DISTINCT v), count(*) FROM t", NULL), "1|21");
    assert_string_equal(ask(fx, fx->conn, "SELECT count(*) FROM log", NULL), "20");
    assert_has(ask(fx, fx->conn, "SELECT DISTINCT v FROM t", NULL), "\"$user\", public 3s on UTC on UTF8 none");
    exec(fx->conn, "DROP FUNCTION be_somebody, write_otherwise, remember, forget");
    exec(fx->conn, "DROP SEQUENCE numbers");
    exec(fx->conn, "DROP TABLE log");
    exec(fx->conn, "DROP ROLE godwit_batch");
}

static void
keeps_the_lock_during_a_batch(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    bool taken = false;
    batch *const b = new_batch(fx);
    ok(tested->try_lock(fx->conn, "batch", &taken, &e), &e);
    for (int i = 0; i < 5; i++)
        add(b,
            gw_printf(fx->arena, "INSERT INTO t SELECT %d WHERE %s", i,
                      tested->lock_held(fx->arena, fx->conn, "batch")),
            "SET ROLE NONE", NULL);
    run_well(fx, b);
    assert_string_equal(numbers(fx), "0,1,2,3,4");
}

/* ---- the disk ---- */

static void
shows_that_everything_is_on_disk(fixture *fx)
{
    /* The WAL writer needs a fifth of a second to notice; what it wrote by then is not our doing. */
    assert_string_equal(ask(fx, fx->conn, "SELECT pg_current_wal_flush_lsn() >= $1::pg_lsn",
                            ask(fx, fx->conn, "SELECT max(at) FROM written", NULL)),
                        "t");
}

static void
add_written(fixture *fx, batch *b, size_t count)
{
    exec(fx->conn, "DROP TABLE IF EXISTS written");
    exec(fx->conn, "CREATE TABLE written (at pg_lsn)");
    for (size_t i = 0; i < count; i++) {
        add(b, "INSERT INTO t SELECT 1, repeat('x', 200)", "INSERT INTO written VALUES (pg_current_wal_insert_lsn())",
            NULL);
        add_row(b);
    }
}

static void
waits_for_the_disk_once_at_the_end(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    add_written(fx, b, 50);
    run_well(fx, b);
    shows_that_everything_is_on_disk(fx);
}

static void
waits_for_the_disk_also_after_a_failure(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    add_written(fx, b, 50);
    add(b, "SELECT nosuch", NULL, NULL);
    (void)run_badly(fx, b, 50, 0);
    shows_that_everything_is_on_disk(fx);
}

static void
waits_for_the_disk_also_where_it_may_not_write_messages(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    batch *const b = new_batch(fx);
    gw_url url = fx->url;
    add_written(fx, b, 50);
    add(b, "SELECT nosuch", NULL, NULL);
    exec(fx->conn, "DROP ROLE IF EXISTS godwit_plain");
    exec(fx->conn, "CREATE ROLE godwit_plain");
    exec(fx->conn, "REVOKE EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text) FROM PUBLIC");
    exec(fx->conn, "GRANT ALL ON t, log, written TO godwit_plain");
    *gw_vec_push(fx->arena, &url.params) = (gw_url_param){"options", "-c role=godwit_plain"};
    gw_conn *const c = open_on(fx, (gw_open_params){.url = &url});
    const gw_rc rc = tested->batch(c, b->items, b->count, &b->end, &e);
    shows_that_everything_is_on_disk(fx);
    exec(fx->conn, "GRANT EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text) TO PUBLIC");
    assert_int_equal(rc, GODWIT_FAILED);
    assert_int_equal(b->end.done, 50);
    exec(fx->conn, "DROP TABLE t, log, written");
    exec(fx->conn, "DROP ROLE godwit_plain");
}

static void
shows_a_statement_the_ordinary_way_of_committing(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    for (int i = 0; i < 3; i++) {
        add(b, "INSERT INTO t VALUES (1, current_setting('synchronous_commit'))", NULL, NULL);
        add_row(b);
    }
    run_well(fx, b);
    assert_string_equal(ask(fx, fx->conn, "SELECT DISTINCT v FROM t", NULL), "on");
}

/* ---- much at once ---- */

static void
does_not_block_when_both_sides_have_much_to_say(void **state)
{
    enum { MEGABYTE = 1 << 20, COUNT = 40 };
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    char *const filler = gw_new_array(fx->arena, char, MEGABYTE + 1);
    memset(filler, 'x', MEGABYTE);
    const char *const big = gw_printf(fx->arena, "INSERT INTO t VALUES (1, '%s')", filler);
    for (int i = 0; i < COUNT; i++) {
        add(b, big, "SELECT repeat('y', 1000) FROM generate_series(1, 3000)",
            "DO $$ BEGIN FOR i IN 1..500 LOOP RAISE WARNING 'this is said very often, and at some length'; END LOOP; "
            "END $$");
        add_row(b);
    }
    run_well(fx, b);
    assert_string_equal(ask(fx, fx->conn, "SELECT count(*), min(length(v)) FROM t", NULL), "40|1048576");
    assert_true(fx->notices.len > (size_t)COUNT * 500 * 40);
}

static void
takes_hundreds_of_items(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    for (int i = 0; i < ITEMS_MOST; i++) {
        add(b, "INSERT INTO t VALUES (1)", NULL, NULL);
        add_row(b);
    }
    run_well(fx, b);
    assert_string_equal(ask(fx, fx->conn, "SELECT (SELECT count(*) FROM t), (SELECT max(item) FROM log)", NULL),
                        "600|600");
}

/* ---- loss ---- */

static void *
end_it_soon(void *subject)
{
    fixture *const fx = subject;
    gw_arena *const a = gw_arena_new();
    gw_err e = {0};
    gw_conn *c = NULL;
    gw_sleep_ms(400);
    if (tested->open(a, &(gw_open_params){.url = &fx->url}, &c, &e) == GODWIT_OK)
        (void)tested->end_session(c, fx->conn->facts.session, &e);
    gw_arena_free(a);
    return NULL;
}

static void
says_honestly_what_it_knows_when_the_connection_is_lost(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    pthread_t thread;
    batch *const b = new_batch(fx);
    add(b, "INSERT INTO t VALUES (1)", NULL, NULL);
    add_row(b);
    add(b, "SET ROLE NONE", "INSERT INTO t VALUES (2)", NULL); /* by itself: this one is on disk */
    add_row(b);
    add(b, "INSERT INTO t VALUES (3)", NULL, NULL);
    add_row(b);
    add(b, "SELECT pg_sleep(30)", NULL, NULL);
    add_row(b);
    assert_int_equal(pthread_create(&thread, NULL, end_it_soon, fx), 0);
    const gw_rc rc = tested->batch(fx->conn, b->items, b->count, &b->end, &e);
    pthread_join(thread, NULL);
    assert_int_equal(rc, GODWIT_CONNECT);
    assert_false(e.transient);
    assert_has(e.message, "nobody knows");
    assert_has(e.notes, "administrator");
    assert_int_equal(b->end.done, 2);
    assert_false(tested->is_alive(fx->conn));
    assert_string_equal(numbers(fx), "1,2,3");
}

static void
may_be_tried_again_when_the_connection_was_lost_before(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0}, none = {0};
    batch *const b = new_batch(fx);
    add(b, "INSERT INTO t VALUES (1)", NULL, NULL);
    gw_conn *const other = open_on(fx, (gw_open_params){0});
    ok(tested->end_session(other, fx->conn->facts.session, &none), &none);
    assert_int_equal(tested->batch(fx->conn, b->items, b->count, &b->end, &e), GODWIT_CONNECT);
    assert_true(e.transient);
    assert_int_equal(b->end.done, 0);
}

static const struct CMUnitTest tests[] = {
    SERVER_TEST(tells_that_the_commit_of_an_item_failed),
    SERVER_TEST(begins_every_item_without_a_snapshot_and_with_the_first_defaults),
    SERVER_TEST(runs_odd_statements_in_a_batch),
    SERVER_TEST(cleans_the_session_between_items),
    SERVER_TEST(keeps_the_lock_during_a_batch),
    SERVER_TEST(waits_for_the_disk_once_at_the_end),
    SERVER_TEST(waits_for_the_disk_also_after_a_failure),
    SERVER_TEST(waits_for_the_disk_also_where_it_may_not_write_messages),
    SERVER_TEST(shows_a_statement_the_ordinary_way_of_committing),
    SERVER_TEST(does_not_block_when_both_sides_have_much_to_say),
    SERVER_TEST(takes_hundreds_of_items),
    SERVER_TEST(says_honestly_what_it_knows_when_the_connection_is_lost),
    SERVER_TEST(may_be_tried_again_when_the_connection_was_lost_before),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
