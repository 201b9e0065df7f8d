#include "config/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"
#include "show_error.h"

static void
show_field(gw_buf *out, const char *name, const char *value)
{
    const gw_str text = gw_str_of(value);
    const bool is_utf8 = gw_str_utf8_valid(text) == text.len;
    if (value != NULL)
        gw_buf_printf(out, " %s=%s", name, is_utf8 ? value : "(bytes)");
}

static void
show_url(gw_arena *a, gw_buf *out, const gw_url *url)
{
    gw_buf_puts(out, url->scheme);
    show_field(out, "user", url->user);
    show_field(out, "password", url->password);
    show_field(out, "host", url->host);
    if (url->port != 0)
        gw_buf_printf(out, " port=%u", url->port);
    show_field(out, "database", url->database);
    for (size_t i = 0; i < url->params.len; i++)
        gw_buf_printf(out, " ?%s=%s", url->params.at[i].name, url->params.at[i].value);
    gw_buf_printf(out, "\n%s, %s\n", gw_url_show(a, url), gw_url_is_remote(url) ? "remote" : "local");
}

static gw_str
read_url(gw_arena *a, const test_case *c, void *ctx)
{
    (void)ctx;
    gw_buf out = gw_buf_new(a);
    gw_url url;
    gw_err e = {0};
    if (gw_url_parse(a, c->input, &url, &e) == GODWIT_OK)
        show_url(a, &out, &url);
    else
        show_error(&out, &e);
    return gw_buf_str(&out);
}

static void
reads_urls_and_refuses_what_is_none(void **state)
{
    (void)state;
    assert_int_equal(run_cases("config/url.txt", read_url, NULL), 0);
}

static gw_rc
parse(gw_arena *a, const char *text, size_t len, gw_url *out, gw_err *e)
{
    memset(e, 0, sizeof(*e));
    return gw_url_parse(a, (gw_str){text, len}, out, e);
}

static void
refuses_bytes_that_no_text_has(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        const char *message;
    } rows[] = {
        {"postgres://h/\0", 14, "the database URL is wrong at character 14: it is not valid UTF-8"},
        {"postgres://\xFFh/", 13, "the database URL is wrong at character 12: it is not valid UTF-8"},
        {"po\0stgres://h/", 14, "the database URL does not begin with a scheme, such as postgres://"},
        {"postgres://h/\x01", 14, "the database URL is wrong at character 14: a blank or control character"},
        {"postgres://h/\x7F", 14, "the database URL is wrong at character 14: a blank or control character"},
        {"sqlite:a\tb", 10, "the database URL is wrong at character 9: a blank or control character"},
        {NULL, 0, "the database URL does not begin with a scheme, such as postgres://"},
    };
    GW_SCOPE(a);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        gw_url url;
        gw_err e;
        assert_int_equal(parse(a, rows[i].text, rows[i].len, &url, &e), GODWIT_USAGE);
        assert_string_equal(e.message, rows[i].message);
    }
}

static void
never_shows_a_part_of_a_url_that_is_wrong(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "postgres://hunter:hun/ter@h/db",
        "postgres://hunter:hun ter@h/db",
        "postgres://hunter:hunter%zz@h/db",
        "postgres://h:hunter/db",
        "hunter:hunter@h/db",
        "postgres://h/db?hunter",
        "postgres://h/db?p=hunter&p=x",
        "postgres://hunter:hunter@h/hunter/x",
        "postgres://[hunter]/db",
        "postgres://h:1:hunter/db",
    };
    GW_SCOPE(a);
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        gw_url url;
        gw_err e;
        gw_buf shown = gw_buf_new(a);
        assert_int_equal(parse(a, urls[i], strlen(urls[i]), &url, &e), GODWIT_USAGE);
        show_error(&shown, &e);
        assert_null(strstr(gw_buf_text(&shown), "hun"));
        assert_true(e.hint[0] != '\0');
    }
}

static void
finds_parameters_by_name(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_url url;
    gw_err e;
    const char *const text = "postgres://h/db?a=1&b=";
    assert_int_equal(parse(a, text, strlen(text), &url, &e), GODWIT_OK);
    assert_string_equal(gw_url_param_get(&url, "a"), "1");
    assert_string_equal(gw_url_param_get(&url, "b"), "");
    assert_null(gw_url_param_get(&url, "c"));
}

/* What is shown reads as the same place again. */
static void
shows_what_reads_back(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "postgres://a%40b:c@h:1/d%2Fe",
        "mysql://%FF@h/%FFx",
        "postgres://[::1]:5/x",
        "postgres://[fe80::1%25eth0]",
        "postgres://h1:1,[::2]:3,h4/x",
        "postgres://%2Fvar%2Frun/x",
        "sqlite:a%3Fb%25c d%23.db",
        "sqlite:////abs",
        "sqlite://rel/x.db",
        "sqlite::memory:",
        "postgres://%40abstract/x",
        "postgres://",
    };
    GW_SCOPE(a);
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        gw_url once, again;
        gw_err e;
        assert_int_equal(parse(a, urls[i], strlen(urls[i]), &once, &e), GODWIT_OK);
        const char *const shown = gw_url_show(a, &once);
        assert_int_equal(parse(a, shown, strlen(shown), &again, &e), GODWIT_OK);
        assert_string_equal(gw_url_show(a, &again), shown);
        assert_string_equal(once.database == NULL ? "" : once.database, again.database == NULL ? "" : again.database);
        assert_string_equal(once.host == NULL ? "" : once.host, again.host == NULL ? "" : again.host);
        assert_string_equal(once.user == NULL ? "" : once.user, again.user == NULL ? "" : again.user);
        assert_int_equal(once.port, again.port);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_urls_and_refuses_what_is_none),
        cmocka_unit_test(refuses_bytes_that_no_text_has),
        cmocka_unit_test(never_shows_a_part_of_a_url_that_is_wrong),
        cmocka_unit_test(finds_parameters_by_name),
        cmocka_unit_test(shows_what_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
