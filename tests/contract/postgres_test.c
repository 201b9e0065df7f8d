/*
 * tests/contract/postgres_test - what PostgreSQL alone does: sessions and roles put back, COPY, deferred constraints,
 * notices, places within functions, cancellation and loss, the lock's numbers, and reaching a server.
 *
 *     GODWIT_TEST_URL=postgres://postgres@127.0.0.1:5432/contract postgres_test
 */
#include "db/history_read.h"
#include "db/history_write.h"
#include "engine/postgres/postgres.h"
#include "server_fixture.h"

const gw_engine *const tested = &gw_postgres;

static void
assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' lacks '%s'", text, part);
}

/* Of the statement that must fail with this SQLSTATE. */
static gw_err
failure(gw_conn *c, const char *sql, const char *code)
{
    gw_err e = {0};
    assert_int_equal(try_exec(c, sql, &e), GODWIT_FAILED);
    assert_string_equal(e.code, code);
    return e;
}

/* ---- sessions ---- */

static void
begins_every_session_alike(void **state)
{
    fixture *const fx = *state;
    assert_string_equal(fx->conn->facts.product, "PostgreSQL");
    assert_string_equal(fx->conn->facts.schema, "public");
    assert_string_equal(ask(fx, fx->conn, "SHOW application_name", NULL), "godwit");
    assert_string_equal(ask(fx, fx->conn, "SHOW client_encoding", NULL), "UTF8");
    assert_string_equal(ask(fx, fx->conn, "SHOW lock_timeout", NULL), "3s");
    assert_false(fx->conn->facts.dialect.backslash_in_strings);
}

static void
knows_how_the_session_reads_strings_and_names(void **state)
{
    fixture *const fx = *state;
    gw_url url = fx->url;
    *gw_vec_push(fx->arena, &url.params) =
        (gw_url_param){"options", "-c standard_conforming_strings=off -c search_path=nosuch -c "
                                  "default_transaction_read_only=on"};
    const gw_conn *const c = open_on(fx, (gw_open_params){.url = &url});
    assert_true(c->facts.dialect.backslash_in_strings);
    assert_string_equal(c->facts.schema, "public");
    assert_true(c->facts.read_only);
}

static void
puts_back_what_a_migration_may_have_set(void **state)
{
    fixture *const fx = *state;
    static const char *const settings[] = {
        "SET search_path = pg_catalog",
        "SET lock_timeout = 0",
        "SET statement_timeout = 77",
        "SET client_encoding = LATIN1",
        "SET row_security = off",
        "SET TIME ZONE 'Asia/Tokyo'",
        "SET DateStyle = German",
        "SET check_function_bodies = off",
        "SET default_transaction_isolation = serializable",
        "CREATE TEMPORARY TABLE leftover (a int)",
        "PREPARE leftover AS SELECT 1",
        "DECLARE leftover CURSOR WITH HOLD FOR SELECT 1",
        "LISTEN leftover",
    };
    static const char look[] =
        "SELECT current_setting('search_path'), current_setting('lock_timeout'), current_setting('statement_timeout'), "
        "current_setting('client_encoding'), current_setting('row_security'), current_setting('TimeZone'), "
        "current_setting('DateStyle'), current_setting('check_function_bodies'), "
        "current_setting('default_transaction_isolation'), to_regclass('pg_temp.leftover'), "
        "(SELECT count(*) FROM pg_prepared_statements WHERE name = 'leftover'), "
        "(SELECT count(*) FROM pg_cursors WHERE name = 'leftover'), (SELECT count(*) FROM pg_listening_channels())";
    const char *const before = ask(fx, fx->conn, look, NULL);
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        exec(fx->conn, settings[i]);
    assert_string_not_equal(ask(fx, fx->conn, look, NULL), before);
    reset(fx->conn);
    assert_string_equal(ask(fx, fx->conn, look, NULL), before);
}

