#include "config/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cases.h"
#include "show_error.h"

static void
show_node(gw_buf *out, const gw_yaml *node, int depth)
{
    gw_buf_printf(out, "%*s%u:%u %s", depth * 2, "", node->line, node->column, node->key == NULL ? "-" : node->key);
    if (node->tag != NULL)
        gw_buf_printf(out, " <%s>", node->tag);
    if (node->kind == GW_YAML_SCALAR)
        gw_buf_printf(out, " = %s", node->is_null ? "null" : "[");
    for (const char *c = node->value; c != NULL && *c != '\0'; c++)
        gw_buf_puts(out, *c == '\n' ? "\\n" : (char[]){*c, '\0'});
    gw_buf_puts(out, node->kind == GW_YAML_LIST  ? " list\n"
                     : node->kind == GW_YAML_MAP ? " map\n"
                     : node->is_null             ? "\n"
                                                 : "]\n");
    for (size_t i = 0; i < node->items.len; i++)
        show_node(out, node->items.at[i], depth + 1);
}

static gw_str
read_document(gw_arena *a, const test_case *c, void *ctx)
{
    (void)ctx;
    gw_buf out = gw_buf_new(a);
    gw_yaml *root = NULL;
    gw_err e = {0};
    if (gw_yaml_parse(a, "godwit.yaml", c->input, &root, &e) != GODWIT_OK)
        show_error(&out, &e);
    else if (root == NULL)
        gw_buf_puts(&out, "nothing");
    else
        show_node(&out, root, 0);
    return gw_buf_str(&out);
}

static void
reads_documents_and_refuses_what_is_none(void **state)
{
    (void)state;
    assert_int_equal(run_cases("config/yaml.txt", read_document, NULL), 0);
}

static gw_rc
parse(gw_arena *a, gw_str text, gw_yaml **root, gw_err *e)
{
    *e = (gw_err){0};
    return gw_yaml_parse(a, "godwit.yaml", text, root, e);
}

