#include "base/json_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"
#include "show_error.h"

static void
show(gw_buf *out, const gw_json_node *n, gw_str text, unsigned depth)
{
    static const char *const kinds[] = {"null", "bool", "number", "text", "list", "map"};
    gw_buf_printf(out, "%*s%s%s%s", (int)depth * 2, "", n->key == NULL ? "" : n->key, n->key == NULL ? "" : ": ",
                  kinds[n->kind]);
    if (n->text != NULL)
        gw_buf_printf(out, " %s", n->text);
    gw_buf_printf(out, " | %.*s\n", GW_STR_ARG(gw_str_slice(text, n->key_offset, n->end)));
    for (size_t i = 0; i < n->items.len; i++)
        show(out, n->items.at[i], text, depth + 1);
}

static gw_str
read_case(gw_arena *a, const test_case *c, void *ctx)
{
    gw_buf out = gw_buf_new(a);
    gw_json_node *root;
    gw_err e = {0};
    (void)ctx;
    if (gw_json_read(a, "m/x.json", c->input, &root, &e) == GODWIT_OK)
        show(&out, root, c->input, 0);
    else
        show_error(&out, &e);
    return gw_buf_str(&out);
}

static void
reads_values_with_their_places_or_says_what_is_wrong(void **state)
{
    (void)state;
    assert_int_equal(run_cases("base/json_read.txt", read_case, NULL), 0);
}

static void
is_not_led_too_deep(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_buf text = gw_buf_new(a);
    gw_json_node *root;
    gw_err e = {0};
    for (int i = 0; i < 100000; i++)
        gw_buf_putc(&text, '[');
    assert_int_equal(gw_json_read(a, "m/x.json", gw_buf_str(&text), &root, &e), GODWIT_FOLDER);
    assert_non_null(strstr(e.message, "nothing so deep"));
}

static void
finds_values_by_key(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_json_node *root;
    gw_err e = {0};
    assert_int_equal(gw_json_read(a, "x", GW_STR_LIT("\xEF\xBB\xBF{\"a\":1,\"b\":[2]}"), &root, &e), GODWIT_OK);
    assert_string_equal(gw_json_get(root, "a")->text, "1");
    assert_null(gw_json_get(root, "c"));
    assert_null(gw_json_get(gw_json_get(root, "b"), "a"));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_values_with_their_places_or_says_what_is_wrong),
        cmocka_unit_test(is_not_led_too_deep),
        cmocka_unit_test(finds_values_by_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
