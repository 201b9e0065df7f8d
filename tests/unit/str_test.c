#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <string.h>

#include "base/arena.h"

static gw_str
str(const char *text)
{
    return gw_str_of(text);
}

static void
sees_zero_terminated_text_as_a_view(void **state)
{
    (void)state;
    assert_int_equal(str("abc").len, 3);
    assert_int_equal(str(NULL).len, 0);
    assert_non_null(str(NULL).ptr);
    assert_int_equal(GW_STR_LIT("a\0b").len, 3);
}

static void
slices_without_copying(void **state)
{
    (void)state;
    const gw_str s = str("abcdef");
    assert_true(gw_str_is(gw_str_slice(s, 2, 4), "cd"));
    assert_ptr_equal(gw_str_slice(s, 2, 4).ptr, s.ptr + 2);
    assert_int_equal(gw_str_slice(s, 6, 6).len, 0);
    assert_null(gw_str_slice((gw_str){NULL, 0}, 0, 0).ptr);
}

static void
trims_white_space_at_both_ends(void **state)
{
    (void)state;
    static const struct {
        const char *text, *trimmed;
    } row[] = {
        {"", ""},
        {"   ", ""},
        {"abc", "abc"},
        {" \t\n\v\f\r a b \r\n", "a b"},
        {"\xC2\xA0x", "\xC2\xA0x"},
        {"\bx\x0e", "\bx\x0e"},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        assert_true(gw_str_is(gw_str_trim(str(row[i].text)), row[i].trimmed));
    assert_int_equal(gw_str_trim((gw_str){NULL, 0}).len, 0);
}

static void
compares_bytes(void **state)
{
    (void)state;
    assert_true(gw_str_eq(str("abc"), str("abc")));
    assert_false(gw_str_eq(str("abc"), str("abd")));
    assert_false(gw_str_eq(str("abc"), str("ab")));
    assert_true(gw_str_eq((gw_str){NULL, 0}, str("")));
    assert_true(gw_str_is(str("x"), "x"));
    assert_false(gw_str_is(str("x"), "X"));
    assert_true(gw_str_is((gw_str){NULL, 0}, NULL));
}

static void
ignores_the_case_of_ascii_letters_only(void **state)
{
    (void)state;
    static const struct {
        const char *left, *right;
        bool is_same;
    } row[] = {
        {"SELECT", "select", true},      {"SeLeCt", "sElEcT", true}, {"", "", true},    {"a", "", false},
        {"abc", "abd", false},           {"[", "{", false},          {"@", "`", false}, {"az", "AZ", true},
        {"\xC3\x89", "\xC3\xA9", false}, {"a1_", "A1_", true},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        assert_int_equal(gw_str_is_nocase(str(row[i].left), row[i].right), row[i].is_same);
    assert_true(gw_str_is_nocase((gw_str){NULL, 0}, ""));
    assert_false(gw_str_is_nocase(GW_STR_LIT("a\0"), "ab"));
}

static void
knows_beginnings_and_ends(void **state)
{
    (void)state;
    assert_true(gw_str_starts(str("abc"), "ab"));
    assert_true(gw_str_starts(str("abc"), ""));
    assert_true(gw_str_starts((gw_str){NULL, 0}, ""));
    assert_false(gw_str_starts(str("abc"), "abcd"));
    assert_false(gw_str_starts(str("abc"), "b"));
    assert_true(gw_str_ends(str("abc"), "bc"));
    assert_true(gw_str_ends(str("abc"), ""));
    assert_true(gw_str_ends((gw_str){NULL, 0}, ""));
    assert_false(gw_str_ends(str("abc"), "zabc"));
    assert_false(gw_str_ends(str("abc"), "b"));
}

static void
cuts_at_the_first_mark(void **state)
{
    (void)state;
    gw_str rest;
    assert_true(gw_str_is(gw_str_cut(str("a=b=c"), '=', &rest), "a"));
    assert_true(gw_str_is(rest, "b=c"));
    assert_true(gw_str_is(gw_str_cut(str("a="), '=', &rest), "a"));
    assert_int_equal(rest.len, 0);
    assert_non_null(rest.ptr);
    assert_true(gw_str_is(gw_str_cut(str("a"), '=', &rest), "a"));
    assert_null(rest.ptr);
    assert_int_equal(gw_str_cut(rest, '=', &rest).len, 0);
    assert_null(rest.ptr);
    assert_int_equal(gw_str_cut(GW_STR_LIT("a\0b"), '\0', &rest).len, 1);
    assert_true(gw_str_is(rest, "b"));
}

static void
prints_views_also_when_they_are_longer_than_an_int(void **state)
{
    (void)state;
    GW_SCOPE(a);
    assert_string_equal(gw_printf(a, "[%.*s]", GW_STR_ARG(gw_str_slice(str("abcdef"), 1, 3))), "[bc]");
    assert_string_equal(gw_printf(a, "[%.*s]", GW_STR_ARG(((gw_str){"abc", SIZE_MAX}))), "[abc]");
    assert_int_equal(gw_str_precision((gw_str){"", (size_t)INT_MAX + 1}), INT_MAX);
}

static void
a_buffer_grows_and_stays_zero_terminated(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_buf b = gw_buf_new(a);
    assert_string_equal(gw_buf_text(&b), "");
    assert_int_equal(gw_buf_str(&b).len, 0);
    assert_non_null(gw_buf_str(&b).ptr);
    for (size_t i = 0; i < 3000; i++) {
        gw_buf_putc(&b, (char)('a' + i % 26));
        assert_int_equal(b.len, i + 1);
        assert_int_equal(b.ptr[b.len], '\0');
        assert_true(b.len < b.cap);
    }
    for (size_t i = 0; i < 3000; i++)
        assert_int_equal(b.ptr[i], 'a' + i % 26);
}

static void
a_buffer_takes_text_bytes_and_formats(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_buf b = gw_buf_new(a);
    gw_buf_add(&b, (gw_str){NULL, 0});
    assert_string_equal(gw_buf_text(&b), "");
    gw_buf_puts(&b, "x");
    gw_buf_puts(&b, NULL);
    gw_buf_add(&b, GW_STR_LIT("\0y"));
    gw_buf_printf(&b, "%03d", 7);
    gw_buf_printf(&b, "%s", "");
    assert_int_equal(b.len, 6);
    assert_memory_equal(gw_buf_text(&b), "x\0y007", 7);
    gw_buf_printf(&b, "%*d", 5000, 1);
    assert_int_equal(b.len, 5006);
    assert_int_equal(gw_buf_str(&b).len, 5006);
}

static void
a_buffer_takes_exactly_what_it_has_room_for(void **state)
{
    (void)state;
    for (int len = 0; len < 300; len++) {
        GW_SCOPE(a);
        gw_buf b = gw_buf_new(a);
        gw_buf_printf(&b, "%*s", len, "");
        gw_buf_printf(&b, "%*s", 300 - len, "");
        assert_int_equal(strlen(gw_buf_text(&b)), 300);
    }
}

static const char *const commands[] = {"up", "down", "status", "verify", "history", "rebase"};

static const char *
nearest(const char *word)
{
    return gw_str_nearest(str(word), commands, sizeof(commands) / sizeof(commands[0]));
}

static void
finds_the_candidate_that_was_meant(void **state)
{
    (void)state;
    assert_string_equal(nearest("stauts"), "status");
    assert_string_equal(nearest("statuss"), "status");
    assert_string_equal(nearest("verfy"), "verify");
    assert_string_equal(nearest("histroy"), "history");
    assert_string_equal(nearest("donw"), "down");
    assert_string_equal(nearest("up"), "up");
    assert_string_equal(nearest("u"), "up");
}

static void
finds_nothing_when_nothing_is_near(void **state)
{
    (void)state;
    assert_null(nearest("frobnicate"));
    assert_null(nearest("xyz"));
    assert_null(nearest(""));
    assert_null(nearest("a word that is much longer than any command that there is"));
    assert_null(gw_str_nearest(str("x"), NULL, 0));
    static const char *const endless[] = {"a candidate that is longer than a word that one might have meant"};
    assert_null(gw_str_nearest(str("a candidate that is longer than a word"), endless, 1));
}

/* The definition in RFC 3629, section 4, one alternative a line; NUL is not text here. */
static size_t
reference_sequence(const unsigned char *p, size_t len)
{
    static const struct {
        size_t len;
        unsigned char low[4], high[4];
    } row[] = {
        {1, {0x01}, {0x7F}},
        {2, {0xC2, 0x80}, {0xDF, 0xBF}},
        {3, {0xE0, 0xA0, 0x80}, {0xE0, 0xBF, 0xBF}},
        {3, {0xE1, 0x80, 0x80}, {0xEC, 0xBF, 0xBF}},
        {3, {0xED, 0x80, 0x80}, {0xED, 0x9F, 0xBF}},
        {3, {0xEE, 0x80, 0x80}, {0xEF, 0xBF, 0xBF}},
        {4, {0xF0, 0x90, 0x80, 0x80}, {0xF0, 0xBF, 0xBF, 0xBF}},
        {4, {0xF1, 0x80, 0x80, 0x80}, {0xF3, 0xBF, 0xBF, 0xBF}},
        {4, {0xF4, 0x80, 0x80, 0x80}, {0xF4, 0x8F, 0xBF, 0xBF}},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        size_t j = 0;
        while (j < row[i].len && j < len && p[j] >= row[i].low[j] && p[j] <= row[i].high[j])
            j++;
        if (j == row[i].len)
            return j;
    }
    return 0;
}

static size_t
reference_valid(gw_str s)
{
    size_t at = 0;
    for (size_t len; at < s.len; at += len) {
        len = reference_sequence((const unsigned char *)s.ptr + at, s.len - at);
        if (len == 0)
            break;
    }
    return at;
}

/* A copy of exactly this size, so that a sanitizer sees a byte read too many. */
static void
check_utf8(const char *bytes, size_t len)
{
    GW_SCOPE(a);
    char *const exact = gw_alloc(a, len);
    if (len > 0)
        memcpy(exact, bytes, len);
    assert_int_equal(gw_str_utf8_valid((gw_str){exact, len}), reference_valid((gw_str){exact, len}));
}

static void
knows_valid_utf8_for_every_start_of_a_sequence(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 256; first++)
        for (unsigned second = 0; second < 256; second++) {
            const char bytes[] = {(char)first, (char)second, (char)0x80, (char)0xBF};
            for (size_t len = 0; len <= sizeof(bytes); len++)
                assert_int_equal(gw_str_utf8_valid((gw_str){bytes, len}), reference_valid((gw_str){bytes, len}));
        }
}

static uint64_t
random_next(uint64_t *seed) /* xorshift64 */
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void
knows_valid_utf8_at_every_alignment(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
    } piece[] = {
        {"a", 1},
        {"ascii text, long enough for eight at once", 41},
        {"\x01", 1},
        {"\x7F\x7F", 2},
        {"\xC3\xA9", 2},
        {"\xE2\x82\xAC", 3},
        {"\xED\x9F\xBF", 3},
        {"\xF0\x9F\x98\x80", 4},
        {"\xF4\x8F\xBF\xBF", 4},
        {"\0", 1},
        {"\x80", 1},
        {"\xC0\x80", 2},
        {"\xED\xA0\x80", 3},
        {"\xF4\x90\x80\x80", 4},
        {"\xE2\x82", 2},
    };
    enum { PIECES = sizeof(piece) / sizeof(piece[0]), FAULTY = 6 };
    uint64_t seed = 88172645463325252;
    for (int round = 0; round < 20000; round++) {
        char text[128];
        size_t len = 0;
        const uint64_t usable = random_next(&seed) % 3 == 0 ? PIECES : PIECES - FAULTY;
        for (;;) {
            const size_t pick = random_next(&seed) % usable;
            if (len + piece[pick].len > sizeof(text) || random_next(&seed) % 20 == 0)
                break;
            memcpy(text + len, piece[pick].bytes, piece[pick].len);
            len += piece[pick].len;
        }
        if (round % 2 == 0 && len > 0)
            text[random_next(&seed) % len] = (char)random_next(&seed);
        for (size_t from = 0; from < 8 && from <= len; from++)
            check_utf8(text + from, len - from);
    }
}