static void
puts_back_the_role_and_keeps_the_runs_lock(void **state)
{
    fixture *const fx = *state;
    static const char who[] = "SELECT session_user, current_user";
    gw_err e = {0};
    bool taken = false;
    gw_lock_holder holder;
    const char *const before = ask(fx, fx->conn, who, NULL);
    exec(fx->conn, "DROP ROLE IF EXISTS godwit_test_role");
    exec(fx->conn, "CREATE ROLE godwit_test_role");
    ok(tested->try_lock(fx->conn, "postgres_test", &taken, &e), &e);
    assert_true(taken);
    exec(fx->conn, "SET ROLE godwit_test_role");
    reset(fx->conn);
    assert_string_equal(ask(fx, fx->conn, who, NULL), before);
    exec(fx->conn, "SET SESSION AUTHORIZATION godwit_test_role");
    reset(fx->conn);
    assert_string_equal(ask(fx, fx->conn, who, NULL), before);
    ok(tested->lock_holder(fx->arena, fx->conn, "postgres_test", &holder, &e), &e);
    assert_non_null(holder.who);
    tested->unlock(fx->conn, "postgres_test");
    exec(fx->conn, "DROP ROLE godwit_test_role");
}

static void
puts_the_lock_timeout_back_to_what_the_connection_began_with(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    ok(tested->set_lock_timeout(fx->conn, 99, &e), &e);
    assert_string_equal(ask(fx, fx->conn, "SHOW lock_timeout", NULL), "99ms");
    ok(tested->set_lock_timeout(fx->conn, 0, &e), &e);
    assert_string_equal(ask(fx, fx->conn, "SHOW lock_timeout", NULL), "3s");
}

/* ---- statements ---- */

static void
points_at_the_byte_and_passes_detail_and_hint_on(void **state)
{
    fixture *const fx = *state;
    static const char wide[] = "SELECT 'é€𝄞', nosuch";
    exec(fx->conn, "CREATE TEMPORARY TABLE t (id int PRIMARY KEY)");
    exec(fx->conn, "INSERT INTO t VALUES (1)");
    assert_int_equal(failure(fx->conn, wide, "42703").offset, (size_t)(strstr(wide, "nosuch") - wide) + 1);
    assert_int_equal(failure(fx->conn, "CREATE TABLE", "42601").offset, 13);
    assert_has(failure(fx->conn, "INSERT INTO t VALUES (1)", "23505").notes, "Key (id)=(1) already exists.");
    assert_has(failure(fx->conn, "SELECT nosuch(1)", "42883").hint, "No function matches");
}

static void
tells_the_place_within_a_function_as_a_note(void **state)
{
    fixture *const fx = *state;
    const gw_err e = failure(fx->conn, "DO $$ BEGIN\n PERFORM 1;\n INSERT INTO nosuch VALUES (1); END $$", "42P01");
    assert_has(e.notes, "PL/pgSQL");
    assert_int_equal(e.offset, 0);
}

static void
tells_notices_with_their_severity_in_one_line(void **state)
{
    fixture *const fx = *state;
    exec(fx->conn, "DO $$ BEGIN RAISE NOTICE 'hello % %', 'w', 'x';\n"
                   "RAISE WARNING 'w' USING detail = E'one\\ntwo'; END $$");
    assert_string_equal(gw_buf_text(&fx->notices), "NOTICE: hello w x\nWARNING: w (one two)\n");
}

static void
reads_and_drops_whatever_a_statement_sends(void **state)
{
    fixture *const fx = *state;
    exec(fx->conn, "");
    exec(fx->conn, "-- only a comment");
    exec(fx->conn, "SELECT repeat('x', 1000) FROM generate_series(1, 20000)");
    exec(fx->conn, "COPY (SELECT g FROM generate_series(1, 20000) g) TO STDOUT");
    assert_string_equal(ask(fx, fx->conn, "SELECT 5", NULL), "5");
    gw_err e = {0};
    assert_int_equal(tested->exec(fx->conn, (gw_str){"SELECT 1\0;", 10}, &e), GODWIT_FAILED);
}

/* ---- COPY ---- */

static gw_rc
copy(fixture *fx, const char *sql, const char *data, gw_err *e)
{
    return tested->copy_in(fx->conn, gw_str_of(sql), gw_str_of(data), e);
}

