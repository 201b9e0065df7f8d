#include "sql/classify.h"
#include "sql/effect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cases.h"

static void
show_target(gw_buf *out, const gw_target *t)
{
    static const char *const roles[] = {
        [GW_TARGET_CREATED] = "created", [GW_TARGET_CHANGED] = "changed", [GW_TARGET_DROPPED] = "dropped"};
    gw_buf_printf(out, "%s %s", roles[t->role], gw_object_kind_name(t->kind));
    if (t->name.len > 0)
        gw_buf_printf(out, " [%.*s]", GW_STR_ARG(t->name));
    if (t->on.len > 0)
        gw_buf_printf(out, " on [%.*s]", GW_STR_ARG(t->on));
    gw_buf_puts(out, t->lenient ? " lenient" : "");
    gw_buf_puts(out, t->unsure ? " unsure" : "");
    gw_buf_puts(out, t->vague && !t->again ? " vague" : "");
    gw_buf_puts(out, t->again ? " again" : "");
    assert_true(!t->again || t->vague);
}

/* One line a statement. */
static gw_str
tells(gw_arena *a, const test_case *c, void *ctx)
{
    const gw_dialect d = {.kind = *(const gw_dialect_kind *)ctx};
    gw_buf out = gw_buf_new(a);
    for (gw_str rest = c->input; rest.ptr != NULL;) {
        gw_effect effect;
        gw_effect_read(a, gw_str_cut(rest, '\n', &rest), d, &effect);
        assert_true(!effect.repeatable || effect.targets.len == 0);
        if (effect.repeatable)
            gw_buf_puts(&out, "repeatable");
        else if (effect.targets.len == 0)
            gw_buf_puts(&out, "nobody can tell");
        for (size_t i = 0; i < effect.targets.len; i++) {
            gw_buf_puts(&out, i == 0 ? "" : ", ");
            show_target(&out, &effect.targets.at[i]);
        }
        gw_buf_putc(&out, '\n');
    }
    return gw_buf_str(&out);
}

static void
knows_what_mysql_statements_do(void **state)
{
    (void)state;
    gw_dialect_kind kind = GW_DIALECT_MYSQL;
    assert_int_equal(run_cases("sql/effect_mysql.txt", tells, &kind), 0);
}

static void
knows_what_postgres_statements_do(void **state)
{
    (void)state;
    gw_dialect_kind kind = GW_DIALECT_POSTGRES;
    assert_int_equal(run_cases("sql/effect_postgres.txt", tells, &kind), 0);
}

static void
knows_what_sqlite_statements_do(void **state)
{
    (void)state;
    gw_dialect_kind kind = GW_DIALECT_SQLITE;
    assert_int_equal(run_cases("sql/effect_sqlite.txt", tells, &kind), 0);
}

static void
a_quoted_word_is_a_name_where_quotes_mean_that(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_effect effect;
    const gw_str text = GW_STR_LIT("DROP TABLE \"a b\".\"c\"");
    gw_effect_read(a, text, (gw_dialect){.kind = GW_DIALECT_MYSQL, .ansi_quotes = true}, &effect);
    assert_int_equal(effect.targets.len, 1);
    assert_true(gw_str_is(effect.targets.at[0].name, "\"a b\".\"c\""));
    assert_true(effect.targets.at[0].name.ptr > text.ptr && effect.targets.at[0].name.ptr < text.ptr + text.len);
}

/* What comes in must not decide how deep we go, or make us slow. */
static void
long_statements_are_read_in_linear_time(void **state)
{
    (void)state;
    enum { COUNT = 200000 };
    GW_SCOPE(a);
    const gw_dialect d = {.kind = GW_DIALECT_MYSQL};
    gw_effect effect;
    gw_buf nested = gw_buf_new(a), dropped = gw_buf_new(a), renamed = gw_buf_new(a), altered = gw_buf_new(a);
    gw_buf_puts(&dropped, "DROP TABLE a");
    gw_buf_puts(&renamed, "RENAME TABLE a TO b");
    gw_buf_puts(&altered, "ALTER TABLE a FORCE");
    for (unsigned i = 0; i < COUNT; i++) {
        gw_buf_puts(&nested, "SET STATEMENT a=1 FOR ");
        gw_buf_printf(&dropped, ", t%u", i);
        gw_buf_printf(&renamed, ", t%u TO u%u", i, i);
        gw_buf_printf(&altered, ", ADD COLUMN c%u int", i);
    }
    gw_buf_puts(&nested, "DROP TABLE b");
    gw_effect_read(a, gw_buf_str(&nested), d, &effect);
    assert_int_equal(effect.targets.len, 1);
    assert_int_equal(gw_classify(gw_buf_str(&nested), d).kind, GW_CLASS_OTHER);
    gw_effect_read(a, gw_buf_str(&dropped), d, &effect);
    assert_int_equal(effect.targets.len, COUNT + 1);
    gw_effect_read(a, gw_buf_str(&renamed), d, &effect);
    assert_int_equal(effect.targets.len, 0); /* nobody renames so many */
    gw_effect_read(a, gw_buf_str(&altered), d, &effect);
    assert_int_equal(effect.targets.len, 1); /* nor asks for so many columns */
    assert_int_equal(effect.targets.at[0].kind, GW_OBJECT_TABLE);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_mysql_statements_do),
        cmocka_unit_test(knows_what_postgres_statements_do),
        cmocka_unit_test(knows_what_sqlite_statements_do),
        cmocka_unit_test(a_quoted_word_is_a_name_where_quotes_mean_that),
        cmocka_unit_test(long_statements_are_read_in_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
