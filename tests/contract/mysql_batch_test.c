/*
 * tests/contract/mysql_batch_test - batches of MySQL and MariaDB: several statements in a packet must do what they do one by one.
 *
 *     GODWIT_TEST_URL=mysql://root@127.0.0.1:3306/contract mysql_batch_test
 */
#include "db/history_read.h"
#include "db/history_write.h"
#include "engine/mysql/engine.h"
#include "engine/mysql/traits.h"
#include "server_fixture.h"

const gw_engine *const tested = &gw_mysql;

/* ---- what words promise ---- */

static const gw_mysql_reading usual = {.mariadb = true};

static void
knows_statements_that_are_surely_one(void **state)
{
    (void)state;
    static const char *const one[] = {
        "CREATE TABLE t (a INT)",
        "INSERT INTO t VALUES ('it''s; one', \"two;\", `three;`)",
        "INSERT INTO t VALUES ('it\\'s; one\\\\')",
        "INSERT INTO t /* ; ' */ VALUES (1) -- ; '\n, (2) # ; \"\n, (3)",
        "SELECT 1--1",
        "SELECT 'é', `ž`, x",
    };
    static const char *const doubtful[] = {
        "SELECT 1; SELECT 2",
        "SELECT 'open",
        "SELECT \"open",
        "SELECT `open",
        "SELECT 1 /* open",
        "SELECT 1 -- open",
        "SELECT 1 --",
        "SELECT 1 # open",
        "SELECT \"a\\\"b\"", /* ANSI_QUOTES reads another end */
        "SELECT 1 /*! + 1 */",
        "SELECT 1 /*M! + 1 */",
        "SELECT /*+ NO_ICP(t) */ 1",
        "SELECT $$a$$",
        "SELECT \\N",
        "",
        "/* nothing */",
        "CREATE PROCEDURE p() BEGIN SELECT 1; END",
    };
    for (size_t i = 0; i < sizeof(one) / sizeof(one[0]); i++)
        if ((gw_mysql_traits(gw_str_of(one[i]), &usual) & GW_MYSQL_ONE) == 0)
            fail_msg("%s", one[i]);
    for (size_t i = 0; i < sizeof(doubtful) / sizeof(doubtful[0]); i++)
        if ((gw_mysql_traits(gw_str_of(doubtful[i]), &usual) & GW_MYSQL_ONE) != 0)
            fail_msg("%s", doubtful[i]);
}

static void
reads_quotes_as_the_session_does(void **state)
{
    (void)state;
    const gw_mysql_reading plain = {.no_backslash = true}, unsure = {.unsure = true};
    const gw_str c_like = GW_STR_LIT("SELECT 'it\\'s'"), folder = GW_STR_LIT("SELECT 'C:\\'");
    assert_true((gw_mysql_traits(c_like, &usual) & GW_MYSQL_ONE) != 0);
    assert_false((gw_mysql_traits(c_like, &plain) & GW_MYSQL_ONE) != 0);
    assert_false((gw_mysql_traits(folder, &usual) & GW_MYSQL_ONE) != 0);
    assert_true((gw_mysql_traits(folder, &plain) & GW_MYSQL_ONE) != 0);
    assert_false((gw_mysql_traits(c_like, &unsure) & GW_MYSQL_ONE) != 0);
    assert_false((gw_mysql_traits(GW_STR_LIT("SELECT é"), &unsure) & GW_MYSQL_ONE) != 0);
}

