/* Whole runs: what is read first, reported, skipped, pretended, and left pending. */
#include "stage.h"

#include <string.h>

static void
three_files(const stage *s)
{
    stage_file(s, "0001_a.sql", "CREATE TABLE a (n);\n");
    stage_file(s, "0001_a_down.sql", "DROP TABLE a;\n");
    stage_file(s, "0002_b.sql", "CREATE TABLE b (n);\nINSERT INTO b VALUES (1);\n");
    stage_file(s, "0002_b_down.sql", "DROP TABLE b;\n");
    stage_file(s, "0003_c.sql", "CREATE TABLE c (n);\n");
    stage_file(s, "0003_c_down.sql", "DROP TABLE c;\n");
}

static gw_rc
play_up(stage *s, const godwit_up_params *p)
{
    return STAGE_PLAY(s, gw_up(&s->call, p, &s->e));
}

static gw_rc
play_down(stage *s, const godwit_down_params *p)
{
    return STAGE_PLAY(s, gw_down(&s->call, p, &s->e));
}

/* "0001 applied;0002 failed;": the migrations of the report. */
static const char *
reported(stage *s)
{
    gw_buf out = gw_buf_new(s->arena);
    const godwit_report *const r = &s->call.report;
    for (size_t i = 0; i < r->migration_count; i++)
        gw_buf_printf(&out, "%s %s;", r->migrations[i].version, gw_state_name(r->migrations[i].state));
    return gw_buf_text(&out);
}

#define ASSERT_REPORT(s, text, executed, left)                                                                         \
    do {                                                                                                               \
        assert_string_equal(reported(s), text);                                                                        \
        assert_int_equal((s)->call.report.files_executed, executed);                                                   \
        assert_int_equal((s)->call.report.pending, left);                                                              \
    } while (0)

static void
counts_what_ran_and_what_is_left(void **state)
{
    stage *const s = *state;
    three_files(s);
    assert_int_equal(play_up(s, &(godwit_up_params){.steps = 1}), GODWIT_OK);
    ASSERT_REPORT(s, "0001 applied;", 1, 2);
    assert_int_equal(play_up(s, &(godwit_up_params){.target = "0002"}), GODWIT_OK);
    ASSERT_REPORT(s, "0002 applied;", 1, 1);
    assert_int_equal(stage_up(s), GODWIT_OK);
    ASSERT_REPORT(s, "0003 applied;", 1, 0);
    assert_int_equal(stage_up(s), GODWIT_OK);
    ASSERT_REPORT(s, "", 0, 0);
    assert_int_equal(play_down(s, &(godwit_down_params){.steps = 2}), GODWIT_OK);
    ASSERT_REPORT(s, "0003 reverted;0002 reverted;", 2, 2);
    assert_int_equal(play_down(s, &(godwit_down_params){.target = "0"}), GODWIT_OK);
    ASSERT_REPORT(s, "0001 reverted;", 1, 3);
}

static void
counts_also_when_the_run_fails(void **state)
{
    stage *const s = *state;
    three_files(s);
    stage_file(s, "0002_b.sql", "CREATE TABLE b (n);\nNONSENSE;\n");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    ASSERT_REPORT(s, "0001 applied;0002 failed;", 1, 2);
    const godwit_report *const r = &s->call.report;
    assert_false(r->success);
    assert_int_equal(r->error_count, 1);
    assert_string_equal(r->migrations[1].error, s->e.message);
    assert_null(r->migrations[0].error);
    assert_int_equal(r->statement_count, 2);
    assert_false(r->statements[0].done);
    assert_string_equal(s->told.ptr, "run 3;begin 0001 1/3;1/1;end 0001;begin 0002 2/3;ran 1/3;");
}

