#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sql/lex.h"
#include "sql/quote.h"

static const gw_dialect postgres = {.kind = GW_DIALECT_POSTGRES};
static const gw_dialect mysql = {.kind = GW_DIALECT_MYSQL};
static const gw_dialect mysql_plain = {.kind = GW_DIALECT_MYSQL, .no_backslash_escapes = true};
static const gw_dialect sqlite = {.kind = GW_DIALECT_SQLITE};

typedef void quote_fn(gw_buf *out, gw_str text, gw_dialect dialect);

static void
expect(quote_fn *quote, const char *text, gw_dialect dialect, const char *quoted)
{
    GW_SCOPE(a);
    gw_buf b = gw_buf_new(a);
    quote(&b, gw_str_of(text), dialect);
    assert_string_equal(gw_buf_text(&b), quoted);
}

static void
quotes_names_and_doubles_the_quote(void **state)
{
    (void)state;
    expect(gw_quote_name, "user", postgres, "\"user\"");
    expect(gw_quote_name, "a\"b`c", postgres, "\"a\"\"b`c\"");
    expect(gw_quote_name, "a\"b`c", mysql, "`a\"b``c`");
    expect(gw_quote_name, "a\"b`c", sqlite, "\"a\"\"b`c\"");
    expect(gw_quote_name, "", mysql, "``");
    expect(gw_quote_name, "a\\", mysql, "`a\\`");
}

static void
quotes_strings_for_the_modes_of_the_session(void **state)
{
    (void)state;
    expect(gw_quote_string, "it's", postgres, "'it''s'");
    expect(gw_quote_string, "it's", mysql, "'it''s'");
    expect(gw_quote_string, "it's", sqlite, "'it''s'");
    expect(gw_quote_string, "", postgres, "''");
    expect(gw_quote_string, "a\\b", postgres, "E'a\\\\b'");
    expect(gw_quote_string, "a\\b", mysql, "'a\\\\b'");
    expect(gw_quote_string, "a\\b", mysql_plain, "'a\\b'");
    expect(gw_quote_string, "a\\b", sqlite, "'a\\b'");
}

static void
keeps_an_escape_string_from_joining_the_word_before(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_buf b = gw_buf_new(a);
    gw_buf_puts(&b, "select");
    gw_quote_string(&b, GW_STR_LIT("\\"), postgres);
    assert_string_equal(gw_buf_text(&b), "select E'\\\\'");
}

static void
quotes_each_part_of_a_qualified_name(void **state)
{
    (void)state;
    expect(gw_quote_qualified, "Public.\"User\"", postgres, "\"public\".\"User\"");
    expect(gw_quote_qualified, "\"a.b\"\"c\"", postgres, "\"a.b\"\"c\"");
    expect(gw_quote_qualified, "Shop . `the``table`", mysql, "`Shop`.`the``table`");
    expect(gw_quote_qualified, "[a b].c", sqlite, "\"a b\".\"c\"");
    expect(gw_quote_qualified, "'t'", sqlite, "\"t\"");
    expect(gw_quote_qualified, "", postgres, "");
    expect(gw_quote_qualified, "a.b.c.d", postgres, "\"a\".\"b\".\"c\"");
}

static void
gives_the_parts_of_a_name_as_the_server_stores_them(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_str parts[3];
    assert_int_equal(gw_name_parts(a, GW_STR_LIT("Db.\"Sch\"\"ema\".TABLE_1"), postgres, parts), 3);
    assert_true(gw_str_is(parts[0], "db"));
    assert_true(gw_str_is(parts[1], "Sch\"ema"));
    assert_true(gw_str_is(parts[2], "table_1"));
    assert_int_equal(gw_name_parts(a, GW_STR_LIT("U&\"d\\0061t\""), postgres, parts), 1);
    assert_true(gw_str_is(parts[0], "d\\0061t"));
    assert_int_equal(gw_name_parts(a, GW_STR_LIT("`open"), mysql, parts), 1);
    assert_true(gw_str_is(parts[0], "open"));
    assert_int_equal(gw_name_parts(a, GW_STR_LIT("2fa.3d"), mysql, parts), 2);
    assert_true(gw_str_is(parts[1], "3d"));
    assert_int_equal(gw_name_parts(a, GW_STR_LIT(""), mysql, parts), 0);
}

static void
takes_dollar_quotes_off(void **state)
{
    static const char *const texts[][2] = {
        {"$$a $b$ c$$", "a $b$ c"}, {"$x$$y$x$", "$y"}, {"$$$$", ""}, {"$$", "$$"},
        {"$x$a$y$", "$x$a$y$"},     {"$x$", "$x$"},     {"", ""},     {"a$$", "a$$"}};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_true(gw_str_is(gw_quote_body(gw_str_of(texts[i][0])), texts[i][1]));
}

/* Every pair of bytes, quoted for each dialect, is read back as one token that holds them. */
static void
is_read_back_as_one_token(void **state)
{
    (void)state;
    const gw_dialect dialects[] = {
        postgres, mysql, mysql_plain, sqlite, {.kind = GW_DIALECT_MYSQL, .ansi_quotes = true}};
    for (size_t d = 0; d < sizeof(dialects) / sizeof(dialects[0]); d++)
        for (unsigned pair = 0; pair < 256 * 256; pair++) {
            GW_SCOPE(a);
            const char bytes[2] = {(char)(pair & 0xFF), (char)(pair >> 8)};
            const gw_str text = {bytes, 2};
            gw_buf name = gw_buf_new(a), string = gw_buf_new(a);
            gw_str parts[3];
            gw_quote_name(&name, text, dialects[d]);
            assert_int_equal(gw_name_parts(a, gw_buf_str(&name), dialects[d], parts), 1);
            assert_true(gw_str_eq(parts[0], text));
            gw_quote_string(&string, text, dialects[d]);
            gw_lexer l = gw_lex(gw_buf_str(&string), dialects[d]);
            const gw_token t = gw_lex_next(&l);
            assert_int_equal(t.kind, GW_TOKEN_STRING);
            assert_false(t.unterminated);
            assert_int_equal(t.text.len, string.len);
        }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_names_and_doubles_the_quote),
        cmocka_unit_test(quotes_strings_for_the_modes_of_the_session),
        cmocka_unit_test(keeps_an_escape_string_from_joining_the_word_before),
        cmocka_unit_test(quotes_each_part_of_a_qualified_name),
        cmocka_unit_test(gives_the_parts_of_a_name_as_the_server_stores_them),
        cmocka_unit_test(takes_dollar_quotes_off),
        cmocka_unit_test(is_read_back_as_one_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
