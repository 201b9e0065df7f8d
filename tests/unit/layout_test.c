#include "migration/layouts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "cases.h"
#include "migration/folder.h"
#include "show_error.h"
#include "trees.h"

/* Input: the layout's name, then file names. */
static gw_str
read_case(gw_arena *a, const test_case *c, void *ctx)
{
    static const char *const kinds[] = {"foreign", "up", "down", "wrong", "repeatable", "verify"};
    gw_buf out = gw_buf_new(a);
    gw_str rest;
    (void)ctx;
    const gw_layout *const layout = gw_layout_find(gw_strdup(a, gw_str_cut(c->input, '\n', &rest)));
    assert_non_null(layout);
    while (rest.ptr != NULL) {
        const gw_name n = layout->read(gw_str_cut(rest, '\n', &rest));
        gw_buf_puts(&out, kinds[n.kind]);
        if (n.kind != GW_NAME_FOREIGN && n.kind != GW_NAME_WRONG)
            gw_buf_printf(&out, " %.*s %.*s", GW_STR_ARG(n.version), GW_STR_ARG(n.name));
        if (n.kind == GW_NAME_WRONG)
            gw_buf_printf(&out, ": %s", n.reason);
        gw_buf_putc(&out, '\n');
    }
    return gw_buf_str(&out);
}

static void
reads_the_names_of_each_layout(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/layout_read.txt", read_case, NULL), 0);
}

static gw_str
detect_case(gw_arena *a, const test_case *c, void *ctx)
{
    gw_buf out = gw_buf_new(a);
    gw_err e = {0};
    const gw_layout *layout = NULL;
    const gw_tree tree = tree_of(a, "db/migrations", c->input);
    (void)ctx;
    if (gw_layout_detect(&tree, &layout, &e) == GODWIT_OK)
        gw_buf_puts(&out, layout->name);
    else
        show_error(&out, &e);
    return gw_buf_str(&out);
}

static void
finds_the_one_layout_that_fits(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/layout_detect.txt", detect_case, NULL), 0);
}

/* Input: the layout's name, then a text. */
static gw_str
frame_case(gw_arena *a, const test_case *c, void *ctx)
{
    gw_buf out = gw_buf_new(a);
    gw_err e = {0};
    gw_frame f;
    gw_str text;
    (void)ctx;
    const gw_layout *const layout = gw_layout_find(gw_strdup(a, gw_str_cut(c->input, '\n', &text)));
    const gw_dialect postgres = {.kind = GW_DIALECT_POSTGRES};
    const gw_frame_params p = {.path = "m/x.sql", .text = text, .dialect = &postgres};
    assert_non_null(layout);
    if (gw_frame_read(a, layout->frame, &p, &f, &e) != GODWIT_OK) {
        show_error(&out, &e);
        return gw_buf_str(&out);
    }
    assert_int_equal(f.text.len, text.len);
    for (gw_str rest = f.text; rest.ptr != NULL;) {
        gw_str line = gw_str_cut(rest, '\n', &rest);
        while (line.len > 0 && line.ptr[line.len - 1] == ' ')
            line.len--;
        gw_buf_printf(&out, "%.*s\n", GW_STR_ARG(line));
    }
    gw_buf_puts(&out, f.may_be_empty ? "and may be empty\n" : "");
    return gw_buf_str(&out);
}

static void
frames_what_is_run(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/layout_frame.txt", frame_case, NULL), 0);
}

/* Input: the layout's name and a dialect, then a tree. */
static gw_str
fit_case(gw_arena *a, const test_case *c, void *ctx)
{
    gw_buf out = gw_buf_new(a);
    gw_err e = {0};
    gw_str lines, dialect;
    (void)ctx;
    const gw_str name = gw_str_cut(gw_str_cut(c->input, '\n', &lines), ' ', &dialect);
    const gw_layout *const layout = gw_layout_find(gw_strdup(a, name));
    const gw_tree tree = tree_of(a, "m", lines);
    assert_non_null(layout);
    const gw_dialect_kind kind = gw_str_is(dialect, "mysql")    ? GW_DIALECT_MYSQL
                                 : gw_str_is(dialect, "sqlite") ? GW_DIALECT_SQLITE
                                                                : GW_DIALECT_POSTGRES;
    if (layout->fits(a, &tree, kind, &e) == GODWIT_OK)
        gw_buf_puts(&out, "fits");
    else
        show_error(&out, &e);
    return gw_buf_str(&out);
}

