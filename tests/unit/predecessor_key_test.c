#include "db/predecessor_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
expect(gw_lock_names_fn *names_of, const gw_lock_place *place, const char *first, const char *second)
{
    GW_SCOPE(a);
    gw_lock_names out = {0};
    names_of(a, place, &out);
    assert_int_equal(out.len, second == NULL ? 1 : 2);
    assert_string_equal(out.at[0], first);
    if (second != NULL)
        assert_string_equal(out.at[1], second);
}

/* Values made by other means: Python's zlib, and Flyway's own for its usual table. */
static void
numbers_are_those_that_the_tools_take(void **state)
{
    static const gw_lock_place place = {.database = "shop",
                                        .schema = "public",
                                        .table = "flyway_schema_history",
                                        .quoted = "\"public\".\"flyway_schema_history\"",
                                        .is_number = true};
    static const gw_lock_place migrate = {
        .database = "shop", .schema = "public", .table = "schema_migrations", .is_number = true};
    (void)state;
    expect(gw_lock_of_flyway, &place, "77433833903597", NULL);
    expect(gw_lock_of_golang_migrate, &migrate, "3689236698", "2101699660");
    expect(gw_lock_of_rails, &place, "5939944341529942170", NULL);
    expect(gw_lock_of_sqlx, &place, "2969972169318647292", NULL);
}

static void
names_are_those_that_the_tools_take(void **state)
{
    static const gw_lock_place place = {.database = "shop",
                                        .schema = "shop",
                                        .table = "flyway_schema_history",
                                        .quoted = "`shop`.`flyway_schema_history`"};
    static const gw_lock_place migrate = {.database = "shop", .schema = "shop", .table = "schema_migrations"};
    (void)state;
    expect(gw_lock_of_flyway, &place, "Flyway--1695041341", NULL);
    expect(gw_lock_of_golang_migrate, &migrate, "2821548460", "2020262992");
    expect(gw_lock_of_rails, &place, "5939944341529942170", NULL);
    expect(gw_lock_of_sqitch, &place, "sqitch working on shop", NULL);
    expect(gw_lock_of_sqlx, &place, "293775f3d108c5fc", NULL);
}

/* A character beyond the first plane is two to Java. */
static void
names_that_are_not_ascii_have_the_hash_of_java(void **state)
{
    static const gw_lock_place place = {.quoted = "\"é\".\"𝄞x\""};
    (void)state;
    expect(gw_lock_of_flyway, &place, "Flyway--109025533", NULL);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_that_the_tools_take),
        cmocka_unit_test(names_are_those_that_the_tools_take),
        cmocka_unit_test(names_that_are_not_ascii_have_the_hash_of_java),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
