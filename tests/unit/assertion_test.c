#include "migration/assertion.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const gw_dialect_kind postgres = GW_DIALECT_POSTGRES;
static const gw_dialect_kind mysql = GW_DIALECT_MYSQL;
static const gw_dialect_kind sqlite = GW_DIALECT_SQLITE;

static const char *
wrong(gw_dialect_kind kind, const char *value)
{
    gw_str query, at;
    return gw_assertion_read(gw_str_of(value), (gw_dialect){.kind = kind}, &query, &at);
}

static void
takes_one_statement_that_reads(void **state)
{
    static const struct {
        gw_dialect_kind kind;
        const char *value;
    } rows[] = {
        {postgres, "SELECT 1"},
        {postgres, "(SELECT 1) UNION (SELECT 2)"},
        {postgres, "values (true)"},
        {postgres, "TABLE users"},
        {postgres, "WITH a AS (SELECT 1) SELECT * FROM a"},
        {postgres, "SELECT $$;$$ = ';' -- ;"},
        {mysql, "SELECT `;`, ';' FROM t;"},
        {mysql, "TABLE t"},
        {sqlite, "SELECT count(*) = 0 FROM t;;"},
        {sqlite, "VALUES (1)"},
        {sqlite, "WITH RECURSIVE n(x) AS (SELECT 1 UNION SELECT x + 1 FROM n) SELECT x FROM n LIMIT 1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_null(wrong(rows[i].kind, rows[i].value));
}

static void
refuses_what_may_do_more_than_read(void **state)
{
    static const struct {
        gw_dialect_kind kind;
        const char *value;
    } rows[] = {
        {postgres, ";"},
        {postgres, "users"},
        {postgres, "DELETE FROM t"},
        {postgres, "SELECT 1 INTO copy"},
        {postgres, "WITH gone AS (DELETE FROM t RETURNING 1) SELECT * FROM gone"},
        {postgres, "EXPLAIN SELECT 1"},
        {postgres, "SHOW search_path"},
        {postgres, "COPY t TO STDOUT"},
        {postgres, "CALL p()"},
        {mysql, "SELECT 1 INTO OUTFILE '/tmp/x'"},
        {mysql, "SELECT n INTO @a FROM t"},
        {mysql, "DO sleep(1)"},
        {mysql, "SET @a = 1"},
        {sqlite, "PRAGMA user_version"},
        {sqlite, "TABLE t"},
        {sqlite, "SELECT 1; SELECT 2"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_non_null(wrong(rows[i].kind, rows[i].value));
}

static void
says_where_the_second_statement_begins(void **state)
{
    gw_str query, at;
    const gw_str value = GW_STR_LIT("SELECT 1 ; -- and\n  DROP TABLE t");
    (void)state;
    assert_non_null(gw_assertion_read(value, (gw_dialect){.kind = postgres}, &query, &at));
    assert_true(gw_str_is(at, "DROP"));
    assert_int_equal(at.ptr - value.ptr, 20);
    assert_true(gw_str_is(query, "SELECT 1"));
}

static gw_assertion_answer
answer_of(size_t rows, size_t columns, const char *const *values)
{
    gw_assertion_answer answer = {0};
    for (size_t i = 0; i < rows && gw_assertion_take(&answer, columns, values + i * columns); i++)
        continue;
    return answer;
}

static void
holds_without_rows_or_with_one_that_is_true(void **state)
{
    static const struct {
        size_t rows, columns;
        const char *values[4], *first;
        bool holds;
    } rows[] = {
        {0, 1, {0}, "", true},
        {1, 1, {"t"}, "t", true},
        {1, 1, {"true"}, "true", true},
        {1, 1, {"1"}, "1", true},
        {1, 1, {"TRUE"}, "TRUE", true},
        {1, 1, {"f"}, "f", false},
        {1, 1, {"0"}, "0", false},
        {1, 1, {"2"}, "2", false},
        {1, 1, {""}, "", false},
        {1, 1, {"11"}, "11", false},
        {1, 1, {NULL}, "NULL", false},
        {1, 2, {"1", "1"}, "1 | 1", false},
        {1, 3, {"7", NULL, "Ada"}, "7 | NULL | Ada", false},
        {2, 1, {"1", "1"}, "1", false},
        {2, 2, {"a", "b", "c", "d"}, "a | b", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const gw_assertion_answer answer = answer_of(rows[i].rows, rows[i].columns, rows[i].values);
        assert_string_equal(answer.first, rows[i].first);
        assert_int_equal(gw_assertion_holds(&answer), rows[i].holds);
        assert_int_equal(answer.rows, rows[i].rows);
    }
}

static void
keeps_as_much_of_a_long_row_as_fits(void **state)
{
    static char long_value[1000];
    (void)state;
    memset(long_value, 'x', sizeof(long_value) - 1);
    const gw_assertion_answer answer = answer_of(1, 1, (const char *const[]){long_value});
    assert_in_range(strlen(answer.first), 200, sizeof(answer.first) - 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_one_statement_that_reads),
        cmocka_unit_test(refuses_what_may_do_more_than_read),
        cmocka_unit_test(says_where_the_second_statement_begins),
        cmocka_unit_test(holds_without_rows_or_with_one_that_is_true),
        cmocka_unit_test(keeps_as_much_of_a_long_row_as_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
