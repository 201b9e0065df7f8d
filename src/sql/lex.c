#include "sql/lex.h"

#include <string.h>

/* What a byte begins. PREFIX: a letter that may stand before the quote of a string. */
typedef enum byte_class {
    OTHER,
    SPACE,
    WORD,
    PREFIX,
    DIGIT,
    SINGLE_QUOTE,
    DOUBLE_QUOTE,
    BACKTICK,
    BRACKET,
    DOLLAR,
    DASH,
    SLASH,
    STAR,
    HASH,
    DOT,
    AT,
    COLON,
    QUESTION,
    SEMICOLON,
    OPEN,
    CLOSE
} byte_class;

static const uint8_t class_of[256] = {
    ['\t'] = SPACE,        ['\n'] = SPACE,        ['\v'] = SPACE,       ['\f'] = SPACE,
    ['\r'] = SPACE,        [' '] = SPACE,         ['A'] = WORD,         ['B'] = PREFIX,
    ['C'] = WORD,          ['D'] = WORD,          ['E'] = PREFIX,       ['F' ... 'M'] = WORD,
    ['N'] = PREFIX,        ['O' ... 'T'] = WORD,  ['U'] = PREFIX,       ['V'] = WORD,
    ['W'] = WORD,          ['X'] = PREFIX,        ['Y'] = WORD,         ['Z'] = WORD,
    ['_'] = WORD,          ['a'] = WORD,          ['b'] = PREFIX,       ['c'] = WORD,
    ['d'] = WORD,          ['e'] = PREFIX,        ['f' ... 'm'] = WORD, ['n'] = PREFIX,
    ['o' ... 't'] = WORD,  ['u'] = PREFIX,        ['v'] = WORD,         ['w'] = WORD,
    ['x'] = PREFIX,        ['y'] = WORD,          ['z'] = WORD,         [0x80 ... 0xFF] = WORD,
    ['0' ... '9'] = DIGIT, ['\''] = SINGLE_QUOTE, ['"'] = DOUBLE_QUOTE, ['`'] = BACKTICK,
    ['['] = BRACKET,       ['$'] = DOLLAR,        ['-'] = DASH,         ['/'] = SLASH,
    ['*'] = STAR,          ['#'] = HASH,          ['.'] = DOT,          ['@'] = AT,
    [':'] = COLON,         ['?'] = QUESTION,      [';'] = SEMICOLON,    ['('] = OPEN,
    [')'] = CLOSE,
};

/* Bytes that carry a word on, in every dialect. */
static const bool in_word[256] = {
    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true,
    ['_'] = true,         ['$'] = true,         [0x80 ... 0xFF] = true,
};

/* One token on its way: where it begins, where the text ends, what it turned out to be. */
typedef struct scan {
    gw_lexer *lexer;
    const char *at, *end;
    gw_token_kind kind;
    bool unterminated;
} scan;

static byte_class
class_at(const scan *s, const char *p)
{
    return p < s->end ? (byte_class)class_of[(unsigned char)*p] : OTHER;
}

static bool
is_at(const scan *s, const char *p, char c)
{
    return p < s->end && *p == c;
}

static bool
is_digit_at(const scan *s, const char *p)
{
    return class_at(s, p) == DIGIT;
}

static bool
is_word_at(const scan *s, const char *p)
{
    return p < s->end && in_word[(unsigned char)*p];
}

static bool
is_kind(const scan *s, gw_dialect_kind kind)
{
    return s->lexer->dialect.kind == kind;
}

static const char *
word_end(const scan *s, const char *p)
{
    while (p < s->end && in_word[(unsigned char)*p])
        p++;
    return p;
}

static const char *
unterminated(scan *s)
{
    s->unterminated = true;
    return s->end;
}

/* `p` is behind the opening mark; a doubled mark stands for itself, a backslash hides the byte behind it if it may. */
static const char *
quoted_end(scan *s, const char *p, char mark, bool backslash)
{
    while (p < s->end) {
        if (!backslash) {
            p = memchr(p, mark, (size_t)(s->end - p));
            if (p == NULL)
                break;
        }
        if (*p == mark) {
            if (!is_at(s, p + 1, mark))
                return p + 1;
            p++;
        } else if (*p == '\\') {
            p++;
        }
        p++;
    }
    return unterminated(s);
}

