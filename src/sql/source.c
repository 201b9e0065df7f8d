#include "sql/source.h"

#include <string.h>

static const struct {
    uint32_t first, last;
    const char *name;
} odd_spaces[] = {
    {0x0085, 0x0085, "next-line character"},   {0x00A0, 0x00A0, "no-break space"},
    {0x1680, 0x1680, "ogham space"},           {0x2000, 0x200A, "typographic space"},
    {0x200B, 0x200B, "zero-width space"},      {0x2028, 0x2029, "line separator"},
    {0x202F, 0x202F, "narrow no-break space"}, {0x205F, 0x205F, "mathematical space"},
    {0x2060, 0x2060, "word joiner"},           {0x3000, 0x3000, "ideographic space"},
    {0xFEFF, 0xFEFF, "byte order mark"},
};

static const char *
odd_name(uint32_t c)
{
    for (size_t i = 0; i < sizeof(odd_spaces) / sizeof(odd_spaces[0]); i++)
        if (c >= odd_spaces[i].first && c <= odd_spaces[i].last)
            return odd_spaces[i].name;
    return NULL;
}

/* The character at `at`, of two or three bytes of valid UTF-8; 0 for others. */
static uint32_t
character(gw_str text, size_t at)
{
    const unsigned char *const p = (const unsigned char *)text.ptr + at;
    if (p[0] >= 0xC2 && p[0] < 0xE0)
        return (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    if (p[0] >= 0xE0 && p[0] < 0xF0)
        return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    return 0;
}

static bool
eight_ascii(gw_str text, size_t at)
{
    uint64_t eight;
    if (text.len - at < sizeof(eight))
        return false;
    memcpy(&eight, text.ptr + at, sizeof(eight));
    return (eight & 0x8080808080808080u) == 0;
}

static size_t
find_odd_space(gw_str text, size_t at)
{
    while (at < text.len) {
        if (eight_ascii(text, at)) {
            at += 8;
            continue;
        }
        if (((unsigned char)text.ptr[at] & 0x80) != 0 && odd_name(character(text, at)) != NULL)
            return at;
        at++;
    }
    return text.len;
}

static gw_rc
refuse_bytes(const gw_source *s, size_t at, gw_err *e)
{
    const unsigned char c = (unsigned char)s->text.ptr[at];
    if (gw_str_starts(s->text, "\xFF\xFE") || gw_str_starts(s->text, "\xFE\xFF")) {
        (void)gw_fail(e, GODWIT_FOLDER, "the file is UTF-16");
        (void)gw_err_hint(e, "save it as UTF-8");
    } else if (c == 0) {
        (void)gw_fail(e, GODWIT_FOLDER, "a zero byte");
        (void)gw_err_hint(e, "no database accepts one in a statement: is this a text file?");
    } else {
        (void)gw_fail(e, GODWIT_FOLDER, "the byte 0x%02X is not UTF-8", c);
        (void)gw_err_hint(e, "save the file as UTF-8, or set `encoding: bytes`");
    }
    return gw_source_locate(s, at, e);
}

gw_rc
gw_source_open(gw_source *s, const char *path, gw_str text, bool any_bytes, gw_err *e)
{
    const gw_str whole = text.ptr == NULL ? GW_STR_LIT("") : text;
    *s = (gw_source){.path = path, .text = whole, .any_bytes = any_bytes, .line = 1, .column = 1};
    if (text.len > GW_SQL_FILE_CAP) {
        (void)gw_fail(e, GODWIT_FOLDER, "%s is larger than %d MiB", path, GW_SQL_FILE_CAP >> 20);
        return gw_err_hint(e, "load data with the client of the database, or split the file");
    }
    s->begin = s->at = gw_str_starts(whole, "\xEF\xBB\xBF") ? 3 : 0;
    const char *const zero = any_bytes ? memchr(whole.ptr, 0, whole.len) : NULL;
    size_t bad = zero != NULL ? (size_t)(zero - whole.ptr) : whole.len;
    if (!any_bytes)
        bad = gw_str_utf8_valid(whole);
    if (bad < whole.len)
        return refuse_bytes(s, bad, e);
    s->odd_space = any_bytes ? whole.len : find_odd_space(whole, s->begin);
    return GODWIT_OK;
}

void
gw_source_move(gw_source *s, uint32_t offset)
{
    const char *from = s->text.ptr + s->at;
    const char *const to = s->text.ptr + offset;
    for (const char *nl; (nl = memchr(from, '\n', (size_t)(to - from))) != NULL; from = nl + 1) {
        s->line++;
        s->column = 1;
    }
    s->column += (uint32_t)gw_str_utf8_count((gw_str){from, (size_t)(to - from)});
    s->at = offset;
}

gw_rc
gw_source_locate(const gw_source *s, size_t offset, gw_err *e)
{
    const size_t at = offset < s->begin ? s->begin : offset;
    return gw_err_at(e, s->path, gw_str_slice(s->text, s->begin, s->text.len), at - s->begin);
}

gw_rc
gw_source_check_word(gw_source *s, size_t offset, size_t length, gw_err *e)
{
    if (s->odd_space < offset)
        s->odd_space = find_odd_space(s->text, offset);
    if (s->odd_space >= offset + length)
        return GODWIT_OK;
    const uint32_t c = character(s->text, s->odd_space);
    (void)gw_fail(e, GODWIT_FOLDER, "%s (U+%04X) outside strings and comments", odd_name(c), (unsigned)c);
    (void)gw_err_hint(e, "a server takes it for a letter: write a plain blank, or nothing");
    return gw_source_locate(s, s->odd_space, e);
}
