/*
 * base/digest - the hashes that other tools keep of their files (libcrypto; CRC-32 by its definition). Not for secrets.
 */
#ifndef GW_BASE_DIGEST_H
#define GW_BASE_DIGEST_H

#include "base/arena.h"

/* Lower-case hex, zero-terminated, on a. */
char *gw_hex(gw_arena *a, const unsigned char *bytes, size_t count);
char *gw_md5_hex(gw_arena *a, gw_str s);
char *gw_sha1_hex(gw_arena *a, gw_str s);
char *gw_sha384_hex(gw_arena *a, gw_str s);
/* CRC-32 of ISO 3309, as zlib has it: 0 at the beginning, then what came so far. */
uint32_t gw_crc32(uint32_t crc, gw_str s);

#endif