static void
knows_what_others_may_follow(void **state)
{
    (void)state;
    enum { JOINS = GW_MYSQL_JOINS, TAME = GW_MYSQL_TAME, TRACKED = GW_MYSQL_TRACKED };
    static const struct {
        const char *sql;
        unsigned traits; /* besides ONE */
    } cases[] = {
        {"CREATE TABLE t (a INT)", JOINS | TAME | TRACKED | GW_MYSQL_COMMITS},
        {"ALTER TABLE t ADD COLUMN role INT, LOCK = NONE", JOINS | GW_MYSQL_COMMITS},
        {"ALTER TABLE t ADD INDEX (a), LOCK=NONE", JOINS | TAME | TRACKED | GW_MYSQL_COMMITS},
        {"CREATE VIEW v AS SELECT f()", JOINS | TAME | TRACKED | GW_MYSQL_COMMITS},
        {"CREATE TABLE t AS SELECT f()", JOINS | TRACKED | GW_MYSQL_COMMITS},
        {"CREATE TABLE t (a INT AUTO_INCREMENT PRIMARY KEY) TABLE u", JOINS | TRACKED | GW_MYSQL_COMMITS},
        {"CREATE TEMPORARY TABLE t (a INT)", JOINS | TRACKED},
        {"DROP DATABASE d", JOINS | TRACKED | GW_MYSQL_COMMITS},
        {"CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1", TRACKED | GW_MYSQL_COMMITS},
        {"INSERT INTO t VALUES (1)", JOINS | TRACKED},
        {"INSERT INTO t VALUES (ROW_COUNT())", TRACKED | GW_MYSQL_LOOKS_BACK},
        {"SELECT f()", 0},
        {"SELECT 1 FOR UPDATE", 0},
        {"CALL p()", GW_MYSQL_REREADS | GW_MYSQL_LOCKS},
        {"SET foreign_key_checks = 0", JOINS},
        {"SET NAMES latin1", JOINS | GW_MYSQL_REREADS},
        {"SET @@character_set_client = latin1", JOINS | GW_MYSQL_REREADS},
        {"SET sql_mode = ''", JOINS | GW_MYSQL_REREADS},
        {"SET autocommit = 0", JOINS | GW_MYSQL_REREADS},
        {"LOCK TABLES t WRITE", GW_MYSQL_LOCKS | GW_MYSQL_COMMITS},
        {"FLUSH TABLES WITH READ LOCK", GW_MYSQL_LOCKS | GW_MYSQL_COMMITS},
        {"BEGIN", JOINS | TRACKED | GW_MYSQL_BEGINS},
        {"COMMIT", JOINS | TRACKED | GW_MYSQL_COMMITS},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const unsigned traits = gw_mysql_traits(gw_str_of(cases[i].sql), &usual);
        if (traits != (cases[i].traits | GW_MYSQL_ONE))
            fail_msg("%s: %#x instead of %#x", cases[i].sql, traits, cases[i].traits | GW_MYSQL_ONE);
    }
    const gw_mysql_reading mysql = {0};
    assert_false((gw_mysql_traits(GW_STR_LIT("INSERT INTO t VALUES (1)"), &mysql) & TRACKED) != 0);
}

/* ---- batches ---- */

enum { ITEMS = 64, OPS = 8 };

typedef struct batch {
    fixture *fx;
    gw_history history;
    gw_op ops[ITEMS][OPS];
    gw_batch_item items[ITEMS];
    size_t count;
    gw_batch_end end;
} batch;

static batch *
new_batch(fixture *fx)
{
    gw_err e = {0};
    gw_history_probe probe;
    bool taken = false;
    batch *const b = gw_new(fx->arena, batch);
    b->fx = fx;
    exec(fx->conn, "DROP TABLE IF EXISTS bt_history, bt_t");
    exec(fx->conn, "CREATE TABLE bt_t (a INT, b VARCHAR(100) CHARACTER SET utf8mb4) ENGINE = InnoDB");
    ok(gw_history_probe_new(fx->arena, &gw_mysql, "bt_history", &probe, &e), &e);
    ok(gw_history_open(fx->arena, fx->conn, &probe, &b->history, &e), &e);
    ok(gw_history_create(&b->history, &e), &e);
    for (int i = 0; i < 100 && !taken; i++) { /* the session of the test before this may be on its way out */
        gw_sleep_ms(i > 0 ? 20 : 0);
        ok(gw_mysql.try_lock(fx->conn, "4711", &taken, &e), &e);
    }
    assert_true(taken);
    gw_history_hold(fx->arena, &b->history, "4711", NULL);
    reset(fx->conn);
    fx->notices = gw_buf_new(fx->arena);
    return b;
}

static void
add_op(batch *b, gw_op op)
{
    gw_batch_item *const item = &b->items[b->count - 1];
    assert_true(item->count < OPS);
    b->ops[b->count - 1][item->count++] = op;
}

