#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/hash.h"

static void
hashes_as_the_standard_says(void **state)
{
    (void)state;
    static const struct {
        const char *text, *hex;
    } row[] = {
        /* FIPS 180-4 examples */
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    GW_SCOPE(a);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        assert_string_equal(gw_sha256_hex(a, gw_str_of(row[i].text)), row[i].hex);
        gw_sha256 *const h = gw_sha256_new(a);
        gw_sha256_add(h, gw_str_of(row[i].text));
        assert_string_equal(gw_sha256_so_far(a, h), row[i].hex);
    }
}

static void
hashes_no_bytes_at_all(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_sha256 *const h = gw_sha256_new(a);
    const char *const empty = gw_sha256_hex(a, (gw_str){NULL, 0});
    assert_string_equal(empty, gw_sha256_hex(a, GW_STR_LIT("")));
    gw_sha256_add(h, (gw_str){NULL, 0});
    assert_string_equal(gw_sha256_so_far(a, h), empty);
}

static void
goes_on_after_telling_the_digest_so_far(void **state)
{
    (void)state;
    GW_SCOPE(a);
    const gw_str text = GW_STR_LIT("in pieces, however they are cut, the digest is that of the whole text before");
    gw_sha256 *const h = gw_sha256_new(a);
    for (size_t i = 0; i <= text.len; i++) {
        const gw_str before = gw_str_slice(text, 0, i);
        assert_string_equal(gw_sha256_so_far(a, h), gw_sha256_hex(a, before));
        assert_string_equal(gw_sha256_so_far(a, h), gw_sha256_hex(a, before));
        if (i < text.len)
            gw_sha256_add(h, gw_str_slice(text, i, i + 1));
    }
}

static void
keys_are_fnv_1a(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t hash;
    } row[] = {
        /* test vectors of the algorithm's authors */
        {"", UINT64_C(0xcbf29ce484222325)},
        {"a", UINT64_C(0xaf63dc4c8601ec8c)},
        {"foobar", UINT64_C(0x85944171f73967e8)},
        {"\xff", UINT64_C(0xaf64724c8602eb6e)},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        assert_true(gw_hash64(gw_str_of(row[i].text)) == row[i].hash);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_as_the_standard_says),
        cmocka_unit_test(hashes_no_bytes_at_all),
        cmocka_unit_test(goes_on_after_telling_the_digest_so_far),
        cmocka_unit_test(keys_are_fnv_1a),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
