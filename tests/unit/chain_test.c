#include "migration/chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static size_t
changed(const char *text, const char *chain, size_t done, bool *kept)
{
    GW_SCOPE(a);
    gw_script s;
    gw_err e = {0};
    const gw_script_params p = {.path = "m/1_a.sql", .text = gw_str_of(text), .dialect = {.kind = GW_DIALECT_MYSQL}};
    if (gw_script_read(a, &p, &s, &e) != GODWIT_OK)
        fail_msg("%s", e.message);
    return gw_chain_changed(chain, &s, done, kept);
}

static void
follows(const char *text, const char *chain, size_t done)
{
    bool kept;
    assert_true(changed(text, chain, done, &kept) == SIZE_MAX);
    assert_true(kept);
}

/* Hashes made by Python's hashlib, of statements as Atlas's scanner has them. */
static const char abc[] =
    "[\"h1:F9tP02ntuSRLn5HZru0UXD0ErYum6V0GJH8HpjUn0Ro=\", \"h1:SF/Q8xZMBot429U8QOeBGS4auwayoy3Ep3Pe+obp9LE=\", "
    "\"h1:proS3NCsmlRU0tuNI/0YJ9RpHzpQ6CqBxMYfF8Z+ceM=\"]";

static void
a_statement_has_its_semicolon_and_no_comment_above_it(void **state)
{
    static const char text[] = "-- head\n\n-- one\nSELECT 1;\n# two; and\nSELECT /* in */ 2 ;\n/* three */ SELECT 3";
    (void)state;
    for (size_t done = 0; done <= 3; done++)
        follows(text, abc, done);
    follows("SELECT 1 /* behind; it */ ;\nSELECT 2;", "[\"h1:pTXZgsTXAMH70bxYkOo2ewaLXKqMoAprQKRRcI2rutI=\"]", 1);
}

static void
another_delimiter_is_left_out(void **state)
{
    (void)state;
    follows("-- atlas:delimiter \\n\\n\\n\n\nSELECT 1;\n\n\nSELECT 2 \n\n\nSELECT 3",
            "[\"h1:F9tP02ntuSRLn5HZru0UXD0ErYum6V0GJH8HpjUn0Ro=\", "
            "\"h1:LrT1IIAMsYrNp4rUkii9i6OcBiIyUvmbizVjoCdrmO0=\", \"h1:rho++B0X9sYMoTtsymi3L86XTuFk25gxcPb8PCl7rp0=\"]",
            3);
}

static void
the_first_that_differs_is_told(void **state)
{
    bool kept;
    (void)state;
    assert_int_equal(changed("SELECT 1;SELECT 7;SELECT 3", abc, 3, &kept), 1);
    assert_true(kept);
    assert_int_equal(changed("SELECT 1;", abc, 3, &kept), 1);
    assert_int_equal(changed("SELECT 0;", abc, 1, &kept), 0);
}

static void
what_is_no_list_of_hashes_tells_nothing(void **state)
{
    static const char *const chains[] = {NULL, "", "null", "[]", "{}", "[\"h1:x\", 7]", "[\"x\", \"y\"]", "[\"", "7"};
    (void)state;
    for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++) {
        bool kept = true;
        assert_true(changed("SELECT 1;SELECT 2;", chains[i], 2, &kept) == SIZE_MAX);
        assert_false(kept);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_has_its_semicolon_and_no_comment_above_it),
        cmocka_unit_test(another_delimiter_is_left_out),
        cmocka_unit_test(the_first_that_differs_is_told),
        cmocka_unit_test(what_is_no_list_of_hashes_tells_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
