/*
 * What SQLite remembers of a session, and only when it must: first values of PRAGMAs, and statements that are used again.
 */
#include "sqlite_fixture.h"

#include <stdio.h>

#include "base/clock.h"

static const char *
value_of(fixture *fx, gw_conn *c, const char *sql)
{
    gw_err e = {0};
    char value[64] = "";
    ok(gw_sqlite.query(c, sql, NULL, 0, keep_value, value, &e), &e);
    return gw_text(fx->arena, value);
}

/* ---- PRAGMAs ---- */

/* How a migration may write it, what shows it, and what it is afterwards. */
static const struct {
    const char *change, *show, *changed;
} changes[] = {
    {"PRAGMA foreign_keys = ON", "PRAGMA foreign_keys", "1"},
    {"pragma Foreign_Keys(on)", "PRAGMA foreign_keys", "1"},
    {"-- first\n/* then */ PRAGMA main.cache_size = 77", "PRAGMA cache_size", "77"},
    {"PRAGMA case_sensitive_like = 1", "SELECT 'a' NOT LIKE 'A'", "1"},
    {"PRAGMA synchronous = OFF", "PRAGMA synchronous", "0"},
    {"EXPLAIN PRAGMA recursive_triggers = 1", "PRAGMA recursive_triggers", "1"},
    {"PRAGMA legacy_alter_table = 1;", "PRAGMA legacy_alter_table", "1"},
    {"PRAGMA locking_mode = EXCLUSIVE", "PRAGMA locking_mode", "exclusive"},
    {"PRAGMA journal_mode = MEMORY", "PRAGMA journal_mode", "memory"},
    {"PRAGMA ignore_check_constraints = yes", "PRAGMA ignore_check_constraints", "1"},
    {"PRAGMA writable_schema = 1", "PRAGMA writable_schema", "1"},
    {"PRAGMA trusted_schema = 0", "PRAGMA trusted_schema", "0"},
    {"PRAGMA secure_delete = FAST", "PRAGMA secure_delete", "2"},
    {"PRAGMA query_only = 1", "PRAGMA query_only", "0"}, /* for what godwit asks it is lifted */
    {"PRAGMA temp_store = MEMORY", "PRAGMA temp_store", "2"},
};

static void
puts_a_pragma_back_that_it_never_read_before(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    exec(c, "CREATE TABLE t (n)");
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        const char *const before = value_of(fx, c, changes[i].show);
        assert_true(gw_sqlite.is_clean(c));
        for (int twice = 0; twice < 2; twice++) {
            gw_err e = {0};
            exec(c, changes[i].change);
            assert_false(gw_sqlite.is_clean(c));
            assert_value(c, changes[i].show, changes[i].changed);
            ok(gw_sqlite.reset(c, &e), &e);
            assert_value(c, changes[i].show, before);
            assert_true(gw_sqlite.is_clean(c));
        }
    }
}

static void
remembers_the_first_value_and_not_the_newest(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    exec(c, "PRAGMA cache_size = 11");
    exec(c, "PRAGMA cache_size = 12");
    ok(gw_sqlite.reset(c, &fx->e), &fx->e);
    assert_value(c, "PRAGMA cache_size", "-2000");
    exec(c, "BEGIN");
    exec(c, "PRAGMA cache_size = 13");
    exec(c, "ROLLBACK");
    ok(gw_sqlite.reset(c, &fx->e), &fx->e);
    assert_value(c, "PRAGMA cache_size", "-2000");
}

static void
is_clean_until_something_must_be_put_back(void **state)
{
    fixture *const fx = *state;
    static const struct {
        const char *sql;
        bool is_clean;
    } rows[] = {
        {"CREATE TABLE t (n)", true},
        {"PRAGMA foreign_keys", true},
        {"PRAGMA table_info(t)", true},
        {"SELECT * FROM pragma_foreign_keys", true},
        {"PRAGMA user_version = 7", true},
        {"PRAGMA application_id = 7", true},
        {"PRAGMA busy_timeout = 7", true},
        {"PRAGMA no_such_pragma = 7", true},
        {"WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", true},
        {"PRAGMA defer_foreign_keys = 1", false},
        {"CREATE TEMP TABLE u (n)", false},
        {"CREATE TEMP VIEW v AS SELECT 1", false},
        {"CREATE TEMP TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END", false},
        {"ATTACH ':memory:' AS other", false},
    };
    gw_conn *const c = open_db(fx);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        gw_err e = {0};
        exec(c, rows[i].sql);
        if (gw_sqlite.is_clean(c) != rows[i].is_clean)
            fail_msg("%s", rows[i].sql);
        ok(gw_sqlite.reset(c, &e), &e);
        assert_true(gw_sqlite.is_clean(c));
    }
    assert_value(c, "SELECT count(*) FROM pragma_database_list WHERE name NOT IN ('main', 'temp')", "0");
    assert_value(c, "SELECT count(*) FROM sqlite_temp_master", "0");
}