static const char *
line_end(const scan *s, const char *p)
{
    if (is_kind(s, GW_DIALECT_POSTGRES)) {
        while (p < s->end && *p != '\n' && *p != '\r')
            p++;
        return p;
    }
    const char *end = memchr(p, '\n', (size_t)(s->end - p));
    if (end == NULL)
        end = s->end;
    return end[-1] == '\r' ? end - 1 : end; /* p is behind the mark, so that there is a byte before */
}

/* `p` is behind the opening. */
static const char *
block_end(scan *s, const char *p)
{
    const bool nests = is_kind(s, GW_DIALECT_POSTGRES);
    for (size_t depth = 1; p + 1 < s->end; p++) {
        if (p[0] == '*' && p[1] == '/') {
            p++;
            if (--depth == 0)
                return p + 1;
        } else if (nests && p[0] == '/' && p[1] == '*') {
            p++;
            depth++;
        }
    }
    return unterminated(s);
}

static bool
backslash_escapes(const scan *s)
{
    const gw_dialect d = s->lexer->dialect;
    return d.kind == GW_DIALECT_MYSQL ? !d.no_backslash_escapes
                                      : d.kind == GW_DIALECT_POSTGRES && d.backslash_in_strings;
}

/*
 * PostgreSQL: a string goes on behind white space and comments with a line break in them, with the same rules. That matters for E'' alone: the
 * part behind it has backslashes too. Gives the opening quote of the next part, or NULL.
 */
static const char *
next_part(const scan *s, const char *p)
{
    bool line_break = false;
    for (;;) {
        while (class_at(s, p) == SPACE) {
            line_break |= *p == '\n' || *p == '\r';
            p++;
        }
        if (!is_at(s, p, '-') || !is_at(s, p + 1, '-'))
            break;
        p = line_end(s, p);
    }
    return line_break && is_at(s, p, '\'') ? p : NULL;
}

static const char *
escape_string_end(scan *s, const char *p)
{
    for (const char *part = p - 1; part != NULL; part = next_part(s, p)) {
        p = quoted_end(s, part + 1, '\'', true);
        if (s->unterminated)
            break;
    }
    return p;
}

/* A letter that may be the prefix of a string; else it begins a word. */
static const char *
prefixed(scan *s)
{
    const char *const p = s->at;
    const char letter = (char)(*p | 0x20);
    const bool quote = is_at(s, p + 1, '\'');
    const bool unicode = letter == 'u' && is_at(s, p + 1, '&') && is_kind(s, GW_DIALECT_POSTGRES);
    if (unicode && is_at(s, p + 2, '"')) {
        s->kind = GW_TOKEN_QUOTED;
        return quoted_end(s, p + 3, '"', false);
    }
    s->kind = GW_TOKEN_STRING;
    if (unicode && is_at(s, p + 2, '\''))
        return quoted_end(s, p + 3, '\'', false);
    if (quote && letter == 'e' && is_kind(s, GW_DIALECT_POSTGRES))
        return escape_string_end(s, p + 2);
    if (quote && (letter == 'x' || (letter == 'b' && !is_kind(s, GW_DIALECT_SQLITE))))
        return quoted_end(s, p + 2, '\'', false);
    if (quote && letter == 'n' && !is_kind(s, GW_DIALECT_SQLITE))
        return quoted_end(s, p + 2, '\'', backslash_escapes(s));
    s->kind = GW_TOKEN_WORD;
    return word_end(s, p);
}

/* $$ … $$ and $tag$ … $tag$, PostgreSQL and MySQL 9. NULL: there is none. */
static const char *
dollar_body_end(scan *s)
{
    const char *tag_end = s->at + 1;
    if (is_digit_at(s, tag_end))
        return NULL;
    while (is_word_at(s, tag_end) && *tag_end != '$')
        tag_end++;
    if (!is_at(s, tag_end, '$'))
        return NULL;
    tag_end++;
    s->kind = GW_TOKEN_STRING;
    const size_t len = (size_t)(tag_end - s->at);
    const char *const close = memmem(tag_end, (size_t)(s->end - tag_end), s->at, len);
    return close == NULL ? unterminated(s) : close + len;
}

static const char *
digits_end(const scan *s, const char *p)
{
    while (is_digit_at(s, p))
        p++;
    return p;
}

