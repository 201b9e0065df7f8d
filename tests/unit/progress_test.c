#include "migration/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "cases.h"

static gw_script
read_text(gw_arena *a, gw_str text)
{
    gw_script s;
    gw_err e = {0};
    const gw_script_params p = {
        .path = "m/0001_a.sql", .text = text, .dialect = {.kind = GW_DIALECT_MYSQL}, .allow_empty = true};
    if (gw_script_read(a, &p, &s, &e) != GODWIT_OK)
        fail_msg("%s", e.message);
    return s;
}

/* "SELECT 0; SELECT 1; …" */
static gw_script
many(gw_arena *a, size_t count)
{
    gw_buf text = gw_buf_new(a);
    for (size_t i = 0; i < count; i++)
        gw_buf_printf(&text, "SELECT %zu;\n", i);
    return read_text(a, gw_buf_str(&text));
}

static gw_progress
progress_of(gw_arena *a, const char *text)
{
    gw_progress p;
    gw_progress_read(a, text, &p);
    return p;
}

/* A line of the column, whose digests stand as letters: "X" is 64 of them. */
static gw_str
reads(gw_arena *a, const test_case *c, void *ctx)
{
    (void)ctx;
    gw_buf out = gw_buf_new(a);
    for (gw_str rest = c->input; rest.ptr != NULL;) {
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        gw_buf text = gw_buf_new(a);
        for (size_t i = 0; i < line.len; i++)
            for (unsigned n = line.ptr[i] == 'X' ? GW_SHA256_HEX : 1; n > 0; n--)
                gw_buf_putc(&text, line.ptr[i] == 'X' ? 'f' : line.ptr[i]);
        const gw_progress p = progress_of(a, gw_buf_text(&text));
        gw_buf_printf(&out, "%zu %zu %zu", p.prefix.len, p.each.len, p.next.len);
        gw_buf_puts(&out, p.entered ? " entered" : "");
        for (size_t i = 0; i < p.before.len; i++)
            gw_buf_printf(&out, " [%.*s]", GW_STR_ARG(p.before.at[i]));
        gw_buf_putc(&out, '\n');
    }
    return gw_buf_str(&out);
}

static void
reads_what_the_column_says(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/progress.txt", reads, NULL), 0);
}

static void
reads_nothing_from_nothing(void **state)
{
    (void)state;
    GW_SCOPE(a);
    const gw_progress p = progress_of(a, NULL);
    assert_int_equal(p.prefix.len + p.each.len + p.next.len + p.before.len, 0);
    assert_false(p.entered);
}

static void
what_was_written_is_read_again(void **state)
{
    (void)state;
    GW_SCOPE(a);
    const gw_script s = many(a, 3);
    gw_prefix prefix = {0};
    const gw_progress none = progress_of(a, gw_progress_text(a, &s, &prefix, 0, false));
    assert_true(gw_str_is(none.prefix, gw_script_prefix(a, &s, 0)));
    assert_int_equal(none.each.len + none.next.len, 0);

    const char *const text = gw_progress_text(a, &s, &prefix, 2, true);
    const gw_progress two = progress_of(a, gw_printf(a, "%sabsent,c0ffee", text));
    assert_true(gw_str_is(two.prefix, gw_script_prefix(a, &s, 2)));
    assert_int_equal(two.each.len, 16);
    assert_true(gw_str_starts(gw_str_of(gw_script_digest(a, &s, 1)), gw_strdup(a, gw_str_slice(two.each, 8, 16))));
    assert_true(gw_str_is(two.next, gw_script_digest(a, &s, 2)));
    assert_int_equal(two.before.len, 2);
    assert_true(gw_str_is(two.before.at[0], "absent"));
    assert_true(gw_str_is(two.before.at[1], "c0ffee"));
    assert_true(progress_of(a, gw_printf(a, "%sentered", text)).entered);
    assert_null(strstr(gw_progress_text(a, &s, &prefix, 3, true), "next"));
}

