#include "base/json_read.h"

#include <string.h>

enum { DEPTH_MAX = 64 };

typedef struct reader {
    gw_arena *a;
    const char *path;
    gw_str text;
    size_t at;
    unsigned depth;
    gw_err *e;
} reader;

static gw_rc
wrong(const reader *r, size_t offset, const char *expected)
{
    if (offset < r->text.len)
        (void)gw_fail(r->e, GODWIT_FOLDER, "this is no JSON: %s was expected", expected);
    else
        (void)gw_fail(r->e, GODWIT_FOLDER, "this is no JSON: it ends where %s was expected", expected);
    return gw_err_at(r->e, r->path, r->text, offset);
}

static char
peek(const reader *r)
{
    return r->at < r->text.len ? r->text.ptr[r->at] : '\0';
}

static void
skip_blanks(reader *r)
{
    while (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n' || peek(r) == '\r')
        r->at++;
}

/* ---- texts ---- */

static bool
take_hex(reader *r, unsigned *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        const char c = peek(r);
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0)
            return false;
        *out = *out * 16 + (unsigned)digit;
    }
    return true;
}

static void
put_utf8(gw_buf *out, unsigned c)
{
    if (c < 0x80) {
        gw_buf_putc(out, (char)c);
    } else if (c < 0x800) {
        gw_buf_putc(out, (char)(0xC0 | c >> 6));
        gw_buf_putc(out, (char)(0x80 | (c & 0x3F)));
    } else {
        if (c >= 0x10000) {
            gw_buf_putc(out, (char)(0xF0 | c >> 18));
            gw_buf_putc(out, (char)(0x80 | (c >> 12 & 0x3F)));
        } else {
            gw_buf_putc(out, (char)(0xE0 | c >> 12));
        }
        gw_buf_putc(out, (char)(0x80 | (c >> 6 & 0x3F)));
        gw_buf_putc(out, (char)(0x80 | (c & 0x3F)));
    }
}

/* Behind "\u". Halves of a pair that are alone are no characters, and a zero would end the text. */
static bool
take_code(reader *r, gw_buf *out)
{
    unsigned high, low;
    if (!take_hex(r, &high) || high == 0 || (high >= 0xDC00 && high < 0xE000))
        return false;
    if (high >= 0xD800 && high < 0xDC00) {
        if (r->at + 1 >= r->text.len || r->text.ptr[r->at] != '\\' || r->text.ptr[r->at + 1] != 'u')
            return false;
        r->at += 2;
        if (!take_hex(r, &low) || low < 0xDC00 || low >= 0xE000)
            return false;
        high = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    }
    put_utf8(out, high);
    return true;
}

static bool
take_escape(reader *r, gw_buf *out)
{
    static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    const char c = peek(r);
    const char *const known = c == '\0' ? NULL : strchr(letters, c);
    r->at++;
    if (c == 'u')
        return take_code(r, out);
    if (known == NULL)
        return false;
    gw_buf_putc(out, bytes[known - letters]);
    return true;
}

static gw_rc
read_text(reader *r, const char **out)
{
    gw_buf text = gw_buf_new(r->a);
    r->at++;
    for (;;) {
        const char c = peek(r);
        const size_t at = r->at;
        if (at >= r->text.len)
            return wrong(r, at, "the closing quote");
        if ((unsigned char)c < 0x20)
            return wrong(r, at, "a text without control characters");
        r->at++;
        if (c == '"')
            break;
        if (c != '\\')
            gw_buf_putc(&text, c);
        else if (!take_escape(r, &text))
            return wrong(r, at, "one of JSON's escapes");
    }
    *out = gw_buf_text(&text);
    return GODWIT_OK;
}

/* ---- the rest ---- */

static gw_rc read_value(reader *r, gw_json_node *out);

static gw_rc
read_key(reader *r, const gw_json_node *map, gw_json_node *out)
{
    out->key_offset = r->at;
    if (peek(r) != '"')
        return wrong(r, r->at, "a key in double quotes");
    GW_TRY(read_text(r, &out->key));
    if (gw_json_get(map, out->key) != NULL) {
        (void)gw_fail(r->e, GODWIT_FOLDER, "the key \"%s\" comes twice", out->key);
        return gw_err_at(r->e, r->path, r->text, out->key_offset);
    }
    skip_blanks(r);
    if (peek(r) != ':')
        return wrong(r, r->at, "':'");
    r->at++;
    skip_blanks(r);
    return GODWIT_OK;
}

