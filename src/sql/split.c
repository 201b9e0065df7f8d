#include "sql/split.h"

#include <string.h>

#include "sql/client.h"
#include "sql/delimiter.h"
#include "sql/mode.h"
#include "sql/shape.h"

enum { NOWHERE = UINT32_MAX };

typedef struct splitter {
    gw_arena *a; /* scratch */
    gw_err *e;
    gw_dialect dialect; /* at the beginning of the file */
    gw_source source;
    gw_lexer lex;
    gw_str delimiter;
    bool plain; /* it is a semicolon, so that bodies have to be followed */
    gw_shape shape;
    gw_stmt stmt;        /* the one that is read */
    uint32_t end;        /* behind its last token */
    uint32_t depth;      /* of parentheses */
    uint32_t paren;      /* the outermost one that is open */
    uint32_t executable; /* the outermost executable comment that is open */
    uint32_t suspect;    /* the first string that ends behind a backslash which hides nothing */
} splitter;

static uint32_t
offset_of(const splitter *s, gw_token t)
{
    return (uint32_t)(t.text.ptr - s->source.text.ptr);
}

/* Does a backslash keep a quote from ending a string? */
static bool
hides_quotes(gw_dialect d)
{
    return d.kind == GW_DIALECT_MYSQL ? !d.no_backslash_escapes : d.backslash_in_strings;
}

/* 'it\'s' ends early where a backslash hides nothing; what looks wrong then is found far behind it. */
static gw_rc
fail_at(splitter *s, size_t offset)
{
    gw_err there = {0};
    if (s->suspect != NOWHERE) {
        (void)gw_source_locate(&s->source, s->suspect, &there);
        (void)gw_err_hint(s->e,
                          "the string at %u:%u ends behind a backslash, which hides no quote here: double the quote",
                          there.line, there.column);
    }
    return gw_source_locate(&s->source, offset, s->e);
}

static gw_rc
fail_unterminated(splitter *s, gw_token t)
{
    const char first = t.text.ptr[0];
    if (t.kind == GW_TOKEN_COMMENT) {
        (void)gw_fail(s->e, GODWIT_FOLDER, "this comment is not closed");
    } else if (t.kind == GW_TOKEN_QUOTED) {
        (void)gw_fail(s->e, GODWIT_FOLDER, "this quoted name is not closed");
    } else if (first == '$') {
        const char *const close = memchr(t.text.ptr + 1, '$', t.text.len - 1);
        const gw_str tag = gw_str_slice(t.text, 0, (size_t)(close - t.text.ptr) + 1);
        (void)gw_fail(s->e, GODWIT_FOLDER, "this dollar-quoted body is not closed: there is no second %.*s",
                      GW_STR_ARG(tag));
    } else {
        (void)gw_fail(s->e, GODWIT_FOLDER, "this string is not closed");
    }
    return fail_at(s, offset_of(s, t));
}

static gw_rc
fail_client(splitter *s, size_t offset, gw_client_line line)
{
    if (line.fault != NULL)
        (void)gw_fail(s->e, GODWIT_FOLDER, "%s", line.fault);
    else
        (void)gw_client_refuse(s->e, line.name, s->lex.dialect.kind);
    return fail_at(s, offset);
}

static gw_rc
fail_open_paren(splitter *s, const char *where)
{
    (void)gw_fail(s->e, GODWIT_FOLDER, "this parenthesis is not closed where the %s ends", where);
    return fail_at(s, s->paren);
}

static bool
at_delimiter(const splitter *s, size_t *length)
{
    *length = s->plain ? 0 : gw_delimiter_at(s->source.text, s->lex.at, s->delimiter);
    return *length > 0;
}

/* A token that a delimiter other than the semicolon cuts in two: only its first part was read. */
static gw_token
cut_at_delimiter(splitter *s, gw_token t)
{
    const size_t within = s->plain ? 0 : gw_delimiter_within(s->source.text, t, s->delimiter);
    if (within > 0) {
        t.text.len = within;
        s->lex.at = offset_of(s, t) + within;
    }
    return t;
}

