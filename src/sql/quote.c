#include "sql/quote.h"

#include <string.h>

#include "sql/lex.h"

static char
name_quote(gw_dialect d)
{
    return d.kind == GW_DIALECT_MYSQL ? '`' : '"';
}

/* Between two marks, those within doubled; backslashes too if they would hide what follows. */
static void
add_quoted(gw_buf *out, gw_str text, char mark, bool backslashes)
{
    gw_buf_putc(out, mark);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == mark || (backslashes && text.ptr[i] == '\\'))
            gw_buf_putc(out, text.ptr[i]);
        gw_buf_putc(out, text.ptr[i]);
    }
    gw_buf_putc(out, mark);
}

static bool
has_backslash(gw_str text)
{
    return text.len > 0 && memchr(text.ptr, '\\', text.len) != NULL;
}

void
gw_quote_name(gw_buf *out, gw_str name, gw_dialect dialect)
{
    add_quoted(out, name, name_quote(dialect), false);
}

void
gw_quote_string(gw_buf *out, gw_str text, gw_dialect dialect)
{
    bool backslashes = dialect.kind == GW_DIALECT_MYSQL && !dialect.no_backslash_escapes;
    if (dialect.kind == GW_DIALECT_POSTGRES && has_backslash(text)) {
        /* A blank keeps the prefix from joining a word before it. */
        gw_buf_puts(out, out->len > 0 ? " E" : "E");
        backslashes = true;
    }
    add_quoted(out, text, '\'', backslashes);
}

/* A bare or quoted part of a name as the server stores it. */
static gw_str
unquoted(gw_arena *a, gw_token t, gw_dialect d)
{
    gw_buf out = gw_buf_new(a);
    if (t.kind == GW_TOKEN_QUOTED && (t.text.ptr[0] | 0x20) == 'u') /* U&"…": its escapes stay as they are */
        t.text = gw_str_slice(t.text, 2, t.text.len);
    if (t.kind == GW_TOKEN_QUOTED || t.kind == GW_TOKEN_STRING) {
        const char close = t.text.ptr[0] == '[' ? ']' : t.text.ptr[0];
        const size_t end = t.unterminated ? t.text.len : t.text.len - 1;
        for (size_t i = 1; i < end; i++) {
            gw_buf_putc(&out, t.text.ptr[i]);
            if (t.text.ptr[i] == close)
                i++; /* it is doubled */
        }
    } else {
        for (size_t i = 0; i < t.text.len; i++) {
            const char c = t.text.ptr[i];
            const bool fold = d.kind == GW_DIALECT_POSTGRES && c >= 'A' && c <= 'Z';
            gw_buf_putc(&out, fold ? (char)(c | 0x20) : c);
        }
    }
    return gw_buf_str(&out);
}

size_t
gw_name_parts(gw_arena *a, gw_str name, gw_dialect dialect, gw_str parts[3])
{
    gw_lexer l = gw_lex(name, dialect);
    size_t count = 0;
    for (gw_token t = gw_lex_solid(&l); t.kind != GW_TOKEN_END && count < 3; t = gw_lex_solid(&l))
        if (t.kind != GW_TOKEN_OPERATOR)
            parts[count++] = unquoted(a, t, dialect);
    return count;
}

gw_str
gw_name_last(gw_arena *a, gw_str name, gw_dialect dialect)
{
    gw_str parts[3];
    const size_t count = gw_name_parts(a, name, dialect, parts);
    return count == 0 ? (gw_str){"", 0} : parts[count - 1];
}

void
gw_quote_qualified(gw_buf *out, gw_str name, gw_dialect dialect)
{
    gw_str parts[3];
    const size_t count = gw_name_parts(out->arena, name, dialect, parts);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            gw_buf_putc(out, '.');
        gw_quote_name(out, parts[i], dialect);
    }
}

gw_str
gw_quote_body(gw_str text)
{
    const char *const end = text.len > 1 && text.ptr[0] == '$' ? memchr(text.ptr + 1, '$', text.len - 1) : NULL;
    const size_t tag = end == NULL ? 0 : (size_t)(end - text.ptr) + 1;
    const bool is_quoted = tag > 0 && 2 * tag <= text.len && memcmp(text.ptr + text.len - tag, text.ptr, tag) == 0;
    return is_quoted ? gw_str_slice(text, tag, text.len - tag) : text;
}
