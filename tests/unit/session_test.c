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
    assert_in_range(gw_clock_ms() - began, 5 + 10 + 15 - 3, 20000);
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
reads_the_history_the_long_way_where_the_short_one_is_refused(void **state)
{
    stage *const s = *state;
    stage_first(s, "CREATE TABLE a (n);\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    fake_log_clear();
    fake = (fake_server){.refuse = "SELECT", .refuse_times = 1};
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_log(s), "open;+SELECT;+COLUMNS;+SELECT;");
    assert_string_equal(s->told.ptr, "run 0;ran 0/0;");
}

static void
takes_no_lock_when_there_is_nothing_to_do(void **state)
{
    stage *const s = *state;
    stage_first(s, "CREATE TABLE a (n);\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    GW_SCOPE(other);
    s->flags[GW_SETTING_LOCK_KEY] = "7";
    hold_lock(other, s);
    fake_log_clear();
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_log(s), "open;+SELECT;");
    assert_string_equal(s->told.ptr, "run 0;ran 0/0;");
    stage_file(s, "0001_first.sql", "CREATE TABLE b (n);\n"); /* wrong: told with the lock */
    assert_int_equal(stage_up(s), GODWIT_LOCKED);
}

/* ---- a lease ---- */

static void
runs_with_a_lease_and_gives_it_back(void **state)
{
    stage *const s = *state;
    s->flags[GW_SETTING_LOCK] = "lease";
    stage_first(s, "CREATE TABLE a (n);\n");
    stage_file(s, "0002_second.sql", "-- godwit:tx none\nCREATE TABLE b (n);\nCREATE TABLE c (n);\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 1/1;0002 up applied 2/2;");
    assert_string_equal(stage_rows(s, "SELECT token, owner FROM godwit_history_lease"), "2,null;");
    assert_int_equal(stage_count("lock"), 0);
}

/* Somebody takes the lease away. */
static void
give_it_to_another(stage *s, gw_str sql)
{
    if (gw_str_starts(sql, "CREATE TABLE b"))
        (void)stage_rows(s, "UPDATE godwit_history_lease SET token = 9, owner = 'other', who = 'other@fake'");
}

static void
keeps_nothing_of_a_migration_in_which_the_lease_was_lost(void **state)
{
    static const struct {
        void (*lose)(stage *s, gw_str sql);
        stage_kind kind;
        const char *reason, *b, *history;
    } rows[] = {
        {give_it_to_another, STAGE_POSTGRES, "other@fake took it over", "none", "0001 up applied 1/1;"},
        {give_it_to_another, STAGE_MYSQL, "other@fake took it over", "", "0001 up applied 1/1;0002 up running 0/2;"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, rows[i].kind);
        s->flags[GW_SETTING_LOCK] = "lease";
        stage_first(s, "CREATE TABLE a (n);\n");
        stage_file(s, "0002_second.sql", "CREATE TABLE b (n);\nCREATE TABLE c (n);\n");
        s->server.on_statement = rows[i].lose;
        assert_int_equal(stage_up(s), GODWIT_LOCKED);
        assert_non_null(strstr(s->e.message, "this run no longer holds the lease public.godwit_history_lease: "));
        assert_non_null(strstr(s->e.message, rows[i].reason));
        assert_string_equal(stage_rows(s, "SELECT n FROM b"), rows[i].b);
        assert_string_equal(stage_rows(s, "SELECT n FROM c"), "none");
        assert_string_equal(stage_history(s), gw_printf(s->arena, "%s%s", STAGE_BASELINE, rows[i].history));
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
takes_the_lease_anew_with_a_new_connection(void **state)
{
    stage *const s = *state;
    s->flags[GW_SETTING_LOCK] = "lease";
    stage_first(s, "CREATE TABLE a (n);\nINSERT INTO a VALUES (1);\n");
    fake = (fake_server){
        .refuse = "INSERT INTO a", .refuse_rc = GODWIT_CONNECT, .refuse_times = 1, .refuse_transient = true};
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;");
    assert_string_equal(stage_rows(s, "SELECT owner FROM godwit_history_lease"), "null;");
}

static void
writes_nothing_again_without_the_lock(void **state)
{
    static const char *const steps[] = {"COLUMNS", "lock"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, STAGE_MYSQL);
        stage_first(s, "CREATE TABLE a (n);\nCREATE TABLE b (n);\n");
        s->server.lose_after = "CREATE TABLE a";
        fake = (fake_server){.refuse = steps[i], .refuse_after = i == 0 ? 2 : 1};
        assert_int_equal(stage_up(s), GODWIT_FAILED);
        fake = (fake_server){0};
        assert_non_null(strstr(s->e.notes, "before that: the connection was lost"));
        assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up running 0/2;");
        assert_int_equal(stage_end(&again), 0);
    }
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
    stage_file(s, "0001_first.sql", "CREATE TABLE a (n);\n");
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
    stage_file(s, "0001_first.sql", "CREATE TABLE a (n);\n");
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
        STAGE_TEST(reads_the_history_the_long_way_where_the_short_one_is_refused),
        STAGE_TEST(takes_no_lock_when_there_is_nothing_to_do),
        STAGE_TEST(runs_with_a_lease_and_gives_it_back),
        cmocka_unit_test(keeps_nothing_of_a_migration_in_which_the_lease_was_lost),
        STAGE_TEST(takes_the_lease_anew_with_a_new_connection),
        cmocka_unit_test(writes_nothing_again_without_the_lock),
        STAGE_TEST(names_the_holder_of_the_lock_and_touches_nothing),
        STAGE_TEST(is_interrupted_while_it_waits_for_the_lock),
        STAGE_TEST(does_not_wait_for_the_lock_longer_than_the_run_may_take),
        STAGE_TEST(shows_and_releases_the_lock),
        STAGE_TEST(lists_the_schemes_there_are_when_one_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