static void
copies_rows_in_and_tells_the_line_that_is_wrong(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    exec(fx->conn, "CREATE TEMPORARY TABLE t (id int, name text)");
    ok(copy(fx, "COPY t FROM stdin", "1\ta\n2\t\\N\n", &e), &e);
    ok(copy(fx, "COPY t FROM stdin", "", &e), &e);
    ok(copy(fx, "COPY t FROM stdin CSV", "9,\"a\nb\"\n", &e), &e);
    assert_string_equal(ask(fx, fx->conn, "SELECT * FROM t ORDER BY id", NULL), "1|a\n2|NULL\n9|a\nb");
    assert_int_equal(copy(fx, "COPY t FROM stdin", "3\ta\nx\tb\n", &e), GODWIT_FAILED);
    assert_has(e.notes, "line 2 of the COPY data");
    assert_string_equal(ask(fx, fx->conn, "SELECT count(*) FROM t", NULL), "3");
}

static void
refuses_a_copy_that_has_no_data_or_is_none(void **state)
{
    fixture *const fx = *state;
    gw_err no_table = {0}, no_copy = {0}, out = {0}, no_data = {0};
    exec(fx->conn, "CREATE TEMPORARY TABLE t (id int)");
    assert_int_equal(copy(fx, "COPY nosuch FROM stdin", "1\n", &no_table), GODWIT_FAILED);
    assert_string_equal(no_table.code, "42P01");
    assert_int_equal(copy(fx, "SELECT 1", "1\n", &no_copy), GODWIT_FAILED);
    assert_int_equal(copy(fx, "COPY t TO stdout", "1\n", &out), GODWIT_FAILED);
    assert_int_equal(try_exec(fx->conn, "COPY t FROM stdin", &no_data), GODWIT_FAILED);
    assert_has(no_data.message, "no data");
    assert_string_equal(ask(fx, fx->conn, "SELECT count(*) FROM t", NULL), "0");
}

/* ---- transactions ---- */

static void
fails_at_the_commit_when_a_deferred_constraint_does(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    exec(fx->conn, "CREATE TEMPORARY TABLE t (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)");
    exec(fx->conn, "INSERT INTO t VALUES (1)");
    ok(tested->begin(fx->conn, (gw_str){0}, &e), &e);
    exec(fx->conn, "INSERT INTO t VALUES (1)");
    assert_int_equal(tested->commit(fx->conn, &e), GODWIT_FAILED);
    assert_string_equal(e.code, "23505");
    assert_false(tested->in_transaction(fx->conn));
}

static void
does_not_call_a_rolled_back_transaction_committed(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0}, late = {0};
    ok(tested->begin(fx->conn, gw_str_of("START TRANSACTION ISOLATION LEVEL SERIALIZABLE"), &e), &e);
    assert_string_equal(ask(fx, fx->conn, "SHOW transaction_isolation", NULL), "serializable");
    (void)failure(fx->conn, "SELECT 1/0", "22012");
    (void)failure(fx->conn, "SELECT 1", "25P02");
    assert_int_equal(tested->commit(fx->conn, &late), GODWIT_FAILED);
    assert_false(tested->in_transaction(fx->conn));
}

static void
says_that_an_index_cannot_be_built_concurrently_in_a_transaction(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    ok(tested->begin(fx->conn, (gw_str){0}, &e), &e);
    exec(fx->conn, "CREATE TABLE rolled_back (id int)");
    (void)failure(fx->conn, "CREATE INDEX CONCURRENTLY i ON rolled_back (id)", "25001");
    tested->rollback(fx->conn);
    assert_string_equal(ask(fx, fx->conn, "SELECT to_regclass('rolled_back')", NULL), "NULL");
}

/* ---- cancellation and loss ---- */

static void *
cancel_soon(void *subject)
{
    for (int i = 0; i < 3; i++) {
        gw_sleep_ms(150);
        tested->cancel(subject);
    }
    return NULL;
}

static void
assert_cancelled(fixture *fx, const char *sql, const char *data)
{
    gw_err e = {0};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, fx->conn), 0);
    const gw_rc rc = data == NULL ? try_exec(fx->conn, sql, &e) : copy(fx, sql, data, &e);
    pthread_join(thread, NULL);
    assert_int_equal(rc, GODWIT_INTERRUPTED);
}

