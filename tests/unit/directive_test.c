#include "migration/directive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"
#include "show_error.h"

static void
show_list(gw_buf *out, const char *name, const gw_strs *list)
{
    for (size_t i = 0; i < list->len; i++)
        gw_buf_printf(out, "%s [%.*s]\n", name, GW_STR_ARG(list->at[i]));
}

static void
show_directives(gw_buf *out, const gw_directives *d)
{
    static const char *const modes[] = {"auto", "file", "none"};
    if (d->tx != GW_TX_AUTO)
        gw_buf_printf(out, "tx %s\n", modes[d->tx]);
    if (d->timeout_ms != 0)
        gw_buf_printf(out, "timeout %d ms\n", (int)d->timeout_ms);
    if (d->lock_timeout_ms != 0)
        gw_buf_printf(out, "lock-timeout %d ms\n", (int)d->lock_timeout_ms);
    show_list(out, "skip-on", &d->skip_on);
    show_list(out, "only-on", &d->only_on);
    gw_buf_puts(out, d->checkpoint ? "checkpoint\n" : "");
    show_list(out, "nolint", &d->nolint);
    for (size_t i = 0; i < d->assertions.len; i++)
        gw_buf_printf(out, "assert [%.*s]\n", GW_STR_ARG(d->assertions.at[i].query));
    for (size_t i = 0; i < d->shims.len; i++)
        gw_buf_printf(out, "shim [%.*s] [%.*s] issue [%.*s]\n", GW_STR_ARG(d->shims.at[i].schema),
                      GW_STR_ARG(d->shims.at[i].last), GW_STR_ARG(gw_shim_issue(&d->shims.at[i])));
    for (size_t i = 0; i < d->drops.len; i++)
        gw_buf_printf(out, "drop [%.*s] [%.*s]\n", GW_STR_ARG(d->drops.at[i].schema), GW_STR_ARG(d->drops.at[i].last));
    if (d->delimiter.len > 0)
        gw_buf_puts(out, "delimiter");
    for (size_t i = 0; i < d->delimiter.len; i++) {
        const char c = d->delimiter.ptr[i];
        if (c < ' ')
            gw_buf_printf(out, " <%d>", c);
        else
            gw_buf_printf(out, " %c", c);
    }
    if (out->len == 0)
        gw_buf_puts(out, "nothing");
}

/* Input: a line with the place (file, statement, nowhere) and the dialect, then the text. "renewa" and "shop" are
 * prefixes. */
static gw_str
directive_case(gw_arena *a, const test_case *c, void *ctx)
{
    static const char *const prefixes[] = {"renewa", "shop", NULL};
    gw_buf out = gw_buf_new(a);
    gw_directives d;
    gw_err e = {0};
    gw_str dialect;
    gw_str text;
    (void)ctx;
    const gw_str place = gw_str_cut(gw_str_cut(c->input, '\n', &text), ' ', &dialect);
    const gw_directive_params p = {
        .path = "m/0001_a.sql",
        .text = text.ptr == NULL ? gw_str_of("") : text,
        .dialect = {.kind = gw_str_is(dialect, "mysql") ? GW_DIALECT_MYSQL : GW_DIALECT_POSTGRES},
        .prefixes = prefixes};
    const gw_rc rc = gw_str_is(place, "nowhere")
                         ? gw_directives_refuse(&p, 0, p.text.len, &e)
                         : gw_directives_read(a, &p, 0, p.text.len, gw_str_is(place, "statement"), &d, &e);
    assert_int_equal(rc, e.rc);
    if (rc != GODWIT_OK)
        show_error(&out, &e);
    else if (gw_str_is(place, "nowhere"))
        gw_buf_puts(&out, "nothing");
    else
        show_directives(&out, &d);
    return gw_buf_str(&out);
}

static void
reads_directives_or_says_what_is_wrong(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/directive.txt", directive_case, NULL), 0);
}

static gw_directives
read_text(gw_arena *a, const char *text, bool at_statement)
{
    gw_directives d;
    gw_err e = {0};
    const gw_directive_params p = {.path = "m/0001_a.sql", .text = gw_str_of(text)};
    assert_int_equal(gw_directives_read(a, &p, 0, p.text.len, at_statement, &d, &e), GODWIT_OK);
    return d;
}

static void
keeps_a_file_from_running_where_it_should_not(void **state)
{
    (void)state;
    static const struct {
        const char *text, *environment;
        bool is_skipped;
    } rows[] = {
        {"", NULL, false},
        {"", "production", false},
        {"-- godwit:skip-on staging,production", "production", true},
        {"-- godwit:skip-on staging,production", "Staging", true},
        {"-- godwit:skip-on staging,production", "test", false},
        {"-- godwit:skip-on staging,production", "", false},
        {"-- godwit:skip-on staging,production", NULL, false},
        {"-- godwit:only-on production", "production", false},
        {"-- godwit:only-on production", "PRODUCTION", false},
        {"-- godwit:only-on production", "test", true},
        {"-- godwit:only-on production", "", true},
        {"-- godwit:only-on production", NULL, true},
        {"-- godwit:only-on test, staging\n-- godwit:skip-on staging", "staging", true},
        {"-- godwit:only-on test, staging\n-- godwit:skip-on staging", "test", false},
    };
    GW_SCOPE(a);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const gw_directives d = read_text(a, rows[i].text, false);
        if (gw_directives_skip(&d, rows[i].environment) != rows[i].is_skipped)
            fail_msg("%s on %s", rows[i].text, rows[i].environment);
    }
}

static void
a_statement_overrides_its_file(void **state)
{
    (void)state;
    GW_SCOPE(a);
    const gw_directives file = read_text(
        a, "-- godwit:tx none\n-- godwit:timeout 5m\n-- godwit:lock-timeout 1s\n-- godwit:nolint A why", false);
    const gw_directives other = read_text(a, "-- godwit:timeout 1s\n-- godwit:nolint B why", true);
    const gw_directives none = {0};

    const gw_directives both = gw_directives_merge(a, &file, &other);
    assert_int_equal(both.tx, GW_TX_NONE);
    assert_int_equal(both.timeout_ms, 1000);
    assert_int_equal(both.lock_timeout_ms, 1000);
    assert_int_equal(both.nolint.len, 2);
    assert_true(gw_str_is(both.nolint.at[0], "A why"));
    assert_true(gw_str_is(both.nolint.at[1], "B why"));

    const gw_directives same = gw_directives_merge(a, &file, &none);
    assert_int_equal(same.timeout_ms, 300000);
    assert_int_equal(same.nolint.len, 1);
    const gw_directives own = gw_directives_merge(a, &none, &file);
    assert_int_equal(own.lock_timeout_ms, 1000);
    assert_int_equal(own.nolint.len, 1);
}

static void
the_table_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < gw_directive_row_count; i++) {
        assert_non_null(gw_directive_rows[i].name);
        assert_non_null(gw_directive_rows[i].summary);
        assert_true(gw_directive_rows[i].file || gw_directive_rows[i].statement);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_directives_or_says_what_is_wrong),
        cmocka_unit_test(keeps_a_file_from_running_where_it_should_not),
        cmocka_unit_test(a_statement_overrides_its_file),
        cmocka_unit_test(the_table_is_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
