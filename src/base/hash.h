/*
 * base/hash - SHA-256 (libcrypto) for checksums, FNV-1a for keys.
 */
#ifndef GW_BASE_HASH_H
#define GW_BASE_HASH_H

#include "base/arena.h"

enum { GW_SHA256_HEX = 64, GW_SHA256_BASE64 = 44 };

/* Lower-case hex of the SHA-256 of s, zero-terminated, on a. */
char *gw_sha256_hex(gw_arena *a, gw_str s);

/* A running digest: new, add…, then the hex of what came so far (adding may go on). */
typedef struct gw_sha256 gw_sha256;
gw_sha256 *gw_sha256_new(gw_arena *a);
void gw_sha256_add(gw_sha256 *h, gw_str s);
char *gw_sha256_so_far(gw_arena *a, const gw_sha256 *h);
/* The same in base64 (RFC 4648, padded). */
char *gw_sha256_base64(gw_arena *a, const gw_sha256 *h);
/* Another digest that goes on from where h is. */
gw_sha256 *gw_sha256_copy(gw_arena *a, const gw_sha256 *h);

/* 64-bit FNV-1a; source: the algorithm's published parameters. Not for secrets. */
uint64_t gw_hash64(gw_str s);

#endif
