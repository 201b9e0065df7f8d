#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../fuzz/split_property.h"
#include "cases.h"

/* Names for what cannot be written plainly in a case: <CR>, <BOM>, <NUL> … */
static const struct {
    const char *name;
    gw_str bytes;
} marks[] = {
    {"<CR>", {"\r", 1}},
    {"<BOM>", {"\xEF\xBB\xBF", 3}},
    {"<NUL>", {"\0", 1}},
    {"<NBSP>", {"\xC2\xA0", 2}},
    {"<TAB>", {"\t", 1}},
    {"<LATIN1>", {"\xE9", 1}},
    {"<UTF16>", {"\xFF\xFE", 2}},
    {"<ZWSP>", {"\xE2\x80\x8B", 3}},
    {"<WIDE>", {"\xE3\x80\x80", 3}},
    {"<BLANK>", {" ", 1}},
    {"<DEL>", {"\x7F", 1}},
    {"<UTF16BE>", {"\xFE\xFF", 2}},
};

static gw_str
expand(gw_arena *a, gw_str s)
{
    gw_buf out = gw_buf_new(a);
    for (size_t i = 0; i < s.len; i++) {
        size_t m = 0, len = 0;
        for (; m < sizeof(marks) / sizeof(marks[0]); m++) {
            len = strlen(marks[m].name);
            if (s.len - i >= len && memcmp(s.ptr + i, marks[m].name, len) == 0)
                break;
        }
        if (m < sizeof(marks) / sizeof(marks[0])) {
            gw_buf_add(&out, marks[m].bytes);
            i += len - 1;
        } else {
            gw_buf_putc(&out, s.ptr[i]);
        }
    }
    return gw_buf_str(&out);
}

/* One line: line breaks as \n, CR as \r. */
static void
add_line(gw_buf *out, gw_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\n')
            gw_buf_puts(out, "\\n");
        else if (s.ptr[i] == '\r')
            gw_buf_puts(out, "\\r");
        else if (s.ptr[i] == '\xE9' && (i + 1 == s.len || (unsigned char)s.ptr[i + 1] < 0x80))
            gw_buf_puts(out, "<LATIN1>");
        else if (s.ptr[i] == '\xC2' && s.ptr[i + 1] == '\xA0')
            gw_buf_puts(out, "<NBSP>"), i++;
        else
            gw_buf_putc(out, s.ptr[i]);
    }
    gw_buf_putc(out, '\n');
}

static bool
has_option(const test_case *c, const char *option)
{
    return strstr(c->name, option) != NULL;
}

/* Options stand in the name of the case: [ansi], [delimiter=//] … */
static gw_split_params
params_of(gw_arena *a, const test_case *c, gw_dialect_kind kind)
{
    gw_split_params p = {.path = "x.sql", .text = expand(a, c->input), .dialect = {.kind = kind}};
    p.dialect.ansi_quotes = has_option(c, "[ansi]");
    p.dialect.no_backslash_escapes = has_option(c, "[no backslash]");
    p.dialect.backslash_in_strings = has_option(c, "[backslash]");
    p.any_bytes = has_option(c, "[bytes]");
    const char *const option = strstr(c->name, "[delimiter=");
    if (option != NULL) {
        const gw_str text = gw_str_slice(gw_str_of(option), 11, strcspn(option, "]"));
        gw_buf delimiter = gw_buf_new(a);
        for (size_t i = 0; i < text.len; i++) {
            const bool escaped = text.ptr[i] == '\\' && i + 1 < text.len;
            gw_buf_putc(&delimiter, escaped ? '\n' : text.ptr[i]);
            i += escaped ? 1 : 0;
        }
        p.delimiter = gw_buf_text(&delimiter);
    }
    return p;
}

