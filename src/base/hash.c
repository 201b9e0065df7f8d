#include "base/hash.h"

#include "base/digest.h"

/* The functions that need no set-up. EVP in their place reads openssl.cnf and fills tables: a millisecond and a half at each start. */
#define OPENSSL_API_COMPAT 10100
#include <openssl/evp.h>
#include <openssl/sha.h>

struct gw_sha256 {
    SHA256_CTX context;
};

/* They say that they cannot fail, by a 1. */
static void
add(SHA256_CTX *context, gw_str s)
{
    (void)SHA256_Update(context, s.ptr, s.len);
}

static char *
end_hex(gw_arena *a, SHA256_CTX *context)
{
    unsigned char bytes[SHA256_DIGEST_LENGTH];
    (void)SHA256_Final(bytes, context);
    return gw_hex(a, bytes, sizeof(bytes));
}

char *
gw_sha256_hex(gw_arena *a, gw_str s)
{
    SHA256_CTX context;
    (void)SHA256_Init(&context);
    add(&context, s);
    return end_hex(a, &context);
}

gw_sha256 *
gw_sha256_new(gw_arena *a)
{
    gw_sha256 *const h = gw_new(a, gw_sha256);
    (void)SHA256_Init(&h->context);
    return h;
}

void
gw_sha256_add(gw_sha256 *h, gw_str s)
{
    add(&h->context, s);
}

char *
gw_sha256_so_far(gw_arena *a, const gw_sha256 *h)
{
    SHA256_CTX copy = h->context; /* finishing spoils it */
    return end_hex(a, &copy);
}

char *
gw_sha256_base64(gw_arena *a, const gw_sha256 *h)
{
    SHA256_CTX copy = h->context;
    unsigned char bytes[SHA256_DIGEST_LENGTH];
    char *const text = gw_alloc(a, GW_SHA256_BASE64 + 1);
    (void)SHA256_Final(bytes, &copy);
    (void)EVP_EncodeBlock((unsigned char *)text, bytes, sizeof(bytes));
    return text;
}

gw_sha256 *
gw_sha256_copy(gw_arena *a, const gw_sha256 *h)
{
    gw_sha256 *const copy = gw_new(a, gw_sha256);
    *copy = *h;
    return copy;
}

uint64_t
gw_hash64(gw_str s)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001b3);
    return hash;
}
