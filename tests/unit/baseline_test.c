#include "stage.h"

#include <string.h>

static gw_rc
play(stage *s, const char *version)
{
    return STAGE_PLAY(s, gw_baseline(&s->call, version, &s->e));
}

static void
two_files(const stage *s)
{
    stage_file(s, "0001_a.sql", "CREATE TABLE a (n);\n");
    stage_file(s, "0002_b.sql", "CREATE TABLE b (n);\n");
}

static void
records_up_to_a_version_and_runs_nothing(void **state)
{
    stage *const s = *state;
    two_files(s);
    assert_int_equal(play(s, "0001"), GODWIT_OK);
    assert_string_equal(stage_history(s), "0001 up applied 0/0;");
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "none");
    assert_int_equal(s->call.report.migration_count, 1);
    assert_string_equal(s->call.report.migrations[0].kind, "baseline");
    assert_int_equal(s->call.report.migrations[0].state, GODWIT_APPLIED);
    assert_int_equal(s->call.report.pending, 1);
    assert_int_equal(play(s, NULL), GODWIT_OK);
    assert_int_equal(s->call.report.migration_count, 1);
    assert_int_equal(s->call.report.pending, 0);
    assert_int_equal(play(s, NULL), GODWIT_USAGE);
    assert_int_equal(s->call.report.migration_count, 0);
}

/* How most people come to it: `up` on a database that has everything already. */
static void
covers_what_was_tried_and_kept_nothing(void **state)
{
    stage *const s = *state;
    two_files(s);
    assert_string_equal(stage_rows(s, "CREATE TABLE a (n)"), "");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_int_equal(play(s, "0001"), GODWIT_OK);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_history(s), "0001 up failed 0/1;0001 up applied 0/0;0002 up applied 1/1;");
}

static void
refuses_what_stopped_halfway(void **state)
{
    stage *const s = *state;
    two_files(s);
    stage_file(s, "0001_a.sql", "-- godwit:tx none\nCREATE TABLE a (n);\nNONSENSE;\n");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_int_equal(play(s, NULL), GODWIT_FAILED);
    assert_non_null(strstr(s->e.hint, "godwit resolve 0001"));
    assert_string_equal(stage_history(s), "0001 up failed 1/2;");
}

static void
records_all_or_nothing(void **state)
{
    static const char *const steps[] = {"begin", "INSERT", "commit"};
    stage *const s = *state;
    two_files(s);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        fake = (fake_server){.refuse = steps[i], .refuse_after = i == 1, .refuse_times = 1};
        assert_int_equal(play(s, NULL), GODWIT_FAILED);
        assert_string_equal(stage_history(s), "");
        assert_int_equal(s->call.report.migration_count, 0);
    }
    fake = (fake_server){.refuse = "commit", .refuse_rc = GODWIT_CONNECT, .refuse_times = 1, .refuse_late = true};
    assert_int_equal(play(s, NULL), GODWIT_CONNECT);
    assert_string_equal(s->e.hint, "`godwit status` tells whether it was kept");
}

static void
names_a_version_that_there_is_not(void **state)
{
    stage *const s = *state;
    assert_int_equal(play(s, NULL), GODWIT_USAGE);
    assert_non_null(strstr(s->e.message, "there are no files in"));
    two_files(s);
    assert_int_equal(play(s, "0009"), GODWIT_USAGE);
    assert_string_equal(s->e.hint, "the newest is 0002");
    assert_string_equal(stage_history(s), "none");
}

static void
records_a_bare_version_where_there_are_no_files(void **state)
{
    stage *const s = *state;
    assert_int_equal(play(s, "0007"), GODWIT_OK);
    assert_int_equal(s->call.report.migration_count, 1);
    assert_string_equal(stage_history(s), "0007 up applied 0/0;");
    assert_int_equal(play(s, "0007"), GODWIT_USAGE);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        STAGE_TEST(records_up_to_a_version_and_runs_nothing),
        STAGE_TEST(covers_what_was_tried_and_kept_nothing),
        STAGE_TEST(refuses_what_stopped_halfway),
        STAGE_TEST(records_all_or_nothing),
        STAGE_TEST(names_a_version_that_there_is_not),
        STAGE_TEST(records_a_bare_version_where_there_are_no_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
