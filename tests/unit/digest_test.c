#include "base/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
hashes_as_the_standards_say(void **state)
{
    static const struct {
        const char *text, *md5, *sha1, *sha384;
        uint32_t crc;
    } row[] = {
        /* FIPS 180-4 examples, RFC 1321; CRC-32: the check value of the catalogue for "123456789" */
        {"abc", "900150983cd24fb0d6963f7d28e17f72", "a9993e364706816aba3e25717850c26c9cd0d89d",
         "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
         0x352441c2u},
        {"", "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
         "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b", 0},
        {"123456789", "25f9e794323b453885f5181f1b624d0b", "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
         "eb455d56d2c1a69de64e832011f3393d45f3fa31d6842f21af92d2fe469c499da5e3179847334a18479c8d1dedea1be3",
         0xcbf43926u},
    };
    (void)state;
    GW_SCOPE(a);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        const gw_str text = gw_str_of(row[i].text);
        assert_string_equal(gw_md5_hex(a, text), row[i].md5);
        assert_string_equal(gw_sha1_hex(a, text), row[i].sha1);
        assert_string_equal(gw_sha384_hex(a, text), row[i].sha384);
        assert_int_equal(gw_crc32(0, text), row[i].crc);
        for (size_t at = 0; at <= text.len; at++) /* in two pieces */
            assert_int_equal(gw_crc32(gw_crc32(0, gw_str_slice(text, 0, at)), gw_str_slice(text, at, text.len)),
                             row[i].crc);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_as_the_standards_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
