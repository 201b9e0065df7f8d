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

/* The statement `index` of a file, when it goes on behind `done`. */
static void
says_no_more_what_is_about_something_that_is_gone(void **state)
{
    static const struct {
        gw_dialect_kind kind;
        const char *text;
        size_t index, done;
        bool moot;
    } rows[] = {
        {GW_DIALECT_MYSQL, "USE x; SELECT 1; DROP DATABASE x; SELECT 2", 0, 1, false},
        {GW_DIALECT_MYSQL, "USE x; SELECT 1; DROP DATABASE x; SELECT 2", 0, 2, true},
        {GW_DIALECT_MYSQL, "USE x; SELECT 1; DROP DATABASE x; SELECT 2", 0, 3, true},
        {GW_DIALECT_MYSQL, "USE x; SELECT 1; DROP DATABASE x; SELECT 2", 0, 9, true},
        {GW_DIALECT_MYSQL, "USE `x`; DROP SCHEMA IF EXISTS x", 0, 1, true},
        {GW_DIALECT_MYSQL, "SET sql_mode = 'ANSI'; USE `x y`; DROP DATABASE \"x y\"", 1, 2, true},
        {GW_DIALECT_MYSQL, "USE x; DROP DATABASE X", 0, 1, false},
        {GW_DIALECT_MYSQL, "USE x; DROP DATABASE y; DROP TABLE x; CREATE DATABASE x", 0, 3, false},
        {GW_DIALECT_MYSQL, "DROP DATABASE x; CREATE DATABASE x; USE x; SELECT 1", 2, 3, false},
        {GW_DIALECT_MYSQL, "USE x; DROP DATABASE x; USE x; SELECT 1", 2, 3, false},
        {GW_DIALECT_MYSQL, "SET @x = 1; DROP DATABASE x", 0, 1, false},
        {GW_DIALECT_MYSQL, "SET ROLE r; DROP ROLE q, r; SELECT 1", 0, 2, true},
        {GW_DIALECT_POSTGRES, "-- godwit:tx none\nSET ROLE \"r\"; RESET ROLE; DROP ROLE R; SELECT 1", 0, 3, true},
        {GW_DIALECT_POSTGRES, "-- godwit:tx none\nSET SESSION AUTHORIZATION 'r'; DROP USER r", 0, 1, true},
        {GW_DIALECT_POSTGRES, "-- godwit:tx none\nSET ROLE NONE; DROP ROLE r", 0, 1, false},
        {GW_DIALECT_POSTGRES, "-- godwit:tx none\nSET search_path = s; DROP SCHEMA s", 0, 1, false},
    };
    (void)state;
    GW_SCOPE(a);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const gw_script s = read(a, rows[i].kind, rows[i].text);
        if (gw_mark_is_moot(&s, rows[i].index, rows[i].done) != rows[i].moot)
            fail_msg("%s: statement %zu, done %zu", rows[i].text, rows[i].index, rows[i].done);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_how_statements_are_read),
        cmocka_unit_test(says_no_more_what_is_about_something_that_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
