/*
 * What SQLite alone does: processes that wait for one another, sessions, failures. The rest is in contract.h.
 */
#include "sqlite_fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

/* ---- two processes ---- */

static process
start(fixture *fx, const char *first, const char *second)
{
    const char *const statements[] = {first, second, NULL};
    return start_statements(fx, statements);
}

/* What begin() says when another process is in a transaction. */
static void
assert_holder_is_named(fixture *fx, const char *mode)
{
    gw_err e = {0};
    gw_conn *const c = open_db(fx);
    exec(c, gw_printf(fx->arena, "PRAGMA journal_mode = %s", mode));
    exec(c, "CREATE TABLE IF NOT EXISTS t (n)");
    const process other = start(fx, "BEGIN IMMEDIATE", "INSERT INTO t VALUES (1)");
    const gw_rc rc = gw_sqlite.begin(c, (gw_str){0}, &e);
    const char *const who = gw_printf(fx->arena, "is locked by pid %d (", (int)other.pid);
    stop_process(&other);
    assert_int_equal(rc, GODWIT_LOCKED);
    assert_non_null(strstr(e.message, c->facts.database));
    if (strstr(e.message, who) == NULL)
        fail_msg("'%s' is not in '%s'", who, e.message);
    assert_non_null(strstr(e.hint, "--lock-wait"));
    gw_err again = {0};
    ok(gw_sqlite.begin(c, (gw_str){0}, &again), &again);
    gw_sqlite.rollback(c);
}

static void
names_the_process_that_writes(void **state)
{
    fixture *const fx = *state;
    assert_holder_is_named(fx, "DELETE");
}

static void
names_the_process_that_writes_a_wal_database(void **state)
{
    fixture *const fx = *state;
    assert_holder_is_named(fx, "WAL");
}

static void
says_by_a_notice_whom_it_waits_for(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_open_params p = params_of(fx);
    p.lock_wait_ms = 1400;
    gw_conn *const c = open_on(fx->arena, &p);
    exec(c, "CREATE TABLE t (n)");
    const process other = start(fx, "BEGIN IMMEDIATE", "INSERT INTO t VALUES (1)");
    const gw_rc rc = gw_sqlite.begin(c, (gw_str){0}, &e);
    const char *const who = gw_printf(fx->arena, "pid %d (", (int)other.pid);
    stop_process(&other);
    assert_int_equal(rc, GODWIT_LOCKED);
    assert_non_null(strstr(fx->notice, who));
    assert_non_null(strstr(fx->notice, "app.db"));
}

static void
keeps_the_transaction_when_a_reader_holds_the_commit_up(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_conn *const c = open_db(fx);
    exec(c, "CREATE TABLE t (n)");
    exec(c, "INSERT INTO t VALUES (1)");
    const process reader = start(fx, "BEGIN", "SELECT n FROM t");
    ok(gw_sqlite.begin(c, (gw_str){0}, &e), &e);
    exec(c, "INSERT INTO t VALUES (2)");
    const gw_rc rc = gw_sqlite.commit(c, &e);
    const char *const who = gw_printf(fx->arena, "locked by pid %d", (int)reader.pid);
    stop_process(&reader);
    assert_int_equal(rc, GODWIT_FAILED);
    assert_string_equal(e.code, "5");
    assert_true(e.transient);
    assert_true(e.lock_wait);
    assert_non_null(strstr(e.notes, who));
    assert_true(gw_sqlite.in_transaction(c));
    gw_err again = {0};
    ok(gw_sqlite.commit(c, &again), &again);
    assert_value(open_db(fx), "SELECT count(*) FROM t", "2");
}

/* Read, decide, write: what two runners do. */
static void
count_up(fixture *fx, int times)
{
    gw_err e = {0};
    gw_open_params p = params_of(fx);
    p.lock_wait_ms = p.lock_timeout_ms = p.connect_timeout_ms = 60000;
    gw_conn *const c = open_on(fx->arena, &p);
    for (int i = 0; i < times; i++) {
        char value[64] = "";
        ok(gw_sqlite.begin(c, GW_STR_LIT("begin deferred"), &e), &e);
        ok(gw_sqlite.query(c, "SELECT n FROM t", NULL, 0, keep_value, value, &e), &e);
        const gw_param next = {gw_printf(fx->arena, "%ld", strtol(value, NULL, 10) + 1)};
        ok(gw_sqlite.query(c, "UPDATE t SET n = $1", &next, 1, NULL, NULL, &e), &e);
        ok(gw_sqlite.commit(c, &e), &e);
    }
}