static gw_rc
read_items(reader *r, gw_json_node *out)
{
    const char end = out->kind == GW_JSON_MAP ? '}' : ']';
    r->at++;
    skip_blanks(r);
    if (r->depth++ == DEPTH_MAX)
        return wrong(r, out->offset, "nothing so deep");
    while (peek(r) != end) {
        gw_json_node *const item = gw_new(r->a, gw_json_node);
        if (out->kind == GW_JSON_MAP)
            GW_TRY(read_key(r, out, item));
        GW_TRY(read_value(r, item));
        item->key_offset = item->key == NULL ? item->offset : item->key_offset;
        *gw_vec_push(r->a, &out->items) = item;
        skip_blanks(r);
        if (peek(r) == end)
            break;
        if (peek(r) != ',')
            return wrong(r, r->at, end == '}' ? "',' or '}'" : "',' or ']'");
        r->at++;
        skip_blanks(r);
        if (peek(r) == end)
            return wrong(r, r->at, end == '}' ? "another key" : "another value");
    }
    r->at++;
    r->depth--;
    return GODWIT_OK;
}

static size_t
digits_at(const reader *r, size_t at)
{
    size_t count = 0;
    while (at + count < r->text.len && r->text.ptr[at + count] >= '0' && r->text.ptr[at + count] <= '9')
        count++;
    return count;
}

static bool
take_number(reader *r)
{
    r->at += peek(r) == '-';
    const size_t whole = digits_at(r, r->at);
    if (whole == 0 || (whole > 1 && peek(r) == '0'))
        return false;
    r->at += whole;
    if (peek(r) == '.') {
        const size_t part = digits_at(r, r->at + 1);
        r->at += 1 + part;
        if (part == 0)
            return false;
    }
    if (peek(r) == 'e' || peek(r) == 'E') {
        r->at++;
        r->at += peek(r) == '+' || peek(r) == '-';
        const size_t power = digits_at(r, r->at);
        r->at += power;
        return power > 0;
    }
    return true;
}

static gw_rc
read_word(reader *r, gw_json_node *out)
{
    static const struct {
        const char *word;
        gw_json_kind kind;
    } words[] = {{"true", GW_JSON_BOOL}, {"false", GW_JSON_BOOL}, {"null", GW_JSON_NULL}};
    const gw_str rest = gw_str_slice(r->text, r->at, r->text.len);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (gw_str_starts(rest, words[i].word)) {
            out->kind = words[i].kind;
            out->text = out->kind == GW_JSON_NULL ? NULL : words[i].word;
            r->at += strlen(words[i].word);
            return GODWIT_OK;
        }
    out->kind = GW_JSON_NUMBER;
    if (!take_number(r))
        return wrong(r, out->offset, "a value");
    out->text = gw_strdup(r->a, gw_str_slice(r->text, out->offset, r->at));
    return GODWIT_OK;
}

static gw_rc
read_value(reader *r, gw_json_node *out)
{
    const char c = peek(r);
    gw_rc rc;
    out->offset = r->at;
    if (c == '{' || c == '[') {
        out->kind = c == '{' ? GW_JSON_MAP : GW_JSON_LIST;
        rc = read_items(r, out);
    } else if (c == '"') {
        out->kind = GW_JSON_TEXT;
        rc = read_text(r, &out->text);
    } else {
        rc = read_word(r, out);
    }
    out->end = r->at;
    return rc;
}

gw_rc
gw_json_read(gw_arena *a, const char *path, gw_str text, gw_json_node **out, gw_err *e)
{
    reader r = {.a = a, .path = path, .text = text, .at = gw_str_starts(text, "\xEF\xBB\xBF") ? 3 : 0, .e = e};
    const size_t stray = gw_str_utf8_valid(text);
    *out = gw_new(a, gw_json_node);
    if (stray < text.len)
        return wrong(&r, stray, "UTF-8");
    skip_blanks(&r);
    GW_TRY(read_value(&r, *out));
    skip_blanks(&r);
    return r.at == text.len ? GODWIT_OK : wrong(&r, r.at, "nothing more");
}

const gw_json_node *
gw_json_get(const gw_json_node *map, const char *key)
{
    for (size_t i = 0; map->kind == GW_JSON_MAP && i < map->items.len; i++)
        if (strcmp(map->items.at[i]->key, key) == 0)
            return map->items.at[i];
    return NULL;
}