static gw_record
record_of(const batch *b, godwit_state state)
{
    return (gw_record){.version = gw_printf(b->fx->arena, "%04zu", b->count),
                       .name = "a\\b 'c' \"é\"",
                       .kind = "versioned",
                       .direction = "up",
                       .state = state,
                       .run_id = "run",
                       .down = "DROP;\n-- \\'x"};
}

/* One item of these statements, NULL at the end; in a transaction, or with a row before and completed behind. */
static void
add(batch *b, bool transaction, const char *const *statements)
{
    gw_batch_item *const item = &b->items[b->count];
    *item = (gw_batch_item){.ops = b->ops[b->count], .transaction = transaction};
    b->count++;
    gw_record r = record_of(b, transaction ? GODWIT_APPLIED : GODWIT_RUNNING);
    if (!transaction)
        add_op(b, gw_history_op_add(b->fx->arena, &b->history, &r, NULL));
    for (; *statements != NULL; statements++)
        add_op(b, (gw_op){.sql = gw_str_of(*statements)});
    if (transaction) {
        add_op(b, gw_history_op_add(b->fx->arena, &b->history, &r, NULL));
    } else {
        r.state = GODWIT_APPLIED;
        add_op(b, gw_history_op_end(b->fx->arena, &b->history, &r));
    }
}

#define ADD(b, transaction, ...) add(b, transaction, (const char *const[]){__VA_ARGS__, NULL})

static gw_rc
run(batch *b, gw_err *e)
{
    return gw_mysql.batch(b->fx->conn, b->items, b->count, &b->end, e);
}

static void
run_well(batch *b)
{
    gw_err e = {0};
    ok(run(b, &e), &e);
    assert_int_equal(b->end.done, b->count);
    assert_false(gw_mysql.in_transaction(b->fx->conn));
    reset(b->fx->conn);
}

static const char *
look(const batch *b, const char *sql)
{
    return ask(b->fx, open_on(b->fx, (gw_open_params){0}), sql, NULL);
}

static void
refuses_two_statements_in_one_and_executes_neither(void **state)
{
    fixture *const fx = *state;
    for (int transaction = 0; transaction < 2; transaction++) {
        gw_err e = {0};
        batch *const b = new_batch(fx);
        ADD(b, true, "INSERT INTO bt_t VALUES (1, 'a;b')");
        ADD(b, transaction == 1, "INSERT INTO bt_t VALUES (2, 'c'); INSERT INTO bt_t VALUES (3, 'd')");
        ADD(b, true, "INSERT INTO bt_t VALUES (4, 'e')");
        assert_int_equal(run(b, &e), GODWIT_FAILED);
        assert_string_equal(e.code, "1064");
        assert_int_equal(e.offset, 35);
        assert_int_equal(b->end.done, 1);
        assert_int_equal(b->end.op, transaction == 1 ? 0 : 1);
        assert_string_equal(look(b, "SELECT * FROM bt_t"), "1|a;b");
    }
}

static void
says_of_a_syntax_error_what_it_says_of_a_statement_alone(void **state)
{
    fixture *const fx = *state;
    static const char *const bad[] = {
        "CREATE TABLE",
        "INSERT INTO",
        "UPDATE bt_t SET a =\n 1 WHER a = 2",
        "INSERT INTO bt_t VALUES (1,, 2)",
        "INSERT INTO bt_t VALUES (1",
        "DELETE FROM bt_t WHERE a b, c012345678901234567890123456789012345678901234567890123456789012345678901234567",
        "ALTER TABLE bt_t ADD COLUMN é INT é",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        gw_err alone = {0}, e = {0};
        batch *const b = new_batch(fx);
        assert_int_equal(try_exec(fx->conn, bad[i], &alone), GODWIT_FAILED);
        ADD(b, false, "CREATE TABLE IF NOT EXISTS bt_t (a INT)");
        ADD(b, i % 2 == 0, bad[i]);
        ADD(b, false, "DROP TABLE bt_t");
        assert_int_equal(run(b, &e), GODWIT_FAILED);
        assert_string_equal(e.message, alone.message);
        assert_int_equal(e.offset, alone.offset);
        assert_string_equal(e.notes, alone.notes);
        assert_int_equal(b->end.done, 1);
    }
}

