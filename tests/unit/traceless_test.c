/* Of which statements it is sure that they leave nothing in their session. */
#include "sql/traceless.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cases.h"

static const gw_dialect postgres = {.kind = GW_DIALECT_POSTGRES};

static gw_str
tell(gw_arena *a, const test_case *c, void *ctx)
{
    gw_buf out = gw_buf_new(a);
    (void)ctx;
    for (gw_str rest = c->input; rest.ptr != NULL;)
        gw_buf_puts(&out, gw_traceless_is_sure(gw_str_cut(rest, '\n', &rest), postgres) ? "sure\n" : "no\n");
    return gw_buf_str(&out);
}

static void
is_sure_of_what_is_on_its_list_alone(void **state)
{
    (void)state;
    assert_int_equal(run_cases("sql/traceless_postgres.txt", tell, NULL), 0);
}

/* One word more or less: nothing that is not written out as a whole is taken for sure. */
static void
is_sure_of_no_part_of_a_statement(void **state)
{
    static const char *const texts[] = {
        "CREATE TABLE IF NOT EXISTS s.t (a int DEFAULT 1, b text)",
        "CREATE UNIQUE INDEX i ON s.t USING btree (a DESC)",
        "ALTER TABLE t ADD COLUMN a text DEFAULT 'x'",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const gw_str whole = gw_str_of(texts[i]);
        assert_true(gw_traceless_is_sure(whole, postgres));
        for (size_t len = 0; len < whole.len; len++) {
            GW_SCOPE(a);
            const char *const called = gw_printf(a, "%.*s f()", (int)len, whole.ptr);
            assert_false(gw_traceless_is_sure(gw_str_of(called), postgres));
        }
    }
}

static void
is_sure_of_nothing_on_other_servers(void **state)
{
    (void)state;
    const gw_str text = GW_STR_LIT("CREATE TABLE t (a int)");
    assert_false(gw_traceless_is_sure(text, (gw_dialect){.kind = GW_DIALECT_MYSQL}));
    assert_false(gw_traceless_is_sure(text, (gw_dialect){.kind = GW_DIALECT_SQLITE}));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_sure_of_what_is_on_its_list_alone),
        cmocka_unit_test(is_sure_of_no_part_of_a_statement),
        cmocka_unit_test(is_sure_of_nothing_on_other_servers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