static size_t
line_breaks(gw_str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++)
        count += s.ptr[i] == '\n';
    return count;
}

static void
set_delimiter(splitter *s, gw_str delimiter)
{
    s->delimiter = delimiter;
    s->plain = gw_str_is(delimiter, ";");
}

/* A client's line is passed over; GW_CLIENT_NONE when a statement begins here. */
static gw_rc
read_client_line(splitter *s, size_t at, gw_client_kind *kind)
{
    const gw_client_line line = gw_client_read(s->source.text, at, s->lex.dialect.kind);
    *kind = line.kind;
    if (line.kind == GW_CLIENT_REFUSED)
        return fail_client(s, at, line);
    if (line.kind == GW_CLIENT_DELIMITER)
        set_delimiter(s, line.delimiter);
    if (line.kind != GW_CLIENT_NONE)
        s->lex.at = at + line.length;
    return GODWIT_OK;
}

/*
 * What lies between two statements. The lead of the next one is the block of comments that ends on the line above it or before it on its
 * own; a comment that trails the statement before, on its line, is not in it, and a blank line ends the block.
 */
typedef struct gap {
    uint32_t lead;
    bool fresh; /* a line was begun behind the statement before */
} gap;

static void
pass_blank(gap *g, gw_str blank)
{
    const size_t breaks = line_breaks(blank);
    if (breaks > 1)
        g->lead = NOWHERE;
    g->fresh |= breaks > 0;
}

static void
pass_comment(gap *g, gw_token t, uint32_t offset)
{
    if (g->fresh && g->lead == NOWHERE)
        g->lead = offset;
    g->fresh = g->fresh || memchr(t.text.ptr, '\n', t.text.len) != NULL;
}

/* Up to the first token of the next statement, which is left to be read; *found is false when there is none. */
static gw_rc
read_gap(splitter *s, bool first, bool *found)
{
    gap g = {.lead = NOWHERE, .fresh = first};
    s->suspect = NOWHERE;
    for (;;) {
        const gw_lexer before = s->lex;
        size_t length;
        if (at_delimiter(s, &length)) {
            s->lex.at += length;
            g = (gap){.lead = NOWHERE};
            continue;
        }
        s->lex.gap = true;
        const gw_token t = cut_at_delimiter(s, gw_lex_next(&s->lex));
        s->lex.gap = false;
        const uint32_t offset = offset_of(s, t);
        if (t.kind == GW_TOKEN_SPACE) {
            pass_blank(&g, t.text);
        } else if (t.kind == GW_TOKEN_COMMENT && !t.unterminated) {
            pass_comment(&g, t, offset);
        } else if (t.kind == GW_TOKEN_COMMENT) {
            return fail_unterminated(s, t);
        } else if (t.kind == GW_TOKEN_SEMICOLON) {
            g = (gap){.lead = NOWHERE};
        } else if (t.kind == GW_TOKEN_END) {
            *found = false;
            return GODWIT_OK;
        } else {
            gw_client_kind kind;
            GW_TRY(read_client_line(s, offset, &kind));
            if (kind != GW_CLIENT_NONE)
                continue;
            s->lex = before;
            gw_source_move(&s->source, offset);
            s->stmt = (gw_stmt){.offset = offset, .line = s->source.line, .column = s->source.column};
            s->stmt.lead = g.lead == NOWHERE ? offset : g.lead;
            *found = true;
            return GODWIT_OK;
        }
    }
}

/* Rules keep semicolons in parentheses, bodies keep theirs, an executable comment keeps all of them. With another delimiter a client sends all
 * before it at once, and the server ends at the semicolon what can have no body: `DROP PROCEDURE p; CREATE PROCEDURE p() … //`. */
static gw_rc
at_semicolon(splitter *s, bool *ends)
{
    const bool open = gw_shape_open_block(&s->shape) != NULL;
    *ends = false;
    if (s->lex.executable > 0)
        return GODWIT_OK;
    if (!s->plain) {
        *ends = s->shape.simple && s->depth == 0;
        return GODWIT_OK;
    }
    if (s->depth > 0)
        return s->shape.has_list ? GODWIT_OK : fail_open_paren(s, "statement");
    *ends = !open;
    return GODWIT_OK;
}

