#include "migration/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "cases.h"
#include "show_error.h"

/* "3", or "3-5", 1-based. */
static void
show_range(gw_buf *out, size_t first, size_t count)
{
    gw_buf_printf(out, count == 1 ? "%zu" : "%zu-%zu", first + 1, first + count);
}

static void
show_script(gw_buf *out, const gw_script *s)
{
    size_t at = 0;
    for (size_t i = 0; i < s->units.len; i++) {
        const gw_unit *const u = &s->units.at[i];
        assert_int_equal(u->first, at); /* the units cover all statements in order */
        assert_true(u->count > 0);
        at += u->count;
        gw_buf_puts(out, u->transaction ? "transaction " : "alone ");
        show_range(out, u->first, u->count);
        if (u->own_begin != SIZE_MAX)
            gw_buf_printf(out, ", begins at %zu", u->own_begin + 1);
        if (u->own_commit != SIZE_MAX)
            gw_buf_printf(out, ", commits at %zu", u->own_commit + 1);
        gw_buf_puts(out, u->enters ? ", entered" : "");
        assert_true(!u->enters || (u->transaction && u->count == 1));
        gw_buf_putc(out, '\n');
    }
    assert_int_equal(at, s->stmts.len);
    if (s->units.len == 0)
        gw_buf_puts(out, "nothing\n");
}

/* Input: a line with the dialect, and "empty" if that is allowed; then the file. */
static gw_str
unit_case(gw_arena *a, const test_case *c, void *ctx)
{
    gw_buf out = gw_buf_new(a);
    gw_script s;
    gw_err e = {0};
    gw_str text;
    gw_str options;
    (void)ctx;
    const gw_str dialect = gw_str_cut(gw_str_cut(c->input, '\n', &text), ' ', &options);
    const gw_script_params p = {.path = "m/0001_a.sql",
                                .text = text.ptr == NULL ? gw_str_of("") : text,
                                .dialect = {.kind = gw_str_is(dialect, "mysql")    ? GW_DIALECT_MYSQL
                                                    : gw_str_is(dialect, "sqlite") ? GW_DIALECT_SQLITE
                                                                                   : GW_DIALECT_POSTGRES},
                                .allow_empty = gw_str_is(options, "empty")};
    const gw_rc rc = gw_script_read(a, &p, &s, &e);
    assert_int_equal(rc, e.rc);
    if (rc == GODWIT_OK)
        show_script(&out, &s);
    else
        show_error(&out, &e);
    return gw_buf_str(&out);
}

static void
keeps_a_postgresql_file_together_as_far_as_it_can(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/units_postgres.txt", unit_case, NULL), 0);
}

static void
keeps_a_mysql_file_together_as_far_as_it_can(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/units_mysql.txt", unit_case, NULL), 0);
}

static void
keeps_a_sqlite_file_together_as_far_as_it_can(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/units_sqlite.txt", unit_case, NULL), 0);
}

static void
reads_a_file_or_says_what_is_wrong(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/script.txt", unit_case, NULL), 0);
}

static gw_script
read_text(gw_arena *a, const char *text, gw_dialect_kind dialect)
{
    gw_script s;
    gw_err e = {0};
    const gw_script_params p = {.path = "m/0001_a.sql", .text = gw_str_of(text), .dialect = {.kind = dialect}};
    if (gw_script_read(a, &p, &s, &e) != GODWIT_OK)
        fail_msg("%s", e.message);
    return s;
}

static void
gives_statements_classes_and_the_checksum_of_the_file(void **state)
{
    (void)state;
    static const char text[] = "\xEF\xBB\xBF-- first\nCREATE TABLE a (b int);\n\n-- why\nINSERT INTO a VALUES (1);\n";
    GW_SCOPE(a);
    const gw_script s = read_text(a, text, GW_DIALECT_POSTGRES);
    assert_string_equal(s.path, "m/0001_a.sql");
    assert_string_equal(s.checksum, gw_sha256_hex(a, gw_str_of(text)));
    assert_int_equal(s.stmts.len, 2);
    assert_true(gw_str_is(gw_script_statement(&s, 0), "CREATE TABLE a (b int)"));
    assert_true(gw_str_is(gw_script_statement(&s, 1), "INSERT INTO a VALUES (1)"));
    assert_int_equal(s.classes[0].kind, GW_CLASS_DDL);
    assert_int_equal(s.classes[1].kind, GW_CLASS_DML);
    assert_int_equal(s.stmts.at[1].line, 5);
}

static void
gives_each_statement_the_rules_of_the_file_and_its_own(void **state)
{
    (void)state;
    GW_SCOPE(a);
    const gw_script s = read_text(a,
                                  "-- godwit:timeout 1s\n"
                                  "\n"
                                  "-- godwit:nolint A why\n"
                                  "SELECT 1;\n"
                                  "-- godwit:timeout 2s\n"
                                  "-- godwit:nolint B why\n"
                                  "SELECT 2;\n"
                                  "SELECT 3;\n",
                                  GW_DIALECT_POSTGRES);
    static const struct {
        int timeout, nolints;
    } rows[] = {{1000, 1}, {2000, 2}, {1000, 1}};
    assert_int_equal(s.file_rules.timeout_ms, 1000);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(s.rules[i].timeout_ms, rows[i].timeout);
        assert_int_equal(s.rules[i].nolint.len, rows[i].nolints);
    }
}