static void
says_where_a_pragma_is_wrong(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    assert_int_equal(try_exec(c, "PRAGMA foreign_keys = ON ,, 1", &fx->e), GODWIT_FAILED);
    assert_int_equal(fx->e.offset, strlen("PRAGMA foreign_keys = ON ") + 1);
    gw_err e = {0};
    assert_int_equal(try_exec(c, "PRAGMA foreign_keys = ON; SELECT 1", &e), GODWIT_REFUSED);
    ok(gw_sqlite.reset(c, &e), &e);
    assert_value(c, "PRAGMA foreign_keys", "0");
}

/* ---- statements that are used again ---- */

static gw_rc
query(gw_conn *c, const char *sql, const char *value, gw_row_fn *fn, void *ctx, gw_err *e)
{
    const gw_param param = {value};
    return gw_sqlite.query(c, sql, &param, 1, fn, ctx, e);
}

static void
insert(gw_conn *c, const char *value)
{
    gw_err e = {0};
    ok(query(c, "INSERT INTO main.t (v) VALUES ($1)", value, NULL, NULL, &e), &e);
    assert_int_equal(c->affected, 1);
    assert_true(c->inserted > 0);
}

static void
uses_a_statement_again_whatever_became_of_the_schema(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx), *const other = open_db(fx);
    static const char *const between[] = {
        "CREATE TABLE u (n)",
        "ALTER TABLE t ADD COLUMN more",
        "CREATE UNIQUE INDEX i ON t (v)",
        "PRAGMA foreign_keys = ON",
        "VACUUM",
        "PRAGMA journal_mode = WAL",
        "ATTACH ':memory:' AS more",
        "DETACH more",
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO u VALUES (1); END",
        "DROP TRIGGER g",
        "CREATE TABLE w AS SELECT * FROM t",
        "DROP TABLE t",
        "ALTER TABLE w RENAME TO t",
    };
    exec(c, "CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
    insert(c, "first");
    for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
        exec(i < 3 ? other : c, between[i]);
        if (strcmp(between[i], "DROP TABLE t") != 0)
            insert(c, gw_printf(fx->arena, "%zu", i));
    }
    assert_value(c, "SELECT count(DISTINCT v) FROM t", "12"); /* one row came after the copy */
    exec(c, "DROP TABLE t");
    assert_int_equal(query(c, "INSERT INTO main.t (v) VALUES ($1)", "x", NULL, NULL, &fx->e), GODWIT_FAILED);
    assert_non_null(strstr(fx->e.message, "no such table"));
    assert_int_equal(fx->e.offset, strlen("INSERT INTO main.") + 1);
    exec(c, "CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
    insert(c, "last");
    assert_value(c, "SELECT v FROM t", "last");
}

static void
binds_what_a_used_statement_was_not_given_to_null(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    const char *const sql = "INSERT INTO t VALUES ($2, $1, $12, ?, :name)";
    const gw_param full[12] = {{"a"}, {"b"}, [11] = {"c"}};
    const gw_param partial[2] = {{NULL}, {"d"}};
    exec(c, "CREATE TABLE t (x, y, z, p, q)");
    ok(gw_sqlite.query(c, sql, full, 12, NULL, NULL, &fx->e), &fx->e);
    ok(gw_sqlite.query(c, sql, partial, 2, NULL, NULL, &fx->e), &fx->e);
    assert_value(
        c, "SELECT group_concat(x || ifnull(y, '-') || ifnull(z, '-') || ifnull(p, '-') || ifnull(q, '-')) FROM t",
        "bac--,d----");
}

typedef struct nested {
    gw_conn *conn;
    int depth, rows;
} nested;

static bool
ask_again(void *ctx, size_t columns, const char *const *values)
{
    nested *const n = ctx;
    gw_err e = {0};
    assert_int_equal(columns, 1);
    assert_string_equal(values[0], "1");
    n->rows++;
    if (n->depth++ < 3)
        ok(query(n->conn, "SELECT 1 WHERE $1 = 'x'", "x", ask_again, n, &e), &e);
    return true;
}

static void
asks_the_same_within_the_same(void **state)
{
    fixture *const fx = *state;
    nested n = {.conn = open_db(fx)};
    ok(query(n.conn, "SELECT 1 WHERE $1 = 'x'", "x", ask_again, &n, &fx->e), &fx->e);
    assert_int_equal(n.rows, 4);
}