static gw_rc
close_paren(splitter *s, gw_token t)
{
    if (s->depth > 0) {
        s->depth--;
        return GODWIT_OK;
    }
    (void)gw_fail(s->e, GODWIT_FOLDER, "this parenthesis closes none");
    return fail_at(s, offset_of(s, t));
}

static gw_rc
refuse_backslash(splitter *s, gw_token t)
{
    const gw_str name = gw_client_backslash(s->source.text, offset_of(s, t), s->lex.dialect.kind);
    return name.len == 0 ? GODWIT_OK : fail_client(s, offset_of(s, t), (gw_client_line){.name = name});
}

static void
suspect_string(splitter *s, gw_token t)
{
    const char *const end = t.text.ptr + t.text.len;
    if (s->suspect == NOWHERE && t.text.ptr[0] == '\'' && end[-2] == '\\' && !hides_quotes(s->lex.dialect))
        s->suspect = offset_of(s, t);
}

/* One token of a statement: what it means for the reading, then for the shape. */
static gw_rc
take_token(splitter *s, gw_token t)
{
    const uint32_t offset = offset_of(s, t);
    s->end = offset + (uint32_t)t.text.len;
    const bool word = t.kind == GW_TOKEN_WORD || t.kind == GW_TOKEN_PARAMETER;
    if (word && s->source.odd_space < s->end)
        GW_TRY(gw_source_check_word(&s->source, offset, t.text.len, s->e));
    else if (t.kind == GW_TOKEN_STRING)
        suspect_string(s, t);
    else if (t.kind == GW_TOKEN_CLOSE)
        GW_TRY(close_paren(s, t));
    else if (t.kind == GW_TOKEN_OPERATOR && t.text.ptr[0] == '\\')
        GW_TRY(refuse_backslash(s, t));
    if (t.kind == GW_TOKEN_EXECUTABLE) {
        s->executable = s->lex.executable == 1 ? offset : s->executable;
        return GODWIT_OK;
    }
    if (!s->shape.plain && t.kind != GW_TOKEN_EXECUTABLE_END)
        gw_shape_feed(s->a, &s->shape, t, offset, s->depth);
    if (t.kind == GW_TOKEN_OPEN && s->depth++ == 0)
        s->paren = offset;
    return GODWIT_OK;
}

/* The text ends within a statement: is all closed? */
static gw_rc
at_text_end(splitter *s)
{
    if (s->lex.executable > 0) {
        (void)gw_fail(s->e, GODWIT_FOLDER, "this executable comment is not closed");
        return gw_source_locate(&s->source, s->executable, s->e);
    }
    if (s->depth > 0)
        return fail_open_paren(s, "file");
    const gw_block *const open = gw_shape_open_block(&s->shape);
    if (open == NULL || !s->plain)
        return GODWIT_OK;
    (void)gw_fail(s->e, GODWIT_FOLDER, "this %s is not closed: its %s is missing", gw_block_name(open->kind),
                  gw_block_end(open->kind));
    return gw_source_locate(&s->source, open->offset, s->e);
}

/* From its first token to its delimiter, or to the end of the text. */
static gw_rc
read_statement(splitter *s)
{
    gw_shape_start(&s->shape, s->dialect.kind);
    s->depth = 0;
    for (;;) {
        const bool cuts = !s->plain && s->lex.executable == 0 && s->depth == 0;
        size_t length;
        if (cuts && at_delimiter(s, &length)) {
            s->lex.at += length;
            return GODWIT_OK;
        }
        gw_token t = gw_lex_next(&s->lex);
        if (t.unterminated)
            return fail_unterminated(s, t);
        if (cuts)
            t = cut_at_delimiter(s, t);
        if (t.kind == GW_TOKEN_SPACE || t.kind == GW_TOKEN_COMMENT)
            continue;
        if (t.kind == GW_TOKEN_END)
            return at_text_end(s);
        if (t.kind != GW_TOKEN_SEMICOLON) {
            GW_TRY(take_token(s, t));
            continue;
        }
        bool ends;
        GW_TRY(at_semicolon(s, &ends));
        if (ends)
            return GODWIT_OK;
    }
}

