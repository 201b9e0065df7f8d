#include "base/hash.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

enum { DIGEST_BYTES = GW_SHA256_HEX / 2 };

struct gw_sha256 {
    EVP_MD_CTX *context;
};

/* libcrypto refuses SHA-256 only when it is out of memory or broken: nothing a caller could do about it. */
static void
need(int is_done)
{
    if (is_done == 1) /* uncovered: needs a broken libcrypto */
        return;
    fprintf(stderr, "godwit: libcrypto cannot compute SHA-256\n"); /* uncovered: needs a broken libcrypto */
    abort();                                                       /* uncovered: likewise */
}

static char *
hex(gw_arena *a, const unsigned char bytes[DIGEST_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    char *const text = gw_alloc(a, GW_SHA256_HEX + 1);
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return text;
}

char *
gw_sha256_hex(gw_arena *a, gw_str s)
{
    unsigned char bytes[DIGEST_BYTES];
    need(EVP_Digest(s.ptr, s.len, bytes, NULL, EVP_sha256(), NULL));
    return hex(a, bytes);
}

static EVP_MD_CTX *
context_new(void)
{
    EVP_MD_CTX *const context = EVP_MD_CTX_new();
    need(context != NULL);
    return context;
}

static void
context_free(void *context)
{
    EVP_MD_CTX_free(context);
}

gw_sha256 *
gw_sha256_new(gw_arena *a)
{
    gw_sha256 *const h = gw_new(a, gw_sha256);
    h->context = context_new();
    gw_defer(a, context_free, h->context);
    need(EVP_DigestInit_ex(h->context, EVP_sha256(), NULL));
    return h;
}

void
gw_sha256_add(gw_sha256 *h, gw_str s)
{
    need(EVP_DigestUpdate(h->context, s.ptr, s.len));
}

char *
gw_sha256_so_far(gw_arena *a, const gw_sha256 *h)
{
    unsigned char bytes[DIGEST_BYTES];
    EVP_MD_CTX *const copy = context_new(); /* finishing spoils a context */
    need(EVP_MD_CTX_copy_ex(copy, h->context));
    need(EVP_DigestFinal_ex(copy, bytes, NULL));
    context_free(copy);
    return hex(a, bytes);
}

char *
gw_sha256_alone(gw_arena *a, gw_sha256 *h, gw_str s)
{
    unsigned char bytes[DIGEST_BYTES];
    need(EVP_DigestInit_ex(h->context, NULL, NULL));
    need(EVP_DigestUpdate(h->context, s.ptr, s.len));
    need(EVP_DigestFinal_ex(h->context, bytes, NULL));
    need(EVP_DigestInit_ex(h->context, NULL, NULL));
    return hex(a, bytes);
}

uint64_t
gw_hash64(gw_str s)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001b3);
    return hash;
}
