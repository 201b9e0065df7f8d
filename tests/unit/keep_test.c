#include "migration/keep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "migration/layouts.h"

static gw_script
read_down(gw_arena *a, const char *layout, const char *text, gw_dialect_kind dialect)
{
    gw_script s;
    gw_err e = {0};
    const gw_script_params p = {.path = "m/0001_a.sql",
                                .text = gw_str_of(text),
                                .frame = gw_layout_find(layout)->frame,
                                .down = true,
                                .dialect = {.kind = dialect},
                                .allow_empty = true};
    if (gw_script_read(a, &p, &s, &e) != GODWIT_OK)
        fail_msg("%s", e.message);
    return s;
}

static void
a_text_that_nobody_framed_is_kept_as_it_is(void **state)
{
    (void)state;
    static const char text[] = "\n-- why\nSELECT 1;\n";
    GW_SCOPE(a);
    const gw_script s = read_down(a, "native", text, GW_DIALECT_POSTGRES);
    assert_string_equal(gw_keep_text(a, &s), text);
}

static void
what_is_kept_is_run_the_same_without_its_layout(void **state)
{
    (void)state;
    static const struct {
        const char *layout;
        gw_dialect_kind dialect;
        const char *text, *kept;
    } rows[] = {
        {"dbmate", GW_DIALECT_POSTGRES, "-- migrate:up\nSELECT 1;\n-- migrate:down\n\nDROP TABLE a;\n\n",
         "DROP TABLE a;\n"},
        {"dbmate", GW_DIALECT_POSTGRES, "-- migrate:up\n-- migrate:down\n", ""},
        {"dbmate", GW_DIALECT_POSTGRES, "-- migrate:up\n-- migrate:down transaction:false\nDROP TABLE a;\nDROP TABLE b",
         "-- godwit:tx none\nDROP TABLE a;\nDROP TABLE b;\n"},
        {"dbmate", GW_DIALECT_POSTGRES,
         "-- godwit:timeout 5s\n-- migrate:up\n-- migrate:down\nDROP TABLE a;\n-- godwit:timeout 1s\nDROP TABLE b;\n",
         "-- godwit:timeout 5000ms\nDROP TABLE a;\n-- godwit:timeout 1000ms\nDROP TABLE b;\n"},
        {"dbmate", GW_DIALECT_SQLITE,
         "-- migrate:up\n-- migrate:down\nDROP TABLE a;\n-- migrate:up\n-- migrate:down\nDROP TABLE b;\n",
         "DROP TABLE b;\nDROP TABLE a;\n"},
        {"dbmate", GW_DIALECT_POSTGRES, "-- migrate:up\n-- migrate:down\nCOPY a FROM stdin;\n1\n\\.\nSELECT 1;",
         "COPY a FROM stdin;\n1\n\\.\nSELECT 1;\n"},
        {"dbmate", GW_DIALECT_MYSQL,
         "-- migrate:up\n-- migrate:down\nDELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nDELIMITER "
         ";\nSELECT 1;",
         "CREATE PROCEDURE p() BEGIN SELECT 1; END;\nSELECT 1;\n"},
        {"dbmate", GW_DIALECT_POSTGRES,
         "-- migrate:up\n-- migrate:down\n-- godwit:assert SELECT count(*) = 0 FROM a\nDROP TABLE a;\n",
         "-- godwit:assert SELECT count(*) = 0 FROM a\nDROP TABLE a;\n"},
        {"goose", GW_DIALECT_POSTGRES,
         "-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose Down\n-- +goose StatementBegin\nSELECT 1; SELECT '//';\n"
         "-- +goose StatementEnd\nDROP TABLE a;",
         "-- godwit:tx none\nSELECT 1;\nSELECT '//';\nDROP TABLE a;\n"},
        {"goose", GW_DIALECT_MYSQL,
         "-- +goose Up\n-- +goose Down\n-- +goose StatementBegin\nDROP TABLE a -- ;\n-- +goose StatementEnd\nDROP "
         "TABLE b;",
         "DROP TABLE a;\nDROP TABLE b;\n"},
        {"goose", GW_DIALECT_POSTGRES,
         "-- +goose Up\n-- +goose Down\n-- +goose ENVSUB ON\nDROP TABLE ${A:-a};\n-- +goose ENVSUB OFF\nSELECT '$';\n",
         "-- godwit:envsub on\nDROP TABLE ${A:-a};\nSELECT '$';\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        GW_SCOPE(a);
        const gw_script s = read_down(a, rows[i].layout, rows[i].text, rows[i].dialect);
        const char *const kept = gw_keep_text(a, &s);
        assert_non_null(kept);
        assert_string_equal(kept, rows[i].kept);
        const gw_script again = read_down(a, "native", kept, rows[i].dialect);
        assert_int_equal(again.stmts.len, s.stmts.len);
        assert_string_equal(gw_script_prefix(a, &again, again.stmts.len), gw_script_prefix(a, &s, s.stmts.len));
        assert_int_equal(again.units.len, s.units.len);
        assert_int_equal(again.file_rules.tx, s.file_rules.tx);
    }
}

static void
what_cannot_be_said_is_not_kept(void **state)
{
    (void)state;
    static const char text[] = "-- +goose Up\n-- +goose Down\n-- +goose ENVSUB ON\nDROP TABLE ${A:-a};\n"
                               "-- +goose ENVSUB OFF\nSELECT '${A:-a}';\n";
    GW_SCOPE(a);
    const gw_script s = read_down(a, "goose", text, GW_DIALECT_POSTGRES);
    assert_int_equal(s.stmts.len, 2);
    assert_null(gw_keep_text(a, &s));
}

static void
values_of_variables_are_not_kept(void **state)
{
    (void)state;
    static const char text[] = "-- godwit:envsub on\nDROP TABLE ${A:-a};\n";
    GW_SCOPE(a);
    const gw_script s = read_down(a, "native", text, GW_DIALECT_POSTGRES);
    assert_true(gw_str_is(gw_script_statement(&s, 0), "DROP TABLE a"));
    assert_string_equal(gw_keep_text(a, &s), text);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_that_nobody_framed_is_kept_as_it_is),
        cmocka_unit_test(what_is_kept_is_run_the_same_without_its_layout),
        cmocka_unit_test(what_cannot_be_said_is_not_kept),
        cmocka_unit_test(values_of_variables_are_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
