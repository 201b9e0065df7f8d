#include "sql/mention.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"

static void
show_names(gw_buf *out, const char *what, const gw_mentions *names)
{
    gw_buf_puts(out, what);
    for (size_t i = 0; names->names != NULL && i < names->names->entries.len; i++)
        gw_buf_printf(out, " [%.*s]", GW_STR_ARG(names->names->entries.at[i].key));
    gw_buf_putc(out, '\n');
}

/* One line a statement, behind one of "users" that it mentions, if it does. */
static gw_str
tells(gw_arena *a, const test_case *c, void *ctx)
{
    const gw_dialect d = {.kind = *(const gw_dialect_kind *)ctx};
    gw_buf out = gw_buf_new(a);
    gw_mentions users = {0};
    gw_mentions_add(a, &users, GW_STR_LIT("Users"));
    for (gw_str rest = c->input; rest.ptr != NULL;) {
        const gw_str statement = gw_str_cut(rest, '\n', &rest);
        const gw_class class = gw_classify(statement, d);
        gw_mentions objects = {0};
        const gw_str found = gw_mention_find(statement, d, &class, &users);
        gw_mention_objects(a, statement, d, &objects);
        gw_buf_printf(&out, "%s%s%.*s%s", gw_mention_is_hidden(statement, d, &class) ? "hidden, " : "",
                      found.len > 0 ? "mentions " : "", GW_STR_ARG(found), found.len > 0 ? ", " : "");
        show_names(&out, "works on", &objects);
    }
    return gw_buf_str(&out);
}

static void
names_what_postgres_statements_work_on(void **state)
{
    gw_dialect_kind kind = GW_DIALECT_POSTGRES;
    (void)state;
    assert_int_equal(run_cases("sql/mention_postgres.txt", tells, &kind), 0);
}

static void
names_what_mysql_statements_work_on(void **state)
{
    gw_dialect_kind kind = GW_DIALECT_MYSQL;
    (void)state;
    assert_int_equal(run_cases("sql/mention_mysql.txt", tells, &kind), 0);
}

static void
takes_a_name_in_any_case_and_of_any_length(void **state)
{
    GW_SCOPE(a);
    gw_mentions names = {0};
    char text[600];
    (void)state;
    memset(text, 'X', sizeof(text));
    assert_false(gw_mentions_has(&names, GW_STR_LIT("a")));
    gw_mentions_add(a, &names, GW_STR_LIT(""));
    gw_mentions_add(a, &names, GW_STR_LIT("Größe_A"));
    gw_mentions_add(a, &names, (gw_str){text, sizeof(text)});
    assert_false(gw_mentions_has(&names, GW_STR_LIT("")));
    assert_true(gw_mentions_has(&names, GW_STR_LIT("größe_a")));
    memset(text, 'x', 500);
    assert_true(gw_mentions_has(&names, (gw_str){text, sizeof(text)}));
    assert_false(gw_mentions_has(&names, (gw_str){text, 20}));
}

/* What comes in must not make us slow. */
static void
finds_a_name_in_a_long_statement(void **state)
{
    GW_SCOPE(a);
    gw_mentions all = {0};
    gw_buf text = gw_buf_new(a);
    (void)state;
    gw_buf_puts(&text, "SELECT c");
    for (unsigned i = 0; i < 200000; i++)
        gw_buf_printf(&text, ", c%u", i);
    gw_buf_puts(&text, " FROM users");
    gw_mention_all(a, gw_buf_str(&text), (gw_dialect){.kind = GW_DIALECT_SQLITE}, &all);
    assert_int_equal(all.names->entries.len, 200004);
    assert_true(gw_mentions_has(&all, GW_STR_LIT("users")));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_what_postgres_statements_work_on),
        cmocka_unit_test(names_what_mysql_statements_work_on),
        cmocka_unit_test(takes_a_name_in_any_case_and_of_any_length),
        cmocka_unit_test(finds_a_name_in_a_long_statement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