static void
is_cancelled_in_the_middle_of_a_copy(void **state)
{
    fixture *const fx = *state;
    gw_buf lines = gw_buf_new(fx->arena);
    for (int i = 0; i < 100000; i++)
        gw_buf_puts(&lines, "a line of data\n");
    exec(fx->conn, "CREATE TEMPORARY TABLE t (a text)");
    exec(fx->conn, "CREATE FUNCTION pg_temp.slow() RETURNS trigger LANGUAGE plpgsql AS "
                   "$$ BEGIN PERFORM pg_sleep(0.001); RETURN new; END $$");
    exec(fx->conn, "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION pg_temp.slow()");
    assert_cancelled(fx, "COPY t FROM stdin", gw_buf_text(&lines));
    assert_string_equal(ask(fx, fx->conn, "SELECT count(*) FROM t", NULL), "0");
    assert_cancelled(fx, "COPY (SELECT pg_sleep(0.05) FROM generate_series(1, 500)) TO stdout", NULL);
    assert_string_equal(ask(fx, fx->conn, "SELECT 5", NULL), "5");
}

static void
tells_the_servers_own_time_limit_from_a_cancellation(void **state)
{
    fixture *const fx = *state;
    exec(fx->conn, "SET statement_timeout = 100");
    assert_has(failure(fx->conn, "SELECT pg_sleep(20)", "57014").message, "statement timeout");
}

static void
knows_after_a_termination_that_it_is_gone(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0}, none = {0}, again = {0};
    gw_conn *const other = open_on(fx, (gw_open_params){0});
    const char *const pid = ask(fx, fx->conn, "SELECT pg_backend_pid()", NULL);
    ok(tested->begin(fx->conn, (gw_str){0}, &e), &e);
    exec(fx->conn, "CREATE TABLE rolled_back (id int)");
    ok(tested->end_session(other, strtoll(pid, NULL, 10), &none), &none);
    /* The server said that it was over before it was asked to commit: nothing is in doubt. */
    assert_int_equal(tested->commit(fx->conn, &e), GODWIT_CONNECT);
    assert_false(tested->is_alive(fx->conn));
    assert_false(tested->in_transaction(fx->conn));
    assert_int_equal(try_exec(fx->conn, "SELECT 1", &again), GODWIT_CONNECT);
    assert_true(again.transient);
    assert_string_equal(ask(fx, other, "SELECT to_regclass('rolled_back')", NULL), "NULL");
}

/* ---- the lock and the history ---- */

static void
takes_a_number_as_it_is_and_any_text_by_its_hash(void **state)
{
    fixture *const fx = *state;
    static const char *const keys[] = {"0", "4711", "-1", "9223372036854775807", "9223372036854775808", "a team's key",
                                       ""};
    static const char held[] = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()";
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        gw_err e = {0};
        bool taken = false;
        ok(tested->try_lock(fx->conn, keys[i], &taken, &e), &e);
        assert_true(taken);
        assert_string_equal(ask(fx, fx->conn, held, NULL), "1");
        tested->unlock(fx->conn, keys[i]);
        assert_string_equal(ask(fx, fx->conn, held, NULL), "0");
    }
}

