/* A run whose lock is let go in its middle: sessions that are given up, and what others did until the lock was taken again. */
#include "stage.h"

#include <string.h>

/* As "other" tells it: version, name, direction, state. */
static const char row[] =
    "INSERT INTO godwit_history NEXT VALUES ('%s', '%s', 'versioned', '%s', '%s', NULL, 1, %d, NULL, "
    "NULL, NULL, 0, 'other', 'other', '1', NULL, NULL)";

/* The first file leaves a variable, as far as `text` says so; two more come behind it. */
static void
begin(stage *s, const char *text)
{
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, text);
    stage_file(s, "0002_second.sql", "INSERT INTO a VALUES (2);\n");
    stage_file(s, "0003_third.sql", "INSERT INTO a VALUES (3);\n");
}

static const char leaves[] = "CREATE TABLE a (n);\nSET @x = 1;\n";

/* ---- a clean session ---- */

static void
begins_behind_a_file_that_left_something_in_another_session(void **state)
{
    static const char *const texts[] = {leaves, "CREATE TABLE a (n);\nCREATE TEMPORARY TABLE t (n);\n",
                                        "CREATE TABLE a (n);\nPREPARE p FROM 'x';\n"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        void *again;
        (void)state;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        begin(s, texts[i]);
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_non_null(strstr(stage_log(s), "unlock;open;+COLUMNS;lock;+COLUMNS;+SELECT;batch 2;"));
        assert_int_equal(stage_count("open"), 2);
        assert_string_equal(stage_rows(s, "SELECT n FROM a"), "2;3;");
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
keeps_its_session_where_nothing_is_left_in_it(void **state)
{
    stage *const s = *state;
    begin(s, "CREATE TABLE a (n);\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("open"), 1);
}

static void
keeps_its_session_behind_the_last_file(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, leaves);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("open"), 1);
}

static void
keeps_its_session_where_a_reset_puts_back_all(void **state)
{
    stage *const s = *state;
    stage_first(s, leaves);
    stage_file(s, "0002_second.sql", "INSERT INTO a VALUES (2);\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("open"), 1);
}

/* ---- others ---- */

static const char *other;

static void
other_was_here(stage *s)
{
    if (stage_count("open") == 2 && other != NULL)
        (void)stage_rows(s, other);
}

static void
does_not_do_again_what_another_runner_did_meanwhile(void **state)
{
    static const char *const lost[] = {NULL, "INSERT INTO a VALUES (1)"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        /* Given up, and lost. */
        begin(s, i == 0 ? leaves : "CREATE TABLE a (n);\nINSERT INTO a VALUES (1);\n");
        if (lost[i] != NULL) {
            s->flags[GW_SETTING_TIMEOUT] = "1m"; /* no batch */
            fake = (fake_server){
                .refuse = lost[i], .refuse_rc = GODWIT_CONNECT, .refuse_times = 1, .refuse_transient = true};
        }
        other = gw_printf(s->arena, row, "0003", "third", "up", "applied", 1);
        s->on_open = other_was_here;
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_non_null(strstr(s->told.ptr, "0003 third was done by another runner meanwhile"));
        assert_string_equal(stage_rows(s, "SELECT n FROM a"), i == 0 ? "2;" : "1;2;");
        assert_int_equal(s->call.report.files_executed, 2);
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
does_not_mind_a_second_time_what_another_runner_did_meanwhile(void **state)
{
    stage *const s = *state;
    begin(s, leaves);
    stage_file(s, "0002_second.sql", "INSERT INTO a VALUES (2);\nSET @y = 2;\n");
    stage_file(s, "0003_third.sql", "INSERT INTO a VALUES (3);\nSET @y = 3;\n");
    stage_file(s, "0004_fourth.sql", "INSERT INTO a VALUES (4);\n");
    other = gw_printf(s->arena, row, "0002", "second", "up", "applied", 1);
    s->on_open = other_was_here;
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "3;4;");
    /* What another did left nothing in this session. */
    assert_int_equal(stage_count("open"), 3);
}

static void
stops_when_another_runner_did_something_else_meanwhile(void **state)
{
    static const struct {
        const char *version, *name, *direction, *state;
        int done;
    } rows[] = {
        {"0001", "first", "down", "reverted", 1},    /* what this run had done */
        {"0000", "baseline", "down", "reverted", 1}, /* what was done before */
        {"0009", "ninth", "up", "applied", 1},       /* of another folder */
        {"0003", "third", "up", "failed", 1},        /* half done */
        {"0003", "third", "up", "running", 0},       /* its runner is dead */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        begin(s, leaves);
        other = gw_printf(s->arena, row, rows[i].version, rows[i].name, rows[i].direction, rows[i].state, rows[i].done);
        s->on_open = other_was_here;
        assert_int_equal(stage_up(s), GODWIT_LOCKED);
        assert_non_null(
            strstr(s->e.message,
                   gw_printf(s->arena, "another runner was here while this one had no lock: %s ", rows[i].version)));
        assert_string_equal(s->e.hint, "run godwit again: it plans anew");
        assert_string_equal(stage_rows(s, "SELECT n FROM a"), "");
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
goes_on_behind_a_try_of_another_runner_that_kept_nothing(void **state)
{
    stage *const s = *state;
    begin(s, leaves);
    other = gw_printf(s->arena, row, "0003", "third", "up", "failed", 0);
    s->on_open = other_was_here;
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "2;3;");
}

static void
goes_on_where_another_runner_put_off_the_same(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, "-- godwit:n-1-shim: old drop-with #1\nCREATE TABLE a (n);\nCREATE TABLE old (n);\n");
    stage_file(s, "0002_second.sql", "-- godwit:n-1-shim-drop: old\nDROP TABLE old;\n");
    stage_file(s, "0003_third.sql", "INSERT INTO a VALUES (3);\nSET @x = 1;\n");
    stage_file(s, "0004_fourth.sql", "INSERT INTO a VALUES (4);\n");
    other = gw_printf(s->arena, row, "0002", "second", "up", "deferred", 0);
    s->on_open = other_was_here;
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("open"), 2);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "3;4;");
    assert_int_equal(s->call.report.pending, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_behind_a_file_that_left_something_in_another_session),
        STAGE_TEST(keeps_its_session_where_nothing_is_left_in_it),
        STAGE_TEST(keeps_its_session_behind_the_last_file),
        STAGE_TEST(keeps_its_session_where_a_reset_puts_back_all),
        cmocka_unit_test(does_not_do_again_what_another_runner_did_meanwhile),
        STAGE_TEST(does_not_mind_a_second_time_what_another_runner_did_meanwhile),
        cmocka_unit_test(stops_when_another_runner_did_something_else_meanwhile),
        STAGE_TEST(goes_on_behind_a_try_of_another_runner_that_kept_nothing),
        STAGE_TEST(goes_on_where_another_runner_put_off_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