static const char *
dollar(scan *s)
{
    const char *const p = s->at;
    const char *const body = is_kind(s, GW_DIALECT_SQLITE) ? NULL : dollar_body_end(s);
    if (body != NULL)
        return body;
    if (is_kind(s, GW_DIALECT_MYSQL)) {
        s->kind = GW_TOKEN_WORD;
        return word_end(s, p);
    }
    const char *const end = is_kind(s, GW_DIALECT_SQLITE) ? word_end(s, p + 1) : digits_end(s, p + 1);
    if (end > p + 1)
        s->kind = GW_TOKEN_PARAMETER;
    return end;
}

static const char *
alnum_end(const scan *s, const char *p)
{
    while (is_word_at(s, p) && *p != '$' && (unsigned char)*p < 0x80)
        p++;
    return p;
}

/* Also 2fa_codes, a name in MySQL. */
static const char *
number(scan *s)
{
    const char *p = s->at;
    s->kind = GW_TOKEN_NUMBER;
    if (*p == '0' && p + 1 < s->end && memchr("xXbBoO", p[1], 6) != NULL)
        return alnum_end(s, p);
    p = digits_end(s, p);
    if (is_at(s, p, '.') && !is_at(s, p + 1, '.'))
        p = digits_end(s, p + 1);
    if (is_at(s, p, 'e') || is_at(s, p, 'E')) {
        const char *const exponent = is_at(s, p + 1, '-') || is_at(s, p + 1, '+') ? p + 2 : p + 1;
        if (is_digit_at(s, exponent))
            p = digits_end(s, exponent);
    }
    const char *const end = alnum_end(s, p);
    if (end > p && is_kind(s, GW_DIALECT_MYSQL))
        s->kind = GW_TOKEN_WORD;
    return end;
}

/* `.5` is a number, but not behind a name (`db.2fa_codes`) nor in a range (`1..5`). */
static const char *
dot(scan *s)
{
    const char *const p = s->at;
    const bool follows_name =
        p > s->lexer->text.ptr && (in_word[(unsigned char)p[-1]] || memchr("`\".", p[-1], 3) != NULL);
    return !follows_name && is_digit_at(s, p + 1) ? number(s) : p + 1;
}

/* @name, @@scope.name of MySQL, and @ alone before a quoted name; @name of SQLite; an operator of PostgreSQL. */
static const char *
at_sign(scan *s)
{
    const char *p = s->at + 1;
    if (is_kind(s, GW_DIALECT_MYSQL)) {
        s->kind = GW_TOKEN_PARAMETER;
        p += is_at(s, p, '@') ? 1 : 0;
        while (is_word_at(s, p) || is_at(s, p, '.'))
            p++;
    } else if (is_kind(s, GW_DIALECT_SQLITE) && is_word_at(s, p)) {
        s->kind = GW_TOKEN_PARAMETER;
        p = word_end(s, p);
    }
    return p;
}

static const char *
colon(scan *s)
{
    if (!is_kind(s, GW_DIALECT_SQLITE) || !is_word_at(s, s->at + 1))
        return s->at + 1;
    s->kind = GW_TOKEN_PARAMETER;
    return word_end(s, s->at + 1);
}

static const char *
question_mark(scan *s)
{
    if (is_kind(s, GW_DIALECT_POSTGRES))
        return s->at + 1;
    s->kind = GW_TOKEN_PARAMETER;
    return is_kind(s, GW_DIALECT_SQLITE) ? digits_end(s, s->at + 1) : s->at + 1;
}

static const char *
dash(scan *s)
{
    const char *const p = s->at;
    if (!is_at(s, p + 1, '-'))
        return p + 1;
    if (is_kind(s, GW_DIALECT_MYSQL) && !s->lexer->gap && p + 2 < s->end) {
        const unsigned char third = (unsigned char)p[2];
        if (third > ' ' && third != 0x7F)
            return p + 1;
    }
    s->kind = GW_TOKEN_COMMENT;
    return line_end(s, p);
}

static const char *
slash(scan *s)
{
    const char *p = s->at + 1;
    if (!is_at(s, p, '*'))
        return p;
    p++;
    s->kind = GW_TOKEN_COMMENT;
    if (!is_kind(s, GW_DIALECT_MYSQL))
        return block_end(s, p);
    const char *const mark = is_at(s, p, 'M') ? p + 1 : p;
    if (!is_at(s, mark, '!'))
        return block_end(s, p);
    const char *version = mark + 1;
    while (version - mark <= 6 && is_digit_at(s, version))
        version++;
    if (version - mark == 7 && memcmp(mark + 1, "999999", 6) == 0)
        return block_end(s, version);
    s->kind = GW_TOKEN_EXECUTABLE;
    s->lexer->executable++;
    return version;
}

