#include "engine/mysql/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#include "base/ban.h"

enum { QUOTED_BYTES = 80, ROUTINE_EXISTS = 1304, NO_SUCH_ROUTINE = 1305 };

/* Errors whose first quoted text is the name of something that the statement mentions. */
static const unsigned naming[] = {
    1007, 1008, /* database exists, does not */
    1048, 1049, 1050, 1051, 1052, 1054, 1060, 1061, 1066, 1067, 1072, 1091, 1109, 1110, 1115,
    1146, 1166, 1176, 1264, 1265, 1273, 1280, 1286, 1292, 1304, 1305, 1347, 1359, 1360, 1366,
    1406, 1411, 1470, 1471, 1477, 1539, 1553, 1901, 1903, 3105, 3108, 3815, 3821, 3822, 4161,
};

typedef struct syntax {
    gw_str prefix; /* what is said before " near '" */
    gw_str near;
    unsigned long line;
} syntax;

/* "… near 'TEXT' at line N": TEXT may hold quotes and line breaks, so the ends decide. */
static bool
read_syntax(const char *message, syntax *out)
{
    static const char opening[] = " near '", closing[] = "' at line ";
    const char *const open = strstr(message, opening);
    const char *close = NULL;
    if (open == NULL)
        return false;
    const char *const text = open + sizeof(opening) - 1;
    for (const char *at = text; (at = strstr(at, closing)) != NULL; at++)
        close = at;
    if (close == NULL)
        return false;
    out->prefix = (gw_str){message, (size_t)(open - message)};
    out->near = (gw_str){text, (size_t)(close - text)};
    out->line = strtoul(close + sizeof(closing) - 1, NULL, 10);
    return true;
}

void
gw_mysql_place_text(const char *message, char *out, size_t size)
{
    syntax s;
    if (!read_syntax(message, &s)) {
        gw_err_copy(out, size, gw_str_of(message));
        return;
    }
    char text[1024];
    const bool usual = gw_str_starts(s.prefix, "You have an error in your SQL syntax");
    const gw_str what = usual ? GW_STR_LIT("syntax error") : s.prefix;
    gw_str rest;
    const gw_str near = gw_str_trim(gw_str_cut(s.near, '\n', &rest));
    if (s.near.len == 0)
        (void)snprintf(text, sizeof(text), "%.*s at the end of the statement", GW_STR_ARG(what));
    else
        (void)snprintf(text, sizeof(text), "%.*s near '%.*s'", GW_STR_ARG(what), GW_STR_ARG(near));
    gw_err_copy(out, size, gw_str_of(text));
}

static size_t
find_from(gw_str text, size_t from, gw_str what)
{
    const char *const at = from > text.len ? NULL : memmem(text.ptr + from, text.len - from, what.ptr, what.len);
    return at == NULL ? text.len : (size_t)(at - text.ptr);
}

static unsigned long
count_lines(gw_str text, size_t from, size_t to)
{
    unsigned long lines = 0;
    for (size_t i = from; i < to; i++)
        lines += text.ptr[i] == '\n';
    return lines;
}

/* The first occurrence that begins in that line; else the last one before it, since a token of several lines counts
 * as its last. */
static size_t
find_in_line(gw_str sql, gw_str what, unsigned long line)
{
    size_t best = sql.len, counted = 0;
    unsigned long here = 1;
    for (size_t at = 0; (at = find_from(sql, at, what)) < sql.len; at++) {
        here += count_lines(sql, counted, at);
        counted = at;
        if (here == line)
            return at;
        if (here < line || best == sql.len)
            best = at;
    }
    return best;
}

static size_t
find_near(gw_str sql, const syntax *s)
{
    gw_str near = s->near;
    if (near.len == 0)
        return sql.len;
    if (near.len < QUOTED_BYTES && near.len <= sql.len && memcmp(sql.ptr + sql.len - near.len, near.ptr, near.len) == 0)
        return sql.len - near.len; /* not cut: the rest of the statement */
    if (near.len > 3 && gw_str_ends(near, "..."))
        near.len -= 3;
    /* The cut may have split a character, which then arrives as something else. */
    for (size_t cut = 0; cut < 8 && cut < near.len; cut++) {
        const size_t at = find_in_line(sql, gw_str_slice(near, 0, near.len - cut), s->line);
        if (at < sql.len)
            return at;
        if (s->near.len < QUOTED_BYTES)
            break;
    }
    return SIZE_MAX;
}

static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Where the comma itself is wrong, MariaDB quotes what follows it: text that begins with a blank, or that could not
 * have been reached. */
static size_t
before_comma(gw_str sql, size_t at)
{
    if (at == 0 || sql.ptr[at - 1] != ',')
        return at;
    if (at < sql.len && is_space(sql.ptr[at]))
        return at - 1;
    size_t before = at - 1;
    while (before > 0 && is_space(sql.ptr[before - 1]))
        before--;
    return before > 0 && (sql.ptr[before - 1] == ',' || sql.ptr[before - 1] == '(') ? at - 1 : at;
}

static bool
is_name_byte(unsigned char c)
{
    return c >= 0x80 || c == '_' || c == '$' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

/* Offset of the only place where `name` stands as a whole word; text.len when there is none or a second. */
static size_t
find_only(gw_str text, gw_str name)
{
    size_t found = text.len;
    for (size_t at = 0; (at = find_from(text, at, name)) < text.len; at++) {
        const size_t end = at + name.len;
        if ((at > 0 && is_name_byte((unsigned char)text.ptr[at - 1])) ||
            (end < text.len && is_name_byte((unsigned char)text.ptr[end])))
            continue;
        if (found < text.len)
            return text.len;
        found = at;
    }
    return found;
}

/* The first text in '…' or `…`. */
static gw_str
first_quoted(const char *message)
{
    const char *const open = strpbrk(message, "'`");
    /* "Can't DROP …", "Table doesn't exist": an apostrophe within a word opens nothing. */
    if (open != NULL && open > message && is_name_byte((unsigned char)open[-1]))
        return first_quoted(open + 1);
    const char *const close = open == NULL ? NULL : strchr(open + 1, *open);
    return close == NULL ? (gw_str){0} : (gw_str){open + 1, (size_t)(close - open - 1)};
}

/* "FUNCTION shop.next_id does not exist": not quoted. */
static gw_str
second_word(const char *message)
{
    gw_str rest;
    (void)gw_str_cut(gw_str_of(message), ' ', &rest);
    return gw_str_cut(rest, ' ', &rest);
}

static size_t
find_name(gw_str sql, unsigned number, const char *message)
{
    const bool bare = number == NO_SUCH_ROUTINE || number == ROUTINE_EXISTS;
    const gw_str name = bare ? second_word(message) : first_quoted(message);
    const size_t whole = name.len == 0 ? sql.len : find_only(sql, name);
    if (whole < sql.len)
        return whole;
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '.') { /* the server qualifies what the statement does not */
            const gw_str last = gw_str_slice(name, i, name.len);
            return last.len == 0 ? sql.len : find_only(sql, last);
        }
    return sql.len;
}

size_t
gw_mysql_place_find(gw_str sql, unsigned number, const char *message)
{
    syntax s;
    if (read_syntax(message, &s)) {
        const size_t at = find_near(sql, &s);
        return at == SIZE_MAX ? 0 : before_comma(sql, at) + 1;
    }
    for (size_t i = 0; i < sizeof(naming) / sizeof(naming[0]); i++)
        if (naming[i] == number) {
            const size_t at = find_name(sql, number, message);
            return at < sql.len ? at + 1 : 0;
        }
    return 0;
}
