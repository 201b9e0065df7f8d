#include "stage.h"

#include <string.h>

static gw_rc
play_redo(stage *s, bool pretend)
{
    return STAGE_PLAY(s, gw_redo(&s->call, pretend, &s->e));
}

static void
begin_with(stage *s, const char *down)
{
    stage_file(s, "0001_a.sql", "CREATE TABLE a (n);\nINSERT INTO a VALUES (1);\n");
    stage_file(s, "0001_a_down.sql", down);
    assert_int_equal(stage_up(s), GODWIT_OK);
}

static void
reverts_and_applies_the_newest(void **state)
{
    stage *const s = *state;
    begin_with(s, "DROP TABLE a;\n");
    stage_file(s, "0001_a.sql", "CREATE TABLE a (n);\nINSERT INTO a VALUES (2);\n");
    assert_int_equal(play_redo(s, false), GODWIT_OK);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "2;");
    assert_string_equal(stage_history(s), "0001 up applied 2/2;0001 down reverted 1/1;0001 up applied 2/2;");
    assert_int_equal(s->call.report.files_executed, 2);
    assert_int_equal(s->call.report.pending, 0);
}

static void
reverts_nothing_when_the_file_could_not_be_applied_again(void **state)
{
    stage *const s = *state;
    begin_with(s, "DROP TABLE a;\n");
    stage_file(s, "0001_a.sql", "SELECT 'no end;\n");
    assert_int_equal(play_redo(s, false), GODWIT_FOLDER);
    assert_string_equal(stage_history(s), "0001 up applied 2/2;");
    stage_remove(s, "0001_a.sql");
    stage_remove(s, "0001_a_down.sql");
    assert_int_equal(play_redo(s, false), GODWIT_FOLDER);
    assert_non_null(strstr(s->e.message, "could be reverted, but not applied again"));
    assert_string_equal(stage_history(s), "0001 up applied 2/2;");
}

static void
says_that_it_was_reverted_when_applying_it_again_fails(void **state)
{
    stage *const s = *state;
    begin_with(s, "DROP TABLE a;\n");
    stage_file(s, "0001_a.sql", "NONSENSE;\n");
    assert_int_equal(play_redo(s, false), GODWIT_FAILED);
    assert_non_null(strstr(s->e.notes, "0001 was reverted before, and is not applied now"));
    assert_string_equal(stage_history(s), "0001 up applied 2/2;0001 down reverted 1/1;0001 up failed 0/1;");
    assert_int_equal(s->call.report.files_executed, 1);
    assert_int_equal(s->call.report.pending, 1);
    assert_int_equal(s->call.report.migration_count, 2);
}

static void
stays_applied_when_reverting_fails(void **state)
{
    stage *const s = *state;
    begin_with(s, "NONSENSE;\n");
    assert_int_equal(play_redo(s, false), GODWIT_FAILED);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;");
    assert_null(strstr(s->e.notes, "reverted before"));
    assert_int_equal(s->call.report.pending, 0);
}

static void
pretends_both_ways_and_touches_nothing(void **state)
{
    stage *const s = *state;
    begin_with(s, "DROP TABLE a;\n");
    assert_int_equal(play_redo(s, true), GODWIT_OK);
    assert_int_equal(s->call.report.migration_count, 2);
    assert_string_equal(s->call.report.migrations[0].direction, "down");
    assert_string_equal(s->call.report.migrations[1].direction, "up");
    assert_string_equal(stage_history(s), "0001 up applied 2/2;");
}

static void
does_nothing_when_nothing_is_applied(void **state)
{
    stage *const s = *state;
    stage_file(s, "0001_a.sql", "CREATE TABLE a (n);\n");
    assert_int_equal(play_redo(s, false), GODWIT_OK);
    assert_int_equal(s->call.report.files_executed, 0);
    assert_string_equal(stage_history(s), "none");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        STAGE_TEST(reverts_and_applies_the_newest),
        STAGE_TEST(reverts_nothing_when_the_file_could_not_be_applied_again),
        STAGE_TEST(says_that_it_was_reverted_when_applying_it_again_fails),
        STAGE_TEST(stays_applied_when_reverting_fails),
        STAGE_TEST(pretends_both_ways_and_touches_nothing),
        STAGE_TEST(does_nothing_when_nothing_is_applied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
