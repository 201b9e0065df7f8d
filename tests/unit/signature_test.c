#include "base/signature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define PEM(kind, base64) "-----BEGIN " kind "-----\n" base64 "\n-----END " kind "-----\n"

/* RFC 8032, 7.1, TEST 2: the key, the one byte that it signs, and the signature. */
#define DER "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw="
#define RAW "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw="
static const char private_key[] =
    PEM("PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7");
static const gw_str message = {"\x72", 1};
static const char signature[] =
    "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA==";
static const char fingerprint[] = "sha256:deb2ded39dc26fce0e6085b6fc34bf6b5941913bbfe2ea614113cff9e004c170";

static void
signs_as_the_standard_says(void **state)
{
    GW_SCOPE(a);
    gw_signature s;
    gw_public_key by;
    gw_err e = {0};
    (void)state;
    assert_int_equal(gw_signature_make("k.pem", gw_str_of(private_key), message, &s, &by, &e), GODWIT_OK);
    assert_string_equal(gw_signature_text(a, &s), signature);
    assert_string_equal(gw_signature_fingerprint(a, &by), fingerprint);
}

static void
knows_a_signature_from_another(void **state)
{
    gw_signature s, other;
    gw_public_key key;
    gw_err e = {0};
    bool fits = false;
    (void)state;
    assert_int_equal(gw_signature_key("k.pub", gw_str_of(RAW), &key, &e), GODWIT_OK);
    assert_true(gw_signature_read(gw_str_of(signature), &s));
    assert_int_equal(gw_signature_fits(&s, &key, message, &fits, &e), GODWIT_OK);
    assert_true(fits);
    assert_int_equal(gw_signature_fits(&s, &key, GW_STR_LIT("s"), &fits, &e), GODWIT_OK);
    assert_false(fits);
    for (size_t i = 0; i < sizeof(s.bytes); i++) {
        other = s;
        other.bytes[i] ^= 1;
        assert_int_equal(gw_signature_fits(&other, &key, message, &fits, &e), GODWIT_OK);
        assert_false(fits);
    }
}

static void
reads_a_public_key_in_each_form(void **state)
{
    static const char *const forms[] = {PEM("PUBLIC KEY", DER), DER, RAW, " " RAW "\n", "\n\n" PEM("PUBLIC KEY", DER)};
    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        GW_SCOPE(a);
        gw_public_key key;
        gw_err e = {0};
        assert_true(gw_signature_is_key(gw_str_of(forms[i])));
        assert_int_equal(gw_signature_key("k.pub", gw_str_of(forms[i]), &key, &e), GODWIT_OK);
        assert_string_equal(gw_signature_fingerprint(a, &key), fingerprint);
    }
}

static void
tells_a_path_from_a_key(void **state)
{
    static const char *const paths[] = {"",
                                        "keys/prod.pub",
                                        "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw",
                                        "none",
                                        "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0.gw=",
                                        "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zg==",
                                        "keys"};
    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        assert_false(gw_signature_is_key(gw_str_of(paths[i])));
}

static void
says_what_is_no_public_key(void **state)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"", "k holds no public key: neither PEM nor base64 of one"},
        {"keys", "k holds no public key: neither PEM nor base64 of one"},
        {PEM("PUBLIC KEY", "AAAA"), "k holds no public key: neither PEM nor base64 of one"},
        {private_key, "k holds a private key, and what is wanted is its public half"},
        {PEM("PUBLIC KEY", "MCowBQYDK2VuAyEAtXJThQtgOTA4yL4PMhM6x5rBb8teUJW3pxb+j7sk9Eo="),
         "k holds a key of another kind than ed25519"},
        {"MCowBQYDK2VuAyEAtXJThQtgOTA4yL4PMhM6x5rBb8teUJW3pxb+j7sk9Eo=", "k holds a key of another kind than ed25519"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        gw_public_key key;
        gw_err e = {0};
        assert_int_equal(gw_signature_key("k", gw_str_of(rows[i].text), &key, &e), GODWIT_USAGE);
        assert_string_equal(e.message, rows[i].message);
    }
}

static void
says_what_is_no_private_key(void **state)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"", "k holds no private key in PEM"},
        {PEM("PRIVATE KEY", "AAAA"), "k holds no private key in PEM"},
        {PEM("PUBLIC KEY", DER), "k holds no private key in PEM"},
        {PEM("PRIVATE KEY", "MC4CAQAwBQYDK2VuBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7"),
         "k holds a key of another kind than ed25519"},
        {PEM("ENCRYPTED PRIVATE KEY", "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjSeouIFLWZDQICCAAw\n"
                                      "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEHfzMNUBQwQongZc9oqeg7gEQGwX\n"
                                      "v/LSd95fcNiNB2JzzqbEuuZtHoeDH4iaKQRpvmCPDOAlJP6OlQOrIHKCSrLu3+Y0\n"
                                      "MXMzlEsuHiBMryN18X8="),
         "k is encrypted, and nobody is asked for a passphrase"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        gw_signature s;
        gw_public_key by;
        gw_err e = {0};
        assert_int_equal(gw_signature_make("k", gw_str_of(rows[i].text), message, &s, &by, &e), GODWIT_USAGE);
        assert_string_equal(e.message, rows[i].message);
    }
}

static void
takes_no_other_text_for_a_signature(void **state)
{
    GW_SCOPE(a);
    static const char other[] =
        "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsM!A==";
    gw_signature s;
    (void)state;
    for (size_t len = 0; len < GW_SIGNATURE_BASE64; len++)
        assert_false(gw_signature_read((gw_str){signature, len}, &s));
    assert_false(gw_signature_read(gw_str_of(gw_printf(a, "%s=", signature)), &s));
    assert_false(gw_signature_read(gw_str_of(other), &s));
    assert_true(gw_signature_read(gw_str_of(signature), &s));
    assert_string_equal(gw_signature_text(a, &s), signature);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_as_the_standard_says),          cmocka_unit_test(knows_a_signature_from_another),
        cmocka_unit_test(reads_a_public_key_in_each_form),     cmocka_unit_test(tells_a_path_from_a_key),
        cmocka_unit_test(says_what_is_no_public_key),          cmocka_unit_test(says_what_is_no_private_key),
        cmocka_unit_test(takes_no_other_text_for_a_signature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
