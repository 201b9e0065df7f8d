/*
 * Groups on SQLite: many transactions under one commit, and everything that can end one early.
 */
#include "sqlite_fixture.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include "base/clock.h"

/* Whether somebody else has written before. */
static bool
begin_group(gw_conn *c)
{
    bool untouched = false;
    gw_err e = {0};
    ok(gw_sqlite.group_begin(c, &untouched, &e), &e);
    return !untouched;
}

static void
end_group(gw_conn *c)
{
    gw_err e = {0};
    ok(gw_sqlite.group_end(c, &e), &e);
}

static void
begin(gw_conn *c)
{
    gw_err e = {0};
    ok(gw_sqlite.begin(c, (gw_str){0}, &e), &e);
}

static void
commit(gw_conn *c)
{
    gw_err e = {0};
    ok(gw_sqlite.commit(c, &e), &e);
}

/* One of a group. */
static void
apply(gw_conn *c, const char *sql)
{
    begin(c);
    exec(c, sql);
    commit(c);
}

/* As if nobody had been there. */
static void
assert_empty(fixture *fx)
{
    assert_value(open_db(fx), "SELECT count(*) FROM sqlite_master", "0");
}

/* The whole contract of a group again. */
static void
assert_usable(fixture *fx, gw_conn *c)
{
    gw_err e = {0};
    assert_false(gw_sqlite.in_transaction(c));
    ok(gw_sqlite.reset(c, &e), &e);
    begin_group(c);
    apply(c, "CREATE TABLE usable (n)");
    end_group(c);
    assert_value(open_db(fx), "SELECT count(*) FROM usable", "0");
}

/* ---- kept and forgotten ---- */

static void
keeps_a_group_at_its_end(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    begin_group(c);
    apply(c, "CREATE TABLE t (n)");
    apply(c, "INSERT INTO t VALUES (1)");
    apply(c, "ALTER TABLE t ADD COLUMN v");
    assert_empty(fx);
    end_group(c);
    assert_value(open_db(fx), "SELECT count(v) || '/' || count(*) FROM t", "0/1");
    assert_false(gw_sqlite.in_transaction(c));
}

static void
forgets_only_the_one_that_is_rolled_back(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    begin_group(c);
    apply(c, "CREATE TABLE t (n)");
    begin(c);
    exec(c, "INSERT INTO t VALUES (1)");
    exec(c, "CREATE TABLE other (n)");
    exec(c, "SAVEPOINT theirs");
    exec(c, "DROP TABLE t");
    assert_int_equal(try_exec(c, "SELECT n FROM t", &fx->e), GODWIT_FAILED);
    gw_sqlite.rollback(c);
    apply(c, "INSERT INTO t VALUES (2)");
    end_group(c);
    gw_conn *const later = open_db(fx);
    assert_value(later, "SELECT group_concat(n) FROM t", "2");
    assert_value(later, "SELECT group_concat(name) FROM sqlite_master", "t");
}

static void
forgets_a_group_that_is_dropped(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    gw_sqlite.group_drop(c);
    begin_group(c);
    apply(c, "CREATE TABLE t (n)");
    begin(c);
    exec(c, "INSERT INTO t VALUES (1)");
    gw_sqlite.group_drop(c);
    assert_empty(fx);
    gw_sqlite.group_drop(c);
    assert_usable(fx, c);
}

static void
forgets_the_one_that_is_open_at_the_end(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    begin_group(c);
    apply(c, "CREATE TABLE t (n)");
    begin(c);
    exec(c, "INSERT INTO t VALUES (1)");
    end_group(c);
    assert_false(gw_sqlite.in_transaction(c));
    assert_value(open_db(fx), "SELECT count(*) FROM t", "0");
}

