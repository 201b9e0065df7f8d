#include "sql/cursor.h"

#include <string.h>

gw_cursor
gw_cursor_at(gw_str statement, gw_dialect dialect)
{
    gw_cursor c = {.lex = gw_lex(statement, dialect)};
    gw_cursor_next(&c);
    return c;
}

void
gw_cursor_next(gw_cursor *c)
{
    do
        c->t = gw_lex_solid(&c->lex);
    while (c->t.kind == GW_TOKEN_EXECUTABLE || c->t.kind == GW_TOKEN_EXECUTABLE_END);
}

bool
gw_cursor_is(const gw_cursor *c, const char *word)
{
    return c->t.kind == GW_TOKEN_WORD && gw_str_is_nocase(c->t.text, word);
}

bool
gw_cursor_sign(const gw_cursor *c, char sign)
{
    return c->t.kind == GW_TOKEN_OPERATOR && c->t.text.ptr[0] == sign;
}

static bool
letters_match(gw_str word, const char *letters, size_t len)
{
    if (word.len != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((word.ptr[i] | 0x20) != (letters[i] | 0x20))
            return false;
    return true;
}

bool
gw_cursor_accept(gw_cursor *c, const char *words)
{
    const gw_cursor before = *c;
    for (;;) {
        const size_t len = strcspn(words, " ");
        if (c->t.kind != GW_TOKEN_WORD || !letters_match(c->t.text, words, len)) {
            *c = before;
            return false;
        }
        gw_cursor_next(c);
        if (words[len] == '\0')
            return true;
        words += len + 1;
    }
}

void
gw_cursor_skip_group(gw_cursor *c)
{
    if (c->t.kind != GW_TOKEN_OPEN)
        return;
    size_t depth = 0;
    do {
        depth += c->t.kind == GW_TOKEN_OPEN;
        depth -= c->t.kind == GW_TOKEN_CLOSE;
        gw_cursor_next(c);
    } while (depth > 0 && c->t.kind != GW_TOKEN_END);
}

bool
gw_cursor_find(gw_cursor *c, const char *words)
{
    while (c->t.kind != GW_TOKEN_END) {
        if (gw_cursor_accept(c, words))
            return true;
        if (c->t.kind == GW_TOKEN_OPEN)
            gw_cursor_skip_group(c);
        else
            gw_cursor_next(c);
    }
    return false;
}

gw_str
gw_cursor_value(const gw_cursor *c)
{
    const gw_token t = c->t;
    const bool quoted = (t.kind == GW_TOKEN_STRING || t.kind == GW_TOKEN_QUOTED) && !t.unterminated;
    return quoted && strchr("'\"`[", t.text.ptr[0]) != NULL ? gw_str_slice(t.text, 1, t.text.len - 1) : t.text;
}

bool
gw_cursor_accept_any(gw_cursor *c, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (gw_cursor_accept(c, words[i]))
            return true;
    return false;
}