static void
lets_one_runner_at_a_time_decide(void **state)
{
    enum { RUNNERS = 8, TIMES = 25 };
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    exec(c, "CREATE TABLE t (n INTEGER)");
    exec(c, "INSERT INTO t VALUES (0)");
    pid_t pids[RUNNERS];
    for (int i = 0; i < RUNNERS; i++) {
        pids[i] = start_child();
        if (pids[i] == 0) {
            count_up(fx, TIMES);
            end_child();
        }
    }
    for (int i = 0; i < RUNNERS; i++)
        wait_for_end(pids[i]);
    assert_value(c, "SELECT n FROM t", "200");
}

/* ---- statements ---- */

static void
runs_nothing_of_a_text_with_two_statements(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    static const char *const texts[] = {"CREATE TABLE a (n); CREATE TABLE b (n)",
                                        "CREATE TABLE a (n); INSERT INTO a VALUES (1)", "CREATE TABLE a (n); nonsense",
                                        "CREATE TABLE a (n);; /* x */ SELECT 1"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        gw_err e = {0};
        assert_int_equal(try_exec(c, texts[i], &e), GODWIT_REFUSED);
        assert_true(e.offset > strlen("CREATE TABLE a (n);"));
        assert_value(c, "SELECT count(*) FROM sqlite_master", "0");
    }
    static const char *const single[] = {"SELECT 1;", "SELECT 1; -- done", "SELECT 1 /* a */ ; /* b */\n", "",
                                         "-- nothing"};
    for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++)
        exec(c, single[i]);
}

static void
waits_as_before_after_a_pragma_busy_timeout(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx), *const other = open_db(fx);
    exec(c, "CREATE TABLE t (n)");
    exec(c, "PRAGMA busy_timeout = 60000");
    exec(c, "PRAGMA busy_timeout(60000)");
    ok(gw_sqlite.begin(other, (gw_str){0}, &fx->e), &fx->e);
    const int64_t began = gw_clock_ms();
    assert_int_equal(try_exec(c, "INSERT INTO t VALUES (1)", &fx->e), GODWIT_FAILED);
    assert_in_range(gw_clock_ms() - began, 180, 20000);
}

static void
keeps_the_wal_mode_that_a_migration_chose(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    exec(c, "PRAGMA journal_mode = WAL");
    ok(gw_sqlite.reset(c, &fx->e), &fx->e);
    assert_value(c, "PRAGMA journal_mode", "wal");
    gw_conn *const later = open_db(fx);
    assert_value(later, "PRAGMA journal_mode", "wal");
}

static void
puts_back_a_journal_that_would_not_survive_a_crash(void **state)
{
    fixture *const fx = *state;
    gw_arena *const a = gw_arena_new();
    const gw_open_params p = params_of(fx);
    gw_conn *const first = open_on(a, &p);
    exec(first, "PRAGMA journal_mode = WAL");
    exec(first, "CREATE TABLE t (n)");
    gw_arena_free(a);
    gw_conn *const c = open_db(fx);
    exec(c, "PRAGMA journal_mode = OFF");
    assert_value(c, "PRAGMA journal_mode", "off");
    ok(gw_sqlite.reset(c, &fx->e), &fx->e);
    assert_value(c, "PRAGMA journal_mode", "delete");
}

static void
drops_temporary_objects_that_stand_on_each_other(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    exec(c, "CREATE TABLE t (n)");
    exec(c, "CREATE TEMP TABLE \"a \"\" b\" (n INTEGER PRIMARY KEY AUTOINCREMENT)");
    exec(c, "CREATE TEMP VIEW v AS SELECT n FROM \"a \"\" b\"");
    exec(c, "CREATE TEMP TRIGGER g INSTEAD OF INSERT ON v BEGIN SELECT 1; END");
    exec(c, "CREATE TEMP TRIGGER h AFTER INSERT ON main.t BEGIN SELECT raise(FAIL, 'left over'); END");
    exec(c, "ATTACH ':memory:' AS \"other \"\" one\"");
    assert_int_equal(try_exec(c, "INSERT INTO t VALUES (1)", &fx->e), GODWIT_FAILED);
    gw_err e = {0};
    ok(gw_sqlite.reset(c, &e), &e);
    exec(c, "INSERT INTO t VALUES (1)");
    assert_value(c, "SELECT count(*) FROM sqlite_temp_master WHERE name NOT LIKE 'sqlite%'", "0");
    assert_value(c, "SELECT count(*) FROM pragma_database_list WHERE name <> 'temp'", "1");
}

static void
gives_an_exclusive_file_back(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx), *const other = open_db(fx);
    exec(c, "PRAGMA locking_mode = EXCLUSIVE");
    exec(c, "CREATE TABLE t (n)");
    assert_int_equal(try_exec(other, "SELECT n FROM t", &fx->e), GODWIT_FAILED);
    gw_err e = {0};
    ok(gw_sqlite.reset(c, &e), &e);
    exec(other, "SELECT n FROM t");
}