static void
splits_by_the_delimiter_that_the_file_says(void **state)
{
    (void)state;
    GW_SCOPE(a);
    const gw_script s =
        read_text(a, "\xEF\xBB\xBF-- atlas:delimiter \\n//\\n\nSELECT 1;\n//\nSELECT 2;\n//\n", GW_DIALECT_POSTGRES);
    assert_int_equal(s.stmts.len, 2);
    assert_true(gw_str_starts(gw_script_statement(&s, 0), "SELECT 1"));
    assert_true(gw_str_starts(gw_script_statement(&s, 1), "SELECT 2"));
}

static void
a_mended_file_may_begin_the_same(void **state)
{
    (void)state;
    GW_SCOPE(a);
    const gw_script broken = read_text(a, "CREATE TABLE a (b int); SELEC 1;", GW_DIALECT_SQLITE);
    const gw_script mended = read_text(a, "-- mended\nCREATE TABLE a (b int);\nSELECT 1;", GW_DIALECT_SQLITE);
    assert_string_equal(gw_script_prefix(a, &broken, 0), gw_sha256_hex(a, gw_str_of("")));
    assert_string_equal(gw_script_prefix(a, &broken, 1),
                        gw_sha256_hex(a, (gw_str){"CREATE TABLE a (b int)", sizeof("CREATE TABLE a (b int)")}));
    assert_string_equal(gw_script_prefix(a, &broken, 1), gw_script_prefix(a, &mended, 1));
    assert_string_not_equal(gw_script_prefix(a, &broken, 2), gw_script_prefix(a, &mended, 2));
    assert_string_equal(gw_script_prefix(a, &mended, 9), gw_script_prefix(a, &mended, 2));
}

static void
says_whether_a_file_is_kept_as_a_whole(void **state)
{
    (void)state;
    static const struct {
        gw_dialect_kind dialect;
        const char *text;
        bool is_single;
    } rows[] = {
        {GW_DIALECT_POSTGRES, "CREATE TABLE a (b int); INSERT INTO a VALUES (1);", true},
        {GW_DIALECT_POSTGRES, "BEGIN; SELECT 1; COMMIT;", true},
        {GW_DIALECT_POSTGRES, "-- godwit:tx none\nCREATE TABLE a (b int);", true},
        {GW_DIALECT_POSTGRES, "BEGIN; SELECT 1; COMMIT; SELECT 2;", false},
        {GW_DIALECT_POSTGRES, "CREATE INDEX CONCURRENTLY i ON a (b);", false},
        {GW_DIALECT_MYSQL, "INSERT INTO a VALUES (1); INSERT INTO a VALUES (2);", true},
        {GW_DIALECT_MYSQL, "CREATE TABLE a (b int);", false},
        {GW_DIALECT_MYSQL, "CALL p();", false}, /* it may keep a part */
        {GW_DIALECT_MYSQL, "-- godwit:tx file\nCALL p();", true},
        {GW_DIALECT_SQLITE, "CREATE TABLE a (b); DROP TABLE a;", true},
        {GW_DIALECT_SQLITE, "PRAGMA foreign_keys = OFF; DROP TABLE a;", false},
    };
    GW_SCOPE(a);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const gw_script s = read_text(a, rows[i].text, rows[i].dialect);
        if (gw_script_is_single(&s) != rows[i].is_single)
            fail_msg("%s", rows[i].text);
    }
    assert_false(gw_script_is_single(&(gw_script){0}));
}

static void
the_data_of_a_copy_belongs_to_its_beginning(void **state)
{
    (void)state;
    GW_SCOPE(a);
    const gw_script one = read_text(a, "COPY a FROM stdin;\n1\n2\n\\.\nSELECT 1;", GW_DIALECT_POSTGRES);
    const gw_script two = read_text(a, "COPY a FROM stdin;\n1\n3\n\\.\nSELECT 1;", GW_DIALECT_POSTGRES);
    assert_int_equal(one.stmts.len, 2);
    assert_true(one.stmts.at[0].has_data);
    assert_true(gw_str_starts(gw_script_data(&one, 0), "1\n2"));
    assert_int_equal(gw_script_data(&one, 1).len, 0);
    assert_string_not_equal(gw_script_prefix(a, &one, 1), gw_script_prefix(a, &two, 1));
    assert_string_equal(gw_script_digest(a, &one, 0), gw_script_prefix(a, &one, 1));
    assert_string_equal(gw_script_digest(a, &one, 1), gw_script_digest(a, &two, 1));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_a_postgresql_file_together_as_far_as_it_can),
        cmocka_unit_test(keeps_a_mysql_file_together_as_far_as_it_can),
        cmocka_unit_test(keeps_a_sqlite_file_together_as_far_as_it_can),
        cmocka_unit_test(reads_a_file_or_says_what_is_wrong),
        cmocka_unit_test(gives_statements_classes_and_the_checksum_of_the_file),
        cmocka_unit_test(gives_each_statement_the_rules_of_the_file_and_its_own),
        cmocka_unit_test(splits_by_the_delimiter_that_the_file_says),
        cmocka_unit_test(a_mended_file_may_begin_the_same),
        cmocka_unit_test(says_whether_a_file_is_kept_as_a_whole),
        cmocka_unit_test(the_data_of_a_copy_belongs_to_its_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
