#include "engine/mysql/literal.h"

#include <assert.h>

#include "base/ban.h"

static bool
is_ascii(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] >= 0x80)
            return false;
    return true;
}

/* Nothing in it is escaped, in whatever way the session does it. */
static bool
is_plain(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] >= 0x80 || text[i] < ' ' || text[i] == '\'' || text[i] == '"' || text[i] == '\\')
            return false;
    return true;
}

void
gw_mysql_literal_add(gw_buf *out, MYSQL *my, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    if (text == NULL) {
        gw_buf_puts(out, "NULL");
        return;
    }
    const size_t len = strlen(text);
    if (is_plain(text, len)) {
        gw_buf_putc(out, '\'');
        gw_buf_add(out, (gw_str){text, len});
        gw_buf_putc(out, '\'');
        return;
    }
    GW_SCOPE(scratch);
    if (is_ascii(text, len)) {
        char *const escaped = gw_alloc(scratch, 2 * len + 1);
        const size_t size = mysql_real_escape_string(my, escaped, text, len);
        gw_buf_putc(out, '\'');
        gw_buf_add(out, (gw_str){escaped, size});
        gw_buf_putc(out, '\'');
        return;
    }
    char *const digits = gw_alloc(scratch, 2 * len);
    for (size_t i = 0; i < len; i++) {
        digits[2 * i] = hex[(unsigned char)text[i] >> 4];
        digits[2 * i + 1] = hex[(unsigned char)text[i] & 15];
    }
    gw_buf_puts(out, "_utf8mb4 X'");
    gw_buf_add(out, (gw_str){digits, 2 * len});
    gw_buf_putc(out, '\'');
}

void
gw_mysql_literal_name(gw_buf *out, const char *name)
{
    gw_buf_putc(out, '`');
    for (; *name != '\0'; name++) {
        if (*name == '`')
            gw_buf_putc(out, '`');
        gw_buf_putc(out, *name);
    }
    gw_buf_putc(out, '`');
}

static size_t
skip_quoted(gw_str sql, size_t at, bool backslash)
{
    const char quote = sql.ptr[at++];
    while (at < sql.len && sql.ptr[at] != quote)
        at += sql.ptr[at] == '\\' && backslash && quote != '`' ? 2 : 1;
    return at < sql.len ? at + 1 : sql.len; /* a doubled quote just opens again */
}

static size_t
skip_to(gw_str sql, size_t at, const char *end)
{
    const char *const found = memmem(sql.ptr + at, sql.len - at, end, strlen(end));
    return found == NULL ? sql.len : (size_t)(found - sql.ptr) + strlen(end);
}

/* Past what begins at `at` and holds no parameter: a quoted text, a comment, or a single byte. */
static size_t
skip(gw_str sql, size_t at, bool backslash)
{
    const gw_str rest = gw_str_slice(sql, at, sql.len);
    switch (rest.ptr[0]) {
    case '\'':
    case '"':
    case '`':
        return skip_quoted(sql, at, backslash);
    case '#':
        return skip_to(sql, at, "\n");
    case '-':
        return gw_str_starts(rest, "-- ") ? skip_to(sql, at, "\n") : at + 1;
    case '/':
        return gw_str_starts(rest, "/*") ? skip_to(sql, at + 2, "*/") : at + 1;
    default:
        return at + 1;
    }
}

static bool
is_parameter(gw_str sql, size_t at)
{
    if (sql.ptr[at] != '$' || at + 1 >= sql.len || !gw_is_digit(sql.ptr[at + 1]))
        return false;
    const unsigned char before = at == 0 ? ' ' : (unsigned char)sql.ptr[at - 1];
    return before < 0x80 && !isalnum(before) && before != '_' && before != '$'; /* a$1 is a name */
}

/* Where the next parameter, quoted text or comment may begin: nearly every byte is none. */
static size_t
at_opening(gw_str sql, size_t at)
{
    static const bool opens[256] = {
        ['$'] = true, ['\''] = true, ['"'] = true, ['`'] = true, ['#'] = true, ['-'] = true, ['/'] = true};
    while (at < sql.len && !opens[(unsigned char)sql.ptr[at]])
        at++;
    return at;
}

void
gw_mysql_literal_fill(gw_buf *out, MYSQL *my, gw_str sql, const gw_param *params, size_t count)
{
    const bool backslash = (my->server_status & SERVER_STATUS_NO_BACKSLASH_ESCAPES) == 0;
    size_t plain = 0, at = 0;
    while (count > 0 && (at = at_opening(sql, at)) < sql.len) {
        if (!is_parameter(sql, at)) {
            at = skip(sql, at, backslash);
            continue;
        }
        gw_buf_add(out, gw_str_slice(sql, plain, at));
        size_t number = 0;
        for (at++; at < sql.len && gw_is_digit(sql.ptr[at]); at++)
            number = number * 10 + (size_t)(sql.ptr[at] - '0');
        assert(number >= 1 && number <= count);
        gw_mysql_literal_add(out, my, params[number - 1].text);
        plain = at;
    }
    gw_buf_add(out, gw_str_slice(sql, plain, sql.len));
}
