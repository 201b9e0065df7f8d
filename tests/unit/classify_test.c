#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cases.h"
#include "sql/classify.h"

static const char *const kind_names[] = {
    [GW_CLASS_OTHER] = "other",   [GW_CLASS_DDL] = "ddl",           [GW_CLASS_DML] = "dml",
    [GW_CLASS_QUERY] = "query",   [GW_CLASS_SESSION] = "session",   [GW_CLASS_BEGIN] = "begin",
    [GW_CLASS_COMMIT] = "commit", [GW_CLASS_ROLLBACK] = "rollback", [GW_CLASS_SAVEPOINT] = "savepoint",
};

/* One line a statement: kind, object, [name], flags. */
static gw_str
classifies(gw_arena *a, const test_case *c, void *ctx)
{
    const gw_dialect d = {.kind = *(const gw_dialect_kind *)ctx};
    gw_buf out = gw_buf_new(a);
    for (gw_str rest = c->input; rest.ptr != NULL;) {
        const gw_class k = gw_classify(gw_str_cut(rest, '\n', &rest), d);
        gw_buf_puts(&out, kind_names[k.kind]);
        if (k.object != GW_OBJECT_NONE)
            gw_buf_printf(&out, " %s", gw_object_kind_name(k.object));
        if (k.name.len > 0)
            gw_buf_printf(&out, " [%.*s]", GW_STR_ARG(k.name));
        gw_buf_puts(&out, k.no_transaction ? " no-transaction" : "");
        gw_buf_puts(&out, k.commits ? " commits" : "");
        gw_buf_puts(&out, k.no_effect_inside ? " no-effect-inside" : "");
        gw_buf_puts(&out, k.changes_reading ? " changes-reading" : "");
        gw_buf_putc(&out, '\n');
    }
    return gw_buf_str(&out);
}

static void
knows_postgres_statements(void **state)
{
    (void)state;
    gw_dialect_kind kind = GW_DIALECT_POSTGRES;
    assert_int_equal(run_cases("sql/classify_postgres.txt", classifies, &kind), 0);
}

static void
knows_mysql_statements(void **state)
{
    (void)state;
    gw_dialect_kind kind = GW_DIALECT_MYSQL;
    assert_int_equal(run_cases("sql/classify_mysql.txt", classifies, &kind), 0);
}

static void
knows_sqlite_statements(void **state)
{
    (void)state;
    gw_dialect_kind kind = GW_DIALECT_SQLITE;
    assert_int_equal(run_cases("sql/classify_sqlite.txt", classifies, &kind), 0);
}

static void
gives_the_verb_as_written(void **state)
{
    (void)state;
    const gw_dialect d = {.kind = GW_DIALECT_POSTGRES};
    assert_true(gw_str_is(gw_classify(GW_STR_LIT("/* x */ cReate table t ()"), d).verb, "cReate"));
    assert_true(gw_str_is(gw_classify(GW_STR_LIT("((select 1))"), d).verb, "select"));
    assert_int_equal(gw_classify(GW_STR_LIT(""), d).verb.len, 0);
    assert_int_equal(gw_classify((gw_str){NULL, 0}, d).verb.len, 0);
}

static void
names_every_kind_of_object(void **state)
{
    (void)state;
    for (gw_object_kind kind = GW_OBJECT_NONE; kind <= GW_OBJECT_OTHER; kind++)
        assert_true(gw_object_kind_name(kind)[0] != '\0');
    assert_string_equal(gw_object_kind_name(GW_OBJECT_MATVIEW), "materialized view");
}

/* What comes in must not decide how deep we go. */
static void
does_not_follow_statements_that_run_each_other(void **state)
{
    (void)state;
    enum { COUNT = 300000 };
    GW_SCOPE(a);
    gw_buf explain = gw_buf_new(a), set = gw_buf_new(a);
    for (unsigned i = 0; i < COUNT; i++) {
        gw_buf_puts(&explain, "EXPLAIN ANALYZE ");
        gw_buf_puts(&set, "SET STATEMENT a=1 FOR ");
    }
    gw_buf_puts(&explain, "DELETE FROM t");
    gw_buf_puts(&set, "DELETE FROM t");
    const gw_dialect postgres = {.kind = GW_DIALECT_POSTGRES}, mysql = {.kind = GW_DIALECT_MYSQL};
    assert_int_equal(gw_classify(gw_buf_str(&explain), postgres).kind, GW_CLASS_QUERY);
    assert_int_equal(gw_classify(gw_buf_str(&set), mysql).kind, GW_CLASS_OTHER);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_postgres_statements),  cmocka_unit_test(knows_mysql_statements),
        cmocka_unit_test(knows_sqlite_statements),    cmocka_unit_test(gives_the_verb_as_written),
        cmocka_unit_test(names_every_kind_of_object), cmocka_unit_test(does_not_follow_statements_that_run_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