static gw_str
splits(gw_arena *a, const test_case *c, void *ctx)
{
    const gw_split_params p = params_of(a, c, *(const gw_dialect_kind *)ctx);
    gw_buf out = gw_buf_new(a);
    gw_stmts stmts = {0};
    gw_err e = {0};
    assert_null(lex_property(p.text, p.dialect));
    if (gw_split(a, &p, &stmts, &e) != GODWIT_OK) {
        assert_string_equal(e.path, "x.sql");
        gw_buf_printf(&out, "error %u:%u %s\n", e.line, e.column, e.message);
        if (e.hint[0] != '\0')
            gw_buf_printf(&out, "hint %s\n", e.hint);
        return gw_buf_str(&out);
    }
    const char *const wrong = split_property(&p, &stmts);
    if (wrong != NULL)
        gw_buf_printf(&out, "wrong: %s\n", wrong);
    for (size_t i = 0; i < stmts.len; i++) {
        const gw_stmt *const s = &stmts.at[i];
        if (has_option(c, "[places]")) {
            gw_buf_printf(&out, "%u:%u lead=", s->line, s->column);
            add_line(&out, gw_str_slice(p.text, s->lead, s->offset));
        }
        add_line(&out, gw_str_slice(p.text, s->offset, (size_t)s->offset + s->length));
        if (s->has_data) {
            gw_buf_puts(&out, "data: ");
            add_line(&out, gw_str_slice(p.text, s->data_offset, (size_t)s->data_offset + s->data_length));
        }
    }
    return gw_buf_str(&out);
}

static void
splits_as_psql_and_the_server_would(void **state)
{
    (void)state;
    gw_dialect_kind kind = GW_DIALECT_POSTGRES;
    assert_int_equal(run_cases("sql/split_postgres.txt", splits, &kind), 0);
}

static void
splits_as_the_mysql_client_would_and_bodies_without_delimiter_too(void **state)
{
    (void)state;
    gw_dialect_kind kind = GW_DIALECT_MYSQL;
    assert_int_equal(run_cases("sql/split_mysql.txt", splits, &kind), 0);
}

static void
splits_as_the_sqlite3_shell_would(void **state)
{
    (void)state;
    gw_dialect_kind kind = GW_DIALECT_SQLITE;
    assert_int_equal(run_cases("sql/split_sqlite.txt", splits, &kind), 0);
}

static void
splits_alike_in_every_dialect(void **state)
{
    (void)state;
    for (gw_dialect_kind kind = GW_DIALECT_POSTGRES; kind <= GW_DIALECT_SQLITE; kind++)
        assert_int_equal(run_cases("sql/split_all.txt", splits, &kind), 0);
}

static void
gives_nothing_for_no_text(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_stmts stmts = {0};
    gw_err e = {0};
    const gw_split_params p = {.path = "x.sql", .delimiter = ""};
    assert_int_equal(gw_split(a, &p, &stmts, &e), GODWIT_OK);
    assert_int_equal(stmts.len, 0);
}

/* Every prefix of a text that uses everything: unfinished statements are refused or split, and nothing is lost. */
static void
keeps_every_byte_of_every_prefix(void **state)
{
    (void)state;
    static const char text[] =
        "\xEF\xBB\xBF-- a\nselect 'x''y', E'\\'', $t$;$t$, \"a;b\" /* /* ; */ */ ;\r\n\r\n;; insert into `t;` values "
        "(1, [a;b]);\n"
        "delimiter //\ncreate procedure p() begin if a then case x when 1 then b; end case; end if; end//\ndelimiter "
        ";\n"
        "create trigger t after insert on x for each row begin update y set a = case when 1 then 2 end; end;\n"
        "/*!40101 set sql_mode = 'ANSI_QUOTES' */;\n\\restrict x\ncopy t from stdin;\n1\t2\n\\.\nselect 5--1\n;\n";
    for (unsigned mode = 0; mode < 3 * 4; mode++)
        for (size_t len = 0; len < sizeof(text); len++) {
            GW_SCOPE(a);
            gw_stmts stmts = {0};
            gw_err e = {0};
            /* A copy of exactly that length: a read behind it would be seen. */
            char *const copy = malloc(len + 1);
            assert_non_null(copy);
            memcpy(copy, text, len);
            const gw_split_params p = {.path = "x.sql",
                                       .text = {copy, len},
                                       .dialect = {.kind = (gw_dialect_kind)(mode % 3)},
                                       .delimiter = (const char *[]){NULL, "//", "\n\n", "end"}[mode / 3]};
            assert_null(lex_property(p.text, p.dialect));
            if (gw_split(a, &p, &stmts, &e) == GODWIT_OK)
                assert_null(split_property(&p, &stmts));
            else
                assert_true(e.line > 0);
            free(copy);
        }
}

