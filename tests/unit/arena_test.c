#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "child.h"

static char journal[64];

static void
record(void *subject)
{
    const size_t len = strlen(journal);
    (void)snprintf(journal + len, sizeof(journal) - len, "%s;", (const char *)subject);
}

static int
journal_clear(void **state)
{
    (void)state;
    journal[0] = '\0';
    return 0;
}

static char one[] = "one";
static char two[] = "two";
static char three[] = "three";

static void
gives_zeroed_blocks_aligned_for_any_type(void **state)
{
    (void)state;
    GW_SCOPE(a);
    for (size_t size = 1; size < 9000; size = size * 3 / 2 + 1) {
        char *const block = gw_alloc(a, size);
        assert_int_equal((uintptr_t)block % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(block[i], 0);
        memset(block, 0xAA, size);
    }
}

static void
keeps_blocks_apart(void **state)
{
    (void)state;
    enum { BLOCKS = 600 };
    GW_SCOPE(a);
    unsigned char *block[BLOCKS];
    size_t size[BLOCKS];
    for (size_t i = 0; i < BLOCKS; i++) {
        size[i] = i * 37 % 5000;
        block[i] = gw_alloc(a, size[i]);
        memset(block[i], (int)(i % 251), size[i]);
    }
    for (size_t i = 0; i < BLOCKS; i++)
        for (size_t j = 0; j < size[i]; j++)
            assert_int_equal(block[i][j], i % 251);
}

static void
begins_with_a_large_block_as_well_as_with_a_small_one(void **state)
{
    (void)state;
    static const size_t first[] = {0, 1, 1000, 1024, 1025, 4096, 4097, 100000};
    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
        GW_SCOPE(a);
        char *const big = gw_alloc(a, first[i]);
        memset(big, 1, first[i]);
        char *const small = gw_alloc(a, 8);
        assert_int_equal(small[0], 0);
    }
}

static void
allocates_arrays_and_single_objects(void **state)
{
    (void)state;
    GW_SCOPE(a);
    const int64_t *const number = gw_new(a, int64_t);
    const int64_t *const numbers = gw_new_array(a, int64_t, 100);
    assert_int_equal(*number, 0);
    assert_int_equal(numbers[99], 0);
    assert_non_null(gw_alloc_array(a, 7, 0));
}

static void
grows_a_block_and_zeroes_what_is_added(void **state)
{
    (void)state;
    GW_SCOPE(a);
    char *const small = gw_strdup(a, GW_STR_LIT("abc"));
    const char *const large = gw_realloc(a, small, 3, 10);
    assert_memory_equal(large, "abc\0\0\0\0\0\0\0", 10);
    const char *const from_nothing = gw_realloc(a, NULL, 0, 4);
    assert_memory_equal(from_nothing, "\0\0\0\0", 4);
}

static void
copies_text(void **state)
{
    (void)state;
    GW_SCOPE(a);
    assert_string_equal(gw_strdup(a, gw_str_slice(GW_STR_LIT("abcdef"), 1, 3)), "bc");
    assert_string_equal(gw_strdup(a, (gw_str){NULL, 0}), "");
    assert_string_equal(gw_text(a, "hello"), "hello");
    assert_null(gw_text(a, NULL));
    const gw_str copy = gw_str_copy(a, GW_STR_LIT("a\0b"));
    assert_int_equal(copy.len, 3);
    assert_memory_equal(copy.ptr, "a\0b", 4);
}

static void
formats_text_of_any_length(void **state)
{
    (void)state;
    GW_SCOPE(a);
    assert_string_equal(gw_printf(a, "%s-%d", "x", 7), "x-7");
    assert_string_equal(gw_printf(a, "%s", ""), "");
    const char *const wide = gw_printf(a, "%5000d", 1);
    assert_int_equal(strlen(wide), 5000);
    assert_int_equal(wide[4999], '1');
}

static void
runs_cleanups_last_in_first_out_when_the_scope_ends(void **state)
{
    (void)state;
    {
        GW_SCOPE(a);
        gw_defer(a, record, one);
        gw_defer(a, record, two);
        gw_defer(a, record, three);
        assert_string_equal(journal, "");
    }
    assert_string_equal(journal, "three;two;one;");
}

