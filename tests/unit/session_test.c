/* Connecting, creating, locking: what happens before anything runs. */
#include "stage.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"

static void
refuse_open(unsigned times, bool transient)
{
    fake = (fake_server){
        .refuse = "open", .refuse_rc = GODWIT_CONNECT, .refuse_times = times, .refuse_transient = transient};
}

static size_t
count(const char *text, const char *part)
{
    size_t found = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        found++;
    return found;
}

static void
connects_again_after_passing_failures_with_growing_pauses(void **state)
{
    stage *const s = *state;
    refuse_open(3, true);
    const int64_t began = gw_clock_ms();
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_in_range(gw_clock_ms() - began, 5 + 10 + 15 - 3, 5000);
    assert_string_equal(s->told.ptr,
                        "waiting: refused: open; trying again in 5 ms;waiting: refused: open; trying again in 10 ms;"
                        "waiting: refused: open; trying again in 15 ms;run 0;ran 0/0;");
}

static void
gives_up_after_the_tries_that_are_configured(void **state)
{
    stage *const s = *state;
    s->flags[GW_SETTING_CONNECT_TRIES] = "2";
    refuse_open(0, true);
    assert_int_equal(stage_up(s), GODWIT_CONNECT);
    assert_string_equal(stage_log(s), "database_create;open;open;open;");
    assert_string_equal(s->e.message, "refused: open");
}

static void
does_not_try_again_what_will_not_pass(void **state)
{
    stage *const s = *state;
    refuse_open(0, false);
    assert_int_equal(stage_up(s), GODWIT_CONNECT);
    assert_int_equal(count(fake_log(), "open;"), 1);
}

static void *
ask_soon(void *i)
{
    gw_sleep_ms(50);
    gw_interrupt_ask(i);
    return NULL;
}

static void
is_interrupted_while_it_waits_to_connect_again(void **state)
{
    stage *const s = *state;
    pthread_t thread;
    s->flags[GW_SETTING_CONNECT_BACKOFF] = "60s";
    refuse_open(0, true);
    const int64_t began = gw_clock_ms();
    assert_int_equal(pthread_create(&thread, NULL, ask_soon, &s->interrupt), 0);
    assert_int_equal(stage_up(s), GODWIT_INTERRUPTED);
    pthread_join(thread, NULL);
    assert_true(gw_clock_ms() - began < 30000);
    assert_int_equal(count(fake_log(), "open;"), 1);
}

static void
does_not_even_connect_when_it_was_cancelled_before(void **state)
{
    stage *const s = *state;
    fake_log_clear();
    gw_interrupt_ask(&s->interrupt);
    assert_int_equal(stage_up(s), GODWIT_INTERRUPTED);
    assert_string_equal(fake_log(), "");
}

/* ---- a database that does not exist ---- */

static void
without_database(stage *s)
{
    s->flags[GW_SETTING_URL] = "fake://app@h/new_shop";
    stage_file(s, "0001_first.sql", "CREATE TABLE a (n);\n");
    fake_log_clear();
}

static void
says_how_to_create_a_database_that_does_not_exist(void **state)
{
    stage *const s = *state;
    without_database(s);
    assert_int_equal(stage_up(s), GODWIT_CONNECT);
    assert_string_equal(s->e.hint, "create it with `godwit db create`, or let `godwit up --create` do it");
    assert_int_equal(stage_down(s), GODWIT_CONNECT);
    assert_string_equal(s->e.hint, "create it with `godwit db create`");
    assert_null(strstr(fake_log(), "database_create"));
}

static void
creates_the_database_when_it_is_told_to(void **state)
{
    stage *const s = *state;
    without_database(s);
    s->flags[GW_SETTING_CREATE] = "true";
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_non_null(strstr(s->told.ptr, "note: created the database fake://app@h/new_shop;"));
    assert_int_equal(s->call.report.files_executed, 1);
}

static void
takes_a_database_that_does_not_exist_for_an_empty_one_when_it_only_looks(void **state)
{
    stage *const s = *state;
    without_database(s);
    s->flags[GW_SETTING_CREATE] = "true";
    assert_int_equal(STAGE_PLAY(s, gw_status(&s->call, &s->e)), GODWIT_OK);
    assert_int_equal(s->call.report.pending, 1);
    assert_int_equal(STAGE_PLAY(s, gw_up(&s->call, &(godwit_up_params){.pretend = true}, &s->e)), GODWIT_OK);
    assert_int_equal(s->call.report.migration_count, 1);
    assert_int_equal(s->call.report.pending, 1);
    assert_int_equal(STAGE_PLAY(s, gw_verify(&s->call, &s->e)), GODWIT_OK);
    assert_int_equal(STAGE_PLAY(s, gw_history_show(&s->call, &s->e)), GODWIT_OK);
    godwit_lock lock;
    assert_int_equal(STAGE_PLAY(s, gw_lock_show(&s->call, &lock, &s->e)), GODWIT_OK);
    assert_false(lock.held);
    assert_string_equal(stage_log(s), "open;open;open;open;open;");
}

