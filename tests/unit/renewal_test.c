/* What a migration left in its session: tries after a failure, and runs that go on in a new session. */
#include "stage.h"

#include <string.h>

/* On MySQL: 1 and 3 commit by themselves, 2 is of the session, what follows is one transaction. */
static const char counts[] =
    "CREATE TABLE a (n);\nSET @r = 0;\nCREATE TABLE b (n);\nDO @r := @r + 1;\nINSERT INTO a VALUES (1);\n";
static const char from_data[] =
    "CREATE TABLE a (n);\nSET @u = uuid();\nCREATE TABLE b (n);\nDO f(@u);\nINSERT INTO a VALUES (1);\n";

static void
begin_mysql(void **state, stage **out, const char *text)
{
    assert_int_equal(stage_begin(state), 0);
    *out = *state;
    stage_engine_is(*out, STAGE_MYSQL);
    stage_first(*out, text);
}

static void
fail_once(const char *step)
{
    fake = (fake_server){.refuse = step, .refuse_times = 1, .refuse_transient = true};
}

static void
lose(const char *step)
{
    fake = (fake_server){.refuse = step, .refuse_rc = GODWIT_CONNECT, .refuse_times = 1, .refuse_transient = true};
}

/* ---- another try ---- */

static void
tries_in_a_new_session_what_the_old_one_would_make_something_else_of(void **state)
{
    stage *s;
    begin_mysql(state, &s, counts);
    fail_once("INSERT INTO a");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_non_null(strstr(stage_log(s),
                           "begin;DO @r := @r + 1;INSERT INTO a VALUES (1);rollback;rollback;unlock;open;+COLUMNS;lock;"
                           "+COLUMNS;reset;+NEWEST;SET @r = 0;begin;DO @r := @r + 1;INSERT INTO a"));
    assert_int_equal(stage_count("CREATE TABLE"), 2);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 5/5;");
    assert_int_equal(stage_end(state), 0);
}

static void
tries_in_the_same_session_when_nothing_of_the_first_try_matters(void **state)
{
    static const char *const texts[] = {
        "CREATE TABLE a (n);\nINSERT INTO a VALUES (1);\n",
        /* Also when what is kept could not be had again. */
        from_data,
        "CREATE TABLE a (n);\nSET @u = uuid();\nCREATE TABLE b (n);\nSELECT 1 INTO @n;\nDO f(@u);\nINSERT INTO a "
        "VALUES (1);\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        stage *s;
        begin_mysql(state, &s, texts[i]);
        fail_once("INSERT INTO a");
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_int_equal(stage_count("open"), 1);
        assert_int_equal(stage_count("reset"), 1);
        assert_int_equal(stage_count("SET @u") + stage_count("+NEWEST"), i == 0 ? 0 : 1);
        assert_int_equal(stage_end(state), 0);
    }
}

static void
does_not_try_again_what_it_could_not_begin_as_it_was(void **state)
{
    stage *s;
    begin_mysql(
        state, &s,
        "CREATE TABLE a (n);\nSET @u = uuid();\nCREATE TABLE b (n);\nDO @r := @r + 1;\nDO f(@u);\nINSERT INTO a "
        "VALUES (1);\n");
    fail_once("INSERT INTO a");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(s->e.message, "refused: INSERT INTO a VALUES (1)");
    assert_non_null(strstr(s->e.notes,
                           "it is not tried again: a rollback does not undo all that it left in its session, "
                           "and in a new one statement 5 lacks @u, which statement 2 set from data"));
    assert_non_null(strstr(s->e.notes,
                           "write the value into the file, behind statement 3; or undo statements 2 to 3 by "
                           "hand and go on there: `godwit resolve 0001 --retry --done 1`"));
    assert_non_null(strstr(s->e.hint, "fix the file and run `godwit up` again: it goes on after statement 3"));
    assert_null(strstr(s->told.ptr, "trying again"));
    assert_int_equal(stage_count("open"), 1);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 3/6;");
    assert_int_equal(stage_end(state), 0);
}

static void
fails_as_before_when_the_failure_would_not_pass(void **state)
{
    stage *s;
    begin_mysql(
        state, &s,
        "CREATE TABLE a (n);\nSET @u = uuid();\nCREATE TABLE b (n);\nDO @r := @r + 1;\nDO f(@u);\nINSERT INTO a "
        "VALUES (1);\n");
    fake = (fake_server){.refuse = "INSERT INTO a", .refuse_times = 1};
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_null(strstr(s->e.notes, "not tried again"));
    assert_non_null(strstr(s->e.hint, "fix the file and run `godwit up` again"));
    assert_int_equal(stage_end(state), 0);
}

