#include "base/str.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

gw_str
gw_str_of(const char *text)
{
    return text == NULL ? (gw_str){"", 0} : (gw_str){text, strlen(text)};
}

int
gw_str_precision(gw_str s)
{
    return s.len > INT_MAX ? INT_MAX : (int)s.len;
}

gw_str
gw_str_slice(gw_str s, size_t from, size_t to)
{
    assert(from <= to && to <= s.len);
    return (gw_str){from == 0 ? s.ptr : s.ptr + from, to - from}; /* an empty view may have no bytes at all */
}

static bool
is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

gw_str
gw_str_trim(gw_str s)
{
    while (s.len > 0 && is_blank(s.ptr[0]))
        s = (gw_str){s.ptr + 1, s.len - 1};
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool
gw_str_eq(gw_str a, gw_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool
gw_str_is(gw_str a, const char *b)
{
    return gw_str_eq(a, gw_str_of(b));
}

/* Not tolower(): the program that embeds us may have set a locale. */
static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)((unsigned char)c | 0x20u) : c;
}

bool
gw_str_is_nocase(gw_str a, const char *b)
{
    if (strlen(b) != a.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b[i]))
            return false;
    return true;
}

bool
gw_str_starts(gw_str s, const char *prefix)
{
    const size_t len = strlen(prefix);
    return s.len >= len && (len == 0 || memcmp(s.ptr, prefix, len) == 0);
}

bool
gw_str_ends(gw_str s, const char *suffix)
{
    const size_t len = strlen(suffix);
    return s.len >= len && (len == 0 || memcmp(s.ptr + s.len - len, suffix, len) == 0);
}

gw_str
gw_str_cut(gw_str s, char mark, gw_str *rest)
{
    const char *const at = s.len == 0 ? NULL : memchr(s.ptr, mark, s.len);
    if (at == NULL) {
        *rest = (gw_str){NULL, 0};
        return s;
    }
    const size_t len = (size_t)(at - s.ptr);
    *rest = gw_str_slice(s, len + 1, s.len);
    return gw_str_slice(s, 0, len);
}

gw_buf
gw_buf_new(gw_arena *a)
{
    return (gw_buf){.arena = a};
}

static void
reserve(gw_buf *b, size_t more)
{
    if (b->cap - b->len > more)
        return;
    size_t cap = b->cap < 64 ? 64 : b->cap * 2;
    while (cap - b->len <= more)
        cap *= 2;
    b->ptr = gw_realloc(b->arena, b->ptr, b->len, cap);
    b->cap = cap;
}

void
gw_buf_add(gw_buf *b, gw_str s)
{
    reserve(b, s.len);
    if (s.len > 0)
        memcpy(b->ptr + b->len, s.ptr, s.len);
    b->len += s.len;
    b->ptr[b->len] = '\0';
}

void
gw_buf_puts(gw_buf *b, const char *text)
{
    gw_buf_add(b, gw_str_of(text));
}

void
gw_buf_putc(gw_buf *b, char c)
{
    gw_buf_add(b, (gw_str){&c, 1});
}

void
gw_buf_printf(gw_buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    gw_buf_vprintf(b, format, args);
    va_end(args);
}

void
gw_buf_vprintf(gw_buf *b, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    const int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert(len >= 0);
    reserve(b, (size_t)len);
    (void)vsnprintf(b->ptr + b->len, (size_t)len + 1, format, args);
    b->len += (size_t)len;
}

gw_str
gw_buf_str(const gw_buf *b)
{
    return (gw_str){b->ptr == NULL ? "" : b->ptr, b->len};
}

const char *
gw_buf_text(gw_buf *b)
{
    return b->ptr == NULL ? "" : b->ptr;
}

enum { NEAREST_WORD = 48 };

/* Levenshtein distance kept in one row; words longer than NEAREST_WORD are never near. */
static size_t
distance(gw_str a, gw_str b)
{
    size_t row[NEAREST_WORD + 1];
    if (a.len > NEAREST_WORD || b.len > NEAREST_WORD)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            const size_t replaced = diagonal + (a.ptr[i - 1] == b.ptr[j - 1] ? 0 : 1);
            const size_t shorter = row[j] < row[j - 1] ? row[j] : row[j - 1];
            diagonal = row[j];
            row[j] = replaced < shorter + 1 ? replaced : shorter + 1;
        }
    }
    return row[b.len];
}

const char *
gw_str_nearest(gw_str word, const char *const *candidates, size_t count)
{
    const char *best = NULL;
    size_t best_distance = word.len / 3 + 2; /* farther than that is another word */
    for (size_t i = 0; i < count; i++) {
        const size_t d = distance(word, gw_str_of(candidates[i]));
        if (d < best_distance) {
            best_distance = d;
            best = candidates[i];
        }
    }
    return best;
}

/* Length of the valid UTF-8 sequence at the start of s (RFC 3629), 0 when it is none. */
static size_t
utf8_sequence(gw_str s)
{
    const unsigned char *const p = (const unsigned char *)s.ptr;
    if (p[0] < 0x80)
        return p[0] == 0 ? 0 : 1;
    const size_t len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || s.len < len)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    const bool too_long = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
    const bool surrogate = p[0] == 0xED && p[1] > 0x9F;
    const bool too_large = p[0] == 0xF4 && p[1] > 0x8F;
    return too_long || surrogate || too_large ? 0 : len;
}

size_t
gw_str_utf8_valid(gw_str s)
{
    size_t at = 0;
    while (at < s.len) {
        uint64_t eight;
        if (s.len - at >= sizeof(eight)) { /* plain ASCII without NUL, eight bytes at a time */
            memcpy(&eight, s.ptr + at, sizeof(eight));
            const uint64_t has_zero = (eight - 0x0101010101010101u) & ~eight;
            if (((eight | has_zero) & 0x8080808080808080u) == 0) {
                at += sizeof(eight);
                continue;
            }
        }
        const size_t len = utf8_sequence(gw_str_slice(s, at, s.len));
        if (len == 0)
            return at;
        at += len;
    }
    return at;
}

size_t
gw_str_utf8_count(gw_str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++)
        count += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
    return count;
}
