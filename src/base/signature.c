#include "base/signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/hash.h"
#include "base/libcrypto_functions.h"
#include "base/library.h"

enum { RAW = 32, DER = 44, RAW_BASE64 = 44, DER_BASE64 = 60, LONGEST = 96 };

gw_libcrypto_functions gw_libcrypto;

static const char *const names[] = {GW_LIBCRYPTO_NAMES};
_Static_assert(sizeof(gw_libcrypto) + sizeof(names[0]) == sizeof(names), "a pointer for each name, and the NULL");

/* Written once, by base/library. */
static gw_library library = {
    .file = "libcrypto.so.3", .package = "libssl3", .names = names, .functions = &gw_libcrypto};

static gw_rc
load(gw_err *e)
{
    if (gw_library_load(&library, e) != GODWIT_OK)
        e->rc = GODWIT_USAGE; /* no connection is at fault */
    return e->rc;
}

/* ---- base64 ---- */

/* Into at most `most` bytes; 0: it is none, or of more. The function that does it wants whole groups of four, and counts padding as bytes. */
static size_t
decode(gw_str base64, unsigned char *out, size_t most)
{
    unsigned char bytes[LONGEST];
    size_t padding = 0;
    if (base64.len == 0 || base64.len % 4 != 0 || base64.len > LONGEST)
        return 0;
    while (padding < 2 && base64.ptr[base64.len - 1 - padding] == '=')
        padding++;
    const int len = EVP_DecodeBlock(bytes, (const unsigned char *)base64.ptr, (int)base64.len);
    if (len < (int)padding || (size_t)len - padding > most)
        return 0;
    memcpy(out, bytes, (size_t)len - padding);
    return (size_t)len - padding;
}

/* ---- public keys ---- */

static bool
says(gw_str text, const char *words)
{
    return text.len > 0 && memmem(text.ptr, text.len, words, strlen(words)) != NULL;
}

static bool
is_pem(gw_str text)
{
    return says(text, "-----BEGIN ");
}

bool
gw_signature_is_key(gw_str text)
{
    unsigned char bytes[DER];
    const gw_str bare = gw_str_trim(text);
    const bool fits = bare.len == RAW_BASE64 || bare.len == DER_BASE64;
    return is_pem(text) || (fits && decode(bare, bytes, sizeof(bytes)) == (bare.len == DER_BASE64 ? DER : RAW));
}

static EVP_PKEY *
read_pem(gw_str text)
{
    BIO *const bio = BIO_new_mem_buf(text.ptr, (int)text.len);
    EVP_PKEY *const key = bio == NULL ? NULL : PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    if (bio != NULL)
        BIO_free(bio);
    return key;
}

static EVP_PKEY *
read_bytes(gw_str text)
{
    unsigned char bytes[DER];
    const unsigned char *at = bytes;
    const size_t len = decode(gw_str_trim(text), bytes, sizeof(bytes));
    return len == RAW ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bytes, len)
                      : d2i_PUBKEY(NULL, &at, (long)len);
}

static gw_rc
fail_key(const char *name, gw_str text, gw_err *e)
{
    if (!says(text, "PRIVATE KEY"))
        return gw_fail(e, GODWIT_USAGE, "%s holds no public key: neither PEM nor base64 of one", name);
    (void)gw_fail(e, GODWIT_USAGE, "%s holds a private key, and what is wanted is its public half", name);
    return gw_err_hint(e, "`openssl pkey -in KEY -pubout` writes it; the private key belongs to whoever signs");
}

static gw_rc
take_public(const char *name, const EVP_PKEY *key, gw_public_key *out, gw_err *e)
{
    size_t len = sizeof(out->bytes);
    if (EVP_PKEY_is_a(key, "ED25519") != 1 || EVP_PKEY_get_raw_public_key(key, out->bytes, &len) != 1 || len != RAW) {
        (void)gw_fail(e, GODWIT_USAGE, "%s holds a key of another kind than ed25519", name);
        return gw_err_hint(e, "`openssl genpkey -algorithm ed25519` makes one");
    }
    return GODWIT_OK;
}

