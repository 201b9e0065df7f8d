/* What the history is told, as far as the file alone decides. */
#include "workflow/mark.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static gw_script
read(gw_arena *a, gw_dialect_kind kind, const char *text)
{
    gw_script script;
    gw_err e = {0};
    const gw_script_params p = {.path = "0001_a.sql", .text = gw_str_of(text), .dialect = {.kind = kind}};
    if (gw_script_read(a, &p, &script, &e) != GODWIT_OK)
        fail_msg("%s", e.message);
    return script;
}

static void
follows_how_statements_are_read(void **state)
{
    (void)state;
    GW_SCOPE(a);
    const gw_script s =
        read(a, GW_DIALECT_MYSQL,
             "DROP TABLE a; SET sql_mode = 'ANSI_QUOTES'; DROP TABLE \"b\"; SET @x = 1;"
             "SET sql_mode = 'NO_BACKSLASH_ESCAPES'; DROP TABLE c; SET sql_mode = DEFAULT; DROP TABLE d");
    static const bool ansi[] = {false, false, true, true, true, false, false, false, false};
    static const bool plain[] = {false, false, false, false, false, true, true, false, false};
    assert_int_equal(s.stmts.len, 8);
    for (size_t i = 0; i <= s.stmts.len; i++) {
        assert_int_equal(gw_mark_dialect(&s, i).ansi_quotes, ansi[i]);
        assert_int_equal(gw_mark_dialect(&s, i).no_backslash_escapes, plain[i]);
    }
    const gw_script pg =
        read(a, GW_DIALECT_POSTGRES, "SELECT set_config('standard_conforming_strings', 'off', false); SELECT 1");
    assert_false(gw_mark_dialect(&pg, 0).backslash_in_strings);
    assert_true(gw_mark_dialect(&pg, 1).backslash_in_strings);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_how_statements_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