/* The rest of the line of a COPY: blank, or a comment. Gives where the next line begins. */
static gw_rc
read_copy_line(splitter *s, size_t *next)
{
    for (;;) {
        const gw_token t = gw_lex_next(&s->lex);
        const char *const nl = t.text.len == 0 ? NULL : memchr(t.text.ptr, '\n', t.text.len);
        if (t.kind == GW_TOKEN_END || (t.kind == GW_TOKEN_SPACE && nl != NULL)) {
            *next = t.kind == GW_TOKEN_END ? s->source.text.len : (size_t)(nl - s->source.text.ptr) + 1;
            return GODWIT_OK;
        }
        if (t.kind == GW_TOKEN_SPACE || (t.kind == GW_TOKEN_COMMENT && nl == NULL && !t.unterminated))
            continue;
        (void)gw_fail(s->e, GODWIT_FOLDER,
                      "COPY … FROM stdin has to be the last statement on its line: its data follow");
        return fail_at(s, offset_of(s, t));
    }
}

/* The line that ends the data: a backslash and a dot, alone. Gives its offset; the text's length when there is none. */
static size_t
find_data_end(gw_str text, size_t from)
{
    while (from < text.len) {
        const char *const at = memmem(text.ptr + from - 1, text.len - from + 1, "\n\\.", 3);
        if (at == NULL)
            break;
        const size_t mark = (size_t)(at - text.ptr) + 1;
        const gw_str rest = gw_str_slice(text, mark + 2, text.len);
        if (rest.len == 0 || rest.ptr[0] == '\n' || gw_str_starts(rest, "\r\n"))
            return mark;
        from = mark + 1;
    }
    return text.len;
}

static gw_rc
read_copy_data(splitter *s)
{
    if (!s->plain) {
        (void)gw_fail(s->e, GODWIT_FOLDER, "COPY … FROM stdin can only end in a semicolon, not in another delimiter");
        return gw_source_locate(&s->source, s->stmt.offset, s->e);
    }
    const gw_str text = s->source.text;
    size_t begin = 0;
    GW_TRY(read_copy_line(s, &begin));
    const size_t end = find_data_end(text, begin);
    s->stmt.has_data = true;
    s->stmt.data_offset = (uint32_t)begin;
    s->stmt.data_length = (uint32_t)(end - begin);
    s->lex.at = end == text.len ? end : end + 2;
    return GODWIT_OK;
}

/* Few statements change how the next are read; their first letters tell most of the others apart. */
static void
follow_mode(splitter *s)
{
    const char *const text = s->source.text.ptr + s->stmt.offset;
    if (strchr("sSrRdD/", *text) != NULL)
        (void)gw_mode_follow((gw_str){text, s->stmt.length}, s->dialect, &s->lex.dialect);
}

gw_rc
gw_split(gw_arena *a, const gw_split_params *p, gw_stmts *out, gw_err *e)
{
    GW_SCOPE(scratch);
    splitter s = {.a = scratch, .e = e, .dialect = p->dialect};
    GW_TRY(gw_source_open(&s.source, p->path, p->text, p->any_bytes, e));
    s.lex = gw_lex(s.source.text, p->dialect);
    s.lex.at = s.source.begin;
    set_delimiter(&s, gw_str_of(p->delimiter == NULL || *p->delimiter == '\0' ? ";" : p->delimiter));
    bool found = false;
    for (;;) {
        GW_TRY(read_gap(&s, out->len == 0, &found));
        if (!found)
            return GODWIT_OK;
        GW_TRY(read_statement(&s));
        s.stmt.length = s.end - s.stmt.offset;
        if (s.shape.has_data)
            GW_TRY(read_copy_data(&s));
        *gw_vec_push(a, out) = s.stmt;
        follow_mode(&s);
    }
}