static void
knows_where_a_value_stands(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_yaml *root = NULL;
    gw_err e;
    const gw_str text = GW_STR_LIT("\xEF\xBB\xBF"
                                   "ä: {b: x, c: 'y', d: , e: !exec z}\n");
    assert_int_equal(parse(a, text, &root, &e), GODWIT_OK);
    const gw_yaml *const map = gw_yaml_get(root, "ä");
    static const struct {
        const char *key, *at_key, *at_value;
    } rows[] = {{"b", "b: x", "x, c"}, {"c", "c: 'y", "y', d"}, {"d", "d: , e", "d: , e"}, {"e", "e: !exec", "z}"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const gw_yaml *const item = gw_yaml_get(map, rows[i].key);
        assert_memory_equal(text.ptr + 3 + item->offset, rows[i].at_key, strlen(rows[i].at_key));
        assert_memory_equal(text.ptr + 3 + item->value_offset, rows[i].at_value, strlen(rows[i].at_value));
    }
    assert_int_equal(gw_yaml_get(map, "c")->column, 11);
    assert_null(gw_yaml_get(map, "x"));
    assert_null(gw_yaml_get(gw_yaml_get(map, "b"), "x"));
}

static void
reads_every_line_end(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_yaml *root = NULL;
    gw_err e;
    const gw_str text = GW_STR_LIT("a: 'x \t\r\n  y\r  z \r\n\r\n w\r  '\r\nb: |\r\n  x\r\n  y\r\nc: d\r\n");
    assert_int_equal(parse(a, text, &root, &e), GODWIT_OK);
    assert_string_equal(gw_yaml_get(root, "a")->value, "x y z\nw ");
    assert_string_equal(gw_yaml_get(root, "b")->value, "x\ny\n");
    assert_string_equal(gw_yaml_get(root, "c")->value, "d");
    assert_int_equal(gw_yaml_get(root, "c")->line, 10);
}

static void
refuses_what_is_too_large_or_no_text(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_yaml *root = NULL;
    gw_err e;
    char *const large = gw_alloc(a, GW_YAML_BYTES_MAX + 2);
    memset(large, '#', GW_YAML_BYTES_MAX + 1);
    assert_int_equal(parse(a, (gw_str){large, GW_YAML_BYTES_MAX}, &root, &e), GODWIT_OK);
    assert_null(root);
    assert_int_equal(parse(a, (gw_str){large, GW_YAML_BYTES_MAX + 1}, &root, &e), GODWIT_USAGE);
    assert_string_equal(e.message, "a configuration larger than 1 MiB");
    assert_int_equal(parse(a, GW_STR_LIT("a: 1\nb: \xFF\n"), &root, &e), GODWIT_USAGE);
    assert_string_equal(e.message, "this byte is not valid UTF-8");
    assert_int_equal(e.line, 2);
    assert_int_equal(e.column, 4);
    assert_int_equal(parse(a, GW_STR_LIT("a: \0"), &root, &e), GODWIT_USAGE);
    assert_int_equal(parse(a, GW_STR_LIT("a: \1"), &root, &e), GODWIT_USAGE);
    assert_string_equal(e.message, "a control character");
    assert_int_equal(parse(a, GW_STR_LIT("a: x\x7F"), &root, &e), GODWIT_USAGE);
    assert_int_equal(e.column, 5);
    assert_int_equal(parse(a, (gw_str){NULL, 0}, &root, &e), GODWIT_OK);
    assert_null(root);
}

/* Each line doubles or more what the one before holds: 9 lines say a billion. */
static void
refuses_aliases_that_multiply(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_yaml *root = NULL;
    gw_err e;
    gw_buf text = gw_buf_new(a);
    gw_buf_puts(&text, "a0: &a0 [x]\n");
    for (int i = 1; i < 9; i++) {
        gw_buf_printf(&text, "a%d: &a%d [", i, i);
        for (int j = 0; j < 10; j++)
            gw_buf_printf(&text, "%s*a%d", j == 0 ? "" : ", ", i - 1);
        gw_buf_puts(&text, "]\n");
    }
    assert_int_equal(parse(a, gw_buf_str(&text), &root, &e), GODWIT_USAGE);
    assert_string_equal(e.message, "more than 100,000 values, with aliases followed");
    assert_int_equal(e.line, 6);
}

static void
refuses_more_values_than_anybody_writes(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_yaml *root = NULL;
    gw_err e;
    gw_buf text = gw_buf_new(a);
    for (int i = 0; i < GW_YAML_NODES_MAX - 1; i++)
        gw_buf_puts(&text, "- x\n");
    assert_int_equal(parse(a, gw_buf_str(&text), &root, &e), GODWIT_OK);
    assert_int_equal(root->items.len, GW_YAML_NODES_MAX - 1);
    gw_buf_puts(&text, "- x\n");
    assert_int_equal(parse(a, gw_buf_str(&text), &root, &e), GODWIT_USAGE);
    assert_int_equal(e.line, GW_YAML_NODES_MAX);
}

static gw_str
nested(gw_arena *a, size_t depth)
{
    gw_buf text = gw_buf_new(a);
    for (size_t i = 0; i < depth; i++)
        gw_buf_putc(&text, '[');
    for (size_t i = 0; i < depth; i++)
        gw_buf_putc(&text, ']');
    return gw_buf_str(&text);
}

static void
refuses_deep_nesting(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_yaml *root = NULL;
    gw_err e;
    assert_int_equal(parse(a, nested(a, GW_YAML_DEPTH_MAX), &root, &e), GODWIT_OK);
    assert_int_equal(parse(a, nested(a, GW_YAML_DEPTH_MAX + 1), &root, &e), GODWIT_USAGE);
    assert_string_equal(e.message, "this is nested deeper than 32 levels");
    assert_int_equal(e.column, 33);
    assert_int_equal(parse(a, nested(a, 100000), &root, &e), GODWIT_USAGE);

    /* Also by an alias: 20 levels within 20 levels. */
    const char *const deep = gw_strdup(a, nested(a, 20)), *const opening =
                                                              gw_strdup(a, gw_str_slice(nested(a, 20), 0, 20));
    const char *const text = gw_printf(a, "a: &x %s\nb: %s*x", deep, opening);
    assert_int_equal(parse(a, gw_str_of(text), &root, &e), GODWIT_USAGE);
    assert_string_equal(e.message, "this is nested deeper than 32 levels");
    assert_int_equal(e.line, 2);
}

/* Whatever libfyaml thinks of a document, standard error and output stay empty. */
static void
prints_nothing(void **state)
{
    (void)state;
    GW_SCOPE(a);
    static const char *const texts[] = {"a: b: c", "\ta",   "%FOO\n---\n", "a: *x",  "[",
                                        "a: !<",   "? : ?", "a: \"\\q\"",  "--- >\n"};
    FILE *const file = tmpfile();
    assert_non_null(file);
    const int errors = dup(STDERR_FILENO), output = dup(STDOUT_FILENO);
    (void)fflush(NULL);
    (void)dup2(fileno(file), STDERR_FILENO);
    (void)dup2(fileno(file), STDOUT_FILENO);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        gw_yaml *root = NULL;
        gw_err e;
        (void)parse(a, gw_str_of(texts[i]), &root, &e);
    }
    (void)fflush(NULL);
    (void)dup2(errors, STDERR_FILENO);
    (void)dup2(output, STDOUT_FILENO);
    (void)close(errors);
    (void)close(output);
    assert_int_equal(lseek(fileno(file), 0, SEEK_END), 0);
    (void)fclose(file);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_documents_and_refuses_what_is_none),
        cmocka_unit_test(knows_where_a_value_stands),
        cmocka_unit_test(reads_every_line_end),
        cmocka_unit_test(refuses_what_is_too_large_or_no_text),
        cmocka_unit_test(refuses_aliases_that_multiply),
        cmocka_unit_test(refuses_more_values_than_anybody_writes),
        cmocka_unit_test(refuses_deep_nesting),
        cmocka_unit_test(prints_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
