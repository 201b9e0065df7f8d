#include "migration/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "cases.h"
#include "migration/layouts.h"
#include "show_error.h"

static unsigned
line_of(gw_str text, size_t offset)
{
    unsigned line = 1;
    for (size_t i = 0; i < offset; i++)
        line += text.ptr[i] == '\n';
    return line;
}

/* "block 3-5" */
static void
show_spans(gw_buf *out, const char *what, gw_str text, const gw_spans *spans)
{
    for (size_t i = 0; i < spans->len; i++)
        gw_buf_printf(out, "%s %u-%u\n", what, line_of(text, spans->at[i].from),
                      line_of(text, spans->at[i].to == 0 ? 0 : spans->at[i].to - 1));
}

static void
show_frame(gw_buf *out, const char *way, const gw_frame *f)
{
    static const char *const modes[] = {"", " tx file", " tx none"};
    unsigned line = 1;
    if (!f->is_there)
        return;
    gw_buf_printf(out, "%s%s%s\n", way, modes[f->tx], f->is_part ? "" : " whole");
    for (gw_str rest = f->text; rest.ptr != NULL; line++) {
        gw_str one = gw_str_cut(rest, '\n', &rest);
        if (gw_str_trim(one).len == 0)
            continue;
        while (one.ptr[one.len - 1] == ' ' || one.ptr[one.len - 1] == '\r')
            one.len--;
        gw_buf_printf(out, "%u| %.*s\n", line, GW_STR_ARG(one));
    }
    show_spans(out, "block", f->text, &f->blocks);
    show_spans(out, "turn", f->text, &f->turns);
    show_spans(out, "expand", f->text, &f->expands);
}

/* One way: false on an error, which is shown. */
static bool
frame_way(gw_arena *a, gw_buf *out, const gw_layout *l, gw_frame_params *p, bool down)
{
    gw_frame f;
    gw_err e = {0};
    p->down = down;
    const gw_rc rc = gw_frame_read(a, l->frame, p, &f, &e);
    assert_int_equal(rc, e.rc);
    if (rc != GODWIT_OK) {
        show_error(out, &e);
        return false;
    }
    assert_true(!f.is_there || f.text.len == p->text.len);
    show_frame(out, down ? "down" : "up", &f);
    return true;
}

/* Input: the layout and perhaps a section, from 0, then the file; \r is a carriage return. */
static gw_str
frame_case(gw_arena *a, const test_case *c, void *ctx)
{
    gw_buf out = gw_buf_new(a);
    gw_str text, section;
    (void)ctx;
    const gw_str name = gw_str_cut(gw_str_cut(c->input, '\n', &text), ' ', &section);
    const gw_layout *const l = gw_layout_find(gw_strdup(a, name));
    assert_non_null(l);
    gw_frame_params p = {.path = "m/0001_a.sql", .text = text.ptr == NULL ? gw_str_of("") : text};
    for (size_t i = 0; i < section.len; i++)
        p.section = p.section * 10 + (size_t)(section.ptr[i] - '0');
    if (frame_way(a, &out, l, &p, false) && l->both_ways)
        (void)frame_way(a, &out, l, &p, true);
    return gw_buf_str(&out);
}

static void
finds_what_of_a_file_is_run_each_way(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/frame_marks.txt", frame_case, NULL), 0);
}

static void
a_mark_may_end_in_any_way(void **state)
{
    (void)state;
    static const char text[] = "\xEF\xBB\xBF-- migrate:up\r\nSELECT 1;\r\n-- migrate:down\r\nSELECT 2;";
    GW_SCOPE(a);
    gw_frame up, down;
    gw_err e = {0};
    const gw_layout *const l = gw_layout_find("dbmate");
    gw_frame_params p = {.path = "m/1.sql", .text = gw_str_of(text)};
    assert_int_equal(gw_frame_read(a, l->frame, &p, &up, &e), GODWIT_OK);
    p.down = true;
    assert_int_equal(gw_frame_read(a, l->frame, &p, &down, &e), GODWIT_OK);
    assert_true(gw_str_is(gw_str_trim(up.text), "SELECT 1;"));
    assert_true(gw_str_is(gw_str_trim(down.text), "SELECT 2;"));
}

static void
the_checksum_is_that_of_what_is_run(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n",
        "-- migrate:up  transaction:true\n\nSELECT 1;\n\n-- migrate:down\nSELECT 3;\n",
        "-- migrate:up\nSELECT 4;\n-- migrate:down\nSELECT 2;\n",
    };
    GW_SCOPE(a);
    const char *sums[3];
    for (size_t i = 0; i < 3; i++) {
        gw_frame f;
        gw_err e = {0};
        const gw_frame_params p = {.path = "m/1.sql", .text = gw_str_of(texts[i])};
        assert_int_equal(gw_frame_read(a, gw_layout_find("dbmate")->frame, &p, &f, &e), GODWIT_OK);
        sums[i] = gw_frame_checksum(a, &f, p.text);
    }
    assert_string_equal(sums[0], sums[1]);
    assert_string_not_equal(sums[0], sums[2]);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_of_a_file_is_run_each_way),
        cmocka_unit_test(a_mark_may_end_in_any_way),
        cmocka_unit_test(the_checksum_is_that_of_what_is_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
