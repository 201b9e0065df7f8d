#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/vec.h"

static void
keeps_what_was_pushed_in_order(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_vec(int) numbers = {0};
    for (int i = 0; i < 1000; i++)
        *gw_vec_push(a, &numbers) = i;
    assert_int_equal(numbers.len, 1000);
    assert_true(numbers.cap >= 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers.at[i], i);
}

static void
new_items_are_zero_also_where_an_item_was_taken_off(void **state)
{
    (void)state;
    typedef struct pair {
        int64_t left;
        char right;
    } pair;
    GW_SCOPE(a);
    gw_vec(pair) pairs = {0};
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 20; i++) {
            pair *const p = gw_vec_push(a, &pairs);
            assert_int_equal(p->left, 0);
            assert_int_equal(p->right, 0);
            *p = (pair){.left = -1, .right = 'x'};
        }
        pairs.len = 0;
    }
}

static void
holds_pointers_to_constants(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_vec(const char *) names = {0};
    *gw_vec_push(a, &names) = "one";
    *gw_vec_push(a, &names) = "two";
    assert_string_equal(names.at[1], "two");
    assert_int_equal(names.len, 2);
}

static int
by_value(const void *left, const void *right)
{
    return *(const int *)left - *(const int *)right;
}

static void
sorts_what_is_out_of_order_what_is_in_order_and_nothing(void **state)
{
    (void)state;
    int mixed[] = {3, 1, 2, 2}, ordered[] = {1, 2, 2, 3}, late[] = {1, 2, 3, 0}, one[] = {7};
    gw_sort(mixed, 4, sizeof(int), by_value);
    assert_memory_equal(mixed, ordered, sizeof(ordered));
    gw_sort(ordered, 4, sizeof(int), by_value);
    assert_memory_equal(mixed, ordered, sizeof(ordered));
    gw_sort(late, 4, sizeof(int), by_value);
    assert_int_equal(late[0], 0);
    assert_int_equal(late[3], 3);
    gw_sort(one, 1, sizeof(int), by_value);
    assert_int_equal(one[0], 7);
    gw_sort(NULL, 0, sizeof(int), by_value);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_was_pushed_in_order),
        cmocka_unit_test(new_items_are_zero_also_where_an_item_was_taken_off),
        cmocka_unit_test(holds_pointers_to_constants),
        cmocka_unit_test(sorts_what_is_out_of_order_what_is_in_order_and_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
