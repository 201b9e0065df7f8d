#include "migration/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "cases.h"
#include "show_error.h"

static gw_dir_entries
entries_of(gw_arena *a, gw_str lines)
{
    gw_dir_entries entries = {0};
    for (gw_str rest = lines; rest.ptr != NULL;) {
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        const bool is_dir = gw_str_ends(line, "/");
        if (line.len > 0)
            *gw_vec_push(a, &entries) = (gw_dir_entry){gw_strdup(a, gw_str_slice(line, 0, line.len - is_dir)), is_dir};
    }
    return entries;
}

/* Input: the layout's name, then file names. */
static gw_str
read_case(gw_arena *a, const test_case *c, void *ctx)
{
    static const char *const kinds[] = {"foreign", "up", "down", "wrong"};
    gw_buf out = gw_buf_new(a);
    gw_str rest;
    (void)ctx;
    const gw_layout *const layout = gw_layout_find(gw_strdup(a, gw_str_cut(c->input, '\n', &rest)));
    assert_non_null(layout);
    while (rest.ptr != NULL) {
        const gw_name n = layout->read(gw_str_cut(rest, '\n', &rest));
        gw_buf_puts(&out, kinds[n.kind]);
        if (n.kind == GW_NAME_UP || n.kind == GW_NAME_DOWN)
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
    const gw_dir_entries entries = entries_of(a, c->input);
    (void)ctx;
    if (gw_layout_detect("db/migrations", &entries, &layout, &e) == GODWIT_OK)
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

static void
every_layout_reads_what_it_makes(void **state)
{
    (void)state;
    GW_SCOPE(a);
    for (size_t i = 0; i < gw_layout_count; i++) {
        const gw_layout *const l = &gw_layouts[i];
        assert_ptr_equal(gw_layout_find(l->name), l);
        assert_int_equal(l->read(gw_str_of(l->example)).kind, GW_NAME_UP);
        for (int down = 0; down < 2; down++) {
            const gw_name n = l->read(gw_str_of(l->make(a, "0007", "add_index", down)));
            assert_int_equal(n.kind, down ? GW_NAME_DOWN : GW_NAME_UP);
            assert_true(gw_str_is(n.version, "0007"));
            assert_true(gw_str_is(n.name, "add_index"));
        }
    }
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
        cmocka_unit_test(every_layout_reads_what_it_makes),
        cmocka_unit_test(knows_no_layout_of_another_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
