#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"

static void
reads_durations_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } row[] = {
        {"30s", 30000},
        {"5m", 300000},
        {"250ms", 250},
        {"1h30m", 5400000},
        {"2.5s", 2500},
        {"1d", 86400000},
        {"30", 30000},
        {"0", 0},
        {"0s", 0},
        {"1.5", 1500},
        {" 7s ", 7000},
        {"5 m", 300000},
        {"1h 30m", 5400000},
        {"1 h 00 m 09 s", 3609000},
        {"0.1ms", 1},
        {"1.0001s", 1001},
        {"0.000000001s", 1},
        {"1.25 s", 1250},
        {"1.999999999999s", 2000},
        {"36500d", 3153600000000},
        {"007s", 7000},
        {"2.5 ", 2500},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        int64_t ms = -1;
        gw_err e = {0};
        assert_int_equal(gw_duration_parse(gw_str_of(row[i].text), &ms, &e), GODWIT_OK);
        assert_int_equal(ms, row[i].ms);
    }
}

static void
refuses_what_is_not_a_duration(void **state)
{
    (void)state;
    static const char *const row[] = {
        "",
        " ",
        "s",
        "5x",
        "-5s",
        "+5s",
        "five",
        "5mm",
        "1h30",
        "30 5m",
        ".5s",
        "5.s",
        "1..5s",
        "5s,",
        "1e3s",
        "5S",
        "5 ms5",
        "36501d",
        "36500d1ms",
        "99999999999999999999999s",
        "9223372036854775807",
        "9223372036854775807d",
        "5m x",
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        int64_t ms = -1;
        gw_err e = {0};
        assert_int_equal(gw_duration_parse(gw_str_of(row[i]), &ms, &e), GODWIT_USAGE);
        assert_int_equal(ms, -1);
        assert_non_null(strstr(e.message, "is not a duration"));
        assert_non_null(strstr(e.hint, "30s"));
    }
}

static void
names_the_text_that_is_not_a_duration(void **state)
{
    (void)state;
    int64_t ms;
    gw_err e = {0};
    assert_int_equal(gw_duration_parse(GW_STR_LIT("soon"), &ms, &e), GODWIT_USAGE);
    assert_string_equal(e.message, "\"soon\" is not a duration");
}

static void
writes_durations_for_people(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } row[] = {
        {0, "0 ms"},
        {3, "3 ms"},
        {999, "999 ms"},
        {1000, "1 s"},
        {1250, "1.25 s"},
        {1009, "1.00 s"},
        {59999, "59.99 s"},
        {30000, "30 s"},
        {60000, "1 m 00 s"},
        {125000, "2 m 05 s"},
        {3599999, "59 m 59 s"},
        {3600000, "1 h 00 m 00 s"},
        {93784000, "26 h 03 m 04 s"},
    };
    GW_SCOPE(a);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        assert_string_equal(gw_duration_text(a, row[i].ms), row[i].text);
}

static void
writes_the_time_of_day_in_utc(void **state)
{
    (void)state;
    static const char pattern[] = "dddd-dd-dd dd:dd:dd.ddd";
    GW_SCOPE(a);
    const char *const now = gw_clock_utc(a);
    assert_int_equal(strlen(now), strlen(pattern));
    for (size_t i = 0; i < strlen(pattern); i++)
        assert_true(pattern[i] == 'd' ? isdigit((unsigned char)now[i]) : now[i] == pattern[i]);
}

static void
names_a_version_by_the_same_time_of_day(void **state)
{
    (void)state;
    GW_SCOPE(a);
    const char *const before = gw_clock_utc(a);
    const char *const version = gw_clock_version(a);
    const char *const after = gw_clock_utc(a);
    const char *const between = gw_printf(a, "%.4s-%.2s-%.2s %.2s:%.2s:%.2s", version, version + 4, version + 6,
                                          version + 8, version + 10, version + 12);
    assert_int_equal(strlen(version), 14);
    assert_true(strncmp(between, before, 19) >= 0);
    assert_true(strncmp(between, after, 19) <= 0);
}

static void
sleeps_as_long_as_it_is_told(void **state)
{
    (void)state;
    const int64_t begin = gw_clock_ms();
    gw_sleep_ms(30);
    const int64_t slept = gw_clock_ms() - begin;
    assert_in_range(slept, 29, 20000);
    gw_sleep_ms(0);
    gw_sleep_ms(-5);
    assert_true(gw_clock_ms() - begin < 6000);
}

static void
ignore(int number)
{
    (void)number;
}

static void *
wake(void *sleeper)
{
    for (int i = 0; i < 20; i++) {
        gw_sleep_ms(20);
        (void)pthread_kill(*(pthread_t *)sleeper, SIGUSR1);
    }
    return NULL;
}

static void
wakes_up_when_a_signal_arrives(void **state)
{
    (void)state;
    pthread_t self = pthread_self();
    pthread_t other;
    const struct sigaction action = {.sa_handler = ignore};
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    const int64_t begin = gw_clock_ms();
    assert_int_equal(pthread_create(&other, NULL, wake, &self), 0);
    gw_sleep_ms(60000);
    assert_true(gw_clock_ms() - begin < 30000);
    assert_int_equal(pthread_join(other, NULL), 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_durations_as_people_write_them),
        cmocka_unit_test(refuses_what_is_not_a_duration),
        cmocka_unit_test(names_the_text_that_is_not_a_duration),
        cmocka_unit_test(writes_durations_for_people),
        cmocka_unit_test(writes_the_time_of_day_in_utc),
        cmocka_unit_test(names_a_version_by_the_same_time_of_day),
        cmocka_unit_test(sleeps_as_long_as_it_is_told),
        cmocka_unit_test(wakes_up_when_a_signal_arrives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
