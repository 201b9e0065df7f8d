/*
 * What must be true of every text: tokens add up to it; statements, their data and the gaps between them too, and gaps hold nothing
 * but white space, comments, delimiters and clients' lines. Each function says what is wrong, or NULL.
 */
#ifndef GW_TESTS_SPLIT_PROPERTY_H
#define GW_TESTS_SPLIT_PROPERTY_H

#include <string.h>

#include "sql/delimiter.h"
#include "sql/lex.h"
#include "sql/split.h"

static inline const char *
lex_property(gw_str text, gw_dialect dialect)
{
    gw_lexer l = gw_lex(text, dialect);
    size_t at = 0;
    for (gw_token t = gw_lex_next(&l); t.kind != GW_TOKEN_END; t = gw_lex_next(&l)) {
        if (t.text.len == 0)
            return "an empty token";
        if (t.text.ptr != text.ptr + at)
            return "a token that does not follow the one before";
        at += t.text.len;
        if (t.unterminated && at != text.len)
            return "an unterminated token before the end";
    }
    if (at != text.len)
        return "tokens that do not add up to the text";
    return gw_lex_next(&l).kind == GW_TOKEN_END ? NULL : "a token behind the end";
}

typedef struct gap_reader {
    const gw_split_params *p;
    gw_str delimiter;
    bool mark; /* the line that ends COPY's data may stand here */
} gap_reader;

static inline size_t
gap_line_length(gw_str text, size_t at)
{
    const char *const nl = memchr(text.ptr + at, '\n', text.len - at);
    return nl == NULL ? text.len - at : (size_t)(nl - text.ptr) - at;
}

static inline bool
gap_blank(gw_str s, size_t at)
{
    return at < s.len && memchr(" \t\v\f\r", s.ptr[at], 5) != NULL;
}

/* DELIMITER and its argument, as the splitter accepted it. */
static inline size_t
gap_delimiter_line(gap_reader *g, size_t at)
{
    const size_t len = gap_line_length(g->p->text, at);
    gw_str rest = gw_str_slice(g->p->text, at + 9, at + len);
    while (gap_blank(rest, 0))
        rest = gw_str_slice(rest, 1, rest.len);
    const char quote = rest.ptr[0] == '\'' || rest.ptr[0] == '"' || rest.ptr[0] == '`' ? rest.ptr[0] : '\0';
    if (quote != '\0')
        rest = gw_str_slice(rest, 1, rest.len);
    size_t end = 0;
    while (end < rest.len && (quote != '\0' ? rest.ptr[end] != quote : !gap_blank(rest, end)))
        end++;
    g->delimiter = gw_str_slice(rest, 0, end);
    return len;
}

static inline bool
gap_word(gw_str text, size_t at, const char *word)
{
    const size_t len = strlen(word);
    return text.len - at >= len && gw_str_is_nocase(gw_str_slice(text, at, at + len), word);
}

/* How many bytes of the gap are explained at `at`; 0: none. */
static inline size_t
gap_step(gap_reader *g, size_t at)
{
    const gw_str text = g->p->text;
    const size_t mark = gw_delimiter_at(text, at, g->delimiter);
    if (mark > 0)
        return mark;
    if (text.ptr[at] == ';' || strchr(" \t\n\v\f\r", text.ptr[at]) != NULL)
        return 1;
    if (at == 0 && gw_str_starts(text, "\xEF\xBB\xBF"))
        return 3;
    if (g->mark && gap_word(text, at, "\\.")) {
        g->mark = false;
        return 2;
    }
    if (g->p->dialect.kind == GW_DIALECT_POSTGRES &&
        (gap_word(text, at, "\\restrict") || gap_word(text, at, "\\unrestrict")))
        return gap_line_length(text, at);
    if (g->p->dialect.kind == GW_DIALECT_MYSQL && gap_word(text, at, "DELIMITER"))
        return gap_delimiter_line(g, at);
    gw_lexer l = gw_lex(gw_str_slice(text, at, text.len), g->p->dialect);
    l.gap = true;
    const gw_token t = gw_lex_next(&l);
    return t.kind == GW_TOKEN_COMMENT && !t.unterminated ? t.text.len : 0;
}

static inline const char *
gap_property(gap_reader *g, size_t from, size_t to)
{
    while (from < to) {
        const size_t step = gap_step(g, from);
        if (step == 0)
            return "a gap with something else in it";
        from += step;
    }
    return from == to ? NULL : "a gap that ends within something";
}

static inline const char *
stmt_property(const gw_split_params *p, const gw_stmt *s, size_t from)
{
    if (s->length == 0 || s->offset < from || (size_t)s->offset + s->length > p->text.len)
        return "a statement that is empty or out of place";
    if (s->lead > s->offset || s->lead < from)
        return "a lead outside the gap";
    const char *const begin = p->text.ptr + s->offset;
    if (strchr(" \t\n\v\f\r;", begin[0]) != NULL || strchr(" \t\n\v\f\r;", begin[s->length - 1]) != NULL)
        return "a statement with blanks or a semicolon around it";
    if (s->has_data && (s->data_offset < s->offset + s->length || s->data_offset > p->text.len - s->data_length))
        return "data out of place";
    return NULL;
}

static inline const char *
place_property(const gw_split_params *p, const gw_stmt *s)
{
    const size_t begin = gw_str_starts(p->text, "\xEF\xBB\xBF") ? 3 : 0;
    unsigned line = 1, column = 1;
    for (size_t i = begin; i < s->offset; i++) {
        const unsigned char c = (unsigned char)p->text.ptr[i];
        column = c == '\n' ? 1 : column + ((c & 0xC0) != 0x80);
        line += c == '\n';
    }
    return line == s->line && column == s->column ? NULL : "a wrong line or column";
}

static inline const char *
split_property(const gw_split_params *p, const gw_stmts *stmts)
{
    gap_reader g = {.p = p, .delimiter = gw_str_of(p->delimiter == NULL || *p->delimiter == '\0' ? ";" : p->delimiter)};
    size_t at = 0;
    for (size_t i = 0; i < stmts->len; i++) {
        const gw_stmt *const s = &stmts->at[i];
        const char *wrong = stmt_property(p, s, at);
        if (wrong == NULL)
            wrong = place_property(p, s);
        if (wrong == NULL)
            wrong = gap_property(&g, at, s->offset);
        at = (size_t)s->offset + s->length;
        if (wrong == NULL && s->has_data) {
            wrong = gap_property(&g, at, s->data_offset);
            at = (size_t)s->data_offset + s->data_length;
            g.mark = true;
        }
        if (wrong != NULL)
            return wrong;
    }
    return gap_property(&g, at, p->text.len);
}

#endif
