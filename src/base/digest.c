#include "base/digest.h"

#define OPENSSL_API_COMPAT 10100 /* as in base/hash */
#include <openssl/md5.h>
#include <openssl/sha.h>

char *
gw_hex(gw_arena *a, const unsigned char *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    char *const text = gw_alloc(a, 2 * count + 1);
    for (size_t i = 0; i < count; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return text;
}

char *
gw_md5_hex(gw_arena *a, gw_str s)
{
    MD5_CTX context;
    unsigned char bytes[MD5_DIGEST_LENGTH];
    (void)MD5_Init(&context);
    (void)MD5_Update(&context, s.ptr, s.len);
    (void)MD5_Final(bytes, &context);
    return gw_hex(a, bytes, sizeof(bytes));
}

char *
gw_sha1_hex(gw_arena *a, gw_str s)
{
    SHA_CTX context;
    unsigned char bytes[SHA_DIGEST_LENGTH];
    (void)SHA1_Init(&context);
    (void)SHA1_Update(&context, s.ptr, s.len);
    (void)SHA1_Final(bytes, &context);
    return gw_hex(a, bytes, sizeof(bytes));
}

char *
gw_sha384_hex(gw_arena *a, gw_str s)
{
    SHA512_CTX context;
    unsigned char bytes[SHA384_DIGEST_LENGTH];
    (void)SHA384_Init(&context);
    (void)SHA384_Update(&context, s.ptr, s.len);
    (void)SHA384_Final(bytes, &context);
    return gw_hex(a, bytes, sizeof(bytes));
}

uint32_t
gw_crc32(uint32_t crc, gw_str s)
{
    enum { BITS = 8 };
    crc = ~crc;
    for (size_t i = 0; i < s.len; i++) {
        crc ^= (unsigned char)s.ptr[i];
        for (int bit = 0; bit < BITS; bit++)
            crc = crc >> 1 ^ (UINT32_C(0xedb88320) & (0u - (crc & 1u)));
    }
    return ~crc;
}
