#include "migration/sum_signature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "migration/sum.h"

/* RFC 8032, 7.1: the keys of TEST 1 and 2. */
#define PRIVATE(base64) "-----BEGIN PRIVATE KEY-----\n" base64 "\n-----END PRIVATE KEY-----\n"
static const char one[] = PRIVATE("MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g");
static const char two[] = PRIVATE("MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7");
static const gw_str sum = {"h1:x=\n", 6};

static const char *
sign(gw_arena *a, const char *key, gw_str bytes, gw_public_key *by)
{
    gw_signature s;
    gw_err e = {0};
    assert_int_equal(gw_signature_make("k", gw_str_of(key), bytes, &s, by, &e), GODWIT_OK);
    return gw_sum_signature_text(a, &s, by);
}

/* What is said of this signature, when the owner of `one` is to have signed `bytes`. */
static const char *
judge(gw_arena *a, const char *text, gw_str bytes)
{
    gw_public_key key;
    gw_err e = {0};
    (void)sign(a, one, sum, &key);
    const gw_sum_signature_params p = {
        .sum_path = "m/godwit.sum", .path = "m/godwit.sum.sig", .sum = bytes, .text = gw_str_of(text), .key = &key};
    gw_buf out = gw_buf_new(a);
    if (gw_sum_signature_check(&p, &e) == GODWIT_OK)
        return "it fits";
    assert_int_equal(e.rc, GODWIT_FOLDER);
    assert_string_equal(e.path, "m/godwit.sum.sig");
    assert_true(e.hint[0] != '\0');
    gw_buf_printf(&out, "%u:%u %s", e.line, e.column, e.message);
    if (e.notes[0] != '\0')
        gw_buf_printf(&out, "; %s", e.notes);
    return gw_buf_text(&out);
}

static void
says_who_signed_and_what(void **state)
{
    GW_SCOPE(a);
    gw_public_key by;
    (void)state;
    const char *const text = sign(a, one, sum, &by);
    gw_str rest;
    const gw_str first = gw_str_cut(gw_str_of(text), '\n', &rest);
    assert_true(gw_str_is(first, gw_printf(a, "godwit-signature ed25519 %s", gw_signature_fingerprint(a, &by))));
    assert_int_equal(rest.len, GW_SIGNATURE_BASE64 + 1);
    assert_string_equal(judge(a, text, sum), "it fits");
    assert_string_equal(gw_sum_signature_path(a, "m/atlas.sum"), "m/atlas.sum.sig");
}

static void
takes_line_ends_of_windows_for_what_they_are(void **state)
{
    GW_SCOPE(a);
    gw_public_key by;
    (void)state;
    gw_buf crlf = gw_buf_new(a);
    for (const char *c = sign(a, one, sum, &by); *c != '\0'; c++)
        gw_buf_printf(&crlf, *c == '\n' ? "\r\n" : "%c", *c);
    assert_string_equal(judge(a, gw_buf_text(&crlf), sum), "it fits");
    assert_non_null(strstr(judge(a, sign(a, one, sum, &by), GW_STR_LIT("h1:x=\r\n")), "does not fit"));
}

static void
knows_what_was_changed_since(void **state)
{
    GW_SCOPE(a);
    gw_public_key by;
    static const char unfit[] =
        "0:0 the signature m/godwit.sum.sig does not fit m/godwit.sum: one of them was changed since";
    (void)state;
    assert_string_equal(judge(a, sign(a, one, sum, &by), GW_STR_LIT("h1:y=\n")), unfit);
    assert_string_equal(judge(a, sign(a, one, GW_STR_LIT("h1:y=\n"), &by), sum), unfit);
}

static void
names_both_keys_when_it_was_another(void **state)
{
    GW_SCOPE(a);
    gw_public_key by;
    (void)state;
    assert_string_equal(judge(a, sign(a, two, sum, &by), sum),
                        "0:0 m/godwit.sum was signed with another key than the one that is demanded; "
                        "signed    sha256:deb2ded39dc26fce0e6085b6fc34bf6b5941913bbfe2ea614113cff9e004c170\n"
                        "demanded  sha256:06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9");
}

