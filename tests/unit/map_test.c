#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/map.h"

static void
an_empty_map_has_nothing(void **state)
{
    (void)state;
    GW_SCOPE(a);
    const gw_map *const m = gw_map_new(a);
    assert_null(gw_map_get(m, GW_STR_LIT("x")));
    assert_false(gw_map_has(m, GW_STR_LIT("x")));
    assert_int_equal(m->entries.len, 0);
}

static void
gives_back_what_was_put(void **state)
{
    (void)state;
    int one = 1;
    int two = 2;
    GW_SCOPE(a);
    gw_map *const m = gw_map_new(a);
    gw_map_put(m, GW_STR_LIT("one"), &one);
    gw_map_put(m, GW_STR_LIT(""), &two);
    assert_ptr_equal(gw_map_get(m, GW_STR_LIT("one")), &one);
    assert_ptr_equal(gw_map_get(m, (gw_str){NULL, 0}), &two);
    assert_null(gw_map_get(m, GW_STR_LIT("two")));
    assert_false(gw_map_has(m, GW_STR_LIT("on")));
}

static void
putting_again_replaces_the_value_and_keeps_the_place(void **state)
{
    (void)state;
    int one = 1;
    int two = 2;
    GW_SCOPE(a);
    gw_map *const m = gw_map_new(a);
    gw_map_put(m, GW_STR_LIT("b"), &one);
    gw_map_put(m, GW_STR_LIT("a"), &one);
    gw_map_put(m, GW_STR_LIT("b"), &two);
    assert_int_equal(m->entries.len, 2);
    assert_true(gw_str_is(m->entries.at[0].key, "b"));
    assert_ptr_equal(m->entries.at[0].value, &two);
}

static void
a_key_with_no_value_is_there(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_map *const m = gw_map_new(a);
    gw_map_put(m, GW_STR_LIT("x"), NULL);
    assert_null(gw_map_get(m, GW_STR_LIT("x")));
    assert_true(gw_map_has(m, GW_STR_LIT("x")));
}

static void
copies_keys(void **state)
{
    (void)state;
    char key[] = "key";
    int one = 1;
    GW_SCOPE(a);
    gw_map *const m = gw_map_new(a);
    gw_map_put(m, gw_str_of(key), &one);
    key[0] = 'X';
    assert_ptr_equal(gw_map_get(m, GW_STR_LIT("key")), &one);
}

static void
holds_many_keys_in_order_of_insertion(void **state)
{
    (void)state;
    enum { KEYS = 5000 };
    static int value[KEYS];
    char key[16];
    GW_SCOPE(a);
    gw_map *const m = gw_map_new(a);
    for (int i = 0; i < KEYS; i++) {
        (void)snprintf(key, sizeof(key), "%d", i * 7919 % KEYS);
        gw_map_put(m, gw_str_of(key), &value[i]);
    }
    assert_int_equal(m->entries.len, KEYS);
    for (int i = 0; i < KEYS; i++) {
        (void)snprintf(key, sizeof(key), "%d", i * 7919 % KEYS);
        assert_ptr_equal(gw_map_get(m, gw_str_of(key)), &value[i]);
        assert_true(gw_str_is(m->entries.at[i].key, key));
    }
    assert_false(gw_map_has(m, GW_STR_LIT("5000")));
}

/* Two texts with one hash are rare, so a stored hash is made to collide: the keys must still be compared. */
static void
tells_keys_with_the_same_hash_apart(void **state)
{
    (void)state;
    int one = 1;
    GW_SCOPE(a);
    gw_map *const m = gw_map_new(a);
    gw_map_put(m, GW_STR_LIT("a"), &one);
    m->entries.at[0].key = GW_STR_LIT("b");
    assert_null(gw_map_get(m, GW_STR_LIT("a")));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_has_nothing),
        cmocka_unit_test(gives_back_what_was_put),
        cmocka_unit_test(putting_again_replaces_the_value_and_keeps_the_place),
        cmocka_unit_test(a_key_with_no_value_is_there),
        cmocka_unit_test(copies_keys),
        cmocka_unit_test(holds_many_keys_in_order_of_insertion),
        cmocka_unit_test(tells_keys_with_the_same_hash_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
