#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../fuzz/split_property.h"
#include "cases.h"

static const char *const kind_names[] = {
    [GW_TOKEN_END] = "end",
    [GW_TOKEN_SPACE] = "space",
    [GW_TOKEN_COMMENT] = "comment",
    [GW_TOKEN_EXECUTABLE] = "executable",
    [GW_TOKEN_EXECUTABLE_END] = "executable-end",
    [GW_TOKEN_WORD] = "word",
    [GW_TOKEN_QUOTED] = "quoted",
    [GW_TOKEN_STRING] = "string",
    [GW_TOKEN_NUMBER] = "number",
    [GW_TOKEN_PARAMETER] = "parameter",
    [GW_TOKEN_SEMICOLON] = "semicolon",
    [GW_TOKEN_OPEN] = "open",
    [GW_TOKEN_CLOSE] = "close",
    [GW_TOKEN_OPERATOR] = "operator",
};

static gw_dialect
dialect_of(const char *name)
{
    gw_dialect d = {.kind = GW_DIALECT_POSTGRES};
    if (strstr(name, "[mysql") != NULL)
        d.kind = GW_DIALECT_MYSQL;
    if (strstr(name, "[sqlite") != NULL)
        d.kind = GW_DIALECT_SQLITE;
    d.ansi_quotes = strstr(name, "ansi]") != NULL;
    d.no_backslash_escapes = strstr(name, "no backslash]") != NULL;
    d.backslash_in_strings = strstr(name, "postgres backslash]") != NULL;
    return d;
}

/* One line a token, white space left out: its kind, "open-ended" when it is not terminated, its text. */
static gw_str
lexes(gw_arena *a, const test_case *c, void *ctx)
{
    (void)ctx;
    const gw_dialect d = dialect_of(c->name);
    gw_lexer l = gw_lex(c->input, d);
    gw_buf out = gw_buf_new(a);
    const char *const wrong = lex_property(c->input, d);
    if (wrong != NULL)
        gw_buf_printf(&out, "wrong: %s\n", wrong);
    for (gw_token t = gw_lex_next(&l); t.kind != GW_TOKEN_END; t = gw_lex_next(&l)) {
        if (t.kind == GW_TOKEN_SPACE)
            continue;
        gw_buf_printf(&out, "%s%s ", kind_names[t.kind], t.unterminated ? " open-ended" : "");
        for (size_t i = 0; i < t.text.len; i++)
            gw_buf_puts(&out, t.text.ptr[i] == '\n' ? "\\n" : (const char[]){t.text.ptr[i], '\0'});
        gw_buf_putc(&out, '\n');
    }
    return gw_buf_str(&out);
}

static void
tells_the_tokens_of_each_dialect(void **state)
{
    (void)state;
    assert_int_equal(run_cases("sql/lex.txt", lexes, NULL), 0);
}

static void
gives_the_end_for_ever(void **state)
{
    (void)state;
    gw_lexer l = gw_lex((gw_str){NULL, 0}, (gw_dialect){.kind = GW_DIALECT_MYSQL});
    for (int i = 0; i < 3; i++) {
        const gw_token t = gw_lex_next(&l);
        assert_int_equal(t.kind, GW_TOKEN_END);
        assert_int_equal(t.text.len, 0);
        assert_non_null(t.text.ptr);
    }
}

static void
passes_over_space_and_comments(void **state)
{
    (void)state;
    gw_lexer l = gw_lex(GW_STR_LIT(" -- a\n /* b */ c /* d */"), (gw_dialect){.kind = GW_DIALECT_SQLITE});
    assert_true(gw_str_is(gw_lex_solid(&l).text, "c"));
    assert_int_equal(gw_lex_solid(&l).kind, GW_TOKEN_END);
}

static void
needs_no_blank_behind_dashes_between_statements_of_mysql(void **state)
{
    (void)state;
    gw_lexer l = gw_lex(GW_STR_LIT("--> x"), (gw_dialect){.kind = GW_DIALECT_MYSQL});
    assert_int_equal(gw_lex_next(&l).kind, GW_TOKEN_OPERATOR);
    l = gw_lex(GW_STR_LIT("--> x"), (gw_dialect){.kind = GW_DIALECT_MYSQL});
    l.gap = true;
    assert_int_equal(gw_lex_next(&l).kind, GW_TOKEN_COMMENT);
}

/* All texts of up to three bytes that mean something, in every mode, at the very end of their memory. */
static void
adds_up_to_every_short_text(void **state)
{
    (void)state;
    static const char bytes[] = "'\"`$[]-/*!M#\\Ee&uUxX1.@:?;()a\n\r \xC2\xA0";
    const size_t n = sizeof(bytes); /* the zero too */
    for (size_t i = 0; i < n * n * n; i++) {
        char *const text = malloc(3);
        assert_non_null(text);
        text[0] = bytes[i % n];
        text[1] = bytes[i / n % n];
        text[2] = bytes[i / n / n];
        for (unsigned mode = 0; mode < 3 * 2; mode++) {
            const gw_dialect d = {.kind = (gw_dialect_kind)(mode % 3),
                                  .ansi_quotes = mode >= 3,
                                  .no_backslash_escapes = mode >= 3,
                                  .backslash_in_strings = mode >= 3};
            assert_null(lex_property((gw_str){text, 3}, d));
        }
        free(text);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_tokens_of_each_dialect),
        cmocka_unit_test(gives_the_end_for_ever),
        cmocka_unit_test(passes_over_space_and_comments),
        cmocka_unit_test(needs_no_blank_behind_dashes_between_statements_of_mysql),
        cmocka_unit_test(adds_up_to_every_short_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