static void
resets_the_session_where_that_is_enough(void **state)
{
    stage *s;
    assert_int_equal(stage_begin(state), 0);
    s = *state;
    stage_first(s, "PREPARE p AS SELECT 1;\nCREATE TABLE a (n);\nINSERT INTO a VALUES (1);\n");
    fail_once("INSERT INTO a");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("open"), 1);
    assert_non_null(strstr(stage_log(s), "rollback;reset;+NEWEST;begin;PREPARE p"));
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 3/3;");
    assert_int_equal(stage_end(state), 0);
}

/* ---- a connection that was lost ---- */

static void
stops_when_what_is_lost_with_the_connection_is_needed(void **state)
{
    stage *s;
    begin_mysql(state, &s, from_data);
    lose("INSERT INTO a");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(s->e.message,
                        "statement 4 uses @u, which statement 2 set from data; the session that had it is gone");
    assert_int_equal(s->e.line, 4);
    assert_non_null(strstr(s->e.notes, "before that: refused: INSERT INTO a VALUES (1)"));
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 3/5;");
    assert_int_equal(stage_count("DO"), 1);
    assert_int_equal(stage_end(state), 0);
}

static void
stops_behind_a_commit_in_doubt_that_was_kept(void **state)
{
    stage *s;
    begin_mysql(
        state, &s,
        "INSERT INTO a VALUES (1);\nSET @u = uuid();\nINSERT INTO a VALUES (2);\nCREATE TABLE b (n);\nDO f(@u);\n");
    (void)stage_rows(s, "CREATE TABLE a (n)");
    fake = (fake_server){.refuse = "commit", .refuse_rc = GODWIT_CONNECT, .refuse_times = 1, .refuse_late = true};
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(s->e.message,
                        "statement 5 uses @u, which statement 2 set from data; the session that had it is gone");
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;2;");
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 3/5;");
    assert_int_equal(stage_count("CREATE TABLE b"), 0);
    assert_int_equal(stage_end(state), 0);
}

/* ---- the next run ---- */

static void
begin_failed(void **state, stage **s)
{
    begin_mysql(state, s, "CREATE TABLE a (n);\nSET @u = uuid();\nCREATE TABLE b (n);\nNONSENSE;\nDO f(@u);\n");
    assert_int_equal(stage_up(*s), GODWIT_FAILED);
    assert_string_equal(stage_history(*s), STAGE_BASELINE "0001 up failed 3/5;");
    fake_log_clear();
}

static void
executes_nothing_when_a_mended_file_needs_what_is_gone(void **state)
{
    stage *s;
    begin_failed(state, &s);
    stage_file(s, "0001_first.sql", from_data);
    const godwit_resolve_params told[] = {
        {.version = "1", .resolution = GODWIT_RESOLVE_RETRY},
        {.version = "1", .resolution = GODWIT_RESOLVE_RETRY, .counts = true, .done = 3},
    };
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(i == 0 ? stage_up(s) : STAGE_PLAY(s, gw_resolve(&s->call, &told[i - 1], &s->e)),
                         GODWIT_FAILED);
        assert_string_equal(s->e.message,
                            "statement 4 uses @u, which statement 2 set from data; the session that had it is gone");
        assert_string_equal(s->e.path, gw_printf(s->arena, "%s/0001_first.sql", s->folder));
        assert_int_equal(s->e.line, 4);
        assert_int_equal(s->e.column, 1);
        assert_non_null(strstr(s->e.hint, "`godwit resolve 0001 --retry --done 1`"));
        assert_non_null(strstr(s->e.notes, "kept: 3 of 5 statements"));
        assert_int_equal(s->call.report.migrations[0].state, GODWIT_FAILED_STATE);
    }
    assert_int_equal(stage_count("CREATE") + stage_count("SET @u") + stage_count("DO"), 0);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 3/5;");
    assert_int_equal(stage_end(state), 0);
}

static void
goes_on_when_the_file_says_the_value_itself(void **state)
{
    stage *s;
    begin_failed(state, &s);
    stage_file(s, "0001_first.sql",
               "CREATE TABLE a (n);\nSET @u = uuid();\nCREATE TABLE b (n);\nSET @u = 'x';\nDO f(@u);\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("SET @u = 'x'"), 1);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 3/5;0001 up applied 5/5;");
    assert_int_equal(stage_end(state), 0);
}

