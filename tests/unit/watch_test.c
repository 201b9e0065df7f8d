/* Time-outs and interrupts, on statements that do not end by themselves. */
#include "stage.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"

static const char slow[] = "CREATE TABLE a (n);\nSLEEP;\n";

static gw_rc
run(stage *s, const char *text)
{
    stage_file(s, "0001_slow.sql", text);
    const int64_t began = gw_clock_ms();
    const gw_rc rc = stage_up(s);
    assert_true(gw_clock_ms() - began < 30000);
    return rc;
}

static void
names_the_time_out_that_has_passed(void **state)
{
    static const struct {
        gw_setting_id id;
        const char *text, *message, *hint;
    } rows[] = {
        {GW_SETTING_STATEMENT_TIMEOUT, slow, "cancelled after 400 ms: statement_timeout has passed",
         "above the statement"},
        {GW_SETTING_TIMEOUT, slow, "cancelled after 400 ms: timeout has passed", "-- godwit:timeout 30m"},
        {GW_SETTING_RUN_TIMEOUT, slow, "cancelled after 400 ms: run_timeout has passed", "raise run_timeout"},
        {GW_SETTING_CONFIG, "-- godwit:timeout 400ms\nCREATE TABLE a (n);\nSLEEP;\n",
         "cancelled after 400 ms: timeout has passed", "raise timeout"},
        {GW_SETTING_CONFIG, "CREATE TABLE a (n);\n-- godwit:timeout 400ms\nSLEEP;\n",
         "cancelled after 400 ms: statement_timeout has passed", "above the statement"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        if (rows[i].id != GW_SETTING_CONFIG)
            s->flags[rows[i].id] = "400ms";
        assert_int_equal(run(s, rows[i].text), GODWIT_FAILED);
        assert_string_equal(s->e.message, rows[i].message);
        assert_non_null(strstr(s->e.hint, rows[i].hint));
        assert_non_null(strstr(s->e.notes, "statement 2 of 2"));
        assert_string_equal(stage_rows(s, "SELECT n FROM a"), "none");
        assert_string_equal(stage_history(s), "0001 up failed 0/2;");
        assert_int_equal(stage_end(&again), 0);
    }
}

static void *
ask_soon(void *i)
{
    gw_sleep_ms(400);
    gw_interrupt_ask(i);
    return NULL;
}

static void
ends_the_statement_when_the_user_interrupts(void **state)
{
    stage *const s = *state;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, ask_soon, &s->interrupt), 0);
    assert_int_equal(run(s, slow), GODWIT_INTERRUPTED);
    pthread_join(thread, NULL);
    assert_string_equal(s->e.message, "interrupted");
    assert_int_equal(s->e.line, 2);
    assert_string_equal(s->e.hint, "nothing of this migration was kept; run `godwit up` again");
    assert_string_equal(stage_history(s), "0001 up failed 0/2;");
}

static void
interrupt_now(stage *s, const godwit_event *event)
{
    if (event->kind == GODWIT_EVENT_STATEMENT)
        gw_interrupt_ask(&s->interrupt);
}

static void
stops_between_two_statements(void **state)
{
    static const struct {
        const char *text, *history;
    } rows[] = {
        {"CREATE TABLE a (n);\nCREATE TABLE b (n);\n", "0001 up failed 0/2;"},
        {"-- godwit:tx none\nCREATE TABLE a (n);\nCREATE TABLE b (n);\n", "0001 up failed 1/2;"},
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        s->on_event = interrupt_now;
        assert_int_equal(run(s, rows[i].text), GODWIT_INTERRUPTED);
        assert_string_equal(stage_history(s), rows[i].history);
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
does_not_take_back_what_was_done_before_the_interrupt_came(void **state)
{
    stage *const s = *state;
    s->on_event = interrupt_now;
    assert_int_equal(run(s, "-- godwit:tx none\nCREATE TABLE a (n);\n"), GODWIT_OK);
    assert_string_equal(stage_history(s), "0001 up applied 1/1;");
}

/* The lock of a table that somebody else changes: the fake waits for it, and hears cancel(). */
static void
is_interrupted_while_it_waits_for_the_history_table(void **state)
{
    static const gw_url url = {.scheme = "fake", .user = "other", .database = "shop"};
    stage *const s = *state;
    pthread_t thread;
    gw_conn *c = NULL;
    gw_err e = {0};
    GW_SCOPE(other);
    assert_int_equal(run(s, "CREATE TABLE a (n);\n"), GODWIT_OK);
    assert_int_equal(gw_fake.open(other, &(gw_open_params){.url = &url}, &c, &e), GODWIT_OK);
    assert_int_equal(gw_fake.begin(c, (gw_str){"", 0}, &e), GODWIT_OK);
    assert_int_equal(gw_fake.exec(c, GW_STR_LIT("DELETE FROM godwit_history WHERE id = 99"), &e), GODWIT_OK);
    s->flags[GW_SETTING_LOCK_TIMEOUT] = "900ms";
    stage_file(s, "0002_next.sql", "CREATE TABLE b (n);\n");
    /* It waits in the record, within the transaction; then in recording the failure, which may not be cancelled. */
    assert_int_equal(pthread_create(&thread, NULL, ask_soon, &s->interrupt), 0);
    assert_int_equal(stage_up(s), GODWIT_INTERRUPTED);
    pthread_join(thread, NULL);
    assert_string_equal(stage_rows(s, "SELECT n FROM b"), "none");
}

static void
sets_a_statements_own_lock_timeout_and_takes_it_back(void **state)
{
    stage *const s = *state;
    assert_int_equal(
        run(s, "CREATE TABLE a (n);\n\n-- godwit:lock-timeout 1s\nCREATE TABLE b (n);\nCREATE TABLE c (n);\n"),
        GODWIT_OK);
    assert_non_null(strstr(
        stage_log(s), "CREATE TABLE a (n);set_lock_timeout;CREATE TABLE b (n);set_lock_timeout;CREATE TABLE c (n);"));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_time_out_that_has_passed),
        STAGE_TEST(ends_the_statement_when_the_user_interrupts),
        cmocka_unit_test(stops_between_two_statements),
        STAGE_TEST(does_not_take_back_what_was_done_before_the_interrupt_came),
        STAGE_TEST(is_interrupted_while_it_waits_for_the_history_table),
        STAGE_TEST(sets_a_statements_own_lock_timeout_and_takes_it_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