static void
takes_bodies_whole_among_the_others(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    exec(fx->conn, "DROP PROCEDURE IF EXISTS bt_p");
    ADD(b, false, "CREATE TRIGGER bt_one BEFORE INSERT ON bt_t FOR EACH ROW SET NEW.a = NEW.a + 1");
    ADD(b, false, "CREATE PROCEDURE bt_p() BEGIN INSERT INTO bt_t VALUES (5, 'p'); SELECT 1; END",
        "/*!50000 CREATE TABLE IF NOT EXISTS bt_t (a INT) */");
    ADD(b, false, "DROP TRIGGER bt_one");
    run_well(b);
    exec(fx->conn, "CALL bt_p()");
    assert_string_equal(look(b, "SELECT * FROM bt_t"), "5|p");
    exec(fx->conn, "DROP PROCEDURE bt_p");
}

static void
tells_warnings_as_single_statements_do(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    ADD(b, true, "INSERT IGNORE INTO bt_t VALUES (99999999999, 'x')", "UPDATE bt_t SET b = 'y'");
    ADD(b, false, "DROP TABLE IF EXISTS bt_nosuch");
    ADD(b, true, "SET sql_select_limit = 0", "INSERT IGNORE INTO bt_t VALUES (-99999999999, 'x')");
    ADD(b, true, "SELECT 1 + 'a'");
    run_well(b);
    const char *const told = gw_buf_text(&fx->notices);
    assert_non_null(strstr(told, "Out of range value for column 'a' at row 1 [1264]\nNote: "));
    assert_non_null(strstr(told, "bt_nosuch"));
    assert_non_null(strstr(told, "[1292]"));
    size_t lines = 0;
    for (const char *at = told; *at != '\0'; at++)
        lines += *at == '\n';
    assert_int_equal(lines, 4);
}

static void
lets_a_statement_see_what_the_one_before_it_left(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    ADD(b, true, "INSERT INTO bt_t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
        "INSERT INTO bt_t VALUES (ROW_COUNT(), 'count')");
    run_well(b);
    assert_string_equal(look(b, "SELECT a FROM bt_t WHERE b = 'count'"), "3");
}

static void
reads_texts_as_the_settings_before_them_say(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    ADD(b, true, "SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'", "INSERT INTO \"bt_t\" VALUES (1, 'C:\\')",
        "INSERT INTO bt_t VALUES (2, 'D:\\\\')");
    ADD(b, true, "INSERT INTO bt_t VALUES (3, 'it\\'s; \\\\')");
    ADD(b, true, "SET NAMES latin1", "INSERT INTO bt_t VALUES (4, 'é')");
    ADD(b, true, "INSERT INTO bt_t VALUES (5, 'é')");
    run_well(b);
    assert_string_equal(look(b, "SELECT * FROM bt_t ORDER BY a"), "1|C:\\\n2|D:\\\\\n3|it's; \\\n4|Ã©\n5|é");
    assert_string_equal(look(b, "SELECT DISTINCT name, down FROM bt_history"), "a\\b 'c' \"é\"|DROP;\n-- \\'x");
}

static void
keeps_what_a_migration_without_autocommit_did(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    batch *const b = new_batch(fx);
    ADD(b, false, "SET autocommit = 0", "INSERT INTO bt_t VALUES (1, 'a')");
    ADD(b, false, "BEGIN", "INSERT INTO bt_t VALUES (2, 'b')", "COMMIT");
    ADD(b, false, "START TRANSACTION", "INSERT INTO bt_t VALUES (3, 'left open')");
    run_well(b);
    assert_string_equal(look(b, "SELECT a FROM bt_t"), "1\n2\n3");
    assert_string_equal(look(b, "SELECT COUNT(*), SUM(state = 'applied') FROM bt_history"), "3|3");
    b->count = 0;
    ADD(b, false, "START TRANSACTION", "INSERT INTO bt_t VALUES (4, 'never')", "INSERT INTO bt_nosuch VALUES (1)");
    assert_int_equal(run(b, &e), GODWIT_FAILED);
    assert_int_equal(b->end.op, 3);
    assert_false(gw_mysql.in_transaction(fx->conn));
    assert_string_equal(look(b, "SELECT a FROM bt_t"), "1\n2\n3");
}

