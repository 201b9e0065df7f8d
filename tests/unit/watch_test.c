/* Time-outs and interrupts, on statements that do not end by themselves. */
#include "stage.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "workflow/watch.h"

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

/* ---- a way that stalls ---- */

typedef struct stalled {
    gw_conn head;
    atomic_int cancels, drops;
    atomic_llong drop_ms;
} stalled;

typedef struct scene {
    gw_interrupt interrupt;
    gw_call call;
    gw_watch *watch;
    gw_open_params opened_with;
    gw_conn *conn;
} scene;

static scene *opening;

static void
count_cancel(gw_conn *c)
{
    atomic_fetch_add(&((stalled *)(void *)c)->cancels, 1);
}

static void
count_drop(gw_conn *c, int64_t ms)
{
    atomic_store(&((stalled *)(void *)c)->drop_ms, ms);
    atomic_fetch_add(&((stalled *)(void *)c)->drops, 1);
}

static gw_rc open_stalled(gw_arena *a, const gw_open_params *p, gw_conn **out, gw_err *e);

static const gw_engine stalling = {
    .name = "stalling", .open = open_stalled, .cancel = count_cancel, .drop = count_drop};

static gw_rc
open_stalled(gw_arena *a, const gw_open_params *p, gw_conn **out, gw_err *e)
{
    stalled *const c = gw_new(a, stalled);
    (void)e;
    c->head.engine = &stalling;
    opening->opened_with = *p;
    *out = &c->head;
    return GODWIT_OK;
}

static void
end_interrupt(void *i)
{
    gw_interrupt_close(i);
}

/* Whose run has ms to live. */
static scene *
begin_scene(gw_arena *a, int64_t ms)
{
    gw_err e = {0};
    scene *const s = opening = gw_new(a, scene);
    gw_interrupt_open(&s->interrupt);
    gw_defer(a, end_interrupt, &s->interrupt);
    s->call = (gw_call){.arena = a, .interrupt = &s->interrupt};
    assert_int_equal(gw_watch_start(a, &s->call, &s->watch, &e), GODWIT_OK);
    gw_watch_deadline(s->watch, GW_DEADLINE_RUN, ms);
    return s;
}

static stalled *
connect_scene(gw_arena *a, scene *s)
{
    gw_err e = {0};
    assert_int_equal(gw_watch_open(s->watch, a, &stalling, &(gw_open_params){.interrupt = &s->interrupt}, &s->conn, &e),
                     GODWIT_OK);
    return (stalled *)(void *)s->conn;
}

static void
connects_no_longer_than_the_time_allows(void **state)
{
    GW_SCOPE(a);
    (void)state;
    scene *const s = begin_scene(a, 60000);
    (void)connect_scene(a, s);
    const int64_t left = s->opened_with.until_ms - gw_clock_ms();
    assert_true(left > 50000 && left <= 60000);
    assert_ptr_equal(s->opened_with.interrupt, &s->interrupt);
    gw_watch_extend(s->watch, 1000);
    gw_interrupt_ask(&s->interrupt);
    (void)connect_scene(a, s);
    assert_true(s->opened_with.until_ms - gw_clock_ms() <= 1000);
    assert_null(s->opened_with.interrupt); /* it was asked already */
}

static void
drops_what_still_runs_when_an_extension_ends(void **state)
{
    gw_err e = {0};
    GW_SCOPE(a);
    (void)state;
    scene *const s = begin_scene(a, 1);
    gw_watch_extend(s->watch, 300);
    stalled *const c = connect_scene(a, s);
    gw_watch_enter(s->watch, s->conn);
    gw_sleep_ms(150);
    assert_int_equal(gw_watch_check(s->watch, &e), GODWIT_OK);
    assert_int_equal(atomic_load(&c->drops), 0);
    for (int i = 0; i < 100 && atomic_load(&c->drops) == 0; i++)
        gw_sleep_ms(20);
    assert_true(atomic_load(&c->drops) > 0);
    assert_int_equal(atomic_load(&c->drop_ms), 0);
    assert_int_equal(atomic_load(&c->cancels), 0);
    gw_watch_extend(s->watch, 0);
    for (int i = 0; i < 100 && atomic_load(&c->cancels) == 0; i++)
        gw_sleep_ms(20);
    assert_true(atomic_load(&c->cancels) > 0);
    assert_int_equal(gw_watch_check(s->watch, &e), GODWIT_FAILED);
}

static void
says_why_a_connection_was_lost_when_the_time_was_over(void **state)
{
    gw_err e = {0};
    GW_SCOPE(a);
    (void)state;
    scene *const s = begin_scene(a, 1);
    stalled *const c = connect_scene(a, s);
    gw_sleep_ms(5);
    gw_watch_enter(s->watch, s->conn);
    (void)gw_fail(&e, GODWIT_CONNECT, "the connection was closed");
    (void)gw_err_note(&e, "one");
    assert_int_equal(gw_watch_leave(s->watch, gw_err_note(&e, "two"), &e), GODWIT_FAILED);
    assert_string_equal(e.message, "cancelled after 1 ms: run_timeout has passed");
    assert_string_equal(e.notes, "the connection was closed\none\ntwo");
    assert_int_equal(atomic_load(&c->drops), 0); /* not after 5 ms */
}

static void
has_patience_with_what_is_not_entered(void **state)
{
    GW_SCOPE(a);
    (void)state;
    gw_err e = {0};
    scene *const s = begin_scene(a, 60000);
    stalled *const c = connect_scene(a, s);
    gw_watch_enter(s->watch, s->conn);
    assert_int_equal(gw_watch_leave(s->watch, GODWIT_OK, &e), GODWIT_OK);
    const int64_t began = gw_clock_ms();
    gw_watch_deadline(s->watch, GW_DEADLINE_RUN, 1);
    while (atomic_load(&c->drops) == 0 && gw_clock_ms() - began < 20000)
        gw_sleep_ms(20);
    assert_in_range(gw_clock_ms() - began, 4900, 20000);
    assert_int_equal(atomic_load(&c->drop_ms), 5000);
    assert_int_equal(atomic_load(&c->cancels), 0);
}

static void
forgets_a_connection_that_is_closed(void **state)
{
    GW_SCOPE(a);
    (void)state;
    scene *const s = begin_scene(a, 0);
    gw_arena *const link = gw_arena_new();
    (void)connect_scene(link, s);
    gw_arena_free(link);
    gw_watch_extend(s->watch, 1);
    gw_sleep_ms(300); /* a sanitizer would see it */
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
        cmocka_unit_test(connects_no_longer_than_the_time_allows),
        cmocka_unit_test(drops_what_still_runs_when_an_extension_ends),
        cmocka_unit_test(says_why_a_connection_was_lost_when_the_time_was_over),
        cmocka_unit_test(has_patience_with_what_is_not_entered),
        cmocka_unit_test(forgets_a_connection_that_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