static const char *
star(scan *s)
{
    if (s->lexer->executable == 0 || !is_at(s, s->at + 1, '/'))
        return s->at + 1;
    s->lexer->executable--;
    s->kind = GW_TOKEN_EXECUTABLE_END;
    return s->at + 2;
}

static const char *
double_quote(scan *s)
{
    const bool string = is_kind(s, GW_DIALECT_MYSQL) && !s->lexer->dialect.ansi_quotes;
    s->kind = string ? GW_TOKEN_STRING : GW_TOKEN_QUOTED;
    return quoted_end(s, s->at + 1, '"', string && backslash_escapes(s));
}

static const char *
backtick(scan *s)
{
    if (is_kind(s, GW_DIALECT_POSTGRES))
        return s->at + 1;
    s->kind = GW_TOKEN_QUOTED;
    return quoted_end(s, s->at + 1, '`', false);
}

static const char *
bracket(scan *s)
{
    if (!is_kind(s, GW_DIALECT_SQLITE))
        return s->at + 1;
    s->kind = GW_TOKEN_QUOTED;
    const char *const close = memchr(s->at, ']', (size_t)(s->end - s->at));
    return close == NULL ? unterminated(s) : close + 1;
}

static const char *
hash(scan *s)
{
    if (!is_kind(s, GW_DIALECT_MYSQL))
        return s->at + 1;
    s->kind = GW_TOKEN_COMMENT;
    return line_end(s, s->at);
}

static const char *
space(scan *s)
{
    const char *p = s->at + 1;
    s->kind = GW_TOKEN_SPACE;
    while (class_at(s, p) == SPACE)
        p++;
    return p;
}

static const char *
single(scan *s, gw_token_kind kind)
{
    s->kind = kind;
    return s->at + 1;
}

static const char *
word(scan *s)
{
    s->kind = GW_TOKEN_WORD;
    return word_end(s, s->at + 1);
}

static const char *
string(scan *s)
{
    s->kind = GW_TOKEN_STRING;
    return quoted_end(s, s->at + 1, '\'', backslash_escapes(s));
}

static const char *
scan_token(scan *s)
{
    switch ((byte_class)class_of[(unsigned char)*s->at]) { /* uncovered: a class that is none of these */
    case SPACE:
        return space(s);
    case WORD:
        return word(s);
    case PREFIX:
        return prefixed(s);
    case DIGIT:
        return number(s);
    case SINGLE_QUOTE:
        return string(s);
    case DOUBLE_QUOTE:
        return double_quote(s);
    case BACKTICK:
        return backtick(s);
    case BRACKET:
        return bracket(s);
    case DOLLAR:
        return dollar(s);
    case DASH:
        return dash(s);
    case SLASH:
        return slash(s);
    case STAR:
        return star(s);
    case HASH:
        return hash(s);
    case DOT:
        return dot(s);
    case AT:
        return at_sign(s);
    case COLON:
        return colon(s);
    case QUESTION:
        return question_mark(s);
    case SEMICOLON:
        return single(s, GW_TOKEN_SEMICOLON);
    case OPEN:
        return single(s, GW_TOKEN_OPEN);
    case CLOSE:
        return single(s, GW_TOKEN_CLOSE);
    case OTHER:
        break;
    }
    return s->at + 1;
}

gw_lexer
gw_lex(gw_str text, gw_dialect dialect)
{
    return (gw_lexer){.text = text.ptr == NULL ? GW_STR_LIT("") : text, .dialect = dialect};
}

gw_token
gw_lex_next(gw_lexer *l)
{
    if (l->at >= l->text.len)
        return (gw_token){.kind = GW_TOKEN_END, .text = gw_str_slice(l->text, l->text.len, l->text.len)};
    const char *const at = l->text.ptr + l->at;
    scan s = {.lexer = l, .at = at, .end = l->text.ptr + l->text.len, .kind = GW_TOKEN_OPERATOR};
    const size_t len = (size_t)(scan_token(&s) - at);
    l->at += len;
    return (gw_token){.kind = s.kind, .unterminated = s.unterminated, .text = {at, len}};
}

gw_token
gw_lex_solid(gw_lexer *l)
{
    for (;;) {
        const gw_token t = gw_lex_next(l);
        if (t.kind != GW_TOKEN_SPACE && t.kind != GW_TOKEN_COMMENT)
            return t;
    }
}