static void
goes_by_the_clock_of_the_server_when_that_of_the_session_stands_still(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    ADD(b, true, "SET timestamp = 1000000000", "DO SLEEP(0.2)");
    ADD(b, false, "SET timestamp = 1000000000, time_zone = '+09:00'", "DO SLEEP(0.2)");
    run_well(b);
    assert_string_equal(
        look(b, "SELECT COUNT(*) FROM bt_history WHERE ABS(TIMESTAMPDIFF(SECOND, started_at, UTC_TIMESTAMP())) < "
                "60 AND ABS(TIMESTAMPDIFF(SECOND, finished_at, UTC_TIMESTAMP())) < 60 AND duration_ms BETWEEN "
                "200 AND 5000 AND finished_at > started_at"),
        "2");
    assert_in_range(b->items[0].duration_ms, 200, 5000);
    assert_in_range(b->items[1].duration_ms, 200, 5000);
}

/* How often this session did it: "Com_update". */
static unsigned long
count_of(const batch *b, const char *what)
{
    const char *const row =
        ask(b->fx, b->fx->conn, gw_printf(b->fx->arena, "SHOW SESSION STATUS LIKE '%s'", what), NULL);
    return strtoul(strchr(row, '|') + 1, NULL, 10);
}

static void
completes_a_row_and_inserts_the_next_in_one_statement(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    exec(fx->conn, "INSERT INTO bt_t VALUES (1, 'a'), (2, 'b')");
    ADD(b, false, "CREATE INDEX bt_a ON bt_t (a)");
    ADD(b, false, "ALTER TABLE bt_t ADD COLUMN id INT NOT NULL AUTO_INCREMENT PRIMARY KEY"); /* gives ids of its own */
    ADD(b, false, "ALTER TABLE bt_t DROP COLUMN id");
    ADD(b, true, "INSERT INTO bt_t VALUES (3, 'c')");
    ADD(b, false, "DROP INDEX bt_a ON bt_t");
    ADD(b, false, "ALTER TABLE bt_t ADD COLUMN c INT", "ALTER TABLE bt_t DROP COLUMN c");
    assert_true(b->ops[0][0].joined.len > 0 && b->ops[3][1].joined.len == 0); /* a row that is complete ends nothing */
    const unsigned long inserts = count_of(b, "Com_insert"), updates = count_of(b, "Com_update");
    run_well(b);
    assert_int_equal(count_of(b, "Com_insert") - inserts, 6 + 1);
    assert_int_equal(count_of(b, "Com_update") - updates, 2);
    assert_string_equal(
        look(b, "SELECT version, name, kind, direction, state, done, COALESCE(fingerprint, 'none'), down FROM "
                "bt_history WHERE version IN ('0002', '0005')"),
        "0002|a\\b 'c' \"é\"|versioned|up|applied|0|none|DROP;\n-- \\'x\n"
        "0005|a\\b 'c' \"é\"|versioned|up|applied|0|none|DROP;\n-- \\'x");
    assert_string_equal(
        look(b, "SELECT COUNT(*), COUNT(DISTINCT version), SUM(state = 'applied'), SUM(finished_at >= started_at), "
                "SUM(duration_ms < 60000) FROM bt_history"),
        "6|6|6|6|6");
}

/* What empties the table is a statement that leaves the session as it is. */
static void
says_that_a_row_was_gone_that_it_completed_with_the_next(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    batch *const b = new_batch(fx);
    ADD(b, false, "CREATE INDEX bt_a ON bt_t (a)");
    ADD(b, false, "TRUNCATE TABLE bt_history");
    ADD(b, false, "DROP INDEX bt_a ON bt_t");
    assert_int_equal(run(b, &e), GODWIT_LOCKED);
    assert_int_equal(b->end.done, 1);
    assert_int_equal(b->end.op, 2);
    assert_string_equal(look(b, "SELECT version FROM bt_history WHERE state <> 'applied'"), "");
}

