/* What is tried again, how often, and after which wait. */
#include "stage.h"

#include <string.h>

#include "base/clock.h"
#include "workflow/retry.h"

static const char one[] = "CREATE TABLE a (n);\nINSERT INTO a VALUES (1);\n";

static void
refuse(const char *step, unsigned times, bool transient)
{
    fake = (fake_server){.refuse = step, .refuse_times = times, .refuse_transient = transient};
}

static void
tries_again_after_a_deadlock_as_often_as_configured_with_waits_that_double(void **state)
{
    stage *const s = *state;
    stage_first(s, one);
    refuse("INSERT INTO a", 3, true);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(s->told.ptr, "run 1;begin 0001 1/1;1/2;"
                                     "waiting: refused: INSERT INTO a VALUES (1); trying again in 5 ms;1/2;"
                                     "waiting: refused: INSERT INTO a VALUES (1); trying again in 10 ms;1/2;"
                                     "waiting: refused: INSERT INTO a VALUES (1); trying again in 20 ms;1/2;"
                                     "2/2;end 0001;ran 1/1;");
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;");
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 2/2;");
    assert_int_equal(stage_count("begin"), 4);
}

static void
fails_when_it_was_tried_often_enough(void **state)
{
    stage *const s = *state;
    stage_first(s, one);
    s->flags[GW_SETTING_RETRIES] = "1";
    refuse("INSERT INTO a", 0, true);
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_int_equal(stage_count("INSERT INTO a"), 2);
    assert_int_equal(s->e.line, 2);
    assert_string_equal(s->e.hint, "nothing of this migration was kept; try later: run `godwit up` again");
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 0/2;");
}

static void
does_not_try_again_what_will_not_pass(void **state)
{
    stage *const s = *state;
    stage_first(s, one);
    refuse("INSERT INTO a", 1, false);
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_int_equal(stage_count("INSERT INTO a"), 1);
}

static void
tries_again_when_a_commit_is_refused_for_a_passing_reason(void **state)
{
    stage *const s = *state;
    stage_first(s, "-- godwit:tx none\nCREATE TABLE a (n);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\n");
    s->flags[GW_SETTING_RETRIES] = "1";
    refuse("commit", 1, true);
    fake.refuse_after = 1; /* the first unit's */
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;2;");
}

static void
refuse_the_next(stage *s, const godwit_event *event)
{
    if (event->kind == GODWIT_EVENT_STATEMENT && event->index == 2 && s->server.lose_times++ == 0)
        refuse("INSERT INTO a VALUES (2)", 1, true);
}

static void
tries_every_unit_as_often_as_configured(void **state)
{
    stage *const s = *state;
    stage_first(s, "-- godwit:tx none\nCREATE TABLE a (n);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\n");
    s->flags[GW_SETTING_RETRIES] = "1";
    s->on_event = refuse_the_next;
    refuse("INSERT INTO a VALUES (1)", 1, true);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("INSERT INTO a"), 4);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;2;");
}

/* ---- before anything runs ---- */

