#include "sql/delimiter.h"

static bool
is_letter(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

size_t
gw_delimiter_at(gw_str text, size_t at, gw_str mark)
{
    size_t end = at;
    if (at > 0 && is_letter(mark.ptr[0]) && is_letter(text.ptr[at - 1]))
        return 0;
    for (size_t i = 0; i < mark.len; i++) {
        if (end == text.len && i > 0 && i + 1 == mark.len && mark.ptr[i] == '\n')
            return end - at; /* the end of the text ends its last line */
        if (mark.ptr[i] == '\n' && end + 1 < text.len && text.ptr[end] == '\r' && text.ptr[end + 1] == '\n')
            end++;
        if (end >= text.len || text.ptr[end] != mark.ptr[i])
            return 0;
        end++;
    }
    if (end < text.len && is_letter(text.ptr[end - 1]) && is_letter(text.ptr[end]))
        return 0;
    return end - at;
}

size_t
gw_delimiter_within(gw_str text, gw_token t, gw_str mark)
{
    const size_t offset = (size_t)(t.text.ptr - text.ptr);
    if (t.kind != GW_TOKEN_SPACE && t.kind != GW_TOKEN_WORD && t.kind != GW_TOKEN_PARAMETER)
        return 0;
    for (size_t i = 1; i < t.text.len; i++)
        if (gw_delimiter_at(text, offset + i, mark) > 0)
            return i;
    return 0;
}
