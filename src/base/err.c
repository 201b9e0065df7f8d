#include "base/err.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* The nearest beginning of a character at or before `at`; a run of stray continuation bytes is not searched further. */
static size_t
boundary(gw_str s, size_t at)
{
    assert(at < s.len);
    for (size_t back = 0; back < 4 && back <= at; back++)
        if (((unsigned char)s.ptr[at - back] & 0xC0) != 0x80)
            return at - back;
    return at;
}

static size_t
copy_cut(char *dst, size_t size, gw_str src)
{
    assert(size > 0);
    const size_t len = src.len < size ? src.len : boundary(src, size - 1);
    if (len > 0)
        memcpy(dst, src.ptr, len);
    dst[len] = '\0';
    return len;
}

void
gw_err_copy(char *dst, size_t size, gw_str src)
{
    (void)copy_cut(dst, size, src);
}

/* Copy as one line of valid UTF-8: control characters become blanks, stray bytes '?', trailing blanks go. Each byte
 * keeps its place, so that a position in src is one in dst. */
static void
copy_line(char *dst, size_t size, gw_str src)
{
    const size_t len = copy_cut(dst, size, src);
    size_t end = 0;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)dst[i] < ' ' || dst[i] == 0x7F)
            dst[i] = ' ';
    for (size_t bad = 0; (bad += gw_str_utf8_valid((gw_str){dst + bad, len - bad})) < len;)
        dst[bad] = '?';
    for (size_t i = 0; i < len; i++)
        end = dst[i] == ' ' ? end : i + 1;
    dst[end] = '\0';
}

GW_PRINTF(3, 0)
static void
format_line(char *dst, size_t size, const char *format, va_list args)
{
    char line[2048]; /* longer than any dst: what is cut here is cut there too */
    const int len = vsnprintf(line, sizeof(line), format, args);
    assert(len >= 0);
    copy_line(dst, size, (gw_str){line, len < (int)sizeof(line) ? (size_t)len : sizeof(line) - 1});
}

gw_rc
gw_vfail(gw_err *e, gw_rc rc, const char *format, va_list args)
{
    assert(rc != GODWIT_OK && e->rc == GODWIT_OK);
    e->rc = rc;
    format_line(e->message, sizeof(e->message), format, args);
    return rc;
}

gw_rc
gw_fail(gw_err *e, gw_rc rc, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)gw_vfail(e, rc, format, args);
    va_end(args);
    return rc;
}

gw_rc
gw_err_note(gw_err *e, const char *format, ...)
{
    const size_t len = strlen(e->notes);
    const size_t from = len == 0 ? 0 : len + 1;
    if (from + 1 >= sizeof(e->notes))
        return e->rc;
    va_list args;
    va_start(args, format);
    format_line(e->notes + from, sizeof(e->notes) - from, format, args);
    va_end(args);
    if (from > 0)
        e->notes[len] = '\n';
    return e->rc;
}

gw_rc
gw_err_hint(gw_err *e, const char *format, ...)
{
    if (e->hint[0] != '\0')
        return e->rc;
    va_list args;
    va_start(args, format);
    format_line(e->hint, sizeof(e->hint), format, args);
    va_end(args);
    return e->rc;
}

/* Characters as copy_line shows them: a stray byte is one. */
static unsigned
characters(gw_str s)
{
    size_t count = 0;
    while (s.len > 0) {
        const size_t valid = gw_str_utf8_valid(s);
        count += gw_str_utf8_count(gw_str_slice(s, 0, valid)) + (valid < s.len);
        s = gw_str_slice(s, valid < s.len ? valid + 1 : valid, s.len);
    }
    return (unsigned)count;
}

gw_rc
gw_err_at(gw_err *e, const char *path, gw_str text, size_t offset)
{
    enum { BEFORE_CARET = 120 }; /* how much of a long line is shown before the fault */
    if (offset > text.len)
        offset = text.len;
    size_t begin = 0;
    unsigned line = 1;
    for (const char *nl; begin < offset && (nl = memchr(text.ptr + begin, '\n', offset - begin)) != NULL; line++)
        begin = (size_t)(nl - text.ptr) + 1;
    gw_str rest;
    gw_str whole = gw_str_cut(gw_str_slice(text, begin, text.len), '\n', &rest);
    if (gw_str_ends(whole, "\r"))
        whole.len--;
    const size_t at = offset - begin < whole.len ? offset - begin : whole.len;
    const size_t from = at > BEFORE_CARET ? boundary(whole, at - BEFORE_CARET) : 0;

    gw_err_copy(e->path, sizeof(e->path), gw_str_of(path));
    e->line = line;
    e->column = characters(gw_str_slice(whole, 0, at)) + 1;
    copy_line(e->excerpt, sizeof(e->excerpt), gw_str_slice(whole, from, whole.len));
    e->caret = characters(gw_str_slice(whole, from, at)) + 1;
    return e->rc;
}