static void
connects_again_when_the_connection_is_lost_before_anything_runs(void **state)
{
    static const struct {
        const char *step;
        unsigned after;
        bool has_history;
    } rows[] = {{"COLUMNS", 0, true},        {"SELECT id", 0, true}, {"lock", 0, true},
                {"COLUMNS", 1, true},        {"SELECT id", 1, true}, {"CREATE TABLE \"", 0, false},
                {"CREATE SCHEMA", 0, false}, {"COLUMNS", 2, false}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        if (rows[i].has_history)
            stage_first(s, one);
        else
            s->flags[GW_SETTING_HISTORY] = "other.godwit_history";
        stage_file(s, "0001_first.sql", one);
        fake = (fake_server){.refuse = rows[i].step,
                             .refuse_after = rows[i].after,
                             .refuse_rc = GODWIT_CONNECT,
                             .refuse_times = 2,
                             .refuse_transient = true};
        if (stage_up(s) != GODWIT_OK)
            fail_msg("%s: %s", rows[i].step, s->e.message);
        assert_non_null(strstr(s->told.ptr, "; trying again in 5 ms;"));
        assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;");
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
gives_up_when_every_connection_is_lost_before_anything_runs(void **state)
{
    stage *const s = *state;
    stage_first(s, one);
    s->flags[GW_SETTING_RETRIES] = "2";
    fake = (fake_server){.refuse = "lock", .refuse_rc = GODWIT_CONNECT, .refuse_transient = true};
    assert_int_equal(stage_up(s), GODWIT_CONNECT);
    assert_string_equal(s->e.message, "refused: lock");
    assert_int_equal(stage_count("lock"), 3);
    s->flags[GW_SETTING_RETRY_BACKOFF] = "60s";
    const pthread_t thread = stage_interrupt_soon(s);
    assert_int_equal(stage_up(s), GODWIT_INTERRUPTED);
    pthread_join(thread, NULL);
}

/* ---- waits that end early ---- */

static void
interrupt_the_wait(stage *s, const godwit_event *event)
{
    if (event->kind == GODWIT_EVENT_WAITING)
        gw_interrupt_ask(&s->interrupt);
}

static void
is_interrupted_while_it_waits(void **state)
{
    stage *const s = *state;
    stage_first(s, one);
    s->flags[GW_SETTING_RETRY_BACKOFF] = "60s";
    s->on_event = interrupt_the_wait;
    refuse("INSERT INTO a", 0, true);
    const int64_t began = gw_clock_ms();
    assert_int_equal(stage_up(s), GODWIT_INTERRUPTED);
    assert_true(gw_clock_ms() - began < 30000);
    assert_non_null(strstr(s->e.notes, "before that: refused: INSERT INTO a"));
    assert_string_equal(s->e.hint, "nothing of this migration was kept; run `godwit up` again");
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 0/2;");
}

static void
waits_no_longer_than_the_run_may_take(void **state)
{
    stage *const s = *state;
    stage_first(s, one);
    s->flags[GW_SETTING_RETRY_BACKOFF] = "100ms";
    s->flags[GW_SETTING_RUN_TIMEOUT] = "50ms";
    refuse("INSERT INTO a", 0, true);
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(s->e.message, "cancelled after 50 ms: run_timeout has passed");
}

/* ---- waits for a lock ---- */

static void
spends_a_lock_timeout_in_several_short_queues(void **state)
{
    (void)state;
    static const struct {
        int64_t timeout, queue;
    } rows[] = {{0, 0}, {1, 1}, {100, 100}, {101, 100}, {500, 100}, {501, 100}, {5000, 1000}, {60000, 12000}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(gw_retry_queue_ms(rows[i].timeout), rows[i].queue);
}

/* Somebody else's transaction has table a. */
static void
hold(gw_arena *a)
{
    gw_conn *const other = stage_other(a);
    gw_err e = {0};
    assert_int_equal(gw_fake.begin(other, (gw_str){"", 0}, &e), GODWIT_OK);
    stage_do(other, "DELETE FROM a");
}

static void
steps_back_from_the_queue_and_gives_up_when_the_time_is_over(void **state)
{
    stage *const s = *state;
    stage_first(s, "INSERT INTO a VALUES (1);\n");
    (void)stage_rows(s, "CREATE TABLE a (n)");
    fake_log_clear();
    GW_SCOPE(other);
    hold(other);
    s->flags[GW_SETTING_LOCK_TIMEOUT] = "600ms";
    s->flags[GW_SETTING_RETRIES] = "0"; /* another matter */
    const int64_t began = gw_clock_ms();
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_in_range(gw_clock_ms() - began, 300, 20000);
    assert_true(s->e.lock_wait);
    assert_in_range(stage_count("INSERT INTO a"), 2, 5);
    assert_true(stage_count("rollback") >= stage_count("INSERT INTO a"));
    assert_null(strstr(s->told.ptr, "waiting"));
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 0/1;");
}

static void *
let_go_soon(void *arena)
{
    gw_sleep_ms(250);
    gw_arena_free(arena);
    return NULL;
}

static void
goes_on_when_the_lock_was_given_up(void **state)
{
    stage *const s = *state;
    pthread_t thread;
    gw_arena *const other = gw_arena_new();
    stage_first(s, "INSERT INTO a VALUES (1);\n");
    (void)stage_rows(s, "CREATE TABLE a (n)");
    hold(other);
    s->flags[GW_SETTING_LOCK_TIMEOUT] = "10s";
    assert_int_equal(pthread_create(&thread, NULL, let_go_soon, other), 0);
    assert_int_equal(stage_up(s), GODWIT_OK);
    pthread_join(thread, NULL);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;");
}

static void
takes_the_statements_own_lock_timeout_and_gives_it_back_before_it_tries_again(void **state)
{
    stage *const s = *state;
    stage_first(s, "CREATE TABLE b (n);\n-- godwit:lock-timeout 600ms\nCREATE TABLE c (n);\n");
    s->server.is_lock_wait = true;
    refuse("CREATE TABLE c", 2, true);
    fake_log_clear();
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_non_null(strstr(stage_log(s), "begin;CREATE TABLE b (n);set_lock_timeout;CREATE TABLE c (n);rollback;"
                                         "rollback;set_lock_timeout;begin;CREATE TABLE b (n);set_lock_timeout;"));
}

static void
treats_a_wait_for_a_lock_like_a_deadlock_where_no_timeout_is_said(void **state)
{
    stage *const s = *state;
    stage_first(s, one);
    s->server.is_lock_wait = true;
    refuse("INSERT INTO a", 2, true);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_non_null(strstr(s->told.ptr, "trying again in 10 ms"));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        STAGE_TEST(tries_again_after_a_deadlock_as_often_as_configured_with_waits_that_double),
        STAGE_TEST(fails_when_it_was_tried_often_enough),
        STAGE_TEST(does_not_try_again_what_will_not_pass),
        STAGE_TEST(tries_again_when_a_commit_is_refused_for_a_passing_reason),
        STAGE_TEST(tries_every_unit_as_often_as_configured),
        cmocka_unit_test(connects_again_when_the_connection_is_lost_before_anything_runs),
        STAGE_TEST(gives_up_when_every_connection_is_lost_before_anything_runs),
        STAGE_TEST(is_interrupted_while_it_waits),
        STAGE_TEST(waits_no_longer_than_the_run_may_take),
        cmocka_unit_test(spends_a_lock_timeout_in_several_short_queues),
        STAGE_TEST(steps_back_from_the_queue_and_gives_up_when_the_time_is_over),
        STAGE_TEST(goes_on_when_the_lock_was_given_up),
        STAGE_TEST(takes_the_statements_own_lock_timeout_and_gives_it_back_before_it_tries_again),
        STAGE_TEST(treats_a_wait_for_a_lock_like_a_deadlock_where_no_timeout_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
