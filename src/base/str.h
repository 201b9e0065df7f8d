/*
 * base/str - text: a view (gw_str) and a buffer that grows (gw_buf).
 *
 * A view owns nothing and need not end in zero. A buffer lives on an arena; its bytes are always zero-terminated.
 */
#ifndef GW_BASE_STR_H
#define GW_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gw_arena gw_arena;

typedef struct gw_str {
    const char *ptr;
    size_t len;
} gw_str;

/* For printf: "%.*s" with GW_STR_ARG(s). Cuts at INT_MAX. */
#define GW_STR_ARG(s) gw_str_precision(s), (s).ptr
int gw_str_precision(gw_str s);
#define GW_STR_LIT(text) ((gw_str){"" text, sizeof(text) - 1})

gw_str gw_str_of(const char *text); /* NULL gives an empty view */
gw_str gw_str_slice(gw_str s, size_t from, size_t to);
gw_str gw_str_trim(gw_str s); /* ASCII white space at both ends */
bool gw_str_eq(gw_str a, gw_str b);
bool gw_str_is(gw_str a, const char *b);
bool gw_str_is_nocase(gw_str a, const char *b); /* ASCII case only */
bool gw_str_starts(gw_str s, const char *prefix);
bool gw_str_ends(gw_str s, const char *suffix);
/* Split off the part before the first `mark`; the rest goes to *rest (empty, NULL ptr, when there is no mark). */
gw_str gw_str_cut(gw_str s, char mark, gw_str *rest);

typedef struct gw_buf {
    gw_arena *arena;
    char *ptr; /* zero-terminated once something was added; NULL before */
    size_t len, cap;
} gw_buf;

gw_buf gw_buf_new(gw_arena *a);
void gw_buf_add(gw_buf *b, gw_str s);
void gw_buf_puts(gw_buf *b, const char *text);
void gw_buf_putc(gw_buf *b, char c);
void gw_buf_printf(gw_buf *b, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull(1, 2)));
void gw_buf_vprintf(gw_buf *b, const char *format, va_list args) __attribute__((format(printf, 2, 0), nonnull(1, 2)));
gw_str gw_buf_str(const gw_buf *b);
const char *gw_buf_text(gw_buf *b); /* never NULL */

static inline bool
gw_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Closest of `count` candidates by edit distance, for "did you mean"; NULL when none is near. */
const char *gw_str_nearest(gw_str word, const char *const *candidates, size_t count);

/* Offset of the first byte that is not valid UTF-8 (or is NUL); s.len when all is well. */
size_t gw_str_utf8_valid(gw_str s);
/* Characters (code points) in valid UTF-8. */
size_t gw_str_utf8_count(gw_str s);

#endif
