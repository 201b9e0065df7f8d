/*
 * base/signature - ed25519 (RFC 8032): who signed these bytes?
 *
 * libcrypto does it, and is loaded when the first key is looked at: most starts meet none. A private key is read, used and forgotten in one
 * call. `name` says in errors where a key comes from: "keys/prod.pem", or "'verify_key'".
 */
#ifndef GW_BASE_SIGNATURE_H
#define GW_BASE_SIGNATURE_H

#include "base/arena.h"
#include "base/err.h"

enum { GW_SIGNATURE_BASE64 = 88 };

typedef struct gw_public_key {
    unsigned char bytes[32];
} gw_public_key;

typedef struct gw_signature {
    unsigned char bytes[64];
} gw_signature;

/* Is it a public key, and not the path of one: PEM, or base64 of its 32 bytes or of its DER? */
bool gw_signature_is_key(gw_str text);
/* Such a text. GODWIT_USAGE: it is something else, a private key or one of another kind among them. */
GW_CHECKED gw_rc gw_signature_key(const char *name, gw_str text, gw_public_key *out, gw_err *e);
/* "sha256:" and what `openssl pkey -pubin -outform DER | sha256sum` prints of it. */
char *gw_signature_fingerprint(gw_arena *a, const gw_public_key *key);

/* `pem`: an unencrypted private key, as `openssl genpkey -algorithm ed25519` writes it; *by: its public half. GODWIT_USAGE: it is none. */
GW_CHECKED gw_rc gw_signature_make(const char *name, gw_str pem, gw_str bytes, gw_signature *out, gw_public_key *by,
                                   gw_err *e);
GW_CHECKED gw_rc gw_signature_fits(const gw_signature *signature, const gw_public_key *by, gw_str bytes, bool *fits,
                                   gw_err *e);

/* In base64. */
char *gw_signature_text(gw_arena *a, const gw_signature *signature);
/* False: it is no signature. */
bool gw_signature_read(gw_str base64, gw_signature *out);

#endif