static void
forgets_a_group_whose_process_dies(void **state)
{
    fixture *const fx = *state;
    const pid_t child = start_child();
    if (child == 0) {
        gw_conn *const c = open_db(fx);
        exec(c, "PRAGMA cache_size = 5"); /* so that pages are written before the end */
        begin_group(c);
        apply(c, "CREATE TABLE t (v)");
        apply(c, "INSERT INTO t WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 300) SELECT "
                 "randomblob(1000) FROM r");
        end_child();
    }
    wait_for_end(child);
    assert_string_equal(files_of(fx), "app.db app.db-journal");
    assert_empty(fx);
    assert_usable(fx, open_db(fx));
}

static void
is_in_a_transaction_only_within_one_of_a_group(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    begin_group(c);
    assert_false(gw_sqlite.in_transaction(c));
    begin(c);
    assert_true(gw_sqlite.in_transaction(c));
    commit(c);
    assert_false(gw_sqlite.in_transaction(c));
    begin(c);
    gw_sqlite.rollback(c);
    assert_false(gw_sqlite.in_transaction(c));
    gw_sqlite.rollback(c);
    end_group(c);
    begin(c);
    assert_true(gw_sqlite.in_transaction(c));
    gw_sqlite.rollback(c);
}

static void
takes_the_users_own_begin_within_a_group(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    static const char *const words[] = {"BEGIN", "BEGIN DEFERRED TRANSACTION", "begin exclusive"};
    begin_group(c);
    exec(c, "CREATE TABLE t (n)");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        gw_err e = {0};
        ok(gw_sqlite.begin(c, gw_str_of(words[i]), &e), &e);
        exec(c, "INSERT INTO t VALUES (1)");
        commit(c);
    }
    end_group(c);
    assert_value(open_db(fx), "SELECT count(*) FROM t", "3");
}

static void
keeps_other_runners_out_of_a_group(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0}, late = {0};
    bool untouched;
    gw_conn *const c = open_db(fx), *const other = open_db(fx);
    begin_group(c);
    apply(c, "CREATE TABLE t (n)");
    assert_int_equal(gw_sqlite.begin(other, (gw_str){0}, &e), GODWIT_LOCKED);
    assert_int_equal(gw_sqlite.group_begin(other, &untouched, &late), GODWIT_LOCKED);
    assert_non_null(strstr(late.message, c->facts.database));
    end_group(c);
    begin_group(other);
    apply(other, "INSERT INTO t VALUES (1)");
    end_group(other);
    assert_value(c, "SELECT count(*) FROM t", "1");
}

static void
knows_whether_somebody_else_has_written_since_it_was_opened(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx), *const other = open_db(fx);
    exec(c, "CREATE TABLE t (n)"); /* what it wrote itself does not count, however that was committed */
    apply(c, "INSERT INTO t VALUES (1)");
    assert_false(begin_group(c));
    apply(c, "INSERT INTO t VALUES (2)");
    end_group(c);
    assert_false(begin_group(c));
    end_group(c);
    assert_value(other, "SELECT count(*) FROM t", "2"); /* reading does not either */
    assert_false(begin_group(c));
    end_group(c);
    exec(other, "INSERT INTO t VALUES (3)");
    assert_true(begin_group(c));
    end_group(c);
    assert_true(begin_group(c)); /* and stays true */
    end_group(c);
}

static void
knows_of_a_writer_that_came_before_its_own_first_statement(void **state)
{
    fixture *const fx = *state;
    static const char *const modes[] = {"DELETE", "WAL", "TRUNCATE"};
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        GW_SCOPE(a);
        const gw_open_params p = params_of(fx);
        gw_conn *const other = open_on(a, &p);
        exec(other, gw_printf(a, "PRAGMA journal_mode = %s", modes[i]));
        exec(other, "CREATE TABLE IF NOT EXISTS t (n)");
        gw_conn *const idle = open_on(a, &p), *const late = open_on(a, &p);
        assert_false(begin_group(idle));
        end_group(idle);
        exec(other, "INSERT INTO t VALUES (1)");
        assert_true(begin_group(late));
        end_group(late);
    }
}

/* ---- references ---- */

