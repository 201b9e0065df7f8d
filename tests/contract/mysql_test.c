/*
 * tests/contract/mysql_test - what MySQL and MariaDB alone do: places of errors, sessions put back, table locks,
 * parameters in odd sessions, cancellation, and reaching a server.
 *
 *     GODWIT_TEST_URL=mysql://root@127.0.0.1:3306/contract mysql_test
 */
#include "engine/mysql/engine.h"
#include "engine/mysql/place.h"
#include "server_fixture.h"

const gw_engine *const tested = &gw_mysql;

/* ---- places ---- */

#define NEAR(text, line) "You have an error in your SQL syntax; check the manual … to use near '" text "' at line " line

static void
finds_the_place_that_a_syntax_error_quotes(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *message;
        size_t offset;
    } cases[] = {
        {"FOO 1", NEAR("FOO 1", "1"), 1},
        {"CREATE TABLE", NEAR("", "1"), 13},
        {"SELECT 1 FROM t\n WHERE a a a", NEAR("a a", "2"), 26},
        /* MariaDB does not count the lines within a string, MySQL counts its last. */
        {"SELECT 'a\nb' 5 6", NEAR("5 6", "1"), 14},
        {"SELECT 'a\nb' 5 6", NEAR("5 6", "2"), 14},
        /* A wrong comma: MySQL quotes it, MariaDB what follows. */
        {"SELECT 1,, 2", NEAR(", 2", "1"), 10},
        {"SELECT 1,, 2", NEAR(" 2", "1"), 10},
        {"SELECT 1,,2", NEAR("2", "1"), 10},
        {"CREATE TABLE t (a INT,)", NEAR(")", "1"), 23},
        /* Cut at 80 bytes: the line tells which of the two. */
        {"x 0123456789012345678901234567890123456789012345678901234567890123456789012345678901\n"
         "x 0123456789012345678901234567890123456789012345678901234567890123456789012345678902",
         NEAR("x 012345678901234567890123456789012345678901234567890123456789012345678901234567", "2"), 86},
        {"y x 0123456789012345678901234567890123456789012345678901234567890123456789012345678901",
         NEAR("x 012345678901234567890123456789012345678901234567890123456789012345678901234...", "1"), 3},
        {"EXECUTE s", NEAR("elsewhere", "1"), 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(gw_mysql_place_find(gw_str_of(cases[i].sql), 1064, cases[i].message), cases[i].offset);
}

static void
finds_a_name_that_stands_only_once(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        unsigned number;
        const char *message;
        size_t offset;
    } cases[] = {
        {"SELECT * FROM users", 1146, "Table 'shop.users' doesn't exist", 15},
        {"SELECT * FROM shop.users", 1146, "Table 'shop.users' doesn't exist", 15},
        {"SELECT users FROM users", 1146, "Table 'shop.users' doesn't exist", 0},
        {"SELECT users_id FROM users", 1146, "Table 'shop.users' doesn't exist", 22},
        {"ALTER TABLE t DROP COLUMN zz", 1091, "Can't DROP COLUMN `zz`; check that it exists", 27},
        {"SELECT next_id(1)", 1305, "FUNCTION shop.next_id does not exist", 8},
        {"INSERT INTO t VALUES ('a')", 1062, "Duplicate entry 'a' for key 'PRIMARY'", 0},
        {"SELECT 1", 1054, "Unknown column", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(gw_mysql_place_find(gw_str_of(cases[i].sql), cases[i].number, cases[i].message),
                         cases[i].offset);
}

static void
shortens_a_syntax_error(void **state)
{
    (void)state;
    char text[64];
    gw_mysql_place_text(NEAR("FORM t\n WHERE 'x'", "3"), text, sizeof(text));
    assert_string_equal(text, "syntax error near 'FORM t'");
    gw_mysql_place_text(NEAR("", "1"), text, sizeof(text));
    assert_string_equal(text, "syntax error at the end of the statement");
    gw_mysql_place_text("Table 'a' doesn't exist", text, sizeof(text));
    assert_string_equal(text, "Table 'a' doesn't exist");
}

/* ---- sessions ---- */

static void
puts_back_what_a_migration_may_have_set(void **state)
{
    fixture *const fx = *state;
    static const char *const settings[] = {
        "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
        "SET NAMES latin1",
        "SET character_set_results = NULL",
        "SET group_concat_max_len = 7, sql_select_limit = 5, sql_safe_updates = 1",
        "SET default_storage_engine = MyISAM",
        "SET lock_wait_timeout = 77",
        "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "USE information_schema",
        "SET timestamp = 1000000000",
        "SET foreign_key_checks = 0, autocommit = 0",
    };
    static const char look[] =
        "SELECT DATABASE(), @@sql_mode, @@character_set_client, @@character_set_results, @@collation_connection, "
        "@@group_concat_max_len, @@sql_select_limit, @@sql_safe_updates, @@default_storage_engine, "
        "@@lock_wait_timeout, "
        "@@innodb_lock_wait_timeout, @@foreign_key_checks, @@autocommit, NOW() > '2015-01-01'";
    const char *const before = ask(fx, fx->conn, look, NULL);
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        exec(fx->conn, settings[i]);
    assert_string_not_equal(ask(fx, fx->conn, look, NULL), before);
    reset(fx->conn);
    assert_string_equal(ask(fx, fx->conn, look, NULL), before);
}

static void
takes_its_time_whatever_a_migration_allows_itself(void **state)
{
    fixture *const fx = *state;
    const bool mariadb = strcmp(fx->conn->facts.product, "MariaDB") == 0;
    exec(fx->conn, mariadb ? "SET max_statement_time = 0.05" : "SET max_execution_time = 50");
    assert_string_equal(ask(fx, fx->conn, "SELECT SLEEP($1)", "0.3"), "0");
    reset(fx->conn);
}

static void
puts_back_the_role(void **state)
{
    fixture *const fx = *state;
    const char *const before = ask(fx, fx->conn, "SELECT CURRENT_ROLE()", NULL);
    exec(fx->conn, "CREATE ROLE IF NOT EXISTS godwit_test_role");
    exec(fx->conn, gw_printf(fx->arena, "GRANT godwit_test_role TO %s",
                             ask(fx, fx->conn, "SELECT CONCAT('`', REPLACE(CURRENT_USER(), '@', '`@`'), '`')", NULL)));
    exec(fx->conn, "SET ROLE godwit_test_role");
    assert_string_not_equal(ask(fx, fx->conn, "SELECT CURRENT_ROLE()", NULL), before);
    reset(fx->conn);
    assert_string_equal(ask(fx, fx->conn, "SELECT CURRENT_ROLE()", NULL), before);
    exec(fx->conn, "DROP ROLE godwit_test_role");
}

static void
releases_table_locks_and_keeps_the_runs_lock(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    bool taken = false;
    gw_lock_holder holder;
    exec(fx->conn, "CREATE TABLE IF NOT EXISTS locked_one (a INT)");
    ok(gw_mysql.try_lock(fx->conn, "mysql_test", &taken, &e), &e);
    assert_true(taken);
    exec(fx->conn, "LOCK TABLES locked_one WRITE");
    reset(fx->conn);
    exec(fx->conn, "DROP TABLE locked_one");
    (void)ask(fx, fx->conn, "SELECT COUNT(*) FROM information_schema.tables", NULL);
    ok(gw_mysql.lock_holder(fx->arena, fx->conn, "mysql_test", &holder, &e), &e);
    assert_non_null(holder.who);
    gw_mysql.unlock(fx->conn, "mysql_test");
}

static void
takes_a_lock_whose_key_is_longer_than_a_lock_name(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    bool taken = false;
    gw_buf key = gw_buf_new(fx->arena);
    for (int i = 0; i < 100; i++)
        gw_buf_putc(&key, 'k');
    ok(gw_mysql.try_lock(fx->conn, gw_buf_text(&key), &taken, &e), &e);
    assert_true(taken);
    gw_mysql.unlock(fx->conn, gw_buf_text(&key));
}

static void
passes_parameters_unchanged_in_any_session(void **state)
{
    fixture *const fx = *state;
    static const char *const texts[] = {"", "it's \\ \"x\" $1", "日本語 🐎 žluť", "\\", "'", "a\nb\tc"};
    static const char *const sessions[] = {"SET sql_mode = ''", "SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'",
                                           "SET character_set_client = gbk", "SET character_set_client = latin1"};
    for (size_t s = 0; s < sizeof(sessions) / sizeof(sessions[0]); s++) {
        exec(fx->conn, sessions[s]);
        for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++)
            assert_string_equal(ask(fx, fx->conn, "SELECT $1", texts[t]), texts[t]);
    }
}

static void
leaves_quotes_comments_and_names_alone(void **state)
{
    fixture *const fx = *state;
    assert_string_equal(
        ask(fx, fx->conn, "SELECT $1, '$1', `a$1` /* $1 */ FROM (SELECT 2 AS `a$1`) t -- $1\n# $1", "x"), "x|$1|2");
}

/* ---- statements ---- */

static void
drains_every_result_of_a_call(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    exec(fx->conn, "DROP PROCEDURE IF EXISTS several");
    exec(fx->conn, "CREATE PROCEDURE several() BEGIN SELECT 1; SELECT 2; SELECT * FROM no_such_table; END");
    assert_int_equal(try_exec(fx->conn, "CALL several()", &e), GODWIT_FAILED);
    assert_string_equal(e.code, "1146");
    assert_string_equal(ask(fx, fx->conn, "SELECT 5", NULL), "5");
    exec(fx->conn, "DROP PROCEDURE several");
}

static void
does_nothing_for_a_statement_that_is_only_a_comment(void **state)
{
    fixture *const fx = *state;
    exec(fx->conn, "/*M! */");
    exec(fx->conn, "/*! */");
    exec(fx->conn, "");
}

static void
runs_one_statement_at_a_time(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    assert_int_equal(try_exec(fx->conn, "SELECT 1; SELECT 2", &e), GODWIT_FAILED);
    assert_string_equal(e.code, "1064");
    assert_int_equal(e.offset, 11);
}

static void
tells_warnings_with_their_number(void **state)
{
    fixture *const fx = *state;
    exec(fx->conn, "CREATE TEMPORARY TABLE narrow (a TINYINT)");
    exec(fx->conn, "INSERT IGNORE INTO narrow VALUES (1000)");
    assert_string_equal(gw_buf_text(&fx->notices), "Warning: Out of range value for column 'a' at row 1 [1264]\n");
}

static void
refuses_a_statement_that_the_server_would_hang_up_on(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    const size_t most = strtoul(ask(fx, fx->conn, "SELECT @@max_allowed_packet", NULL), NULL, 10);
    char *const text = gw_alloc(fx->arena, most + 1);
    memset(text, ' ', most);
    memcpy(text, "SELECT 1", 8);
    assert_int_equal(gw_mysql.exec(fx->conn, (gw_str){text, most}, &e), GODWIT_FAILED);
    assert_string_equal(e.code, "1153");
    gw_err none = {0};
    ok(gw_mysql.exec(fx->conn, (gw_str){text, most - 1024}, &none), &none);
}

/* ---- cancellation and loss ---- */

static void *
cancel_soon(void *subject)
{
    gw_sleep_ms(200);
    gw_mysql.cancel(subject);
    return NULL;
}

static void
says_the_truth_about_a_change_that_ended_before_it_was_cancelled(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    pthread_t thread;
    exec(fx->conn, "CREATE TEMPORARY TABLE slow (a INT)");
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, fx->conn), 0);
    const gw_rc rc = try_exec(fx->conn, "INSERT INTO slow SELECT SLEEP(20)", &e);
    pthread_join(thread, NULL);
    assert_string_equal(ask(fx, fx->conn, "SELECT COUNT(*) FROM slow", NULL), rc == GODWIT_OK ? "1" : "0");
}

