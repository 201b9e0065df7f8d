#include "stage.h"

#include <string.h>

static gw_rc
play(stage *s, const char *version, godwit_resolution resolution)
{
    return STAGE_PLAY(
        s, gw_resolve(&s->call, &(godwit_resolve_params){.version = version, .resolution = resolution}, &s->e));
}

static const char up_text[] = "-- godwit:tx none\nCREATE TABLE a (n);\nCREATE TABLE b (n);\n";
static const char down_text[] = "-- godwit:tx none\nDROP TABLE b;\nDROP TABLE a;\n";

/* The connection is lost in the second statement of 0001. */
static void
stop_in_up(stage *s)
{
    stage_file(s, "0001_a.sql", up_text);
    stage_file(s, "0001_a_down.sql", down_text);
    fake = (fake_server){.refuse = "CREATE TABLE b", .refuse_rc = GODWIT_CONNECT, .refuse_times = 1};
    assert_int_equal(stage_up(s), GODWIT_CONNECT);
    assert_string_equal(stage_history(s), "0001 up running 1/2;");
}

static void
stop_in_down(stage *s)
{
    stage_file(s, "0001_a.sql", up_text);
    stage_file(s, "0001_a_down.sql", down_text);
    assert_int_equal(stage_up(s), GODWIT_OK);
    fake = (fake_server){.refuse = "DROP TABLE a", .refuse_rc = GODWIT_CONNECT, .refuse_times = 1};
    assert_int_equal(stage_down(s), GODWIT_CONNECT);
    assert_string_equal(stage_history(s), "0001 up applied 2/2;0001 down running 1/2;");
}

static godwit_state
reported(const stage *s)
{
    assert_int_equal(s->call.report.migration_count, 1);
    return s->call.report.migrations[0].state;
}

static void
goes_on_without_being_resolved_in_the_same_direction_only(void **state)
{
    stage *const s = *state;
    stop_in_up(s);
    assert_int_equal(stage_down(s), GODWIT_FAILED);
    assert_non_null(strstr(s->e.hint, "godwit resolve 0001"));
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_history(s), "0001 up failed 1/2;0001 up applied 2/2;");
    fake = (fake_server){.refuse = "DROP TABLE a", .refuse_rc = GODWIT_CONNECT, .refuse_times = 1};
    assert_int_equal(stage_down(s), GODWIT_CONNECT);
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_non_null(strstr(s->e.hint, "godwit resolve 0001"));
    assert_int_equal(stage_down(s), GODWIT_OK);
}

static void
shows_what_is_known_and_writes_nothing(void **state)
{
    stage *const s = *state;
    stop_in_up(s);
    assert_int_equal(play(s, "1", GODWIT_RESOLVE_SHOW), GODWIT_OK);
    assert_int_equal(reported(s), GODWIT_RUNNING);
    assert_int_equal(s->call.report.statement_count, 2);
    assert_true(s->call.report.statements[0].done);
    assert_false(s->call.report.statements[1].done);
    assert_string_equal(stage_history(s), "0001 up running 1/2;");
}

static void
runs_what_is_left_on_retry(void **state)
{
    stage *const s = *state;
    stop_in_up(s);
    assert_int_equal(play(s, "0001", GODWIT_RESOLVE_RETRY), GODWIT_OK);
    assert_string_equal(stage_history(s), "0001 up failed 1/2;0001 up applied 2/2;");
    assert_string_equal(stage_rows(s, "SELECT n FROM b"), "");
    assert_int_equal(s->call.report.files_executed, 1);
    assert_int_equal(s->call.report.pending, 0);
}

static void
takes_the_users_word_that_it_is_applied(void **state)
{
    stage *const s = *state;
    stop_in_up(s);
    assert_int_equal(play(s, "0001", GODWIT_RESOLVE_APPLIED), GODWIT_OK);
    assert_int_equal(reported(s), GODWIT_APPLIED);
    assert_string_equal(stage_history(s), "0001 up failed 1/2;0001 up applied 2/2;");
    assert_string_equal(stage_rows(s, "SELECT down FROM godwit_history WHERE state = 'applied'"),
                        gw_printf(s->arena, "%s;", down_text));
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(s->call.report.files_executed, 0);
}

static void
takes_the_users_word_that_it_is_reverted(void **state)
{
    stage *const s = *state;
    stop_in_up(s);
    assert_int_equal(play(s, "0001", GODWIT_RESOLVE_REVERTED), GODWIT_OK);
    assert_int_equal(reported(s), GODWIT_PENDING);
    assert_int_equal(s->call.report.pending, 1);
    assert_string_equal(stage_history(s), "0001 up failed 1/2;0001 down reverted 0/2;");
}