/* The digits of those before are remembered; going back begins again. */
static void
the_text_does_not_depend_on_what_was_asked_before(void **state)
{
    (void)state;
    enum { COUNT = GW_PROGRESS_EACH + 2 };
    GW_SCOPE(a);
    const gw_script s = many(a, COUNT);
    static const size_t asked[] = {0, 1, 1, 5, 3, 256, 255, 257, 258, 2, 258, 256};
    gw_prefix prefix = {0};
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        gw_prefix fresh = {0};
        const char *const text = gw_progress_text(a, &s, &prefix, asked[i], true);
        assert_string_equal(text, gw_progress_text(a, &s, &fresh, asked[i], true));
        const gw_progress p = progress_of(a, text);
        assert_int_equal(p.each.len, asked[i] <= GW_PROGRESS_EACH ? 8 * asked[i] : 0);
        assert_int_equal(gw_progress_changed(a, &p, &s, asked[i]), SIZE_MAX);
        if (asked[i] > 0)
            (void)gw_script_prefix_on(a, &s, &prefix, asked[i]);
    }
}

static void
names_the_statement_that_was_changed(void **state)
{
    (void)state;
    static const struct {
        const char *now;
        size_t done, changed;
    } rows[] = {
        {"SELECT 0; SELECT 1; SELECT 2; SELECT 3", 3, SIZE_MAX},
        {"-- a comment\nSELECT 0;\n\nSELECT 1; SELECT 2;", 3, SIZE_MAX},
        {"SELECT 0; SELECT 1; SELECT 2; DROP TABLE a; SELECT 4", 3, SIZE_MAX},
        {"SELECT 0; SELECT 7; SELECT 2; SELECT 3", 3, 1},
        {"SELECT 9; SELECT 7; SELECT 2; SELECT 3", 3, 0},
        {"SELECT 0; SELECT 1; SELECT  2; SELECT 3", 3, 2},
        {"SELECT 7; SELECT 0; SELECT 1; SELECT 2; SELECT 3", 3, 0},
        {"SELECT 0; SELECT 1", 3, 2},
        {"SELECT 0; SELECT 7", 3, 1},
        {"-- nothing", 3, 0},
        {"SELECT 7", 0, SIZE_MAX},
    };
    GW_SCOPE(a);
    const gw_script kept = many(a, 4);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        gw_prefix prefix = {0};
        const gw_progress p = progress_of(a, gw_progress_text(a, &kept, &prefix, rows[i].done, true));
        const gw_script s = read_text(a, gw_str_of(rows[i].now));
        const size_t changed = gw_progress_changed(a, &p, &s, rows[i].done);
        if (changed != rows[i].changed)
            fail_msg("%s: %zu", rows[i].now, changed);
    }
}

static void
does_not_guess_which_one_was_changed(void **state)
{
    (void)state;
    GW_SCOPE(a);
    const gw_script kept = many(a, 4);
    const gw_script mended = read_text(a, gw_str_of("SELECT 0; SELECT 7; SELECT 2"));
    const gw_progress short_words = progress_of(a, gw_script_prefix(a, &kept, 3)); /* as rows were written before */
    assert_int_equal(gw_progress_changed(a, &short_words, &kept, 3), SIZE_MAX);
    assert_int_equal(gw_progress_changed(a, &short_words, &mended, 3), 3);
    const gw_progress nothing = progress_of(a, NULL);
    assert_int_equal(gw_progress_changed(a, &nothing, &kept, 3), 3);
    assert_int_equal(gw_progress_changed(a, &nothing, &kept, 9), 4);
    assert_int_equal(gw_progress_changed(a, &nothing, &kept, 0), SIZE_MAX);
}

static void
knows_the_statement_that_was_about_to_run(void **state)
{
    (void)state;
    GW_SCOPE(a);
    const gw_script kept = many(a, 3);
    const gw_script mended = read_text(a, gw_str_of("SELECT 0; SELECT 7; SELECT 2"));
    gw_prefix prefix = {0};
    const gw_progress p = progress_of(a, gw_progress_text(a, &kept, &prefix, 1, true));
    assert_true(gw_progress_is_next(a, &p, &kept, 1));
    assert_false(gw_progress_is_next(a, &p, &kept, 2));
    assert_false(gw_progress_is_next(a, &p, &kept, 3));
    assert_false(gw_progress_is_next(a, &p, &mended, 1));
    const gw_progress without = progress_of(a, gw_progress_text(a, &kept, &prefix, 1, false));
    assert_false(gw_progress_is_next(a, &without, &kept, 1));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_the_column_says),
        cmocka_unit_test(reads_nothing_from_nothing),
        cmocka_unit_test(what_was_written_is_read_again),
        cmocka_unit_test(the_text_does_not_depend_on_what_was_asked_before),
        cmocka_unit_test(names_the_statement_that_was_changed),
        cmocka_unit_test(does_not_guess_which_one_was_changed),
        cmocka_unit_test(knows_the_statement_that_was_about_to_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