static void
forgets_a_disarmed_cleanup(void **state)
{
    (void)state;
    {
        GW_SCOPE(a);
        gw_defer(a, record, one);
        gw_defer(a, record, two);
        gw_defer(a, record, one);
        gw_disarm(a, one);
        gw_disarm(a, three);
    }
    assert_string_equal(journal, "two;one;");
}

static void
undoes_the_newest_cleanup_of_a_subject_at_once_and_only_once(void **state)
{
    (void)state;
    {
        GW_SCOPE(a);
        gw_defer(a, record, one);
        gw_defer(a, record, two);
        gw_undo(a, one);
        assert_string_equal(journal, "one;");
        gw_undo(a, one);
        gw_undo(a, three);
        assert_string_equal(journal, "one;");
    }
    assert_string_equal(journal, "one;two;");
}

static void
defer_more(void *subject)
{
    record(two);
    gw_defer(subject, record, one);
}

static void
runs_a_cleanup_that_a_cleanup_defers(void **state)
{
    (void)state;
    gw_arena *const a = gw_arena_new();
    gw_defer(a, defer_more, a);
    gw_arena_free(a);
    assert_string_equal(journal, "two;one;");
}

static void
lives_on_after_a_reset(void **state)
{
    (void)state;
    GW_SCOPE(a);
    for (int i = 0; i < 3; i++) {
        gw_defer(a, record, one);
        memset(gw_alloc(a, 3000), 1, 3000);
        gw_arena_reset(a);
    }
    assert_string_equal(journal, "one;one;one;");
    assert_string_equal(gw_text(a, "still here"), "still here");
}

static void
freeing_no_arena_is_fine(void **state)
{
    (void)state;
    gw_arena_free(NULL);
}

enum { ABORTED = 42 };

static void
end_by_signal(int number)
{
    exit(number == SIGABRT ? ABORTED : 1);
}

/* A child in which abort() ends by exit(), so that it counts for coverage. */
static int
allocate_too_much(const void *subject)
{
    static gw_arena *abandoned; /* not lost: the child ends with it */
    const size_t *const size = subject;
    abandoned = gw_arena_new();
    (void)signal(SIGABRT, end_by_signal);
    (void)close(STDERR_FILENO);
    if (size[1] == 0)
        (void)gw_alloc(abandoned, size[0]);
    else
        (void)gw_alloc_array(abandoned, size[0], size[1]);
    return 0;
}

/* A sanitizer would otherwise end the process before we can. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void
out_of_memory_aborts(void **state)
{
    (void)state;
    static const size_t row[][2] = {
        {SIZE_MAX / 8, 16}, {SIZE_MAX - 8, 1}, {1, SIZE_MAX - 8}, {SIZE_MAX - 8, 0}, {SIZE_MAX / 4, 1}};
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        assert_int_equal(in_child(allocate_too_much, row[i]), ABORTED);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_zeroed_blocks_aligned_for_any_type),
        cmocka_unit_test(keeps_blocks_apart),
        cmocka_unit_test(begins_with_a_large_block_as_well_as_with_a_small_one),
        cmocka_unit_test(allocates_arrays_and_single_objects),
        cmocka_unit_test(grows_a_block_and_zeroes_what_is_added),
        cmocka_unit_test(copies_text),
        cmocka_unit_test(formats_text_of_any_length),
        cmocka_unit_test_setup(runs_cleanups_last_in_first_out_when_the_scope_ends, journal_clear),
        cmocka_unit_test_setup(forgets_a_disarmed_cleanup, journal_clear),
        cmocka_unit_test_setup(undoes_the_newest_cleanup_of_a_subject_at_once_and_only_once, journal_clear),
        cmocka_unit_test_setup(runs_a_cleanup_that_a_cleanup_defers, journal_clear),
        cmocka_unit_test_setup(lives_on_after_a_reset, journal_clear),
        cmocka_unit_test(freeing_no_arena_is_fine),
        cmocka_unit_test(out_of_memory_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
