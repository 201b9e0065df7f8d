#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/err.h"

static gw_rc
note(gw_err *e, const char *text)
{
    return gw_err_note(e, "%s", text);
}

static void
fills_an_error_once_with_class_and_message(void **state)
{
    (void)state;
    gw_err e = {0};
    assert_int_equal(gw_fail(&e, GODWIT_FOLDER, "two files have version %s", "0007"), GODWIT_FOLDER);
    assert_int_equal(e.rc, GODWIT_FOLDER);
    assert_string_equal(e.message, "two files have version 0007");
    assert_string_equal(e.notes, "");
    assert_string_equal(e.hint, "");
}

static void
keeps_a_message_on_one_line_of_valid_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } row[] = {
        {"one\ntwo\tthree\r\n", "one two three"},
        {"bell\a escape\x1b[31m delete\x7f end", "bell  escape [31m delete  end"},
        {"caf\xC3\xA9", "caf\xC3\xA9"},
        {"caf\xE9", "caf?"},
        {"\x80\x80x\xC3", "??x?"},
        {"  indented  ", "  indented"},
        {"\n", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        gw_err e = {0};
        (void)gw_fail(&e, GODWIT_BUG, "%s", row[i].text);
        assert_string_equal(e.message, row[i].message);
    }
}

static void
cuts_a_message_that_does_not_fit_at_a_character(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        char text[4000];
        size_t len = shift;
        memset(text, 'x', shift);
        while (len + 5 < sizeof(text)) {
            memcpy(text + len, "\xF0\x9F\x98\x80", 4);
            len += 4;
        }
        text[len] = '\0';
        gw_err e = {0};
        (void)gw_fail(&e, GODWIT_BUG, "%s", text);
        const gw_str message = gw_str_of(e.message);
        assert_in_range(message.len, sizeof(e.message) - 4, sizeof(e.message) - 1);
        assert_int_equal((message.len - shift) % 4, 0);
        assert_int_equal(gw_str_utf8_valid(message), message.len);
    }
}

static void
adds_notes_as_lines(void **state)
{
    (void)state;
    gw_err e = {0};
    (void)gw_fail(&e, GODWIT_FAILED, "no such table");
    assert_int_equal(note(&e, "while applying 0007, statement 2"), GODWIT_FAILED);
    assert_int_equal(note(&e, "on sqlite:app.db\n"), GODWIT_FAILED);
    assert_string_equal(e.notes, "while applying 0007, statement 2\non sqlite:app.db");
    assert_string_equal(e.message, "no such table");
}

static void
drops_notes_for_which_there_is_no_room(void **state)
{
    (void)state;
    gw_err e = {0};
    (void)gw_fail(&e, GODWIT_FAILED, "x");
    for (int i = 0; i < 2000; i++)
        (void)note(&e, i % 2 == 0 ? "a note" : "\xE2\x82\xAC\xE2\x82\xAC");
    const gw_str notes = gw_str_of(e.notes);
    assert_in_range(notes.len, sizeof(e.notes) - 5, sizeof(e.notes) - 1);
    assert_int_equal(gw_str_utf8_valid(notes), notes.len);
}

static void
keeps_the_first_hint(void **state)
{
    (void)state;
    gw_err e = {0};
    (void)gw_fail(&e, GODWIT_LOCKED, "the lock is held");
    assert_int_equal(gw_err_hint(&e, "run %s", "godwit lock"), GODWIT_LOCKED);
    assert_int_equal(gw_err_hint(&e, "wait"), GODWIT_LOCKED);
    assert_string_equal(e.hint, "run godwit lock");
}

/* `text` holds the fault where its '|' is. */
static gw_err
at_mark(const char *text)
{
    gw_err e = {0};
    char plain[1024];
    const size_t len = strlen(text);
    const size_t mark = (size_t)(strchr(text, '|') - text);
    memcpy(plain, text, mark);
    memcpy(plain + mark, text + mark + 1, len - mark - 1);
    (void)gw_fail(&e, GODWIT_FAILED, "here");
    assert_int_equal(gw_err_at(&e, "db/x.sql", (gw_str){plain, len - 1}, mark), GODWIT_FAILED);
    return e;
}

static void
says_where_in_the_users_file(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned line, column;
        const char *excerpt;
    } row[] = {
        {"|select 1;", 1, 1, "select 1;"},
        {"select |1;\n", 1, 8, "select 1;"},
        {"a\nb\n  c |d\ne", 3, 5, "  c d"},
        {"a|\nb", 1, 2, "a"},
        {"a\n|b", 2, 1, "b"},
        {"a\n|", 2, 1, ""},
        {"|", 1, 1, ""},
        {"\n\n|\n", 3, 1, ""},
        {"one\r\ntw|o\r\nthree", 2, 3, "two"},
        {"one\r\ntwo|\r\nthree", 2, 4, "two"},
        {"one\r\ntwo\r|\nthree", 2, 4, "two"},
        {"one\r\ntwo|\r\n", 2, 4, "two"},
        {"\tx\t|y", 1, 4, " x y"},
        {"-- gr\xC3\xBC\xC3\x9F|e", 1, 8,
         "-- gr\xC3\xBC\xC3\x9F"
         "e"},
        {"gr\xFC\xDF|e", 1, 5, "gr??e"},
        {"\x80\x80|x", 1, 3, "??x"},
        {"last line|", 1, 10, "last line"},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        const gw_err e = at_mark(row[i].text);
        assert_string_equal(e.path, "db/x.sql");
        assert_int_equal(e.line, row[i].line);
        assert_int_equal(e.column, row[i].column);
        assert_int_equal(e.caret, row[i].column);
        assert_string_equal(e.excerpt, row[i].excerpt);
    }
}

