#include "migration/shim.h"

#include <string.h>
#include <strings.h>

/* ---- names ---- */

static bool
is_bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

/* How a name that begins so ends; 0: it is bare. */
static char
closing_of(char opening)
{
    static const char pairs[] = "\"\"``[]";
    for (size_t i = 0; i + 1 < sizeof(pairs); i += 2)
        if (pairs[i] == opening)
            return pairs[i + 1];
    return '\0';
}

/* One part of a name, from *at on, which is left behind it; empty: none stands here. A doubled quote is one. */
static gw_str
read_part(gw_arena *a, gw_str text, size_t *at)
{
    gw_buf part = gw_buf_new(a);
    const char close = *at < text.len ? closing_of(text.ptr[*at]) : '\0';
    if (close == '\0') {
        while (*at < text.len && is_bare(text.ptr[*at]))
            gw_buf_putc(&part, text.ptr[(*at)++]);
        return gw_buf_str(&part);
    }
    for (size_t i = *at + 1; i < text.len; i++) {
        const bool is_mark = text.ptr[i] == close;
        const bool is_doubled = is_mark && i + 1 < text.len && text.ptr[i + 1] == close;
        if (is_mark && !is_doubled) {
            *at = i + 1;
            return gw_buf_str(&part);
        }
        gw_buf_putc(&part, text.ptr[i]);
        i += is_doubled;
    }
    return (gw_str){"", 0}; /* it is not closed */
}

/* *end is behind it; false: no name stands at the beginning of the text. */
static bool
read_old(gw_arena *a, gw_str text, gw_shim *out, size_t *end)
{
    size_t at = 0;
    for (;;) {
        const gw_str part = read_part(a, text, &at);
        if (part.len == 0)
            return false;
        out->schema = out->last;
        out->last = part;
        *end = at;
        const bool goes_on = at + 1 < text.len && text.ptr[at] == '.' && text.ptr[at + 1] != ' ';
        if (!goes_on)
            break;
        at++;
    }
    out->old = gw_str_slice(text, 0, *end);
    return *end == text.len || text.ptr[*end] == ' ' || text.ptr[*end] == '\t';
}

/* ---- issues ---- */

static bool
is_letter(char c)
{
    return c != '$' && c != '_' && is_bare(c);
}

/* Nor does it begin an option, or a comment. */
static bool
is_issue(gw_str text)
{
    static const char signs[] = "#-_./:@+=%,";
    const size_t first = gw_str_starts(text, "#") ? 1 : 0;
    for (size_t i = first; i < text.len; i++)
        if (!is_letter(text.ptr[i]) && memchr(signs, text.ptr[i], sizeof(signs) - 1) == NULL)
            return false;
    return first < text.len && is_letter(text.ptr[first]);
}

/* ---- the whole ---- */

static gw_str
without_stop(gw_str value)
{
    if (gw_str_ends(value, "."))
        value.len--;
    return gw_str_trim(value);
}

const char *
gw_shim_read(gw_arena *a, gw_str value, bool is_drop, gw_shim *out, gw_str *at)
{
    static const char verb[] = "drop-with";
    size_t end = 0;
    *at = value = without_stop(value);
    out->schema = out->last = out->issue = (gw_str){"", 0};
    if (!read_old(a, value, out, &end))
        return "does not begin with the name of what is kept: users, app.users, \"Users\"";
    const gw_str rest = gw_str_trim(gw_str_slice(value, end, value.len));
    *at = rest;
    if (is_drop)
        return rest.len == 0 ? NULL : "stands behind the name, where nothing may stand";
    const size_t skipped = gw_str_starts(rest, verb) ? strlen(verb) : 0;
    out->issue = gw_str_trim(gw_str_slice(rest, skipped, rest.len));
    if (skipped == 0 || out->issue.len == 0 || out->issue.ptr == rest.ptr + skipped) {
        *at = rest.len == 0 ? value : rest;
        return "does not say the issue that drops it: OLD drop-with #123";
    }
    *at = out->issue;
    return is_issue(out->issue) ? NULL : "is no issue: #123, or a word of letters, digits and #-_./:@+=%, like ABC-12";
}

static bool
is_same(gw_str one, gw_str other)
{
    return one.len == other.len && strncasecmp(one.ptr, other.ptr, one.len) == 0;
}

bool
gw_shim_names(const gw_shim *shim, gw_str schema, gw_str last)
{
    const bool is_elsewhere = shim->schema.len > 0 && schema.len > 0 && !is_same(shim->schema, schema);
    return is_same(shim->last, last) && !is_elsewhere;
}

gw_str
gw_shim_issue(const gw_shim *shim)
{
    const size_t mark = gw_str_starts(shim->issue, "#") ? 1 : 0;
    return gw_str_slice(shim->issue, mark, shim->issue.len);
}