static void
keeps_the_history_whatever_the_session_was_turned_into(void **state)
{
    fixture *const fx = *state;
    static const char *const twists[] = {
        "CREATE SCHEMA evil",
        "CREATE FUNCTION evil.never(text, text) RETURNS bool LANGUAGE sql AS 'SELECT false'",
        "CREATE OPERATOR evil.= (leftarg = text, rightarg = text, function = evil.never)",
        "CREATE DOMAIN evil.text AS pg_catalog.int4",
        "SET search_path = evil, pg_catalog",
        "SET TIME ZONE 'Asia/Tokyo'",
        "SET DateStyle = German",
        "SET client_encoding = LATIN1",
    };
    gw_err e = {0};
    gw_history_probe probe;
    gw_history history;
    gw_record newest;
    bool found = false;
    const gw_record r = {.version = "0001",
                         .name = "n'a\\me",
                         .kind = "versioned",
                         .direction = "up",
                         .state = GODWIT_RUNNING,
                         .checksum = "abc",
                         .statements = 3,
                         .started_at = "2026-03-26 17:09:03.123",
                         .down = "DROP TABLE é;\n"};
    ok(gw_history_probe_new(fx->arena, tested, "godwit_ops.done", &probe, &e), &e);
    ok(gw_history_open(fx->arena, fx->conn, &probe, &history, &e), &e);
    ok(gw_history_create(&history, &e), &e);
    for (size_t i = 0; i < sizeof(twists) / sizeof(twists[0]); i++)
        exec(fx->conn, twists[i]);
    ok(gw_history_add(&history, &r, NULL, NULL, &e), &e);
    ok(gw_history_newest(fx->arena, &history, "0001", &newest, &found, &e), &e);
    assert_true(found);
    assert_string_equal(newest.started_at, r.started_at);
    assert_string_equal(newest.name, r.name);
    assert_string_equal(newest.down, r.down);
    reset(fx->conn);
    exec(fx->conn, "DROP SCHEMA evil, godwit_ops CASCADE");
}

/* ---- reaching a server ---- */