static void
ends_an_open_transaction_when_it_is_reset(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    exec(c, "CREATE TABLE t (n)");
    exec(c, "BEGIN");
    exec(c, "INSERT INTO t VALUES (1)");
    exec(c, "PRAGMA foreign_keys = ON");
    ok(gw_sqlite.reset(c, &fx->e), &fx->e);
    assert_false(gw_sqlite.in_transaction(c));
    assert_value(c, "SELECT count(*) FROM t", "0");
    assert_value(c, "PRAGMA foreign_keys", "0");
}

static void
takes_the_users_deferred_begin_for_immediate(void **state)
{
    fixture *const fx = *state;
    static const char *const words[] = {"BEGIN", "begin deferred transaction",
                                        "BEGIN /* exclusive */ -- EXCLUSIVE\n IMMEDIATE"};
    gw_conn *const c = open_db(fx), *const other = open_db(fx);
    exec(c, "CREATE TABLE t (n)");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        gw_err e = {0}, late = {0};
        ok(gw_sqlite.begin(c, gw_str_of(words[i]), &e), &e);
        assert_int_equal(gw_sqlite.begin(other, (gw_str){0}, &late), GODWIT_LOCKED);
        exec(other, "SELECT n FROM t"); /* not exclusive */
        gw_sqlite.rollback(c);
    }
}

/* ---- failures ---- */

static void
says_that_the_disk_is_full(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    exec(c, "CREATE TABLE t (v)");
    exec(c, "PRAGMA max_page_count = 4");
    ok(gw_sqlite.begin(c, (gw_str){0}, &fx->e), &fx->e);
    assert_int_equal(try_exec(c, "INSERT INTO t VALUES (randomblob(100000))", &fx->e), GODWIT_FAILED);
    assert_string_equal(fx->e.code, "13");
    assert_non_null(strstr(fx->e.message, "full"));
    assert_non_null(strstr(fx->e.hint, "space"));
    gw_sqlite.rollback(c);
    assert_false(gw_sqlite.in_transaction(c));
}

static void
says_that_the_file_is_damaged(void **state)
{
    fixture *const fx = *state;
    gw_arena *const a = gw_arena_new();
    const gw_open_params p = params_of(fx);
    gw_conn *const first = open_on(a, &p);
    exec(first, "CREATE TABLE t (v)");
    exec(first, "INSERT INTO t VALUES (randomblob(100000))");
    gw_arena_free(a);
    const int fd = open(fx->url.database, O_WRONLY | O_CLOEXEC);
    char rubbish[4096];
    memset(rubbish, 0x5A, sizeof(rubbish));
    assert_int_equal(pwrite(fd, rubbish, sizeof(rubbish), 4096), sizeof(rubbish));
    close(fd);
    assert_int_equal(try_exec(open_db(fx), "SELECT * FROM t", &fx->e), GODWIT_FAILED);
    assert_string_equal(fx->e.code, "11");
    assert_non_null(strstr(fx->e.hint, "integrity_check"));
}

static void
points_at_the_name_that_it_does_not_know(void **state)
{
    fixture *const fx = *state;
    static const struct {
        const char *sql, *at;
    } rows[] = {
        {"SELECT a FROM\n  t, users", "users"},
        {"INSERT INTO main.\"us ers\" VALUES (1)", "\"us ers\""},
        {"CREATE TABLE 'x' (n); ", NULL},
        {"CREATE TABLE /* t */ t (n)", "t (n)"},
        {"CREATE TABLE u (n, \n m, N)", "N)"},
        {"CREATE INDEX i ON t (a)", "i ON"},
        {"DROP INDEX [no.index]", "[no.index]"},
        {"DROP VIEW v2", "v2"},
        {"DROP TRIGGER g", "g"},
        {"INSERT INTO t (a, zz) VALUES (1, 2)", "zz"},
        {"SELECT z FROM t", "z FROM"},
        {"ALTER TABLE t ADD COLUMN a", "a"},
        {"ALTER TABLE nope RENAME TO t9", "nope"},
        {"ALTER TABLE t RENAME TO i", "i"},
        {"CREATE VIRTUAL TABLE w USING nomodule (x)", "nomodule"},
        {"CREATE TABLE other.t (n)", "other.t"},
    };
    gw_conn *const c = open_db(fx);
    exec(c, "CREATE TABLE t (a)");
    exec(c, "CREATE INDEX i ON t (a)");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        gw_err e = {0};
        const gw_rc rc = try_exec(c, rows[i].sql, &e);
        const char *const end = rows[i].at == NULL ? NULL : strstr(rows[i].sql + 7, rows[i].at);
        const size_t expected = end == NULL ? 0 : (size_t)(end - rows[i].sql) + 1;
        if (e.offset != expected || (rc == GODWIT_OK) != (end == NULL))
            fail_msg("%s: %s: %zu, not %zu", rows[i].sql, e.message, e.offset, expected);
    }
}