static void
knows_for_which_database_a_folder_is(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/layout_fit.txt", fit_case, NULL), 0);
}

static void
every_layout_lists_what_it_makes(void **state)
{
    (void)state;
    for (size_t i = 0; i < gw_layout_count; i++) {
        GW_SCOPE(a);
        const gw_layout *const l = gw_layouts[i];
        const gw_tree empty = tree_of(a, "m", (gw_str){"", 0});
        const gw_layout_new new = {.tree = &empty,
                                   .version = l->first != NULL ? l->first : "20260326170903",
                                   .name = "add_index",
                                   .up = GW_STR_LIT("SELECT 1;\n"),
                                   .down = GW_STR_LIT("SELECT 2;\n")};
        gw_layout_files made = {0};
        gw_buf lines = gw_buf_new(a);
        gw_err e = {0};
        gw_folder folder;
        assert_ptr_equal(gw_layout_find(l->name), l);
        if (l->make(a, l, &new, &made, &e) != GODWIT_OK) { /* where something else has to begin the folder */
            assert_int_equal(e.rc, GODWIT_FOLDER);
            assert_string_not_equal(e.hint, "");
            continue;
        }
        for (size_t k = 0; k < made.len; k++) {
            gw_buf_printf(&lines, "%s\n", made.at[k].file);
            for (gw_str rest = made.at[k].text; rest.len > 0;) {
                const gw_str line = gw_str_cut(rest, '\n', &rest);
                gw_buf_printf(&lines, "| %.*s\n", GW_STR_ARG(line));
            }
        }
        const gw_tree tree = tree_of(a, "m", gw_buf_str(&lines));
        const gw_folder_params p = {.path = "m", .layout = l->name};
        if (gw_folder_arrange(a, &p, &tree, &folder, &e) != GODWIT_OK)
            fail_msg("%s: %s", l->name, e.message);
        assert_int_equal(folder.files.len, 1);
        assert_string_equal(folder.files.at[0].name, "add_index");
    }
}

/* Input: a tree; the name of its layout first. What `new` writes there. */
static gw_str
make_case(gw_arena *a, const test_case *c, void *ctx)
{
    gw_buf out = gw_buf_new(a);
    gw_err e = {0};
    gw_str lines;
    gw_layout_files made = {0};
    (void)ctx;
    const gw_layout *const layout = gw_layout_find(gw_strdup(a, gw_str_cut(c->input, '\n', &lines)));
    assert_non_null(layout);
    const gw_tree tree = tree_of(a, "m", lines);
    const gw_layout_new new = {.tree = &tree,
                               .version = "0007",
                               .name = "add_index",
                               .now_ms = 1700000000000,
                               .up = GW_STR_LIT("UP;\n"),
                               .down = GW_STR_LIT("DOWN;\n")};
    if (layout->make(a, layout, &new, &made, &e) != GODWIT_OK) {
        show_error(&out, &e);
        return gw_buf_str(&out);
    }
    for (size_t i = 0; i < made.len; i++)
        gw_buf_printf(&out, "%s%s\n%.*s", made.at[i].file, made.at[i].replaces ? ", anew" : "",
                      GW_STR_ARG(made.at[i].text));
    return gw_buf_str(&out);
}

static void
continues_an_index(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/layout_new.txt", make_case, NULL), 0);
}

static void
knows_no_layout_of_another_name(void **state)
{
    (void)state;
    assert_null(gw_layout_find("flyaway"));
    assert_null(gw_layout_find(""));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_names_of_each_layout),
        cmocka_unit_test(finds_the_one_layout_that_fits),
        cmocka_unit_test(frames_what_is_run),
        cmocka_unit_test(knows_for_which_database_a_folder_is),
        cmocka_unit_test(every_layout_lists_what_it_makes),
        cmocka_unit_test(continues_an_index),
        cmocka_unit_test(knows_no_layout_of_another_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