/* ---- the lock ---- */

/* Somebody else holds it, in the arena. */
static void
hold_lock(gw_arena *a, stage *s)
{
    static const gw_url url = {.scheme = "fake", .user = "other", .database = "shop"};
    gw_conn *c = NULL;
    bool taken = false;
    gw_err e = {0};
    s->flags[GW_SETTING_LOCK_KEY] = "7";
    assert_int_equal(gw_fake.open(a, &(gw_open_params){.url = &url}, &c, &e), GODWIT_OK);
    assert_int_equal(gw_fake.try_lock(c, "7", &taken, &e), GODWIT_OK);
    assert_true(taken);
}

static void
names_the_holder_of_the_lock_and_touches_nothing(void **state)
{
    stage *const s = *state;
    GW_SCOPE(other);
    hold_lock(other, s);
    stage_file(s, "0001_first.sql", "CREATE TABLE a (n);\n");
    assert_int_equal(stage_up(s), GODWIT_LOCKED);
    assert_non_null(strstr(s->e.message, "other@fake"));
    assert_non_null(strstr(s->told.ptr, "waiting: another godwit holds the lock: other@fake, pid"));
    assert_string_equal(stage_history(s), "none");
}

static void
is_interrupted_while_it_waits_for_the_lock(void **state)
{
    stage *const s = *state;
    pthread_t thread;
    GW_SCOPE(other);
    hold_lock(other, s);
    s->flags[GW_SETTING_LOCK_WAIT] = s->flags[GW_SETTING_LOCK_POLL] = "60s";
    const int64_t began = gw_clock_ms();
    assert_int_equal(pthread_create(&thread, NULL, ask_soon, &s->interrupt), 0);
    assert_int_equal(stage_up(s), GODWIT_INTERRUPTED);
    pthread_join(thread, NULL);
    assert_true(gw_clock_ms() - began < 30000);
}

static void
does_not_wait_for_the_lock_longer_than_the_run_may_take(void **state)
{
    stage *const s = *state;
    GW_SCOPE(other);
    hold_lock(other, s);
    s->flags[GW_SETTING_LOCK_WAIT] = "60s";
    s->flags[GW_SETTING_RUN_TIMEOUT] = "30ms";
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(s->e.message, "cancelled after 30 ms: run_timeout has passed");
}

static void
shows_and_releases_the_lock(void **state)
{
    stage *const s = *state;
    godwit_lock lock;
    GW_SCOPE(other);
    hold_lock(other, s);
    assert_int_equal(STAGE_PLAY(s, gw_lock_show(&s->call, &lock, &s->e)), GODWIT_OK);
    assert_true(lock.held);
    assert_non_null(strstr(lock.holder, "other@fake"));
    assert_string_equal(lock.key, "7");
    assert_int_equal(STAGE_PLAY(s, gw_lock_release(&s->call, false, &lock, &s->e)), GODWIT_OK);
    assert_int_equal(STAGE_PLAY(s, gw_lock_show(&s->call, &lock, &s->e)), GODWIT_OK);
    assert_false(lock.held);
    assert_int_equal(STAGE_PLAY(s, gw_lock_release(&s->call, false, &lock, &s->e)), GODWIT_OK);
}

static void
lists_the_schemes_there_are_when_one_is_unknown(void **state)
{
    stage *const s = *state;
    s->flags[GW_SETTING_URL] = "oracle://h/shop";
    assert_int_equal(stage_up(s), GODWIT_USAGE);
    assert_string_equal(s->e.message, "unknown database scheme 'oracle' in the URL");
    assert_string_equal(s->e.hint, "this build speaks fake:");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        STAGE_TEST(connects_again_after_passing_failures_with_growing_pauses),
        STAGE_TEST(gives_up_after_the_tries_that_are_configured),
        STAGE_TEST(does_not_try_again_what_will_not_pass),
        STAGE_TEST(is_interrupted_while_it_waits_to_connect_again),
        STAGE_TEST(does_not_even_connect_when_it_was_cancelled_before),
        STAGE_TEST(says_how_to_create_a_database_that_does_not_exist),
        STAGE_TEST(creates_the_database_when_it_is_told_to),
        STAGE_TEST(takes_a_database_that_does_not_exist_for_an_empty_one_when_it_only_looks),
        STAGE_TEST(names_the_holder_of_the_lock_and_touches_nothing),
        STAGE_TEST(is_interrupted_while_it_waits_for_the_lock),
        STAGE_TEST(does_not_wait_for_the_lock_longer_than_the_run_may_take),
        STAGE_TEST(shows_and_releases_the_lock),
        STAGE_TEST(lists_the_schemes_there_are_when_one_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
