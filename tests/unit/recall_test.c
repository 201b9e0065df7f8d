/* What of a session that is gone can be had again, and which statement misses the rest. */
#include "migration/recall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cases.h"

static size_t
number(gw_arena *a, gw_str text)
{
    return (size_t)strtoul(gw_strdup(a, text), NULL, 10);
}

/* "mysql NUMBER…", and the file behind it. */
static gw_str
read_file(gw_arena *a, const test_case *c, gw_script *out)
{
    gw_str text, numbers;
    gw_err e = {0};
    const gw_str dialect = gw_str_cut(gw_str_cut(c->input, '\n', &text), ' ', &numbers);
    const gw_script_params p = {.path = "m/0001_a.sql",
                                .text = text,
                                .dialect = {.kind = gw_str_is(dialect, "mysql")    ? GW_DIALECT_MYSQL
                                                    : gw_str_is(dialect, "sqlite") ? GW_DIALECT_SQLITE
                                                                                   : GW_DIALECT_POSTGRES}};
    if (gw_script_read(a, &p, out, &e) != GODWIT_OK)
        fail_msg("%s: %s", c->name, e.message);
    return numbers;
}

/* The number: how many statements are kept. */
static gw_str
recalls(gw_arena *a, const test_case *c, void *ctx)
{
    (void)ctx;
    gw_script s;
    gw_recall r;
    gw_buf out = gw_buf_new(a);
    const size_t done = number(a, read_file(a, c, &s));
    gw_recall_read(a, &s, done, &r);
    gw_buf_puts(&out, "says");
    for (size_t i = 0; i < done && i < s.stmts.len; i++)
        if (r.says[i])
            gw_buf_printf(&out, " %zu", i + 1);
    if (r.has_gap)
        gw_buf_printf(&out, "\nstatement %zu uses %s: from %zu on", r.gap.used_by + 1, gw_recall_show(a, &r.gap),
                      r.gap.root + 1);
    return gw_buf_str(&out);
}

static void
knows_what_can_be_said_again_and_what_is_missing(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/recall.txt", recalls, NULL), 0);
}

/* The numbers: from, to (the last), and at which one it failed. */
static gw_str
tries_again(gw_arena *a, const test_case *c, void *ctx)
{
    (void)ctx;
    gw_script s;
    gw_str rest;
    gw_str numbers = read_file(a, c, &s);
    const size_t from = number(a, gw_str_cut(numbers, ' ', &rest));
    numbers = gw_str_cut(rest, ' ', &rest);
    const size_t to = number(a, numbers), at = number(a, rest);
    return gw_str_of(gw_recall_is_dirty(&s, from - 1, to, at - 1) ? "dirty" : "clean");
}

static void
knows_whether_a_second_try_would_see_the_first(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/recall_retry.txt", tries_again, NULL), 0);
}

static void
knows_files_that_leave_more_than_settings(void **state)
{
    static const struct {
        const char *text;
        bool leaves;
    } rows[] = {
        {"mysql \nSET sql_mode = '', GLOBAL x = 1; DROP TABLE IF EXISTS t; INSERT INTO t VALUES (1);", false},
        {"mysql \nINSERT INTO t VALUES (1); SET @a = 1;", true},
        {"mysql \nCALL p();", true},
        {"mysql \nCREATE TEMPORARY TABLE t (n int);", true},
        {"postgres \nPREPARE p AS SELECT 1;", true},
        {"postgres \nDECLARE c CURSOR WITH HOLD FOR SELECT 1;", true},
        {"postgres \nSELECT set_config('a', 'b', false);", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        GW_SCOPE(a);
        gw_script s;
        const test_case c = {.name = rows[i].text, .input = gw_str_of(rows[i].text)};
        (void)read_file(a, &c, &s);
        if (gw_recall_leaves(&s) != rows[i].leaves)
            fail_msg("%s", rows[i].text);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_can_be_said_again_and_what_is_missing),
        cmocka_unit_test(knows_whether_a_second_try_would_see_the_first),
        cmocka_unit_test(knows_files_that_leave_more_than_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