/* A statement that leaves the session as it is puts another table in the history's place, with a row of that number. */
static void
does_not_complete_the_row_of_another_run(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    batch *const b = new_batch(fx);
    exec(fx->conn, "DROP TABLE IF EXISTS bt_alike, bt_gone");
    exec(fx->conn, "CREATE TABLE bt_alike LIKE bt_history");
    exec(fx->conn,
         "INSERT INTO bt_alike (id, version, name, kind, direction, state, statements, done, started_at, run_id) "
         "VALUES (1, '0001', 'a', 'versioned', 'up', 'running', 1, 0, NOW(), 'other'), "
         "(2, '0002', 'a', 'versioned', 'up', 'running', 1, 0, NOW(), 'other')");
    ADD(b, false, "CREATE INDEX bt_a ON bt_t (a)");
    ADD(b, false, "RENAME TABLE bt_history TO bt_gone, bt_alike TO bt_history");
    ADD(b, false, "DROP INDEX bt_a ON bt_t");
    const gw_rc rc = run(b, &e);
    const char *const rows = look(b, "SELECT id, version, state, run_id FROM bt_history");
    exec(fx->conn, "DROP TABLE bt_gone");
    assert_int_equal(rc, GODWIT_LOCKED);
    assert_string_equal(rows, "1|0001|running|other\n2|0002|running|other");
}

static void
fails_when_the_lock_is_gone_between_two_rows(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    batch *const b = new_batch(fx);
    gw_mysql.unlock(fx->conn, "4711");
    ADD(b, false, "CREATE INDEX bt_a ON bt_t (a)");
    b->ops[0][0] =
        (gw_op){.sql = GW_STR_LIT("CREATE TABLE IF NOT EXISTS bt_t (a INT)")}; /* nothing was recorded before */
    ADD(b, false, "DROP INDEX bt_a ON bt_t");
    assert_int_equal(run(b, &e), GODWIT_LOCKED);
    assert_int_equal(b->end.done, 0);
    assert_int_equal(b->end.op, 2);
    assert_string_equal(e.notes, "");
    assert_string_equal(look(b, "SELECT COUNT(*) FROM bt_history"), "0");
    exec(fx->conn, "DROP INDEX bt_a ON bt_t");
}

static void
stops_when_the_lock_or_the_row_is_gone(void **state)
{
    fixture *const fx = *state;
    static const char *const blows[] = {"DO RELEASE_ALL_LOCKS()", "DELETE FROM bt_history"};
    for (size_t i = 0; i < sizeof(blows) / sizeof(blows[0]); i++) {
        gw_err e = {0};
        batch *const b = new_batch(fx);
        ADD(b, false, blows[i]);
        ADD(b, true, "INSERT INTO bt_t VALUES (1, 'never')");
        assert_int_equal(run(b, &e), GODWIT_LOCKED);
        assert_int_equal(b->end.done, 0);
        assert_int_equal(b->end.op, 2);
        assert_string_equal(look(b, "SELECT COUNT(*) FROM bt_t"), "0");
        if (i == 0)
            exec(fx->conn, "DO GET_LOCK('godwit:4711', 0)");
        gw_mysql.unlock(fx->conn, "4711");
    }
    gw_err e = {0};
    batch *const b = new_batch(fx);
    ADD(b, true, "INSERT INTO bt_t VALUES (1, 'undone')", "DO RELEASE_ALL_LOCKS()");
    assert_int_equal(run(b, &e), GODWIT_LOCKED);
    assert_string_equal(e.notes, ""); /* and not that a number was out of range */
    assert_int_equal(gw_history_explain(&b->history, &e), GODWIT_LOCKED);
    assert_string_equal(look(b, "SELECT COUNT(*) FROM bt_t"), "0");
}