static gw_conn *
open_with_references(fixture *fx)
{
    gw_conn *const c = open_db(fx);
    exec(c, "CREATE TABLE a (id INTEGER PRIMARY KEY)");
    exec(c, "CREATE TABLE b (a REFERENCES a DEFERRABLE INITIALLY DEFERRED)");
    exec(c, "PRAGMA foreign_keys = ON");
    return c;
}

static void
finds_a_broken_reference_in_the_one_that_breaks_it(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_with_references(fx);
    begin_group(c);
    apply(c, "INSERT INTO a VALUES (1)");
    begin(c);
    exec(c, "INSERT INTO b VALUES (7)");
    assert_int_equal(gw_sqlite.commit(c, &fx->e), GODWIT_FAILED);
    assert_string_equal(fx->e.code, "787");
    assert_false(fx->e.transient);
    assert_true(gw_sqlite.in_transaction(c));
    gw_sqlite.rollback(c);
    begin(c);
    exec(c, "INSERT INTO b VALUES (2)"); /* broken for a while */
    exec(c, "INSERT INTO a VALUES (2)");
    commit(c);
    end_group(c);
    gw_conn *const later = open_db(fx);
    assert_value(later, "SELECT group_concat(id) FROM a", "1,2");
    assert_value(later, "SELECT group_concat(a) FROM b", "2");
}

static void
keeps_nothing_of_a_group_whose_commit_fails(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_with_references(fx);
    begin_group(c);
    apply(c, "INSERT INTO a VALUES (1)");
    exec(c, "INSERT INTO b VALUES (7)"); /* between two of them, where only the commit looks */
    assert_int_equal(gw_sqlite.group_end(c, &fx->e), GODWIT_FAILED);
    assert_string_equal(fx->e.code, "787");
    assert_value(open_db(fx), "SELECT (SELECT count(*) FROM a) + (SELECT count(*) FROM b)", "0");
    assert_usable(fx, c);
}

/* ---- lost groups ---- */

/* Everything but the end says that the group is lost, and executes nothing. */
static void
assert_lost(fixture *fx, gw_conn *c)
{
    static const gw_param none = {NULL};
    gw_err errors[6] = {{0}};
    assert_false(gw_sqlite.in_transaction(c));
    assert_int_equal(gw_sqlite.commit(c, &errors[0]), GODWIT_FAILED);
    gw_sqlite.rollback(c);
    assert_int_equal(gw_sqlite.begin(c, (gw_str){0}, &errors[1]), GODWIT_FAILED);
    assert_int_equal(try_exec(c, "CREATE TABLE stray (n)", &errors[2]), GODWIT_FAILED);
    assert_int_equal(gw_sqlite.query(c, "INSERT INTO t VALUES ($1)", &none, 1, NULL, NULL, &errors[3]), GODWIT_FAILED);
    assert_int_equal(gw_sqlite.reset(c, &errors[4]), GODWIT_FAILED);
    assert_int_equal(gw_sqlite.group_end(c, &errors[5]), GODWIT_FAILED);
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        assert_non_null(strstr(errors[i].message, "the group was rolled back"));
        assert_string_equal(errors[i].code, "516");
        assert_true(errors[i].transient);
        assert_false(errors[i].lock_wait);
    }
    assert_empty(fx);
    assert_usable(fx, c);
}

