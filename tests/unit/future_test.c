#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>

#include "base/clock.h"
#include "base/future.h"

enum { LONG_MS = 60000, SHORT_MS = 20 };

/* Outlives the future, and tells when its arena ended. */
typedef struct watcher {
    atomic_bool may_end, is_freed;
} watcher;

typedef struct job {
    watcher *watcher;
    int result;
} job;

static void
note_freed(void *subject)
{
    atomic_store(&((watcher *)subject)->is_freed, true);
}

static void
work(void *subject)
{
    job *const j = subject;
    while (!atomic_load(&j->watcher->may_end))
        gw_sleep_ms(1);
    j->result = 42;
}

static gw_future *
start(watcher *w, job **out)
{
    gw_arena *const a = gw_arena_new();
    job *const j = gw_new(a, job);
    *j = (job){.watcher = w};
    *out = j;
    gw_defer(a, note_freed, w);
    return gw_future_start(a, work, j);
}

static void
gives_what_was_worked_out_to_the_one_who_waits(void **state)
{
    watcher w = {true, false};
    job *j;
    gw_future *const f = start(&w, &j);
    (void)state;
    assert_non_null(f);
    assert_true(gw_future_end(f, gw_clock_ms() + LONG_MS, NULL));
    assert_true(gw_future_is_over(f));
    assert_int_equal(j->result, 42);
    assert_false(atomic_load(&w.is_freed));
    gw_future_free(f);
    assert_true(atomic_load(&w.is_freed));
}

static void
is_not_over_before_the_work_is(void **state)
{
    watcher w = {false, false};
    job *j;
    gw_future *const f = start(&w, &j);
    (void)state;
    assert_false(gw_future_is_over(f));
    atomic_store(&w.may_end, true);
    while (!gw_future_is_over(f))
        gw_sleep_ms(1);
    assert_true(gw_future_end(f, 0, NULL));
    gw_future_free(f);
}

/* May take its time, but must come. */
static void
assert_freed_by_its_thread(watcher *w)
{
    assert_false(atomic_load(&w->is_freed));
    atomic_store(&w->may_end, true);
    for (int64_t until = gw_clock_ms() + LONG_MS; !atomic_load(&w->is_freed) && gw_clock_ms() < until;)
        gw_sleep_ms(1);
    assert_true(atomic_load(&w->is_freed));
}

static void
is_freed_by_its_thread_when_the_time_to_wait_is_over_first(void **state)
{
    static watcher w;
    job *j;
    gw_future *const f = start(&w, &j);
    (void)state;
    assert_false(gw_future_end(f, gw_clock_ms() + SHORT_MS, NULL));
    assert_freed_by_its_thread(&w);
}

static void
is_freed_by_its_thread_when_somebody_interrupts_first(void **state)
{
    static watcher w;
    job *j;
    gw_interrupt interrupt;
    gw_future *const f = start(&w, &j);
    (void)state;
    gw_interrupt_open(&interrupt);
    gw_interrupt_ask(&interrupt);
    const int64_t began = gw_clock_ms();
    assert_false(gw_future_end(f, began + LONG_MS, &interrupt));
    assert_in_range(gw_clock_ms() - began, 0, LONG_MS / 2);
    gw_interrupt_close(&interrupt);
    assert_freed_by_its_thread(&w);
}

static void
does_not_wait_when_the_time_is_in_the_past(void **state)
{
    static watcher w;
    job *j;
    gw_future *const f = start(&w, &j);
    (void)state;
    assert_false(gw_future_is_any_left());
    assert_false(gw_future_end(f, 0, NULL));
    assert_true(gw_future_is_any_left());
    assert_freed_by_its_thread(&w);
    while (gw_future_is_any_left())
        gw_sleep_ms(1);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_was_worked_out_to_the_one_who_waits),
        cmocka_unit_test(is_not_over_before_the_work_is),
        cmocka_unit_test(is_freed_by_its_thread_when_the_time_to_wait_is_over_first),
        cmocka_unit_test(is_freed_by_its_thread_when_somebody_interrupts_first),
        cmocka_unit_test(does_not_wait_when_the_time_is_in_the_past),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