static void
settles_a_down_that_stopped_either_way(void **state)
{
    static const struct {
        godwit_resolution resolution;
        godwit_state state;
        const char *history;
    } rows[] = {
        {GODWIT_RESOLVE_APPLIED, GODWIT_APPLIED, "0001 up applied 2/2;0001 down failed 1/2;0001 up applied 2/2;"},
        {GODWIT_RESOLVE_REVERTED, GODWIT_PENDING, "0001 up applied 2/2;0001 down failed 1/2;0001 down reverted 0/2;"},
        {GODWIT_RESOLVE_RETRY, GODWIT_REVERTED, "0001 up applied 2/2;0001 down failed 1/2;0001 down reverted 2/2;"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stop_in_down(s);
        assert_int_equal(play(s, "0001", rows[i].resolution), GODWIT_OK);
        assert_int_equal(reported(s), rows[i].state);
        assert_string_equal(stage_history(s), rows[i].history);
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
keeps_the_down_text_when_a_down_is_called_applied_without_the_file(void **state)
{
    stage *const s = *state;
    stop_in_down(s);
    stage_remove(s, "0001_a.sql");
    stage_remove(s, "0001_a_down.sql");
    assert_int_equal(play(s, "0001", GODWIT_RESOLVE_APPLIED), GODWIT_OK);
    assert_int_equal(reported(s), GODWIT_APPLIED);
    assert_true(s->call.report.migrations[0].reversible);
}

static void
reverts_on_retry_with_the_text_of_the_history(void **state)
{
    stage *const s = *state;
    stop_in_down(s);
    stage_remove(s, "0001_a.sql");
    stage_remove(s, "0001_a_down.sql");
    assert_int_equal(play(s, "0001", GODWIT_RESOLVE_SHOW), GODWIT_OK);
    assert_int_equal(s->call.report.statement_count, 2);
    assert_int_equal(play(s, "0001", GODWIT_RESOLVE_RETRY), GODWIT_OK);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "none");
}

static void
does_not_retry_a_file_that_is_gone_and_changes_nothing(void **state)
{
    stage *const s = *state;
    stop_in_up(s);
    stage_remove(s, "0001_a.sql");
    stage_remove(s, "0001_a_down.sql");
    assert_int_equal(play(s, "0001", GODWIT_RESOLVE_RETRY), GODWIT_FOLDER);
    assert_non_null(strstr(s->e.message, "is gone"));
    assert_string_equal(stage_history(s), "0001 up running 1/2;");
}

static void
keeps_both_rows_or_none(void **state)
{
    static const char *const steps[] = {"begin", "UPDATE", "INSERT", "commit"};
    stage *const s = *state;
    stop_in_up(s);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        fake = (fake_server){.refuse = steps[i], .refuse_times = 1};
        assert_int_equal(play(s, "0001", GODWIT_RESOLVE_APPLIED), GODWIT_FAILED);
        assert_string_equal(stage_history(s), "0001 up running 1/2;");
    }
}

static void
says_when_there_is_nothing_to_resolve(void **state)
{
    stage *const s = *state;
    stage_file(s, "0001_a.sql", "CREATE TABLE a (n);\n");
    assert_int_equal(play(s, "0001", GODWIT_RESOLVE_SHOW), GODWIT_USAGE);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(play(s, "0001", GODWIT_RESOLVE_APPLIED), GODWIT_USAGE);
    assert_string_equal(s->e.message, "0001 a is applied: there is nothing to resolve");
    assert_int_equal(play(s, NULL, GODWIT_RESOLVE_SHOW), GODWIT_USAGE);
}

static void
says_what_is_kept_and_not_what_was_said_wrongly(void **state)
{
    stage *const s = *state;
    const godwit_resolve_params told = {.version = "1", .resolution = GODWIT_RESOLVE_RETRY, .counts = true, .done = 99};
    stop_in_up(s);
    assert_int_equal(STAGE_PLAY(s, gw_resolve(&s->call, &told, &s->e)), GODWIT_USAGE);
    assert_non_null(strstr(s->e.message, "0001_a.sql has 2 statements: --done 99 is more"));
    assert_non_null(strstr(s->e.notes, "kept: 1 of 2 statements"));
    assert_null(strstr(s->e.notes, "99"));
    assert_int_equal(s->call.report.migrations[0].done, 1);
    assert_string_equal(stage_history(s), "0001 up running 1/2;");
}

static void
counts_no_more_statements_than_the_file_has(void **state)
{
    stage *const s = *state;
    stop_in_up(s);
    assert_int_equal(stage_up(s), GODWIT_OK);
    stage_file(s, "0002_b.sql", "-- godwit:tx none\nCREATE TABLE c (n);\nCREATE TABLE d (n);\nNONSENSE;\n");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    stage_file(s, "0002_b.sql", "CREATE TABLE c (n);\n");
    assert_int_equal(stage_up(s), GODWIT_FOLDER);
    assert_non_null(strstr(s->e.message, "has 1 statements now, and 2 of it are already applied"));
    assert_null(strstr(s->e.notes, "kept: 2 of 1"));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        STAGE_TEST(says_what_is_kept_and_not_what_was_said_wrongly),
        STAGE_TEST(counts_no_more_statements_than_the_file_has),
        STAGE_TEST(goes_on_without_being_resolved_in_the_same_direction_only),
        STAGE_TEST(shows_what_is_known_and_writes_nothing),
        STAGE_TEST(runs_what_is_left_on_retry),
        STAGE_TEST(takes_the_users_word_that_it_is_applied),
        STAGE_TEST(takes_the_users_word_that_it_is_reverted),
        cmocka_unit_test(settles_a_down_that_stopped_either_way),
        STAGE_TEST(keeps_the_down_text_when_a_down_is_called_applied_without_the_file),
        STAGE_TEST(reverts_on_retry_with_the_text_of_the_history),
        STAGE_TEST(does_not_retry_a_file_that_is_gone_and_changes_nothing),
        STAGE_TEST(keeps_both_rows_or_none),
        STAGE_TEST(says_when_there_is_nothing_to_resolve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