static void
loses_the_group_when_a_statement_ends_its_transaction(void **state)
{
    fixture *const fx = *state;
    static const struct {
        const char *prepare, *statement, *code;
    } causes[] = {
        {"SELECT 1", "INSERT OR ROLLBACK INTO t (n) VALUES (1)", "1555"},
        {"SELECT 1", "UPDATE OR ROLLBACK t SET n = 1 WHERE n = 2", "1555"},
        {"CREATE TRIGGER g BEFORE DELETE ON t BEGIN SELECT raise(ROLLBACK, 'never'); END", "DELETE FROM t", "1811"},
        {"CREATE TABLE s (n UNIQUE ON CONFLICT ROLLBACK)", "INSERT INTO s VALUES (1), (1)", "2067"},
        {"PRAGMA max_page_count = 6", "INSERT INTO t (v) VALUES (randomblob(100000))", "13"},
    };
    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
        gw_err e = {0};
        GW_SCOPE(a);
        const gw_open_params p = params_of(fx);
        gw_conn *const c = open_on(a, &p);
        begin_group(c);
        apply(c, "CREATE TABLE t (n INTEGER PRIMARY KEY, v)");
        apply(c, "INSERT INTO t (n) VALUES (1), (2)");
        apply(c, causes[i].prepare);
        begin(c);
        assert_int_equal(try_exec(c, causes[i].statement, &e), GODWIT_FAILED);
        assert_string_equal(e.code, causes[i].code);
        assert_lost(fx, c);
        exec(c, "DROP TABLE usable");
    }
}

static void
keeps_the_group_when_a_statement_only_fails(void **state)
{
    fixture *const fx = *state;
    static const char *const statements[] = {"INSERT INTO t VALUES (2), (1)", "INSERT OR ABORT INTO t VALUES (2), (1)",
                                             "INSERT OR FAIL INTO t VALUES (2), (1)", "nonsense",
                                             "CREATE TABLE big AS SELECT randomblob(100000)"};
    gw_conn *const c = open_db(fx);
    exec(c, "PRAGMA max_page_count = 6");
    begin_group(c);
    apply(c, "CREATE TABLE t (n INTEGER PRIMARY KEY)");
    apply(c, "INSERT INTO t VALUES (1)");
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        gw_err e = {0};
        begin(c);
        assert_int_equal(try_exec(c, statements[i], &e), GODWIT_FAILED);
        assert_true(gw_sqlite.in_transaction(c));
        gw_sqlite.rollback(c);
    }
    end_group(c);
    assert_value(open_db(fx), "SELECT group_concat(n) FROM t", "1");
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
loses_the_group_when_a_change_is_interrupted(void **state)
{
    fixture *const fx = *state;
    pthread_t thread;
    gw_conn *const c = open_db(fx);
    begin_group(c);
    apply(c, "CREATE TABLE t (n)");
    begin(c);
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, c), 0);
    const gw_rc rc = try_exec(
        c, "INSERT INTO t WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
        &fx->e);
    pthread_join(thread, NULL);
    assert_int_equal(rc, GODWIT_INTERRUPTED);
    assert_lost(fx, c);
}

static void
keeps_the_group_when_a_reading_is_interrupted(void **state)
{
    fixture *const fx = *state;
    pthread_t thread;
    gw_conn *const c = open_db(fx);
    begin_group(c);
    apply(c, "CREATE TABLE t (n)");
    begin(c);
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, c), 0);
    const gw_rc rc =
        try_exec(c, "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r", &fx->e);
    pthread_join(thread, NULL);
    assert_int_equal(rc, GODWIT_INTERRUPTED);
    gw_sqlite.rollback(c);
    end_group(c);
    assert_value(open_db(fx), "SELECT count(*) FROM t", "0");
}

/* ---- disks and readers ---- */

/* As a full disk, by the limit on what this process may write to a file. */
static struct rlimit
limit_files(rlim_t bytes)
{
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = bytes;
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    return old;
}

