#include "stage.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static void
two_files(const stage *s)
{
    stage_file(s, "0001_a.sql", "CREATE TABLE a (n);\n");
    stage_file(s, "0002_b.sql", "CREATE TABLE b (n);\n");
}

static void
tells_each_hook_where_the_run_stands(void **state)
{
    stage *const s = *state;
    two_files(s);
    s->flags[GW_SETTING_BEFORE_UP] = s->flags[GW_SETTING_AFTER_EACH] = s->flags[GW_SETTING_AFTER_UP] =
        "sed 's/.*\"pending\":\\([0-9]*\\),\"executed\":\\([0-9]*\\).*/\\1 left, \\2 done/'";
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(s->told.ptr, "note: before_up: 2 left, 0 done;run 2;begin 0001 1/2;1/1;end 0001;"
                                     "note: after_each: 1 left, 1 done;begin 0002 2/2;1/1;end 0002;"
                                     "note: after_each: 0 left, 2 done;ran 2/2;note: after_up: 0 left, 2 done;");
}

static void
runs_nothing_when_before_up_fails(void **state)
{
    stage *const s = *state;
    two_files(s);
    s->flags[GW_SETTING_BEFORE_UP] = "exit 3";
    s->flags[GW_SETTING_ON_FAILURE] = "echo heard";
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(s->e.message, "hook before_up failed: command \"exit\" ended with status 3");
    assert_string_equal(stage_history(s), "none");
    assert_string_equal(s->told.ptr, "ran 0/2;note: on_failure: heard;");
    assert_int_equal(s->call.report.pending, 2);
}

static void
tells_a_failing_hook_that_comes_too_late_to_stop_anything(void **state)
{
    stage *const s = *state;
    two_files(s);
    s->flags[GW_SETTING_AFTER_EACH] = s->flags[GW_SETTING_AFTER_UP] = "exit 4";
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_non_null(strstr(s->told.ptr, "note: hook after_up failed: command \"exit\" ended with status 4;"));
}

static void
leaves_before_up_out_when_everything_is_skipped(void **state)
{
    stage *const s = *state;
    stage_file(s, "0001_a.sql", "-- godwit:only-on elsewhere\nCREATE TABLE a (n);\n");
    s->flags[GW_SETTING_BEFORE_UP] = "exit 3";
    assert_int_equal(stage_up(s), GODWIT_OK);
}

/* Once the hook has begun, which makes that file. */
typedef struct asker {
    const char *path;
    gw_interrupt *interrupt;
} asker;

static void *
ask_then(void *subject)
{
    const asker *const a = subject;
    while (access(a->path, F_OK) != 0)
        gw_sleep_ms(5);
    gw_interrupt_ask(a->interrupt);
    return NULL;
}

static void
ends_a_hook_when_the_user_interrupts_and_still_tells_the_failure(void **state)
{
    stage *const s = *state;
    pthread_t thread;
    two_files(s);
    asker a = {gw_printf(s->arena, "%s.begun", s->folder), &s->interrupt};
    s->flags[GW_SETTING_BEFORE_UP] = gw_printf(s->arena, "touch %s; exec sleep 50", a.path);
    s->flags[GW_SETTING_ON_FAILURE] = "echo heard";
    const int64_t began = gw_clock_ms();
    assert_int_equal(pthread_create(&thread, NULL, ask_then, &a), 0);
    assert_int_equal(stage_up(s), GODWIT_INTERRUPTED);
    pthread_join(thread, NULL);
    assert_int_equal(unlink(a.path), 0);
    assert_true(gw_clock_ms() - began < 30000);
    assert_non_null(strstr(s->told.ptr, "note: on_failure: heard;"));
    assert_string_equal(stage_history(s), "none");
}

static void
interrupt_at_note(stage *s, const godwit_event *event)
{
    if (event->kind == GODWIT_EVENT_NOTE && strstr(event->text, "between") != NULL)
        gw_interrupt_ask(&s->interrupt);
}

static void
tells_the_failure_of_a_redo_that_ends_between_its_halves(void **state)
{
    stage *const s = *state;
    stage_file(s, "0001_a.sql", "CREATE TABLE a (n);\n");
    stage_file(s, "0001_a_down.sql", "DROP TABLE a;\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    s->flags[GW_SETTING_AFTER_EACH] = "echo between";
    s->flags[GW_SETTING_ON_FAILURE] = "echo heard";
    s->on_event = interrupt_at_note;
    assert_int_equal(STAGE_PLAY(s, gw_redo(&s->call, false, &s->e)), GODWIT_INTERRUPTED);
    assert_string_equal(stage_history(s), "0001 up applied 1/1;0001 down reverted 1/1;");
    assert_non_null(strstr(s->e.notes, "0001 was reverted before, and is not applied now"));
    assert_non_null(strstr(s->told.ptr, "note: after_each: between;ran 1/1;note: on_failure: heard;"));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        STAGE_TEST(tells_each_hook_where_the_run_stands),
        STAGE_TEST(runs_nothing_when_before_up_fails),
        STAGE_TEST(tells_a_failing_hook_that_comes_too_late_to_stop_anything),
        STAGE_TEST(leaves_before_up_out_when_everything_is_skipped),
        STAGE_TEST(ends_a_hook_when_the_user_interrupts_and_still_tells_the_failure),
        STAGE_TEST(tells_the_failure_of_a_redo_that_ends_between_its_halves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