static void
counts_a_migration_that_stopped_halfway_as_not_pending(void **state)
{
    stage *const s = *state;
    three_files(s);
    stage_file(s, "0002_b.sql", "-- godwit:tx none\nCREATE TABLE b (n);\nNONSENSE;\n");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    ASSERT_REPORT(s, "0001 applied;0002 failed;", 1, 1);
    assert_int_equal(s->call.report.migrations[1].done, 1);
    assert_true(s->call.report.statements[0].done);
    stage_file(s, "0002_b.sql", "-- godwit:tx none\nCREATE TABLE b (n);\nINSERT INTO b VALUES (1);\n");
    assert_int_equal(play_up(s, &(godwit_up_params){.steps = 1}), GODWIT_OK);
    ASSERT_REPORT(s, "0002 applied;", 1, 1);
}

static void
reverts_without_the_file_by_the_text_that_the_history_kept(void **state)
{
    stage *const s = *state;
    three_files(s);
    assert_int_equal(stage_up(s), GODWIT_OK);
    stage_remove(s, "0003_c.sql");
    stage_remove(s, "0003_c_down.sql");
    assert_int_equal(stage_down(s), GODWIT_OK);
    ASSERT_REPORT(s, "0003 reverted;", 1, 0);
    assert_string_equal(stage_rows(s, "SELECT n FROM c"), "none");
}

static void
names_the_history_when_the_text_that_it_kept_is_wrong(void **state)
{
    stage *const s = *state;
    three_files(s);
    stage_file(s, "0003_c_down.sql", "DROP TABLE c;\nNONSENSE;\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    stage_remove(s, "0003_c.sql");
    stage_remove(s, "0003_c_down.sql");
    assert_int_equal(stage_down(s), GODWIT_FAILED);
    assert_string_equal(s->e.path, "public.godwit_history (down text of 0003)");
    assert_int_equal(s->e.line, 2);
    ASSERT_REPORT(s, "0003 failed;", 0, 0);
}

/* ---- everything is read first ---- */

static void
runs_nothing_when_any_file_of_the_run_is_broken(void **state)
{
    static const char *const broken[] = {"0003_c.sql", "0003_c_down.sql"};
    stage *const s = *state;
    for (size_t i = 0; i < 2; i++) {
        three_files(s);
        stage_file(s, broken[i], "SELECT 'no end;\n");
        assert_int_equal(stage_up(s), GODWIT_FOLDER);
        assert_non_null(strstr(s->e.path, broken[i]));
        assert_string_equal(stage_history(s), "none");
        ASSERT_REPORT(s, "", 0, 3);
    }
}

/* So that every migration runs by itself. */
static void
one_by_one(stage *s)
{
    s->flags[GW_SETTING_TIMEOUT] = "1m";
}

static void
change_the_second(stage *s, const godwit_event *event)
{
    if (event->kind == GODWIT_EVENT_MIGRATION_END)
        stage_file(s, "0002_b.sql", "CREATE TABLE other (n);\n");
}

static void
runs_a_file_as_it_was_when_everything_was_checked(void **state)
{
    stage *const s = *state;
    three_files(s);
    one_by_one(s);
    s->on_event = change_the_second;
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_rows(s, "SELECT n FROM b"), "1;");
    assert_string_equal(stage_rows(s, "SELECT n FROM other"), "none");
}

static void
stops_before_a_file_that_was_changed_meanwhile(void **state)
{
    enum { LONG = 4 << 20 };
    stage *const s = *state;
    gw_buf text = gw_buf_new(s->arena);
    three_files(s);
    one_by_one(s);
    while (text.len < LONG) /* what is read after such a file is not kept until it runs */
        gw_buf_puts(&text, "-- a line among many others\n");
    gw_buf_puts(&text, "CREATE TABLE a (n);\n");
    stage_file(s, "0001_a.sql", gw_buf_text(&text));
    s->on_event = change_the_second;
    assert_int_equal(stage_up(s), GODWIT_FOLDER);
    assert_non_null(strstr(s->e.message, "0002_b.sql was changed while this run was under way"));
    assert_string_equal(stage_history(s), "0001 up applied 1/1;");
    ASSERT_REPORT(s, "0001 applied;", 1, 2);
}