static void
shows_a_zero_byte_as_one_place(void **state)
{
    (void)state;
    gw_err e = {0};
    (void)gw_err_at(&e, "x", GW_STR_LIT("a\0bc"), 3);
    assert_string_equal(e.excerpt, "a bc");
    assert_int_equal(e.caret, 4);
}

static void
takes_an_offset_behind_the_end_as_the_end(void **state)
{
    (void)state;
    gw_err e = {0};
    (void)gw_err_at(&e, NULL, GW_STR_LIT("ab\ncd"), 99);
    assert_int_equal(e.line, 2);
    assert_int_equal(e.column, 3);
    assert_string_equal(e.path, "");
    gw_err empty = {0};
    (void)gw_err_at(&empty, "x", (gw_str){NULL, 0}, 7);
    assert_int_equal(empty.line, 1);
    assert_int_equal(empty.column, 1);
    assert_string_equal(empty.excerpt, "");
}

/* Whatever the line holds, the caret stands on the marked character within a valid excerpt. */
static void
check_long_line(const char *filler, size_t before, size_t after)
{
    static char text[20000];
    const size_t size = strlen(filler);
    size_t len = 0;
    for (size_t i = 0; i < before; i++, len += size)
        memcpy(text + len, filler, size);
    const size_t mark = len;
    text[len++] = '@';
    for (size_t i = 0; i < after; i++, len += size)
        memcpy(text + len, filler, size);
    gw_err e = {0};
    (void)gw_err_at(&e, "x", (gw_str){text, len}, mark);
    const gw_str excerpt = gw_str_of(e.excerpt);
    assert_int_equal(gw_str_utf8_valid(excerpt), excerpt.len);
    const char *const at = strchr(e.excerpt, '@');
    assert_non_null(at);
    assert_int_equal(gw_str_utf8_count((gw_str){e.excerpt, (size_t)(at - e.excerpt)}) + 1, e.caret);
}

static void
cuts_a_long_line_around_the_fault(void **state)
{
    (void)state;
    static const char *const filler[] = {"x",    "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
                                         "\x80", "\xE2\x82", "a\xFF"};
    for (size_t i = 0; i < sizeof(filler) / sizeof(filler[0]); i++)
        for (size_t before = 0; before < 300; before++)
            check_long_line(filler[i], before, before % 7 * 60);
    check_long_line("\xF0\x9F\x98\x80", 2000, 2000);
}

static void
copies_into_an_array_at_a_character_boundary(void **state)
{
    (void)state;
    char small[4];
    gw_err_copy(small, sizeof(small), GW_STR_LIT("abc"));
    assert_string_equal(small, "abc");
    gw_err_copy(small, sizeof(small), GW_STR_LIT("abcd"));
    assert_string_equal(small, "abc");
    gw_err_copy(small, sizeof(small), GW_STR_LIT("ab\xC3\xA9"));
    assert_string_equal(small, "ab");
    gw_err_copy(small, sizeof(small), GW_STR_LIT("\xF0\x9F\x98\x80"));
    assert_string_equal(small, "");
    gw_err_copy(small, sizeof(small), GW_STR_LIT("\x80\x80\x80\x80\x80\x80"));
    assert_string_equal(small, "\x80\x80\x80");
    gw_err_copy(small, 3, GW_STR_LIT("\x80\x80\x80\x80"));
    assert_string_equal(small, "\x80\x80");
    gw_err_copy(small, 1, GW_STR_LIT("abc"));
    assert_string_equal(small, "");
    gw_err_copy(small, sizeof(small), (gw_str){NULL, 0});
    assert_string_equal(small, "");
}

static gw_rc
try_twice(gw_rc first, gw_rc second)
{
    GW_TRY(first);
    GW_TRY(second);
    return GODWIT_OK;
}

static void
try_returns_the_first_failure(void **state)
{
    (void)state;
    assert_int_equal(try_twice(GODWIT_OK, GODWIT_OK), GODWIT_OK);
    assert_int_equal(try_twice(GODWIT_IO, GODWIT_BUG), GODWIT_IO);
    assert_int_equal(try_twice(GODWIT_OK, GODWIT_BUG), GODWIT_BUG);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_an_error_once_with_class_and_message),
        cmocka_unit_test(keeps_a_message_on_one_line_of_valid_utf8),
        cmocka_unit_test(cuts_a_message_that_does_not_fit_at_a_character),
        cmocka_unit_test(adds_notes_as_lines),
        cmocka_unit_test(drops_notes_for_which_there_is_no_room),
        cmocka_unit_test(keeps_the_first_hint),
        cmocka_unit_test(says_where_in_the_users_file),
        cmocka_unit_test(shows_a_zero_byte_as_one_place),
        cmocka_unit_test(takes_an_offset_behind_the_end_as_the_end),
        cmocka_unit_test(cuts_a_long_line_around_the_fault),
        cmocka_unit_test(copies_into_an_array_at_a_character_boundary),
        cmocka_unit_test(try_returns_the_first_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
