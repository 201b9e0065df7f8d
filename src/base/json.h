/*
 * base/json - writing JSON text into a buffer.
 *
 * Commas and quotes are kept by the writer; nesting is asserted. Invalid UTF-8 becomes U+FFFD, so that the output is
 * always valid. Reading JSON is libjansson's work, not this room's.
 */
#ifndef GW_BASE_JSON_H
#define GW_BASE_JSON_H

#include "base/str.h"

enum { GW_JSON_DEPTH = 16 };

typedef struct gw_json {
    gw_buf *out;
    unsigned depth;
    bool filled[GW_JSON_DEPTH]; /* something was written at this depth */
} gw_json;

gw_json gw_json_new(gw_buf *out);
/* `key` is NULL inside arrays and at the top. */
void gw_json_open(gw_json *j, const char *key, char bracket);      /* '{' or '[' */
void gw_json_close(gw_json *j, char bracket);                      /* '}' or ']' */
void gw_json_text(gw_json *j, const char *key, const char *value); /* NULL value writes null */
void gw_json_str(gw_json *j, const char *key, gw_str value);
void gw_json_int(gw_json *j, const char *key, int64_t value);
void gw_json_bool(gw_json *j, const char *key, bool value);

#endif