gw_rc
gw_signature_key(const char *name, gw_str text, gw_public_key *out, gw_err *e)
{
    GW_TRY(load(e));
    EVP_PKEY *const key = is_pem(text) ? read_pem(text) : gw_signature_is_key(text) ? read_bytes(text) : NULL;
    ERR_clear_error();
    if (key == NULL)
        return fail_key(name, text, e);
    (void)take_public(name, key, out, e);
    EVP_PKEY_free(key);
    return e->rc;
}

char *
gw_signature_fingerprint(gw_arena *a, const gw_public_key *key)
{
    /* RFC 8410: what stands before the 32 bytes in the DER of every such key. */
    unsigned char der[DER] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    memcpy(der + sizeof(der) - sizeof(key->bytes), key->bytes, sizeof(key->bytes));
    return gw_printf(a, "sha256:%s", gw_sha256_hex(a, (gw_str){(const char *)der, sizeof(der)}));
}

/* ---- signing ---- */

/* Nobody is asked for a passphrase: what has one is told from what is no key at all. */
static int
refuse_passphrase(char *buffer, int size, int is_writing, void *was_asked)
{
    (void)buffer;
    (void)size;
    (void)is_writing;
    *(bool *)was_asked = true;
    return -1;
}

static EVP_PKEY *
read_private(gw_str pem, bool *is_encrypted)
{
    BIO *const bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    EVP_PKEY *const key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, refuse_passphrase, is_encrypted);
    if (bio != NULL)
        BIO_free(bio);
    ERR_clear_error();
    return key;
}

static gw_rc
fail_private(const char *name, bool is_encrypted, gw_err *e)
{
    if (is_encrypted) {
        (void)gw_fail(e, GODWIT_USAGE, "%s is encrypted, and nobody is asked for a passphrase", name);
        return gw_err_hint(e, "`openssl pkey -in KEY -out PLAIN` decrypts it; remove that file when you have signed");
    }
    (void)gw_fail(e, GODWIT_USAGE, "%s holds no private key in PEM", name);
    return gw_err_hint(e, "`openssl genpkey -algorithm ed25519` makes one");
}

static gw_rc
sign(EVP_PKEY *key, gw_str bytes, gw_signature *out, gw_err *e)
{
    size_t len = sizeof(out->bytes);
    EVP_MD_CTX *const context = EVP_MD_CTX_new();
    const bool is_signed = context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
                           EVP_DigestSign(context, out->bytes, &len, (const unsigned char *)bytes.ptr, bytes.len) == 1;
    EVP_MD_CTX_free(context);
    return is_signed ? GODWIT_OK : gw_fail(e, GODWIT_BUG, "libcrypto does not sign with this key");
}

gw_rc
gw_signature_make(const char *name, gw_str pem, gw_str bytes, gw_signature *out, gw_public_key *by, gw_err *e)
{
    bool is_encrypted = false;
    GW_TRY(load(e));
    EVP_PKEY *const key = read_private(pem, &is_encrypted);
    if (key == NULL)
        return fail_private(name, is_encrypted, e);
    if (take_public(name, key, by, e) == GODWIT_OK)
        (void)sign(key, bytes, out, e);
    EVP_PKEY_free(key);
    return e->rc;
}

gw_rc
gw_signature_fits(const gw_signature *signature, const gw_public_key *by, gw_str bytes, bool *fits, gw_err *e)
{
    GW_TRY(load(e));
    EVP_PKEY *const key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, by->bytes, sizeof(by->bytes));
    EVP_MD_CTX *const context = EVP_MD_CTX_new();
    *fits = key != NULL && context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
            EVP_DigestVerify(context, signature->bytes, sizeof(signature->bytes), (const unsigned char *)bytes.ptr,
                             bytes.len) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return GODWIT_OK;
}

/* ---- as text ---- */

char *
gw_signature_text(gw_arena *a, const gw_signature *signature)
{
    char *const text = gw_alloc(a, GW_SIGNATURE_BASE64 + 1);
    (void)EVP_EncodeBlock((unsigned char *)text, signature->bytes, sizeof(signature->bytes));
    return text;
}

bool
gw_signature_read(gw_str base64, gw_signature *out)
{
    return base64.len == GW_SIGNATURE_BASE64 && decode(base64, out->bytes, sizeof(out->bytes)) == sizeof(out->bytes);
}
