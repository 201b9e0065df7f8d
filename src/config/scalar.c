#include "config/scalar.h"

#include <string.h>

enum { OPENING = '\1', CLOSING = '\2' };

static bool
is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The closing brace of the reference whose "${" stands at `at`; 0: it is none. */
static size_t
closing_of(gw_str s, size_t at)
{
    size_t end = at + 2;
    while (end < s.len && is_name(s.ptr[end]))
        end++;
    if (end > at + 2 && gw_str_starts(gw_str_slice(s, end, s.len), ":-"))
        while (end < s.len && strchr("{}\r\n", s.ptr[end]) == NULL)
            end++;
    return end > at + 2 && end < s.len && s.ptr[end] == '}' ? end : 0;
}

gw_str
gw_scalar_hide(gw_arena *a, gw_str document)
{
    char *const copy = gw_strdup(a, document);
    for (size_t at = 0; at < document.len; at++) {
        const bool is_opening = gw_str_starts(gw_str_slice(document, at, document.len), "${");
        const size_t closing = is_opening ? closing_of(document, at) : 0;
        if (closing == 0)
            continue;
        copy[at + 1] = OPENING;
        copy[closing] = CLOSING;
        at = closing;
    }
    return (gw_str){copy, document.len};
}

size_t
gw_scalar_hidden(gw_str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == OPENING || text.ptr[i] == CLOSING;
    return count;
}

char *
gw_scalar_reveal(gw_arena *a, gw_str text)
{
    char *const copy = gw_strdup(a, text);
    for (size_t i = 0; i < text.len; i++)
        copy[i] = copy[i] == OPENING ? '{' : copy[i] == CLOSING ? '}' : copy[i];
    return copy;
}

/* At a line break of raw text: the break and the blanks around it become one blank, empty lines line breaks. */
static size_t
fold(gw_buf *out, gw_str raw, size_t at)
{
    size_t breaks = 0;
    while (out->len > 0 && (out->ptr[out->len - 1] == ' ' || out->ptr[out->len - 1] == '\t'))
        out->len--;
    for (; at < raw.len && strchr(" \t\r\n", raw.ptr[at]) != NULL; at++)
        breaks += raw.ptr[at] == '\n' || (raw.ptr[at] == '\r' && raw.ptr[at + 1] != '\n'); /* a quote ends it */
    if (breaks == 1)
        gw_buf_putc(out, ' ');
    for (; breaks > 1; breaks--)
        gw_buf_putc(out, '\n');
    return at;
}

char *
gw_scalar_unquote(gw_arena *a, gw_str between)
{
    gw_buf out = gw_buf_new(a);
    for (size_t at = 0; at < between.len;) {
        if (between.ptr[at] == '\n' || between.ptr[at] == '\r') {
            at = fold(&out, between, at);
            continue;
        }
        gw_buf_putc(&out, between.ptr[at]);
        at += between.ptr[at] == '\'' ? 2 : 1;
    }
    return gw_strdup(a, gw_buf_str(&out));
}
