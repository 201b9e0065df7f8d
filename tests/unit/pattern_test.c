#include "migration/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"
#include "migration/script.h"
#include "migration/template.h"
#include "show_error.h"

static const char *const dialects[] = {"postgres", "mysql", "sqlite"};

static gw_dialect_kind
dialect_of(gw_str name)
{
    for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
        if (gw_str_is(name, dialects[i]))
            return (gw_dialect_kind)i;
    fail_msg("no dialect %.*s", GW_STR_ARG(name));
    return GW_DIALECT_POSTGRES;
}

static gw_str
cut_line(gw_str *rest)
{
    const gw_str line = gw_str_cut(*rest, '\n', rest);
    return line;
}

/* Input: pattern, dialect, subject. Both texts. */
static gw_str
text_case(gw_arena *a, const test_case *c, void *ctx)
{
    gw_buf out = gw_buf_new(a);
    gw_pattern_text text;
    gw_err e = {0};
    gw_str rest = c->input;
    (void)ctx;
    const gw_str pattern = cut_line(&rest);
    const gw_dialect_kind dialect = dialect_of(cut_line(&rest));
    const char *const name = gw_str_is(pattern, "none") ? NULL : gw_strdup(a, pattern);
    if (gw_pattern_fill(a, name, gw_strdup(a, cut_line(&rest)), dialect, &text, &e) == GODWIT_OK)
        gw_buf_printf(&out, "%s---- down\n%s", text.up, text.down);
    else
        show_error(&out, &e);
    return gw_buf_str(&out);
}

static void
fills_each_pattern_for_each_engine(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/pattern.txt", text_case, NULL), 0);
}

/* Input: pattern, then subjects. For each, what SQLite's (a function's: PostgreSQL's) down file begins with. */
static gw_str
guess_case(gw_arena *a, const test_case *c, void *ctx)
{
    gw_buf out = gw_buf_new(a);
    gw_str rest = c->input;
    (void)ctx;
    const char *const pattern = gw_strdup(a, cut_line(&rest));
    const gw_dialect_kind dialect = strstr(pattern, "function") != NULL ? GW_DIALECT_POSTGRES : GW_DIALECT_SQLITE;
    while (rest.ptr != NULL) {
        gw_pattern_text text;
        gw_err e = {0};
        assert_int_equal(gw_pattern_fill(a, pattern, gw_strdup(a, cut_line(&rest)), dialect, &text, &e), GODWIT_OK);
        gw_str down = gw_str_of(text.down);
        gw_str line = cut_line(&down);
        while (line.len == 0 || gw_str_starts(line, "--"))
            line = cut_line(&down);
        gw_buf_printf(&out, "%.*s\n", GW_STR_ARG(line));
    }
    return gw_buf_str(&out);
}

static void
guesses_names_from_the_subject(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/pattern_guess.txt", guess_case, NULL), 0);
}

static void
every_text_is_a_script_that_can_run(void **state)
{
    (void)state;
    static const char *const subjects[] = {
        "",
        "users email",
        "order key",
        "2nd größe of it's \"big\" table; DROP",
        "a very long subject whose words go on and on so that no engine would take the name they make together alone",
        "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC"
        "\xE2\x82\xAC"
        "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC"
        "\xE2\x82\xAC",
    };
    GW_SCOPE(a);
    for (size_t p = 0; p < gw_pattern_count; p++)
        for (gw_dialect_kind d = GW_DIALECT_POSTGRES; d <= GW_DIALECT_SQLITE; d++)
            for (size_t s = 0;
                 gw_template_find(gw_patterns[p].name, d)->up != NULL && s < sizeof(subjects) / sizeof(subjects[0]);
                 s++) {
                gw_err e = {0};
                gw_pattern_text text;
                gw_script script;
                assert_int_equal(gw_pattern_fill(a, gw_patterns[p].name, subjects[s], d, &text, &e), GODWIT_OK);
                gw_script_params sp = {.path = gw_patterns[p].name, .text = gw_str_of(text.up), .dialect = {.kind = d}};
                if (gw_script_read(a, &sp, &script, &e) != GODWIT_OK)
                    fail_msg("%s of %s, up: %s\n%s", gw_patterns[p].name, dialects[d], e.message, text.up);
                sp.text = gw_str_of(text.down);
                if (gw_script_read(a, &sp, &script, &e) != GODWIT_OK)
                    fail_msg("%s of %s, down: %s\n%s", gw_patterns[p].name, dialects[d], e.message, text.down);
            }
}

static void
every_pattern_has_a_row_in_every_table(void **state)
{
    (void)state;
    assert_int_equal(gw_pattern_count, 7);
    for (size_t i = 0; i < gw_pattern_count; i++) {
        assert_non_null(gw_patterns[i].summary);
        for (gw_dialect_kind d = GW_DIALECT_POSTGRES; d <= GW_DIALECT_SQLITE; d++) {
            const gw_template *const t = gw_template_find(gw_patterns[i].name, d);
            assert_non_null(t);
            assert_int_equal(t->up == NULL, t->down == NULL);
        }
    }
    assert_null(gw_template_find("add-view", GW_DIALECT_POSTGRES));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_each_pattern_for_each_engine),
        cmocka_unit_test(guesses_names_from_the_subject),
        cmocka_unit_test(every_text_is_a_script_that_can_run),
        cmocka_unit_test(every_pattern_has_a_row_in_every_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
