#include "migration/version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static int
sign(int n)
{
    return (n > 0) - (n < 0);
}

static void
compares_versions_as_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int order;
    } rows[] = {
        {"1", "1", 0},
        {"2", "10", -1},
        {"0010", "10", 0},
        {"0009", "10", -1},
        {"10", "2", 1},
        {"0000", "0", 0},
        {"0", "1", -1},
        {"0010", "20260326170903", -1},
        {"99999999999999999999999999", "100000000000000000000000000", -1},
        {"12345678901234567890124", "12345678901234567890123", 1},
        {"", "", 0},
        {"", "0", -1},
        {"1", "", 1},
        {"2.7.10", "2.7.9", 1},
        {"2.7", "2.7.0.1", -1},
        {"v2.8.7", "v2.8.20", -1},
        {"0.2", "0.10", -1},
        {"1a", "1b", -1},
        {"1.5", "1b", -1},
        {"1", "a", -1},
        {"\xC3\xA9", "z", 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const gw_str a = gw_str_of(rows[i].a);
        const gw_str b = gw_str_of(rows[i].b);
        if (sign(gw_version_compare(a, b)) != rows[i].order || sign(gw_version_compare(b, a)) != -rows[i].order)
            fail_msg("%s against %s", rows[i].a, rows[i].b);
    }
}

static void
knows_a_date_and_time_from_a_number(void **state)
{
    (void)state;
    static const struct {
        const char *version;
        bool is_timestamp;
    } rows[] = {
        {"20260326170903", true},   {"20240229000000", true},  {"20000229235960", true},
        {"19700101000000", true},   {"20230229000000", false}, {"19000101000000", false},
        {"21000229000000", false},  {"20261326170903", false}, {"20260026170903", false},
        {"20260332170903", false},  {"20260300170903", false}, {"20260326240903", false},
        {"20260326176003", false},  {"20260326170961", false}, {"2026032617090", false},
        {"202603261709030", false}, {"2026032617090x", false}, {"", false},
        {"20260431000000", false},  {"00000000000001", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (gw_version_is_timestamp(gw_str_of(rows[i].version)) != rows[i].is_timestamp)
            fail_msg("%s", rows[i].version);
}

static void
expects_no_gaps_of_short_numbers_only(void **state)
{
    (void)state;
    assert_true(gw_version_is_sequence(gw_str_of("0001")));
    assert_true(gw_version_is_sequence(gw_str_of("00000000000042")));
    assert_true(gw_version_is_sequence(gw_str_of("999999")));
    assert_true(gw_version_is_sequence(gw_str_of("0000")));
    assert_false(gw_version_is_sequence(gw_str_of("1000000")));
    assert_false(gw_version_is_sequence(gw_str_of("20260326")));
    assert_false(gw_version_is_sequence(gw_str_of("1631562784")));
    assert_false(gw_version_is_sequence(gw_str_of("1.2")));
    assert_false(gw_version_is_sequence(gw_str_of("")));
}

static void
counts_on_in_the_same_width(void **state)
{
    (void)state;
    static const struct {
        const char *version, *next;
    } rows[] = {
        {"0001", "0002"}, {"0009", "0010"}, {"0999", "1000"}, {"999", "1000"},
        {"9", "10"},      {"0", "1"},       {"", "1"},        {"99999999999999999999999", "100000000000000000000000"}};
    GW_SCOPE(a);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(gw_version_next(a, gw_str_of(rows[i].version)), rows[i].next);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_versions_as_numbers),
        cmocka_unit_test(knows_a_date_and_time_from_a_number),
        cmocka_unit_test(expects_no_gaps_of_short_numbers_only),
        cmocka_unit_test(counts_on_in_the_same_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