static void
leave_the_run(stage *s, const godwit_event *event)
{
    if (event->kind == GODWIT_EVENT_MIGRATION_END)
        gw_interrupt_ask(&s->interrupt);
}

static void
stops_between_two_migrations_and_blames_none(void **state)
{
    stage *const s = *state;
    three_files(s);
    one_by_one(s);
    s->on_event = leave_the_run;
    assert_int_equal(stage_up(s), GODWIT_INTERRUPTED);
    assert_string_equal(stage_history(s), "0001 up applied 1/1;");
    ASSERT_REPORT(s, "0001 applied;", 1, 2);
}

/* ---- pretend ---- */

static void
touches_nothing_when_it_pretends(void **state)
{
    stage *const s = *state;
    three_files(s);
    fake_log_clear();
    assert_int_equal(play_up(s, &(godwit_up_params){.pretend = true, .steps = 2}), GODWIT_OK);
    assert_string_equal(stage_log(s), "open;+SELECT;+COLUMNS;");
    ASSERT_REPORT(s, "0001 pending;0002 pending;", 0, 3);
    assert_true(s->call.report.pretend);
    assert_int_equal(s->call.report.statement_count, 3);
    assert_int_equal(stage_up(s), GODWIT_OK);
    fake_log_clear();
    assert_int_equal(play_down(s, &(godwit_down_params){.pretend = true}), GODWIT_OK);
    assert_string_equal(stage_log(s), "open;+SELECT;");
    ASSERT_REPORT(s, "0003 pending;", 0, 0);
    assert_string_equal(s->call.report.migrations[0].direction, "down");
}

static void
says_that_it_pretends_also_when_the_plan_is_refused(void **state)
{
    stage *const s = *state;
    three_files(s);
    assert_int_equal(play_up(s, &(godwit_up_params){.pretend = true, .target = "9"}), GODWIT_USAGE);
    assert_true(s->call.report.pretend);
    assert_int_equal(s->call.report.pending, 3);
}

/* ---- skip ---- */

static void
skips_where_the_directives_say_so_and_records_it_once(void **state)
{
    stage *const s = *state;
    three_files(s);
    stage_file(s, "0002_b.sql", "-- godwit:skip-on production\nCREATE TABLE b (n);\n");
    s->flags[GW_SETTING_APP_ENV] = "production";
    assert_int_equal(play_up(s, &(godwit_up_params){.pretend = true}), GODWIT_OK);
    ASSERT_REPORT(s, "0001 pending;0002 skipped;0003 pending;", 0, 3);
    assert_int_equal(stage_up(s), GODWIT_OK);
    ASSERT_REPORT(s, "0001 applied;0002 skipped;0003 applied;", 2, 0);
    assert_string_equal(s->told.ptr, "run 2;begin 0001 1/2;1/1;end 0001;begin 0003 2/2;1/1;end 0003;ran 2/2;");
    assert_int_equal(stage_up(s), GODWIT_OK);
    ASSERT_REPORT(s, "0002 skipped;", 0, 0);
    assert_string_equal(stage_history(s), "0001 up applied 1/1;0002 up skipped 0/1;0003 up applied 1/1;");
    s->flags[GW_SETTING_APP_ENV] = "local";
    assert_int_equal(stage_up(s), GODWIT_OK);
    ASSERT_REPORT(s, "0002 applied;", 1, 0);
}

static void
calls_nothing_skipped_that_is_there_in_part(void **state)
{
    stage *const s = *state;
    stage_file(s, "0001_a.sql", "-- godwit:tx none\n-- godwit:only-on dev\nCREATE TABLE a (n);\nNONSENSE;\n");
    s->flags[GW_SETTING_APP_ENV] = "dev";
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    s->flags[GW_SETTING_APP_ENV] = "production";
    assert_int_equal(stage_up(s), GODWIT_FOLDER);
    assert_non_null(strstr(s->e.message, "0001_a.sql stopped after 1 of 2 statements"));
    assert_string_equal(stage_history(s), "0001 up failed 1/2;");
}

/* ---- status and verify ---- */