static void
goes_on_where_the_user_undid_what_was_kept(void **state)
{
    stage *s;
    begin_failed(state, &s);
    stage_file(s, "0001_first.sql", from_data);
    const godwit_resolve_params told = {.version = "1", .resolution = GODWIT_RESOLVE_RETRY, .counts = true, .done = 1};
    (void)stage_rows(s, "DROP TABLE b");
    assert_int_equal(STAGE_PLAY(s, gw_resolve(&s->call, &told, &s->e)), GODWIT_OK);
    assert_int_equal(stage_count("SET @u = uuid()"), 1);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 3/5;0001 up applied 5/5;");
    assert_int_equal(stage_end(state), 0);
}

static void
goes_on_when_nothing_needs_what_is_gone(void **state)
{
    stage *s;
    begin_failed(state, &s);
    stage_file(s, "0001_first.sql",
               "CREATE TABLE a (n);\nSET @u = uuid();\nCREATE TABLE b (n);\nINSERT INTO a VALUES (1);\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;");
    assert_int_equal(stage_end(state), 0);
}

static void
stops_where_a_runner_died_and_leaves_its_row_as_it_is(void **state)
{
    stage *s;
    begin_mysql(state, &s, from_data);
    s->flags[GW_SETTING_RETRIES] = "0";
    fake = (fake_server){.refuse = "INSERT INTO a", .refuse_rc = GODWIT_CONNECT, .refuse_times = 1};
    assert_int_equal(stage_up(s), GODWIT_CONNECT);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up running 3/5;");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(s->e.message,
                        "statement 4 uses @u, which statement 2 set from data; the session that had it is gone");
    assert_int_equal(s->call.report.migrations[0].state, GODWIT_RUNNING);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up running 3/5;");
    assert_int_equal(stage_end(state), 0);
}

static void
names_each_kind_of_thing_with_the_way_to_have_it_again(void **state)
{
    static const struct {
        const char *kept, *use, *message, *hint;
    } rows[] = {
        {"CREATE TEMPORARY TABLE t (n);", "DO f((SELECT n FROM t));", "the temporary table t, which statement 1 made",
         "make it anew in the file, behind statement 2; or undo statements 1 to 2 by hand"},
        {"SET zone = f();", "INSERT INTO a VALUES (1);", "the setting zone, which statement 1 set",
         "set it anew in the file, behind statement 2; or undo statements 1 to 2 by hand"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        stage *s;
        assert_int_equal(stage_begin(state), 0);
        s = *state;
        stage_engine_is(s, STAGE_MYSQL);
        stage_first(s, gw_printf(s->arena, "%s\nCREATE TABLE a (n);\nNONSENSE;\n%s\n", rows[i].kept, rows[i].use));
        assert_int_equal(stage_up(s), GODWIT_FAILED);
        stage_file(s, "0001_first.sql",
                   gw_printf(s->arena, "%s\nCREATE TABLE a (n);\n%s\n", rows[i].kept, rows[i].use));
        assert_int_equal(stage_up(s), GODWIT_FAILED);
        assert_non_null(strstr(s->e.message, rows[i].message));
        assert_non_null(strstr(s->e.hint, rows[i].hint));
        assert_int_equal(stage_end(state), 0);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tries_in_a_new_session_what_the_old_one_would_make_something_else_of),
        cmocka_unit_test(tries_in_the_same_session_when_nothing_of_the_first_try_matters),
        cmocka_unit_test(does_not_try_again_what_it_could_not_begin_as_it_was),
        cmocka_unit_test(fails_as_before_when_the_failure_would_not_pass),
        cmocka_unit_test(resets_the_session_where_that_is_enough),
        cmocka_unit_test(stops_when_what_is_lost_with_the_connection_is_needed),
        cmocka_unit_test(stops_behind_a_commit_in_doubt_that_was_kept),
        cmocka_unit_test(executes_nothing_when_a_mended_file_needs_what_is_gone),
        cmocka_unit_test(goes_on_when_the_file_says_the_value_itself),
        cmocka_unit_test(goes_on_where_the_user_undid_what_was_kept),
        cmocka_unit_test(goes_on_when_nothing_needs_what_is_gone),
        cmocka_unit_test(stops_where_a_runner_died_and_leaves_its_row_as_it_is),
        cmocka_unit_test(names_each_kind_of_thing_with_the_way_to_have_it_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
