#include "config/place.h"

#include <string.h>

#include "config/setting.h"

static bool
is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* A key of godwit.yaml that is no setting itself. */
static bool
is_structure(gw_str word)
{
    static const char *const words[] = {"envs", "services", "hooks", "schema", "dev"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (gw_str_is(word, words[i]))
            return true;
    return false;
}

/* Length of the name at `at` that may be shown, its mark included; 0: there is none. */
static size_t
name_length(gw_place_kind kind, gw_str line, size_t at, bool is_first)
{
    size_t end = at;
    while (end < line.len && is_word(line.ptr[end]))
        end++;
    const gw_str word = gw_str_slice(line, at, end);
    const char mark = end < line.len ? line.ptr[end] : '\0';
    const bool is_export = mark == ' ' && gw_str_is(word, "export");
    if (kind == GW_PLACE_ENV)
        return is_first && word.len > 0 && (mark == '=' || is_export) ? word.len + 1 : 0;
    const bool is_key = mark == ':' && (end + 1 == line.len || line.ptr[end + 1] == ' ');
    const bool is_known = gw_setting_find(word) != GW_SETTING__COUNT || is_structure(word);
    return is_key && (is_known || is_first) ? word.len + 1 : 0;
}

/* A bracket between blanks tells nothing. */
static bool
is_bracket(gw_str line, size_t at, char previous)
{
    const bool is_alone = previous == ' ' && (at + 1 == line.len || line.ptr[at + 1] == ' ');
    return is_alone && strchr("{}[]", line.ptr[at]) != NULL;
}

/* Characters stay characters, so that the caret stays where it is. */
static void
mask(gw_err *e, gw_place_kind kind, size_t shown)
{
    const gw_str line = gw_str_of(e->excerpt);
    char *out = e->excerpt, previous = ' '; /* out never overtakes i */
    bool is_first = e->caret == e->column;  /* the excerpt begins where the line does */
    size_t number = 0, name_end = 0;
    for (size_t i = 0; i < line.len; i++) {
        const char c = line.ptr[i];
        const bool begins = ((unsigned char)c & 0xC0) != 0x80;
        number += begins;
        if (i >= name_end && c != ' ' && !is_word(previous)) {
            name_end = i + name_length(kind, line, i, is_first);
            is_first = is_first && gw_str_starts(gw_str_slice(line, i, line.len), "export ");
        }
        const bool is_fault = number >= e->caret && number < e->caret + shown;
        if (i < name_end || c == ' ' || is_fault || is_bracket(line, i, previous))
            *out++ = c;
        else if (begins)
            *out++ = '*';
        previous = c;
    }
    *out = '\0';
}

gw_rc
gw_place(gw_err *e, gw_place_kind kind, const char *path, gw_str text, size_t offset, size_t shown)
{
    (void)gw_err_at(e, path, text, offset);
    mask(e, kind, shown);
    return e->rc;
}

gw_str
gw_place_body(gw_str text)
{
    return gw_str_starts(text, "\xEF\xBB\xBF") ? gw_str_slice(text, 3, text.len) : text;
}