static void
knows_after_a_kill_that_it_is_gone(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0}, none = {0};
    gw_conn *const other = open_on(fx, (gw_open_params){0});
    const int64_t session = strtoll(ask(fx, fx->conn, "SELECT CONNECTION_ID()", NULL), NULL, 10);
    exec(fx->conn, "START TRANSACTION");
    ok(gw_mysql.end_session(other, session, &none), &none);
    assert_int_equal(gw_mysql.commit(fx->conn, &e), GODWIT_CONNECT);
    assert_false(e.transient);
    assert_false(gw_mysql.is_alive(fx->conn));
    assert_false(gw_mysql.in_transaction(fx->conn));
    gw_err again = {0};
    assert_int_equal(try_exec(fx->conn, "SELECT 1", &again), GODWIT_CONNECT);
    assert_true(again.transient);
    ok(gw_mysql.end_session(other, session, &none), &none);
}

/* ---- reaching a server ---- */

static void
reads_the_parameters_of_a_url(void **state)
{
    fixture *const fx = *state;
    static const struct {
        const char *params, *says;
    } cases[] = {
        {"?sslmod=require", "'sslmod'"},   {"?sslmode=perhaps", "'perhaps'"},
        {"?charset=latin1", "'latin1'"},   {"?ssl_ca=/no/such/file", "/no/such/file"},
        {"?connect_timeout=soon", "soon"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gw_err e = {0};
        gw_conn *c = NULL;
        const char *const url = gw_printf(fx->arena, "mysql://root@127.0.0.1:1/shop%s", cases[i].params);
        assert_int_equal(open_url(fx, url, &c, &e), GODWIT_USAGE);
        assert_non_null(strstr(e.message, cases[i].says));
    }
}

static void
needs_a_database_unless_it_is_about_databases(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_conn *c = NULL;
    assert_int_equal(open_url(fx, "mysql://root@127.0.0.1:1", &c, &e), GODWIT_USAGE);
    fx->url.database = NULL;
    c = open_on(fx, (gw_open_params){.maintenance = true});
    assert_null(c->facts.database);
}

static const struct CMUnitTest tests[] = {
    SERVER_TEST(finds_the_place_that_a_syntax_error_quotes),
    SERVER_TEST(finds_a_name_that_stands_only_once),
    SERVER_TEST(shortens_a_syntax_error),
    SERVER_TEST(puts_back_what_a_migration_may_have_set),
    SERVER_TEST(takes_its_time_whatever_a_migration_allows_itself),
    SERVER_TEST(puts_back_the_role),
    SERVER_TEST(releases_table_locks_and_keeps_the_runs_lock),
    SERVER_TEST(takes_a_lock_whose_key_is_longer_than_a_lock_name),
    SERVER_TEST(passes_parameters_unchanged_in_any_session),
    SERVER_TEST(leaves_quotes_comments_and_names_alone),
    SERVER_TEST(drains_every_result_of_a_call),
    SERVER_TEST(does_nothing_for_a_statement_that_is_only_a_comment),
    SERVER_TEST(runs_one_statement_at_a_time),
    SERVER_TEST(tells_warnings_with_their_number),
    SERVER_TEST(refuses_a_statement_that_the_server_would_hang_up_on),
    SERVER_TEST(says_the_truth_about_a_change_that_ended_before_it_was_cancelled),
    SERVER_TEST(knows_after_a_kill_that_it_is_gone),
    SERVER_TEST(reads_the_parameters_of_a_url),
    SERVER_TEST(needs_a_database_unless_it_is_about_databases),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