static void
refuses_what_the_url_must_not_say(void **state)
{
    fixture *const fx = *state;
    static const struct {
        const char *params, *says;
    } cases[] = {
        {"?sslmod=require", "'sslmod'"},
        {"?sslmode=maybe", "sslmode"},
        {"?replication=database", "'replication'"},
        {"?client_encoding=LATIN1", "LATIN1"},
        {"?service=nosuch", "service"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gw_err e = {0};
        gw_conn *c = NULL;
        const char *const url = gw_printf(fx->arena, "postgres://u:s3cret@127.0.0.1:1/shop%s", cases[i].params);
        assert_int_equal(open_url(fx, url, &c, &e), GODWIT_USAGE);
        assert_has(e.message, cases[i].says);
        assert_null(strstr(e.message, "s3cret"));
    }
}

static void
tries_the_hosts_of_a_url_one_after_the_other(void **state)
{
    fixture *const fx = *state;
    gw_url url = fx->url;
    url.host = gw_printf(fx->arena, "%s,%s", fx->url.host, fx->url.host);
    url.port = 0;
    *gw_vec_push(fx->arena, &url.params) = (gw_url_param){"port", gw_printf(fx->arena, "1,%u", fx->url.port)};
    gw_conn *const c = open_on(fx, (gw_open_params){.url = &url, .connect_timeout_ms = 2000});
    assert_string_equal(ask(fx, c, "SELECT 5", NULL), "5");
}

static void
leaves_no_session_behind_when_it_is_refused(void **state)
{
    fixture *const fx = *state;
    gw_url url = fx->url;
    url.database = "no_such_database_here";
    for (int i = 0; i < 20; i++) {
        gw_err e = {0};
        gw_conn *c = NULL;
        assert_int_equal(tested->open(fx->arena, &(gw_open_params){.url = &url}, &c, &e), GODWIT_CONNECT);
        assert_true(tested->is_missing_database(&e));
        assert_null(c);
    }
    assert_string_equal(
        ask(fx, fx->conn, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()", NULL), "1");
}

/* Who shares queries out among servers sends what is volatile to the one that writes. */
static void
asks_for_the_history_where_it_is_written(void **state)
{
    fixture *const fx = *state;
    static const gw_sql_id asked[] = {GW_SQL_HISTORY_EXISTS, GW_SQL_HISTORY_PLAN, GW_SQL_HISTORY_NEWEST};
    const gw_target target = {.kind = GW_OBJECT_TABLE, .role = GW_TARGET_CHANGED, .name = GW_STR_LIT("nowhere")};
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
        assert_non_null(strstr(gw_postgres.sql[asked[i]], "pg_catalog.pg_is_in_recovery()"));
    assert_non_null(strstr(gw_postgres.state(fx->arena, fx->conn, &target), "pg_catalog.pg_is_in_recovery()"));
    assert_string_equal(
        ask(fx, fx->conn, "SELECT provolatile FROM pg_proc WHERE oid = 'pg_catalog.pg_is_in_recovery()'::regprocedure",
            NULL),
        "v");
}

static int64_t
count(gw_conn *c)
{
    int64_t n;
    gw_err e = {0};
    ok(tested->transactions(c, &n, &e), &e);
    assert_true(n > 0);
    return n;
}

static void
counts_the_transactions_that_a_statement_begins(void **state)
{
    static const struct {
        const char *sql;
        int64_t most, least;
    } cases[] = {
        {"SELECT 1", 2, 2},
        {"SELEC 1", 2, 2},
        {"DO $$ BEGIN PERFORM 1; END $$", 2, 2},
        {"DO $$ BEGIN BEGIN PERFORM 1/0; EXCEPTION WHEN OTHERS THEN NULL; END; END $$", 2, 2},
        {"DO $$ BEGIN PERFORM 1/0; END $$", 2, 2},
        {"DO $$ BEGIN COMMIT; PERFORM 1/0; END $$", 9, 3},
        {"DO $$ BEGIN ROLLBACK; PERFORM 1/0; END $$", 9, 3},
        {"DO $$ BEGIN FOR i IN 1..3 LOOP COMMIT; END LOOP; PERFORM 1/0; END $$", 9, 5},
    };
    fixture *const fx = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gw_err failure = {0};
        const int64_t before = count(fx->conn);
        const gw_rc ignored = try_exec(fx->conn, cases[i].sql, &failure);
        (void)ignored;
        const int64_t took = count(fx->conn) - before;
        assert_in_range(took, cases[i].least, cases[i].most);
    }
}

static void
keeps_notices_of_its_own_statements_to_itself(void **state)
{
    fixture *const fx = *state;
    static const char sql[] = "CREATE TEMPORARY TABLE IF NOT EXISTS quiet_t (n int)";
    gw_err e = {0};
    for (int i = 0; i < 2; i++)
        ok(gw_postgres.query(fx->conn, sql, NULL, 0, NULL, NULL, &e), &e);
    assert_int_equal(fx->notices.len, 0);
    exec(fx->conn, sql);
    assert_non_null(strstr(gw_buf_text(&fx->notices), "already exists, skipping"));
}

static const struct CMUnitTest tests[] = {
    SERVER_TEST(begins_every_session_alike),
    SERVER_TEST(knows_how_the_session_reads_strings_and_names),
    SERVER_TEST(puts_back_what_a_migration_may_have_set),
    SERVER_TEST(puts_back_the_role_and_keeps_the_runs_lock),
    SERVER_TEST(puts_the_lock_timeout_back_to_what_the_connection_began_with),
    SERVER_TEST(points_at_the_byte_and_passes_detail_and_hint_on),
    SERVER_TEST(tells_the_place_within_a_function_as_a_note),
    SERVER_TEST(tells_notices_with_their_severity_in_one_line),
    SERVER_TEST(reads_and_drops_whatever_a_statement_sends),
    SERVER_TEST(copies_rows_in_and_tells_the_line_that_is_wrong),
    SERVER_TEST(refuses_a_copy_that_has_no_data_or_is_none),
    SERVER_TEST(fails_at_the_commit_when_a_deferred_constraint_does),
    SERVER_TEST(does_not_call_a_rolled_back_transaction_committed),
    SERVER_TEST(says_that_an_index_cannot_be_built_concurrently_in_a_transaction),
    SERVER_TEST(is_cancelled_in_the_middle_of_a_copy),
    SERVER_TEST(tells_the_servers_own_time_limit_from_a_cancellation),
    SERVER_TEST(knows_after_a_termination_that_it_is_gone),
    SERVER_TEST(takes_a_number_as_it_is_and_any_text_by_its_hash),
    SERVER_TEST(keeps_the_history_whatever_the_session_was_turned_into),
    SERVER_TEST(refuses_what_the_url_must_not_say),
    SERVER_TEST(tries_the_hosts_of_a_url_one_after_the_other),
    SERVER_TEST(leaves_no_session_behind_when_it_is_refused),
    SERVER_TEST(asks_for_the_history_where_it_is_written),
    SERVER_TEST(keeps_notices_of_its_own_statements_to_itself),
    SERVER_TEST(counts_the_transactions_that_a_statement_begins),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
