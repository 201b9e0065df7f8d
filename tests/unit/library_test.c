#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/library.h"

typedef struct math_functions {
    double (*cos)(double);
    double (*sqrt)(double);
} math_functions;

static void
loads_a_library_and_its_functions(void **state)
{
    (void)state;
    static const char *const names[] = {"cos", "sqrt", NULL};
    math_functions math = {0};
    gw_library library = {.file = "libm.so.6", .package = "libc6", .names = names, .functions = &math};
    gw_err e = {0};
    assert_int_equal(gw_library_load(&library, &e), GODWIT_OK);
    assert_true(math.cos(0.0) > 0.9 && math.sqrt(9.0) > 2.9 && math.sqrt(9.0) < 3.1);
}

static double
half(double of)
{
    return of / 2.0;
}

static void
takes_the_functions_that_a_program_is_linked_with(void **state)
{
    (void)state;
    static const char *const names[] = {"cos", "sqrt", NULL};
    const math_functions linked = {.cos = half, .sqrt = half};
    math_functions math = {0};
    gw_library library = {
        .file = "libnowhere.so.9", .package = "libnowhere9", .names = names, .functions = &math, .linked = &linked};
    gw_err e = {0};
    assert_int_equal(gw_library_load(&library, &e), GODWIT_OK);
    assert_true(math.cos == half && math.sqrt == half);
}

static void
says_which_library_is_not_there_and_who_brings_it(void **state)
{
    (void)state;
    static const char *const names[] = {"f", NULL};
    void *f = NULL;
    gw_library library = {.file = "libnowhere.so.9", .package = "libnowhere9", .names = names, .functions = &f};
    gw_err e = {0};
    assert_int_equal(gw_library_load(&library, &e), GODWIT_CONNECT);
    assert_non_null(strstr(e.message, "libnowhere.so.9"));
    assert_non_null(strstr(e.hint, "libnowhere9"));
    assert_false(e.transient);
}

static void
refuses_a_library_that_lacks_a_function(void **state)
{
    (void)state;
    static const char *const names[] = {"cos", "cosine_of_nothing", NULL};
    math_functions math = {0};
    gw_library library = {.file = "libm.so.6", .package = "libc6", .names = names, .functions = &math};
    gw_err e = {0};
    assert_int_equal(gw_library_load(&library, &e), GODWIT_CONNECT);
    assert_non_null(strstr(e.message, "cosine_of_nothing"));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_a_library_and_its_functions),
        cmocka_unit_test(takes_the_functions_that_a_program_is_linked_with),
        cmocka_unit_test(says_which_library_is_not_there_and_who_brings_it),
        cmocka_unit_test(refuses_a_library_that_lacks_a_function),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