/* A statement that was left in the middle must hold nothing. */
static void
holds_nothing_by_a_statement_that_was_left_early(void **state)
{
    fixture *const fx = *state;
    char value[64] = "";
    gw_conn *const c = open_db(fx), *const other = open_db(fx);
    exec(c, "CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
    insert(c, "a");
    insert(c, "b");
    for (int i = 0; i < 12; i++) { /* more than are kept */
        gw_err e = {0};
        const char *const sql = gw_printf(fx->arena, "SELECT v FROM t WHERE id > $1 -- %d", i);
        ok(query(c, sql, "0", keep_value, value, &e), &e);
        exec(other, "INSERT INTO t (v) VALUES ('c')");
        exec(c, "VACUUM");
    }
    exec(c, "DROP TABLE t");
}

/* ---- opening ---- */

static void
asks_the_callers_question_while_it_opens(void **state)
{
    fixture *const fx = *state;
    char value[64] = "";
    gw_open_params p = params_of(fx);
    exec(open_db(fx), "CREATE TABLE t (n)");
    p.first = "SELECT lower(name) FROM pragma_table_info('t', 'main')";
    p.first_fn = keep_value;
    p.first_ctx = value;
    gw_conn *c = open_on(fx->arena, &p);
    assert_string_equal(value, "n");
    assert_int_equal(c->facts.session, 0);
    assert_string_equal(c->facts.place, "");
    p.read_only = true;
    value[0] = '\0';
    c = open_on(fx->arena, &p);
    assert_string_equal(value, "n");
    assert_int_equal(try_exec(c, "INSERT INTO t VALUES (1)", &fx->e), GODWIT_FAILED);
}

static void
waits_with_the_callers_question_as_long_as_for_another_runner(void **state)
{
    fixture *const fx = *state;
    static const char *const writing[] = {"PRAGMA locking_mode = EXCLUSIVE", "CREATE TABLE t (n)", NULL};
    gw_open_params p = params_of(fx);
    p.lock_wait_ms = 300;
    p.connect_timeout_ms = p.lock_timeout_ms = 20000;
    p.first = "SELECT count(*) FROM sqlite_master";
    const process other = start_statements(fx, writing);
    const int64_t began = gw_clock_ms();
    const gw_rc rc = try_open(fx, &p, &fx->e);
    const int64_t waited = gw_clock_ms() - began;
    stop_process(&other);
    assert_int_equal(rc, GODWIT_LOCKED);
    assert_in_range(waited, 280, 15000);
    gw_err e = {0};
    p.first = "SELECT nonsense";
    assert_int_equal(try_open(fx, &p, &e), GODWIT_CONNECT);
    assert_false(e.transient);
    assert_false(gw_sqlite.is_missing_database(&e));
}

static void
says_that_a_statement_waited_too_long_for_a_lock(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx), *const other = open_db(fx);
    exec(c, "CREATE TABLE t (n)");
    ok(gw_sqlite.begin(other, (gw_str){0}, &fx->e), &fx->e);
    assert_int_equal(try_exec(c, "INSERT INTO t VALUES (1)", &fx->e), GODWIT_FAILED);
    assert_true(fx->e.transient);
    assert_true(fx->e.lock_wait);
    gw_sqlite.rollback(other);
    exec(c, "PRAGMA journal_mode = WAL");
    exec(c, "BEGIN");
    exec(c, "SELECT n FROM t");
    exec(other, "INSERT INTO t VALUES (1)");
    gw_err e = {0};
    assert_int_equal(try_exec(c, "INSERT INTO t VALUES (2)", &e), GODWIT_FAILED);
    assert_string_equal(e.code, "517"); /* nobody is waited for: the snapshot is old */
    assert_true(e.transient);
    assert_false(e.lock_wait);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        SQLITE_TEST(puts_a_pragma_back_that_it_never_read_before),
        SQLITE_TEST(remembers_the_first_value_and_not_the_newest),
        SQLITE_TEST(is_clean_until_something_must_be_put_back),
        SQLITE_TEST(says_where_a_pragma_is_wrong),
        SQLITE_TEST(uses_a_statement_again_whatever_became_of_the_schema),
        SQLITE_TEST(binds_what_a_used_statement_was_not_given_to_null),
        SQLITE_TEST(asks_the_same_within_the_same),
        SQLITE_TEST(holds_nothing_by_a_statement_that_was_left_early),
        SQLITE_TEST(asks_the_callers_question_while_it_opens),
        SQLITE_TEST(waits_with_the_callers_question_as_long_as_for_another_runner),
        SQLITE_TEST(says_that_a_statement_waited_too_long_for_a_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