static void
believes_no_first_line(void **state)
{
    GW_SCOPE(a);
    gw_public_key by, other;
    gw_str rest;
    (void)state;
    const gw_str mine = gw_str_cut(gw_str_of(sign(a, one, sum, &by)), '\n', &rest);
    (void)gw_str_cut(gw_str_of(sign(a, two, sum, &other)), '\n', &rest);
    assert_non_null(
        strstr(judge(a, gw_printf(a, "%.*s\n%.*s", GW_STR_ARG(mine), GW_STR_ARG(rest)), sum), "does not fit"));
}

static void
says_where_a_text_is_no_signature(void **state)
{
    GW_SCOPE(a);
    gw_public_key by;
    (void)state;
    const char *const good = sign(a, one, sum, &by);
    const gw_str first = gw_str_cut(gw_str_of(good), '\n', &(gw_str){0});
    static const char no_first[] =
        "1:1 this is no first line of a signature: 'godwit-signature ed25519 ' and a fingerprint are";
    assert_string_equal(judge(a, "", sum), no_first);
    assert_string_equal(judge(a, "hello\n", sum), no_first);
    assert_string_equal(judge(a, "<<<<<<< HEAD\n", sum), no_first);
    assert_non_null(strstr(judge(a, gw_printf(a, "%.*s\n", GW_STR_ARG(first)), sum),
                           "2:1 this is no signature in base64, of 88 characters"));
    assert_non_null(strstr(judge(a, gw_printf(a, "%.*s\nAAAA\n", GW_STR_ARG(first)), sum),
                           "2:1 this is no signature in base64, of 88 characters"));
    assert_non_null(strstr(judge(a, gw_printf(a, "%smore\n", good), sum), "3:1 a signature ends before this line"));
}

/* ---- what a signature says nothing of ---- */

static gw_rc
covers(gw_arena *a, const char *sum_name, const char *const *recorded, gw_err *e)
{
    gw_sum s;
    gw_sum_begin(a, &s);
    for (size_t i = 0; recorded[i] != NULL; i++)
        gw_sum_add(&s, recorded[i], GW_STR_LIT("SELECT 1;\n"));
    gw_folder f = {.path = "m", .covered = {.sum = sum_name}, .sum_text = gw_str_of(gw_sum_text(a, &s))};
    *gw_vec_push(a, &f.files) = (gw_file){.path = "m/0001_a.sql", .down_path = "m/0001_a_down.sql"};
    *gw_vec_push(a, &f.files) = (gw_file){.path = "m/0002_b.sql"};
    return gw_sum_signature_covers(&f, e);
}

static void
refuses_a_file_that_the_sum_leaves_out(void **state)
{
    GW_SCOPE(a);
    gw_err all = {0}, up = {0}, down = {0};
    (void)state;
    assert_int_equal(
        covers(a, "godwit.sum", (const char *const[]){"0001_a.sql", "0001_a_down.sql", "0002_b.sql", NULL}, &all),
        GODWIT_OK);
    assert_int_equal(covers(a, "godwit.sum", (const char *const[]){"0001_a.sql", "0001_a_down.sql", NULL}, &up),
                     GODWIT_FOLDER);
    assert_string_equal(up.message, "m/0002_b.sql is not signed: godwit.sum has no line for it");
    assert_string_equal(up.path, "m/0002_b.sql");
    assert_int_equal(covers(a, "atlas.sum", (const char *const[]){"0001_a.sql", "0002_b.sql", NULL}, &down),
                     GODWIT_FOLDER);
    assert_string_equal(down.message, "m/0001_a_down.sql is not signed: atlas.sum has no line for it");
    assert_non_null(strstr(down.hint, "godwit.sum has all"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_who_signed_and_what),
        cmocka_unit_test(takes_line_ends_of_windows_for_what_they_are),
        cmocka_unit_test(knows_what_was_changed_since),
        cmocka_unit_test(names_both_keys_when_it_was_another),
        cmocka_unit_test(believes_no_first_line),
        cmocka_unit_test(says_where_a_text_is_no_signature),
        cmocka_unit_test(refuses_a_file_that_the_sum_leaves_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
