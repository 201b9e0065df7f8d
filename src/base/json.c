#include "base/json.h"

#include <assert.h>

gw_json
gw_json_new(gw_buf *out)
{
    return (gw_json){.out = out};
}

/* The short form of a control character, quote or backslash; NULL when it has none. */
static const char *
short_escape(char c)
{
    static const char *const names[] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\",
    };
    return names[(unsigned char)c];
}

/* `s` is valid UTF-8 and holds no NUL. Runs without anything special are added at once. */
static void
add_escaped(gw_buf *out, gw_str s)
{
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        const char c = s.ptr[i];
        if ((unsigned char)c >= ' ' && c != '"' && c != '\\')
            continue;
        gw_buf_add(out, gw_str_slice(s, from, i));
        from = i + 1;
        if (short_escape(c) != NULL)
            gw_buf_puts(out, short_escape(c));
        else
            gw_buf_printf(out, "\\u%04x", (unsigned)c);
    }
    gw_buf_add(out, gw_str_slice(s, from, s.len));
}

static void
add_quoted(gw_buf *out, gw_str s)
{
    gw_buf_putc(out, '"');
    while (s.len > 0) {
        const size_t valid = gw_str_utf8_valid(s);
        add_escaped(out, gw_str_slice(s, 0, valid));
        if (valid < s.len)
            gw_buf_puts(out, s.ptr[valid] == '\0' ? "\\u0000" : "\xEF\xBF\xBD");
        s = gw_str_slice(s, valid < s.len ? valid + 1 : valid, s.len);
    }
    gw_buf_putc(out, '"');
}

/* What stands before a value: a comma when one came before it, and its key. */
static void
begin(gw_json *j, const char *key)
{
    if (j->depth > 0 && j->filled[j->depth - 1])
        gw_buf_putc(j->out, ',');
    if (j->depth > 0)
        j->filled[j->depth - 1] = true;
    if (key != NULL) {
        add_quoted(j->out, gw_str_of(key));
        gw_buf_putc(j->out, ':');
    }
}

void
gw_json_open(gw_json *j, const char *key, char bracket)
{
    assert(j->depth < GW_JSON_DEPTH && (bracket == '{' || bracket == '['));
    begin(j, key);
    gw_buf_putc(j->out, bracket);
    j->filled[j->depth++] = false;
}

void
gw_json_close(gw_json *j, char bracket)
{
    assert(j->depth > 0 && (bracket == '}' || bracket == ']'));
    j->depth--;
    gw_buf_putc(j->out, bracket);
}

void
gw_json_text(gw_json *j, const char *key, const char *value)
{
    if (value != NULL) {
        gw_json_str(j, key, gw_str_of(value));
        return;
    }
    begin(j, key);
    gw_buf_puts(j->out, "null");
}

void
gw_json_str(gw_json *j, const char *key, gw_str value)
{
    begin(j, key);
    add_quoted(j->out, value);
}

void
gw_json_int(gw_json *j, const char *key, int64_t value)
{
    begin(j, key);
    gw_buf_printf(j->out, "%lld", (long long)value);
}

void
gw_json_bool(gw_json *j, const char *key, bool value)
{
    begin(j, key);
    gw_buf_puts(j->out, value ? "true" : "false");
}
