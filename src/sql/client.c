#include "sql/client.h"

#include <string.h>

/* Commands of the mysql client with which no statement of the server begins. USE and HELP are the server's too. */
static const char *const mysql_commands[] = {
    "CHARSET", "CLEAR",           "CONNECT",   "EDIT",   "EGO",    "EXIT",   "GO",
    "NOPAGER", "NOTEE",           "NOWARNING", "PAGER",  "PRINT",  "PROMPT", "QUIT",
    "REHASH",  "RESETCONNECTION", "SOURCE",    "STATUS", "SYSTEM", "TEE",    "WARNINGS",
};

static bool
is_blank(char c)
{
    return memchr(" \t\r\v\f", c, 5) != NULL;
}

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* From `at` to the end of its line. */
static gw_str
line_at(gw_str text, size_t at)
{
    const char *const end = memchr(text.ptr + at, '\n', text.len - at);
    return gw_str_slice(text, at, end == NULL ? text.len : (size_t)(end - text.ptr));
}

static size_t
letters(gw_str s, size_t from)
{
    while (from < s.len && is_letter(s.ptr[from]))
        from++;
    return from;
}

static size_t
blanks(gw_str s, size_t from)
{
    while (from < s.len && is_blank(s.ptr[from]))
        from++;
    return from;
}

static bool
is_comment(gw_str s)
{
    return s.len == 0 || s.ptr[0] == '#' || gw_str_starts(s, "--") || gw_str_starts(s, "/*");
}

static gw_client_line
bad_delimiter(gw_client_line line, const char *fault)
{
    line.kind = GW_CLIENT_REFUSED;
    line.fault = fault;
    return line;
}

/* DELIMITER and its argument: up to a blank, or in quotes. A comment may follow. */
static gw_client_line
read_delimiter(gw_str text, size_t at)
{
    enum { LONGEST = 255 }; /* as the client reads it */
    const gw_str line = line_at(text, at);
    gw_client_line found = {.kind = GW_CLIENT_DELIMITER, .length = line.len, .name = gw_str_slice(line, 0, 9)};
    size_t from = blanks(line, 9);
    if (from == line.len)
        return bad_delimiter(found, "DELIMITER without a delimiter");
    if (from == 9)
        return bad_delimiter(found, "DELIMITER without a blank behind it");
    const char quote = line.ptr[from];
    size_t to = from;
    if (quote == '\'' || quote == '"' || quote == '`') {
        const char *const close = memchr(line.ptr + from + 1, quote, line.len - from - 1);
        if (close == NULL)
            return bad_delimiter(found, "DELIMITER with a quote that is not closed");
        found.delimiter = gw_str_slice(line, from + 1, (size_t)(close - line.ptr));
        to = (size_t)(close - line.ptr) + 1;
    } else {
        while (to < line.len && !is_blank(line.ptr[to]))
            to++;
        found.delimiter = gw_str_slice(line, from, to);
    }
    if (found.delimiter.len == 0 || found.delimiter.len > LONGEST)
        return bad_delimiter(found, "DELIMITER with nothing in its quotes, or with more than 255 bytes");
    if (memchr(found.delimiter.ptr, '\\', found.delimiter.len) != NULL)
        return bad_delimiter(found, "DELIMITER with a backslash");
    if (!is_comment(gw_str_trim(gw_str_slice(line, to, line.len))))
        return bad_delimiter(found, "DELIMITER with more text behind it, which the mysql client would ignore");
    return found;
}

static gw_client_line
read_word(gw_str text, size_t at)
{
    const gw_str word = gw_str_slice(text, at, letters(text, at));
    if (gw_str_is_nocase(word, "DELIMITER"))
        return read_delimiter(text, at);
    for (size_t i = 0; i < sizeof(mysql_commands) / sizeof(mysql_commands[0]); i++)
        if (gw_str_is_nocase(word, mysql_commands[i]))
            return (gw_client_line){.kind = GW_CLIENT_REFUSED, .length = word.len, .name = word};
    return (gw_client_line){.kind = GW_CLIENT_NONE};
}

gw_str
gw_client_backslash(gw_str text, size_t at, gw_dialect_kind dialect)
{
    const bool null = at + 1 < text.len && text.ptr[at + 1] == 'N' && letters(text, at + 1) == at + 2;
    if (dialect == GW_DIALECT_SQLITE || (dialect == GW_DIALECT_MYSQL && null))
        return (gw_str){"", 0};
    size_t to = letters(text, at + 1);
    if (to == at + 1 && to < text.len && memchr("!?;:.#-", text.ptr[to], 7) != NULL)
        to++;
    return gw_str_slice(text, at, to);
}

gw_client_line
gw_client_read(gw_str text, size_t at, gw_dialect_kind dialect)
{
    const char c = text.ptr[at];
    gw_str name = {"", 0};
    if (c == '\\')
        name = gw_client_backslash(text, at, dialect);
    else if (dialect == GW_DIALECT_MYSQL && is_letter(c))
        return read_word(text, at);
    else if (dialect == GW_DIALECT_SQLITE && c == '.' && letters(text, at + 1) > at + 1)
        name = gw_str_slice(text, at, letters(text, at + 1));
    if (name.len == 0)
        return (gw_client_line){.kind = GW_CLIENT_NONE};
    if (dialect == GW_DIALECT_POSTGRES && (gw_str_is(name, "\\restrict") || gw_str_is(name, "\\unrestrict")))
        return (gw_client_line){.kind = GW_CLIENT_SKIPPED, .length = line_at(text, at).len, .name = name};
    return (gw_client_line){.kind = GW_CLIENT_REFUSED, .length = name.len, .name = name};
}

gw_rc
gw_client_refuse(gw_err *e, gw_str name, gw_dialect_kind dialect)
{
    static const char *const programs[] = {[GW_DIALECT_POSTGRES] = "psql",
                                           [GW_DIALECT_MYSQL] = "the mysql client",
                                           [GW_DIALECT_SQLITE] = "the sqlite3 shell"};
    if (name.len == 1)
        return gw_fail(e, GODWIT_FOLDER, "a backslash outside strings and comments");
    (void)gw_fail(e, GODWIT_FOLDER, "%.*s is a command of %s, not SQL", GW_STR_ARG(name), programs[dialect]);
    return gw_err_hint(e, "godwit runs SQL only: remove the command, or write what it does in SQL");
}
