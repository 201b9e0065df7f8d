#include "migration/expand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/map.h"
#include "cases.h"
#include "migration/script.h"
#include "show_error.h"

static const char *
get(const void *ctx, gw_str name)
{
    return gw_map_get(ctx, name);
}

/* "NAME=value", '|' for a line break. */
static void
put(gw_arena *a, gw_map *variables, gw_str line)
{
    gw_str value;
    const gw_str name = gw_str_cut(line, '=', &value);
    char *const copy = gw_strdup(a, value.ptr == NULL ? gw_str_of("") : value);
    for (char *c = copy; *c != '\0'; c++)
        *c = *c == '|' ? '\n' : *c;
    gw_map_put(variables, name, copy);
}

/* Input: variables, "--- text", and a file. Expected: each statement, and where it begins in the file. */
static gw_str
expand_case(gw_arena *a, const test_case *c, void *ctx)
{
    gw_buf out = gw_buf_new(a);
    gw_map *const variables = gw_map_new(a);
    gw_str text = c->input;
    gw_script s;
    gw_err e = {0};
    (void)ctx;
    for (gw_str line = gw_str_cut(text, '\n', &text); !gw_str_is(line, "--- text");
         line = gw_str_cut(text, '\n', &text))
        put(a, variables, line);
    const gw_script_params p = {.path = "m/0001_a.sql", .text = text, .variables = {get, variables}};
    if (gw_script_read(a, &p, &s, &e) != GODWIT_OK)
        show_error(&out, &e);
    for (size_t i = 0; e.rc == GODWIT_OK && i < s.stmts.len; i++)
        gw_buf_printf(&out, "%u:%u %.*s\n", s.stmts.at[i].line, s.stmts.at[i].column,
                      GW_STR_ARG(gw_script_statement(&s, i)));
    return gw_buf_str(&out);
}

static void
puts_values_in_the_place_of_names(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/expand.txt", expand_case, NULL), 0);
}

static void
every_place_has_its_like_on_the_other_side(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_map *const variables = gw_map_new(a);
    gw_expanded x;
    gw_err e = {0};
    gw_spans spans = {0};
    const gw_str text = GW_STR_LIT("ab${A}cd${B}${A}e");
    gw_map_put(variables, GW_STR_LIT("A"), gw_strdup(a, GW_STR_LIT("")));
    gw_map_put(variables, GW_STR_LIT("B"), gw_strdup(a, GW_STR_LIT("12345")));
    *gw_vec_push(a, &spans) = (gw_span){0, text.len};
    const gw_expand_params p = {"m/1.sql", text, &spans, {get, variables}};
    assert_int_equal(gw_expand(a, &p, &x, &e), GODWIT_OK);
    assert_true(gw_str_is(x.text, "abcd12345e"));
    for (size_t i = 0; i <= x.text.len; i++) {
        const size_t from = gw_expanded_from(&x, i);
        assert_true(from <= text.len && (i == 0 || from >= gw_expanded_from(&x, i - 1)));
        assert_true(i == x.text.len || x.text.ptr[i] == text.ptr[from] || text.ptr[from] == '$');
        assert_int_equal(gw_expanded_from(NULL, i), i);
    }
    for (size_t i = 0; i <= text.len; i++)
        assert_true(i == 0 || gw_expanded_to(&x, i) >= gw_expanded_to(&x, i - 1));
    assert_int_equal(gw_expanded_to(&x, text.len), x.text.len);
}

static void
the_checksum_is_that_of_the_file(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_script with, without;
    gw_err e = {0};
    gw_map *const variables = gw_map_new(a);
    gw_map_put(variables, GW_STR_LIT("A"), gw_strdup(a, GW_STR_LIT("x")));
    gw_script_params p = {.path = "m/1.sql", .text = GW_STR_LIT("-- godwit:envsub on\nSELECT '${A:-y}';\n")};
    assert_int_equal(gw_script_read(a, &p, &without, &e), GODWIT_OK);
    p.variables = (gw_variables){get, variables};
    assert_int_equal(gw_script_read(a, &p, &with, &e), GODWIT_OK);
    assert_string_equal(with.checksum, without.checksum);
    assert_true(gw_str_is(gw_script_statement(&with, 0), "SELECT 'x'"));
    assert_true(gw_str_is(gw_script_statement(&without, 0), "SELECT 'y'"));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_values_in_the_place_of_names),
        cmocka_unit_test(every_place_has_its_like_on_the_other_side),
        cmocka_unit_test(the_checksum_is_that_of_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