static void
finds_a_broken_reference_at_commit(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    exec(c, "CREATE TABLE a (id INTEGER PRIMARY KEY)");
    exec(c, "CREATE TABLE b (a REFERENCES a DEFERRABLE INITIALLY DEFERRED)");
    exec(c, "PRAGMA foreign_keys = ON");
    ok(gw_sqlite.begin(c, (gw_str){0}, &fx->e), &fx->e);
    exec(c, "INSERT INTO b VALUES (1)");
    assert_int_equal(gw_sqlite.commit(c, &fx->e), GODWIT_FAILED);
    assert_string_equal(fx->e.code, "787");
    assert_false(fx->e.transient);
    assert_true(gw_sqlite.in_transaction(c));
    gw_sqlite.rollback(c);
    assert_false(gw_sqlite.in_transaction(c));
}

static void *
cancel_soon(void *ctx)
{
    gw_conn *const c = ctx;
    gw_sleep_ms(200);
    c->engine->cancel(c);
    return NULL;
}

static void
knows_that_an_interrupted_change_ended_the_transaction(void **state)
{
    fixture *const fx = *state;
    pthread_t thread;
    gw_conn *const c = open_db(fx);
    exec(c, "CREATE TABLE t (n)");
    ok(gw_sqlite.begin(c, (gw_str){0}, &fx->e), &fx->e);
    exec(c, "INSERT INTO t VALUES (0)");
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, c), 0);
    const gw_rc rc = try_exec(
        c, "INSERT INTO t WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
        &fx->e);
    pthread_join(thread, NULL);
    assert_int_equal(rc, GODWIT_INTERRUPTED);
    gw_sqlite.rollback(c);
    assert_false(gw_sqlite.in_transaction(c));
    assert_value(c, "SELECT count(*) FROM t", "0");
}

static void
stops_waiting_for_a_table_when_cancelled(void **state)
{
    fixture *const fx = *state;
    pthread_t thread;
    gw_open_params p = params_of(fx);
    p.lock_timeout_ms = 30000;
    gw_conn *const c = open_on(fx->arena, &p), *const other = open_db(fx);
    exec(c, "CREATE TABLE t (n)");
    ok(gw_sqlite.begin(other, (gw_str){0}, &fx->e), &fx->e);
    const int64_t began = gw_clock_ms();
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, c), 0);
    const gw_rc rc = try_exec(c, "INSERT INTO t VALUES (1)", &fx->e);
    pthread_join(thread, NULL);
    assert_int_equal(rc, GODWIT_INTERRUPTED);
    assert_in_range(gw_clock_ms() - began, 150, 20000);
}

static void
notices_that_its_file_is_gone(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    exec(c, "CREATE TABLE t (n)");
    assert_true(gw_sqlite.is_alive(c));
    assert_int_equal(rename(fx->url.database, in_dir(fx, "moved.db")), 0);
    assert_false(gw_sqlite.is_alive(c));
    assert_int_equal(try_exec(c, "INSERT INTO t VALUES (1)", &fx->e), GODWIT_FAILED);
    assert_string_equal(fx->e.code, "1032");
    assert_non_null(strstr(fx->e.hint, "moved"));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        SQLITE_TEST(names_the_process_that_writes),
        SQLITE_TEST(names_the_process_that_writes_a_wal_database),
        SQLITE_TEST(says_by_a_notice_whom_it_waits_for),
        SQLITE_TEST(keeps_the_transaction_when_a_reader_holds_the_commit_up),
        SQLITE_TEST(lets_one_runner_at_a_time_decide),
        SQLITE_TEST(runs_nothing_of_a_text_with_two_statements),
        SQLITE_TEST(waits_as_before_after_a_pragma_busy_timeout),
        SQLITE_TEST(keeps_the_wal_mode_that_a_migration_chose),
        SQLITE_TEST(puts_back_a_journal_that_would_not_survive_a_crash),
        SQLITE_TEST(drops_temporary_objects_that_stand_on_each_other),
        SQLITE_TEST(gives_an_exclusive_file_back),
        SQLITE_TEST(ends_an_open_transaction_when_it_is_reset),
        SQLITE_TEST(takes_the_users_deferred_begin_for_immediate),
        SQLITE_TEST(says_that_the_disk_is_full),
        SQLITE_TEST(says_that_the_file_is_damaged),
        SQLITE_TEST(points_at_the_name_that_it_does_not_know),
        SQLITE_TEST(finds_a_broken_reference_at_commit),
        SQLITE_TEST(knows_that_an_interrupted_change_ended_the_transaction),
        SQLITE_TEST(stops_waiting_for_a_table_when_cancelled),
        SQLITE_TEST(notices_that_its_file_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
