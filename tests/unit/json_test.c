#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"

static void
writes_nested_objects_and_arrays_with_their_commas(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_buf out = gw_buf_new(a);
    gw_json j = gw_json_new(&out);
    gw_json_open(&j, NULL, '{');
    gw_json_text(&j, "name", "users");
    gw_json_int(&j, "count", -7);
    gw_json_open(&j, "list", '[');
    gw_json_bool(&j, NULL, true);
    gw_json_bool(&j, NULL, false);
    gw_json_text(&j, NULL, NULL);
    gw_json_open(&j, NULL, '[');
    gw_json_close(&j, ']');
    gw_json_open(&j, NULL, '{');
    gw_json_close(&j, '}');
    gw_json_close(&j, ']');
    gw_json_str(&j, "after", gw_str_slice(GW_STR_LIT("abcdef"), 2, 4));
    gw_json_close(&j, '}');
    assert_string_equal(gw_buf_text(&out),
                        "{\"name\":\"users\",\"count\":-7,\"list\":[true,false,null,[],{}],\"after\":\"cd\"}");
}

static void
writes_values_at_the_top_without_commas(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_buf out = gw_buf_new(a);
    gw_json j = gw_json_new(&out);
    gw_json_int(&j, NULL, INT64_MIN);
    gw_buf_putc(&out, '\n');
    gw_json_int(&j, NULL, INT64_MAX);
    assert_string_equal(gw_buf_text(&out), "-9223372036854775808\n9223372036854775807");
}

static void
nests_as_deep_as_it_says(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_buf out = gw_buf_new(a);
    gw_json j = gw_json_new(&out);
    for (int i = 0; i < GW_JSON_DEPTH; i++)
        gw_json_open(&j, NULL, '[');
    for (int i = 0; i < GW_JSON_DEPTH; i++)
        gw_json_close(&j, ']');
    assert_string_equal(gw_buf_text(&out), "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]");
}

static void
escapes_what_json_does_not_take_as_it_is(void **state)
{
    (void)state;
    static const struct {
        gw_str text;
        const char *json;
    } row[] = {
        {{"", 0}, "\"\""},
        {{NULL, 0}, "\"\""},
        {{"a\"b\\c/d", 7}, "\"a\\\"b\\\\c/d\""},
        {{"\b\t\n\f\r", 5}, "\"\\b\\t\\n\\f\\r\""},
        {{"\x01\x0b\x1f\x7f", 4}, "\"\\u0001\\u000b\\u001f\x7f\""},
        {{"a\0b", 3}, "\"a\\u0000b\""},
        {{"caf\xC3\xA9 \xF0\x9F\x98\x80", 10}, "\"caf\xC3\xA9 \xF0\x9F\x98\x80\""},
        {{"\xE9t\xE9", 3}, "\"\xEF\xBF\xBDt\xEF\xBF\xBD\""},
        {{"cut \xE2\x82", 6}, "\"cut \xEF\xBF\xBD\xEF\xBF\xBD\""},
        {{"\xED\xA0\x80", 3}, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    };
    GW_SCOPE(a);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        gw_buf out = gw_buf_new(a);
        gw_json j = gw_json_new(&out);
        gw_json_str(&j, NULL, row[i].text);
        assert_string_equal(gw_buf_text(&out), row[i].json);
    }
}

static void
escapes_keys_too(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_buf out = gw_buf_new(a);
    gw_json j = gw_json_new(&out);
    gw_json_open(&j, NULL, '{');
    gw_json_text(&j, "a\"b", "x");
    gw_json_close(&j, '}');
    assert_string_equal(gw_buf_text(&out), "{\"a\\\"b\":\"x\"}");
}

/* Every byte alone and among others gives text that is valid UTF-8 and holds no control character. */
static void
any_bytes_become_valid_text(void **state)
{
    (void)state;
    GW_SCOPE(a);
    for (unsigned first = 0; first < 256; first++)
        for (unsigned second = 0; second < 256; second++) {
            const char bytes[] = {'x', (char)first, (char)second, 'y'};
            gw_buf out = gw_buf_new(a);
            gw_json j = gw_json_new(&out);
            gw_json_str(&j, NULL, (gw_str){bytes, sizeof(bytes)});
            assert_int_equal(gw_str_utf8_valid(gw_buf_str(&out)), out.len);
            for (size_t i = 0; i < out.len; i++)
                assert_true((unsigned char)out.ptr[i] >= ' ');
        }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_nested_objects_and_arrays_with_their_commas),
        cmocka_unit_test(writes_values_at_the_top_without_commas),
        cmocka_unit_test(nests_as_deep_as_it_says),
        cmocka_unit_test(escapes_what_json_does_not_take_as_it_is),
        cmocka_unit_test(escapes_keys_too),
        cmocka_unit_test(any_bytes_become_valid_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