static void
keeps_nothing_when_the_disk_is_full_at_the_end_of_a_group(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    begin_group(c);
    apply(c, "CREATE TABLE t (v)");
    apply(c, "INSERT INTO t VALUES (randomblob(200000))");
    const struct rlimit old = limit_files(100000);
    const gw_rc rc = gw_sqlite.group_end(c, &fx->e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(rc, GODWIT_FAILED);
    assert_string_equal(fx->e.code, "778"); /* of the limit; a disk says 13 */
    assert_empty(fx);
    assert_value(c, "PRAGMA integrity_check", "ok");
    assert_usable(fx, c);
}

static void
loses_the_group_when_the_disk_is_full_in_its_middle(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    exec(c, "PRAGMA cache_size = 5");
    begin_group(c);
    apply(c, "CREATE TABLE t (v)");
    begin(c);
    const struct rlimit old = limit_files(100000);
    const gw_rc rc = try_exec(c, "INSERT INTO t VALUES (randomblob(2000000))", &fx->e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(rc, GODWIT_FAILED);
    assert_lost(fx, c);
}

static void
waits_for_a_reader_at_the_end_of_a_group_only_so_long(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    exec(c, "CREATE TABLE t (n)");
    exec(c, "INSERT INTO t VALUES (1)");
    static const char *const reading[] = {"BEGIN", "SELECT n FROM t", NULL};
    const process reader = start_statements(fx, reading);
    begin_group(c);
    apply(c, "INSERT INTO t VALUES (2)");
    const int64_t began = gw_clock_ms();
    const gw_rc rc = gw_sqlite.group_end(c, &fx->e);
    const int64_t waited = gw_clock_ms() - began;
    stop_process(&reader);
    assert_int_equal(rc, GODWIT_FAILED);
    assert_in_range(waited, 180, 20000);
    assert_string_equal(fx->e.code, "5");
    assert_true(fx->e.transient);
    assert_true(fx->e.lock_wait);
    assert_value(open_db(fx), "SELECT count(*) FROM t", "1");
    assert_usable(fx, c);
}

/* ---- the session ---- */

static void
may_be_reset_between_two_of_a_group_while_it_is_clean(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    begin_group(c);
    apply(c, "CREATE TABLE t (n)");
    assert_true(gw_sqlite.is_clean(c));
    ok(gw_sqlite.reset(c, &fx->e), &fx->e);
    apply(c, "INSERT INTO t VALUES (1)");
    apply(c, "CREATE TEMP TABLE u (n)");
    assert_false(gw_sqlite.is_clean(c));
    assert_int_equal(gw_sqlite.reset(c, &fx->e), GODWIT_BUG);
    end_group(c);
    gw_err e = {0};
    ok(gw_sqlite.reset(c, &e), &e);
    assert_true(gw_sqlite.is_clean(c));
    assert_value(c, "SELECT count(*) FROM t", "1");
    assert_value(c, "SELECT count(*) FROM sqlite_temp_master", "0");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        SQLITE_TEST(keeps_a_group_at_its_end),
        SQLITE_TEST(forgets_only_the_one_that_is_rolled_back),
        SQLITE_TEST(forgets_a_group_that_is_dropped),
        SQLITE_TEST(forgets_the_one_that_is_open_at_the_end),
        SQLITE_TEST(forgets_a_group_whose_process_dies),
        SQLITE_TEST(is_in_a_transaction_only_within_one_of_a_group),
        SQLITE_TEST(takes_the_users_own_begin_within_a_group),
        SQLITE_TEST(keeps_other_runners_out_of_a_group),
        SQLITE_TEST(finds_a_broken_reference_in_the_one_that_breaks_it),
        SQLITE_TEST(keeps_nothing_of_a_group_whose_commit_fails),
        SQLITE_TEST(loses_the_group_when_a_statement_ends_its_transaction),
        SQLITE_TEST(keeps_the_group_when_a_statement_only_fails),
        SQLITE_TEST(loses_the_group_when_a_change_is_interrupted),
        SQLITE_TEST(keeps_the_group_when_a_reading_is_interrupted),
        SQLITE_TEST(keeps_nothing_when_the_disk_is_full_at_the_end_of_a_group),
        SQLITE_TEST(loses_the_group_when_the_disk_is_full_in_its_middle),
        SQLITE_TEST(waits_for_a_reader_at_the_end_of_a_group_only_so_long),
        SQLITE_TEST(knows_whether_somebody_else_has_written_since_it_was_opened),
        SQLITE_TEST(knows_of_a_writer_that_came_before_its_own_first_statement),
        SQLITE_TEST(may_be_reset_between_two_of_a_group_while_it_is_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