static void
sends_what_does_not_fit_into_a_packet_in_several(void **state)
{
    enum { COUNT = 6 };
    fixture *const fx = *state;
    gw_err e = {0};
    batch *const b = new_batch(fx);
    const size_t most = strtoul(ask(fx, fx->conn, "SELECT @@max_allowed_packet", NULL), NULL, 10);
    char *const text = gw_new_array(fx->arena, char, most + 1);
    memset(text, ' ', most);
    memcpy(text, "INSERT INTO bt_t VALUES (1, 'long')", 35);
    const gw_op op = {.sql = {text, most - 1024}};
    b->items[b->count] = (gw_batch_item){.ops = b->ops[b->count], .transaction = true};
    b->count++;
    add_op(b, op);
    add_op(b, op);
    const gw_record r = record_of(b, GODWIT_APPLIED);
    add_op(b, gw_history_op_add(fx->arena, &b->history, &r, NULL));
    run_well(b);
    assert_string_equal(look(b, "SELECT COUNT(*) FROM bt_t"), "2");
    b->ops[0][1].sql.len = most;
    assert_int_equal(run(b, &e), GODWIT_FAILED);
    assert_string_equal(e.code, "1153");
    assert_int_equal(b->end.op, 1);
    assert_string_equal(look(b, "SELECT COUNT(*) FROM bt_t"), "2");
}

/* ---- cancellation ---- */

typedef struct killer {
    gw_conn *conn;
    int64_t after_ms;
} killer;

static void *
cancel_after(void *subject)
{
    const killer *const k = subject;
    gw_sleep_ms(k->after_ms);
    gw_mysql.cancel(k->conn);
    return NULL;
}

static void
says_the_truth_whenever_it_is_cancelled(void **state)
{
    enum { ROUNDS = 24 };
    fixture *const fx = *state;
    for (int64_t round = 0; round < ROUNDS; round++) {
        gw_err e = {0};
        pthread_t thread;
        batch *const b = new_batch(fx);
        for (int i = 0; i < ITEMS; i++)
            switch (i % 3) {
            case 0:
                ADD(b, true, "INSERT INTO bt_t VALUES (1, 'a')", "INSERT INTO bt_t VALUES (2, 'b')");
                break;
            case 1:
                ADD(b, false, "ALTER TABLE bt_t ADD COLUMN c INT");
                break;
            default:
                ADD(b, false, "ALTER TABLE bt_t DROP COLUMN c");
            }
        killer k = {fx->conn, round % 12};
        assert_int_equal(pthread_create(&thread, NULL, cancel_after, &k), 0);
        const gw_rc rc = run(b, &e);
        pthread_join(thread, NULL);
        assert_true(rc == GODWIT_OK ? b->end.done == ITEMS : rc == GODWIT_INTERRUPTED && b->end.done < ITEMS);
        assert_true(gw_mysql.is_alive(fx->conn));
        assert_false(gw_mysql.in_transaction(fx->conn));
        reset(fx->conn);
        const char *const applied = look(b, "SELECT COUNT(*) FROM bt_history WHERE state = 'applied'");
        assert_int_equal(strtoul(applied, NULL, 10), b->end.done);
        const char *const rows = look(b, "SELECT COUNT(*) FROM bt_t");
        assert_int_equal(strtoul(rows, NULL, 10), 2 * ((b->end.done + 2) / 3));
        gw_mysql.unlock(fx->conn, "4711");
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(knows_statements_that_are_surely_one),
    cmocka_unit_test(reads_quotes_as_the_session_does),
    cmocka_unit_test(knows_what_others_may_follow),
    SERVER_TEST(refuses_two_statements_in_one_and_executes_neither),
    SERVER_TEST(says_of_a_syntax_error_what_it_says_of_a_statement_alone),
    SERVER_TEST(takes_bodies_whole_among_the_others),
    SERVER_TEST(tells_warnings_as_single_statements_do),
    SERVER_TEST(lets_a_statement_see_what_the_one_before_it_left),
    SERVER_TEST(reads_texts_as_the_settings_before_them_say),
    SERVER_TEST(keeps_what_a_migration_without_autocommit_did),
    SERVER_TEST(goes_by_the_clock_of_the_server_when_that_of_the_session_stands_still),
    SERVER_TEST(completes_a_row_and_inserts_the_next_in_one_statement),
    SERVER_TEST(says_that_a_row_was_gone_that_it_completed_with_the_next),
    SERVER_TEST(does_not_complete_the_row_of_another_run),
    SERVER_TEST(fails_when_the_lock_is_gone_between_two_rows),
    SERVER_TEST(stops_when_the_lock_or_the_row_is_gone),
    SERVER_TEST(sends_what_does_not_fit_into_a_packet_in_several),
    SERVER_TEST(says_the_truth_whenever_it_is_cancelled),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
