#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/interrupt.h"

static int
begin_test(void **state)
{
    static gw_interrupt i;
    gw_interrupt_open(&i);
    *state = &i;
    return i.fd >= 0 ? 0 : -1;
}

static int
end_test(void **state)
{
    gw_interrupt_close(*state);
    return 0;
}

static void
stays_asked_until_it_is_cleared(void **state)
{
    gw_interrupt *const i = *state;
    struct pollfd fd = {.fd = gw_interrupt_fd(i), .events = POLLIN};
    assert_false(gw_interrupt_is_asked(i));
    gw_interrupt_ask(i);
    gw_interrupt_ask(i);
    assert_true(gw_interrupt_is_asked(i));
    assert_true(gw_interrupt_is_asked(i));
    assert_int_equal(poll(&fd, 1, 0), 1);
    gw_interrupt_clear(i);
    assert_false(gw_interrupt_is_asked(i));
    gw_interrupt_clear(i);
}

static void
leaves_errno_to_the_code_that_a_signal_interrupted(void **state)
{
    gw_interrupt closed = {.fd = -1};
    (void)state;
    errno = EDOM;
    gw_interrupt_ask(&closed);
    assert_int_equal(errno, EDOM);
}

static void
is_never_asked_when_nobody_can_interrupt(void **state)
{
    const gw_interrupt closed = {.fd = -1};
    (void)state;
    assert_false(gw_interrupt_is_asked(NULL));
    assert_false(gw_interrupt_is_asked(&closed));
    assert_int_equal(gw_interrupt_fd(NULL), -1);
}

static void *
ask_soon(void *i)
{
    gw_sleep_ms(30);
    gw_interrupt_ask(i);
    return NULL;
}

static void
wakes_who_sleeps(void **state)
{
    pthread_t thread;
    const int64_t began = gw_clock_ms();
    assert_int_equal(pthread_create(&thread, NULL, ask_soon, *state), 0);
    gw_interrupt_sleep(*state, 60000);
    assert_in_range(gw_clock_ms() - began, 20, 20000);
    pthread_join(thread, NULL);
    gw_interrupt_sleep(*state, 60000); /* asked already */
    assert_in_range(gw_clock_ms() - began, 20, 20000);
}

static void
sleeps_its_time_when_nobody_asks(void **state)
{
    const int64_t began = gw_clock_ms();
    gw_interrupt_sleep(*state, 30);
    gw_interrupt_sleep(NULL, 30);
    gw_interrupt_sleep(NULL, 0);
    assert_in_range(gw_clock_ms() - began, 58, 20000);
}

#define INTERRUPT_TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        INTERRUPT_TEST(stays_asked_until_it_is_cleared),
        INTERRUPT_TEST(leaves_errno_to_the_code_that_a_signal_interrupted),
        INTERRUPT_TEST(is_never_asked_when_nobody_can_interrupt),
        INTERRUPT_TEST(wakes_who_sleeps),
        INTERRUPT_TEST(sleeps_its_time_when_nobody_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