static gw_rc
split_repeated(const char *unit, size_t count, gw_dialect_kind kind, size_t *statements, gw_err *e)
{
    GW_SCOPE(a);
    gw_stmts stmts = {0};
    gw_buf b = gw_buf_new(a);
    for (size_t i = 0; i < count; i++)
        gw_buf_puts(&b, unit);
    const gw_split_params p = {.path = "x.sql", .text = gw_buf_str(&b), .dialect = {.kind = kind}};
    const gw_rc rc = gw_split(a, &p, &stmts, e);
    *statements = stmts.len;
    return rc;
}

/* A quadratic reader would need minutes for each of these. */
static void
needs_linear_time_for_whatever_repeats(void **state)
{
    (void)state;
    static const char *const units[] = {
        "(",
        "/*",
        "/*!",
        "*/",
        "'",
        "''",
        "\"",
        "`",
        "[",
        "$$",
        "$a",
        "$a$",
        "E'",
        "E'a'\n",
        "--\r",
        "--\n",
        "#\n",
        "begin ",
        ";",
        "a;",
        "case ",
        "end ",
        "if ",
        "end loop;",
        "delimiter a\n",
        "lbl: ",
        "\\.\n",
        "begin not atomic ",
        "create function f() begin atomic ",
        "create trigger t on t begin ",
        "copy t from stdin;\n",
        "a;-- b\n",
        "set sql_mode=concat(",
        "set a=1,",
        "select 1;\n",
        "\xC2\xA0",
        "'\xC2\xA0'",
        "/*!40101 a */;",
    };
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        for (gw_dialect_kind kind = GW_DIALECT_POSTGRES; kind <= GW_DIALECT_SQLITE; kind++) {
            gw_err e = {0};
            size_t statements;
            if (split_repeated(units[i], 200000, kind, &statements, &e) != GODWIT_OK)
                assert_int_equal(e.rc, GODWIT_FOLDER);
        }
}

static void
takes_a_delimiter_of_255_bytes_and_no_more(void **state)
{
    (void)state;
    for (size_t len = 255; len <= 256; len++) {
        GW_SCOPE(a);
        gw_stmts stmts = {0};
        gw_err e = {0};
        gw_buf b = gw_buf_new(a);
        gw_buf_puts(&b, "DELIMITER ");
        for (size_t i = 0; i < len; i++)
            gw_buf_putc(&b, '/');
        gw_buf_puts(&b, "\nselect 1");
        const gw_split_params p = {.path = "x.sql", .text = gw_buf_str(&b), .dialect = {.kind = GW_DIALECT_MYSQL}};
        assert_int_equal(gw_split(a, &p, &stmts, &e), len == 255 ? GODWIT_OK : GODWIT_FOLDER);
        assert_int_equal(stmts.len, len == 255 ? 1 : 0);
    }
}

static void
refuses_more_than_64_mib(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_stmts stmts = {0};
    gw_err e = {0};
    char *const text = malloc((size_t)GW_SQL_FILE_CAP + 1);
    assert_non_null(text);
    memset(text, '\n', (size_t)GW_SQL_FILE_CAP + 1);
    gw_split_params p = {.path = "x.sql", .text = {text, (size_t)GW_SQL_FILE_CAP + 1}};
    assert_int_equal(gw_split(a, &p, &stmts, &e), GODWIT_FOLDER);
    assert_string_equal(e.message, "x.sql is larger than 64 MiB");
    e = (gw_err){0};
    p.text.len--;
    assert_int_equal(gw_split(a, &p, &stmts, &e), GODWIT_OK);
    free(text);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_as_psql_and_the_server_would),
        cmocka_unit_test(splits_as_the_mysql_client_would_and_bodies_without_delimiter_too),
        cmocka_unit_test(splits_as_the_sqlite3_shell_would),
        cmocka_unit_test(splits_alike_in_every_dialect),
        cmocka_unit_test(gives_nothing_for_no_text),
        cmocka_unit_test(keeps_every_byte_of_every_prefix),
        cmocka_unit_test(needs_linear_time_for_whatever_repeats),
        cmocka_unit_test(takes_a_delimiter_of_255_bytes_and_no_more),
        cmocka_unit_test(refuses_more_than_64_mib),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