static void
shows_the_statements_of_what_stopped_in_its_direction(void **state)
{
    stage *const s = *state;
    stage_file(s, "0001_a.sql", "CREATE TABLE a (n);\n");
    stage_file(s, "0001_a_down.sql", "-- godwit:tx none\nDROP TABLE a;\nNONSENSE;\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_down(s), GODWIT_FAILED);
    assert_int_equal(STAGE_PLAY(s, gw_status(&s->call, &s->e)), GODWIT_OK);
    assert_int_equal(s->call.report.statement_count, 2);
    assert_string_equal(s->call.report.statements[0].text, "DROP TABLE a");
    assert_true(s->call.report.statements[0].done);
    assert_false(s->call.report.statements[1].done);
}

static gw_rc
play_verify(stage *s)
{
    return STAGE_PLAY(s, gw_verify(&s->call, &s->e));
}

static void
verifies_the_down_files_too_and_lists_every_difference(void **state)
{
    stage *const s = *state;
    three_files(s);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(play_verify(s), GODWIT_OK);
    stage_file(s, "0001_a.sql", "CREATE TABLE a (m);\n");
    stage_file(s, "0002_b_down.sql", "SELECT 'no end;\n");
    assert_int_equal(play_verify(s), GODWIT_FOLDER);
    assert_int_equal(s->call.report.error_count, 2);
    assert_non_null(strstr(s->call.report.errors[1].path, "0002_b_down.sql"));
}

static void
verifies_with_the_order_that_is_allowed(void **state)
{
    stage *const s = *state;
    three_files(s);
    stage_remove(s, "0001_a.sql");
    stage_remove(s, "0001_a_down.sql");
    assert_int_equal(stage_up(s), GODWIT_OK);
    three_files(s);
    assert_int_equal(play_verify(s), GODWIT_FOLDER);
    s->flags[GW_SETTING_OUT_OF_ORDER] = "true";
    assert_int_equal(play_verify(s), GODWIT_OK);
    assert_true(s->call.report.migrations[0].out_of_order);
    assert_int_equal(stage_up(s), GODWIT_OK);
}

static void
verifies_that_every_attempt_ended(void **state)
{
    stage *const s = *state;
    stage_file(s, "0001_a.sql", "-- godwit:tx none\nCREATE TABLE a (n);\nCREATE TABLE b (n);\n");
    fake = (fake_server){.refuse = "CREATE TABLE b", .refuse_rc = GODWIT_CONNECT, .refuse_times = 1};
    assert_int_equal(stage_up(s), GODWIT_CONNECT);
    assert_int_equal(play_verify(s), GODWIT_FOLDER);
    assert_non_null(strstr(s->e.message, "its end is not known"));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        STAGE_TEST(counts_what_ran_and_what_is_left),
        STAGE_TEST(counts_also_when_the_run_fails),
        STAGE_TEST(counts_a_migration_that_stopped_halfway_as_not_pending),
        STAGE_TEST(reverts_without_the_file_by_the_text_that_the_history_kept),
        STAGE_TEST(names_the_history_when_the_text_that_it_kept_is_wrong),
        STAGE_TEST(runs_nothing_when_any_file_of_the_run_is_broken),
        STAGE_TEST(runs_a_file_as_it_was_when_everything_was_checked),
        STAGE_TEST(stops_before_a_file_that_was_changed_meanwhile),
        STAGE_TEST(stops_between_two_migrations_and_blames_none),
        STAGE_TEST(touches_nothing_when_it_pretends),
        STAGE_TEST(says_that_it_pretends_also_when_the_plan_is_refused),
        STAGE_TEST(skips_where_the_directives_say_so_and_records_it_once),
        STAGE_TEST(calls_nothing_skipped_that_is_there_in_part),
        STAGE_TEST(shows_the_statements_of_what_stopped_in_its_direction),
        STAGE_TEST(verifies_the_down_files_too_and_lists_every_difference),
        STAGE_TEST(verifies_with_the_order_that_is_allowed),
        STAGE_TEST(verifies_that_every_attempt_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