static void
finds_a_zero_byte_wherever_it_stands(void **state)
{
    (void)state;
    char text[40];
    for (size_t len = 1; len <= sizeof(text); len++)
        for (size_t at = 0; at < len; at++) {
            memset(text, at % 2 == 0 ? '\x01' : '\x7F', len);
            text[at] = '\0';
            assert_int_equal(gw_str_utf8_valid((gw_str){text, len}), at);
        }
}

static void
counts_characters(void **state)
{
    (void)state;
    assert_int_equal(gw_str_utf8_count(str("")), 0);
    assert_int_equal(gw_str_utf8_count(str("abc")), 3);
    assert_int_equal(gw_str_utf8_count(str("caf\xC3\xA9 \xF0\x9F\x98\x80")), 6);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_zero_terminated_text_as_a_view),
        cmocka_unit_test(slices_without_copying),
        cmocka_unit_test(trims_white_space_at_both_ends),
        cmocka_unit_test(compares_bytes),
        cmocka_unit_test(ignores_the_case_of_ascii_letters_only),
        cmocka_unit_test(knows_beginnings_and_ends),
        cmocka_unit_test(cuts_at_the_first_mark),
        cmocka_unit_test(prints_views_also_when_they_are_longer_than_an_int),
        cmocka_unit_test(a_buffer_grows_and_stays_zero_terminated),
        cmocka_unit_test(a_buffer_takes_text_bytes_and_formats),
        cmocka_unit_test(a_buffer_takes_exactly_what_it_has_room_for),
        cmocka_unit_test(finds_the_candidate_that_was_meant),
        cmocka_unit_test(finds_nothing_when_nothing_is_near),
        cmocka_unit_test(knows_valid_utf8_for_every_start_of_a_sequence),
        cmocka_unit_test(knows_valid_utf8_at_every_alignment),
        cmocka_unit_test(finds_a_zero_byte_wherever_it_stands),
        cmocka_unit_test(counts_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
