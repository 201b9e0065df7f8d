#include "config/setting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
every_setting_has_a_row(void **state)
{
    (void)state;
    static const char *const kinds[] = {"text", "path",   "duration", "count",  "switch",
                                        "list", "secret", "key",      "command"};
    for (gw_setting_id id = 0; id < GW_SETTING__COUNT; id++) {
        const godwit_setting *const row = &gw_settings[id];
        assert_non_null(row->name);
        assert_non_null(row->env);
        assert_non_null(row->summary);
        assert_int_equal(gw_setting_find(gw_str_of(row->name)), id);
        size_t kind = 0;
        while (kind < 9 && strcmp(kinds[kind], row->kind) != 0)
            kind++;
        assert_true(kind < 9 || gw_str_starts(gw_str_of(row->kind), "choice "));
    }
}

/* GODWIT_<NAME> always works, and what other tools read works where it is promised. */
static void
every_setting_has_its_variable(void **state)
{
    (void)state;
    for (gw_setting_id id = 0; id < GW_SETTING__COUNT; id++) {
        const char *const env = gw_settings[id].env, *const name = gw_settings[id].name;
        assert_memory_equal(env, "GODWIT_", 7);
        for (size_t i = 0; name[i] != '\0'; i++)
            assert_int_equal(env[7 + i], name[i] == '_' ? '_' : name[i] - 'a' + 'A');
        const char after = env[7 + strlen(name)];
        assert_true(after == '\0' || after == ' ');
    }
    assert_string_equal(gw_settings[GW_SETTING_URL].env, "GODWIT_URL DATABASE_URL_MIGRATION DATABASE_URL");
    assert_string_equal(gw_settings[GW_SETTING_USER].env, "GODWIT_USER DB_MIGRATE_USER");
    assert_string_equal(gw_settings[GW_SETTING_PASSWORD].env, "GODWIT_PASSWORD DB_MIGRATE_PASSWORD");
    assert_string_equal(gw_settings[GW_SETTING_TIMEOUT].env, "GODWIT_TIMEOUT MIGRATION_TIMEOUT");
    assert_string_equal(gw_settings[GW_SETTING_APP_ENV].env, "GODWIT_APP_ENV APP_ENV");
}

static void
finds_a_setting_with_either_hyphen(void **state)
{
    (void)state;
    assert_int_equal(gw_setting_find(gw_str_of("lock_timeout")), GW_SETTING_LOCK_TIMEOUT);
    assert_int_equal(gw_setting_find(gw_str_of("lock-timeout")), GW_SETTING_LOCK_TIMEOUT);
    assert_int_equal(gw_setting_find(gw_str_of("lock_timeou")), GW_SETTING__COUNT);
    assert_int_equal(gw_setting_find(gw_str_of("lock timeout")), GW_SETTING__COUNT);
    assert_int_equal(gw_setting_find(gw_str_of("")), GW_SETTING__COUNT);
}

static void
suggests_the_nearest_name_or_what_another_tool_means(void **state)
{
    (void)state;
    static const struct {
        const char *word, *expected;
    } rows[] = {
        {"migratoins", "migrations"}, {"lock-timout", "lock_timeout"},
        {"dir", "migrations"},        {"database_url", "url"},
        {"database-url", "url"},      {"username", "user"},
        {"passwort", "password"},     {"table", "history"},
        {"environment", "env"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(gw_setting_nearest(gw_str_of(rows[i].word)), rows[i].expected);
    assert_null(gw_setting_nearest(gw_str_of("completely_different")));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_setting_has_a_row),
        cmocka_unit_test(every_setting_has_its_variable),
        cmocka_unit_test(finds_a_setting_with_either_hyphen),
        cmocka_unit_test(suggests_the_nearest_name_or_what_another_tool_means),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
