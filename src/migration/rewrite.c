#include "migration/rewrite.h"

#include <string.h>

#include "migration/marks.h"
#include "migration/preamble.h"
#include "sql/lex.h"

static const char byte_order_mark[] = "\xEF\xBB\xBF";

/* ---- what is asked of a script ---- */

/* A semicolon that is none of a text or a comment. */
static bool
has_semicolon(const gw_script *s, size_t i)
{
    gw_lexer l = gw_lex(gw_script_statement(s, i), s->dialect);
    gw_token t = gw_lex_next(&l);
    while (t.kind != GW_TOKEN_END && t.kind != GW_TOKEN_SEMICOLON)
        t = gw_lex_next(&l);
    return t.kind == GW_TOKEN_SEMICOLON;
}

/* By a tool that knows strings, but no bodies: one in dollars is a body. */
static bool
is_cut(const gw_script *s, size_t i)
{
    gw_lexer l = gw_lex(gw_script_statement(s, i), s->dialect);
    for (gw_token t = gw_lex_next(&l); t.kind != GW_TOKEN_END; t = gw_lex_next(&l)) {
        const bool is_body = t.kind == GW_TOKEN_STRING && t.text.ptr[0] == '$';
        if (t.kind == GW_TOKEN_SEMICOLON || (is_body && memchr(t.text.ptr, ';', t.text.len) != NULL))
            return true;
    }
    return false;
}

/* By a tool that looks for semicolons at the ends of lines, wherever they stand; a comment may follow. */
static bool
is_cut_at_lines(const gw_script *s, size_t i)
{
    const gw_str text = gw_script_statement(s, i);
    for (size_t at = 0; at < text.len;) {
        const char *const hit = memchr(text.ptr + at, ';', text.len - at);
        if (hit == NULL)
            return false;
        at = (size_t)(hit - text.ptr) + 1;
        gw_str next = gw_str_slice(text, at, text.len);
        while (next.len > 0 && strchr(" \t\r", next.ptr[0]) != NULL)
            next = gw_str_slice(next, 1, next.len);
        if (next.len == 0 || next.ptr[0] == '\n' || gw_str_starts(next, "--"))
            return true;
    }
    return false;
}

/* Does it need marks around it, where the layout has such? */
static bool
is_block(const gw_script *s, size_t i)
{
    return has_semicolon(s, i) || is_cut_at_lines(s, i);
}

size_t
gw_rewrite_cut(const gw_script *s)
{
    for (size_t i = 0; i < s->stmts.len; i++)
        if (is_cut(s, i))
            return i;
    return SIZE_MAX;
}

static bool
holds(const gw_script *s, const char *text)
{
    for (size_t i = 0; i < s->stmts.len; i++) {
        const gw_str one = gw_script_statement(s, i);
        if (memmem(one.ptr, one.len, text, strlen(text)) != NULL)
            return true;
    }
    return false;
}

const char *const gw_rewrite_delimiters[] = {"//", "@@", "%%", "~~", "^^", "!!", NULL};

const char *
gw_rewrite_delimiter(const gw_script *s)
{
    const char *const *one = gw_rewrite_delimiters;
    while (*one != NULL && holds(s, *one))
        one++;
    return *one;
}

static bool
is_one_of(gw_str text, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (gw_str_is_nocase(text, words[i]))
            return true;
    return false;
}

bool
gw_rewrite_is_own(const gw_script *s, size_t index)
{
    static const char *const begins[] = {"BEGIN", "BEGIN TRANSACTION", "BEGIN WORK", "START TRANSACTION", NULL};
    static const char *const ends[] = {"COMMIT", "COMMIT TRANSACTION", "COMMIT WORK", "END", "END TRANSACTION", NULL};
    if (s->units.len != 1 || s->units.at[0].own_begin != 0 || s->units.at[0].own_commit != s->stmts.len - 1)
        return false;
    const bool is_plain =
        is_one_of(gw_script_statement(s, 0), begins) && is_one_of(gw_script_statement(s, s->stmts.len - 1), ends);
    return is_plain && (index == 0 || index == s->stmts.len - 1);
}

bool
gw_rewrite_is_loose(const gw_script *s)
{
    bool is_loose = s->file_rules.tx == GW_TX_NONE;
    for (size_t i = 0; i < s->stmts.len; i++)
        is_loose = is_loose || s->classes[i].no_transaction;
    return is_loose;
}

/* ---- writing ---- */

typedef struct rewriting {
    const gw_rewrite_params *p;
    const gw_dress *dress;
    gw_str text; /* of the file, as it is: without the values of variables */
    gw_buf out;
    const char *mark; /* the first line in the text that would be a mark; NULL: none is */
    bool has_checkpoint;
} rewriting;

static bool
is_mark(const gw_layout *l, gw_str line)
{
    gw_mark mark;
    if (l->is_mark != NULL)
        return l->is_mark(line);
    return l->marking != NULL && l->marking->read(l->marking, line, &mark);
}

/* What the file says; whatever else is written is meant as it is. */
static void
keep(rewriting *w, gw_str text)
{
    for (gw_str rest = text; rest.ptr != NULL && w->mark == NULL;) {
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        if (is_mark(w->p->to, gw_str_ends(line, "\r") ? gw_str_slice(line, 0, line.len - 1) : line))
            w->mark = line.ptr;
    }
    gw_buf_add(&w->out, text);
}

/* What follows begins a line. */
static void
end_line(rewriting *w)
{
    while (w->out.len > 0 && (w->out.ptr[w->out.len - 1] == ' ' || w->out.ptr[w->out.len - 1] == '\t'))
        w->out.ptr[--w->out.len] = '\0';
    if (w->out.len > 0 && w->out.ptr[w->out.len - 1] != '\n')
        gw_buf_putc(&w->out, '\n');
}

static void
add_line(rewriting *w, const char *line)
{
    if (line == NULL)
        return;
    end_line(w);
    gw_buf_printf(&w->out, "%s\n", line);
}

/* ---- between statements ---- */

/* Does a comment say what is said otherwise from here on? */
static bool
is_dropped(rewriting *w, gw_str comment)
{
    GW_SCOPE(scratch);
    gw_directives said;
    gw_err unsaid = {0};
    const gw_script *const s = w->p->script;
    const gw_directive_params dp = {s->path, comment, s->dialect, w->p->prefixes};
    if (w->p->from->is_mark != NULL && w->p->from->is_mark(comment))
        return true;
    if (w->p->head != NULL)
        return gw_directive_is(&dp, comment);
    if (memchr(comment.ptr, ':', comment.len) == NULL ||
        gw_directives_read(scratch, &dp, 0, comment.len, false, &said, &unsaid) != GODWIT_OK)
        return false;
    if (said.checkpoint && w->dress->checkpoint == NULL)
        w->has_checkpoint = true;
    return said.delimiter.len > 0 || (said.tx != GW_TX_AUTO && w->p->tx == said.tx) ||
           (said.tx == GW_TX_NONE && w->dress->no_tx != NULL) || (said.checkpoint && w->dress->checkpoint != NULL);
}

/* White space of a file whose other parts are blank: at most one empty line, and no blanks at the ends of lines. */
static void
add_space(rewriting *w, gw_str space)
{
    size_t lines = 0;
    for (size_t i = 0; i < space.len; i++)
        lines += space.ptr[i] == '\n';
    const bool is_begun = w->out.len > 0;
    if (lines == 0 && is_begun)
        gw_buf_add(&w->out, gw_str_slice(space, 0, 1));
    if (lines > 0 && is_begun)
        end_line(w);
    const bool is_empty = w->out.len > 1 && w->out.ptr[w->out.len - 2] == '\n';
    if (lines > 1 && is_begun && !is_empty)
        gw_buf_putc(&w->out, '\n');
}

static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t
line_end(gw_str s, size_t at)
{
    const char *const end = memchr(s.ptr + at, '\n', s.len - at);
    return end == NULL ? s.len : (size_t)(end - s.ptr);
}

/* A comment that begins there; its length, or 0. */
static size_t
comment_at(const rewriting *w, gw_str gap, size_t at)
{
    gw_lexer l = gw_lex(gw_str_slice(gap, at, gap.len), w->p->script->dialect);
    l.gap = true;
    const gw_token t = gw_lex_next(&l);
    return t.kind == GW_TOKEN_COMMENT ? t.text.len : 0;
}

/* Comments and empty lines; delimiters and lines of clients are said anew. */
static void
add_gap(rewriting *w, size_t from, size_t to)
{
    const gw_str gap = gw_str_slice(w->text, from, to);
    for (size_t at = 0; at < gap.len;) {
        size_t end = at;
        while (end < gap.len && is_space(gap.ptr[end]))
            end++;
        if (end > at) {
            add_space(w, gw_str_slice(gap, at, end));
            at = end;
            continue;
        }
        const size_t comment = comment_at(w, gap, at);
        const bool is_clients = gap.ptr[at] == '\\' || gap.ptr[at] == 'd' || gap.ptr[at] == 'D';
        if (comment > 0 && !is_dropped(w, gw_str_trim(gw_str_slice(gap, at, at + comment))))
            keep(w, gw_str_slice(gap, at, at + comment));
        at = comment > 0 ? at + comment : is_clients ? line_end(gap, at) : at + 1;
    }
}

/* ---- statements ---- */

static size_t
in_file(const gw_script *s, size_t at)
{
    return gw_expanded_from(s->expanded, at);
}

static size_t
end_of(const gw_script *s, size_t i)
{
    const gw_stmt *const stmt = &s->stmts.at[i];
    return stmt->has_data ? (size_t)stmt->data_offset + stmt->data_length : (size_t)stmt->offset + stmt->length;
}

/* For MySQL's client, which would cut the statement; NULL: there is no need. */
static const char *
client_delimiter(const rewriting *w, size_t i)
{
    const gw_script *const s = w->p->script;
    const bool is_asked = w->dress->has_client_delimiter && s->dialect.kind == GW_DIALECT_MYSQL &&
                          w->p->delimiter == NULL && is_cut(s, i);
    return is_asked ? gw_rewrite_delimiter(s) : NULL;
}

static void
begin_statement(rewriting *w, size_t i)
{
    const char *const other = client_delimiter(w, i);
    add_line(w, is_block(w->p->script, i) ? w->dress->begin : NULL);
    if (other == NULL)
        return;
    end_line(w);
    gw_buf_printf(&w->out, "DELIMITER %s\n", other);
}

static void
add_statement(rewriting *w, size_t i)
{
    const gw_script *const s = w->p->script;
    const gw_stmt *const stmt = &s->stmts.at[i];
    const gw_str text =
        gw_str_slice(w->text, in_file(s, stmt->offset), in_file(s, (size_t)stmt->offset + stmt->length));
    const char *const other = client_delimiter(w, i);
    end_line(w);
    if (w->p->head != NULL)
        gw_preamble_rules(&w->out, &s->rules[i], &s->file_rules, w->p->head);
    keep(w, text);
    gw_buf_puts(&w->out, other != NULL ? other : w->p->delimiter != NULL ? w->p->delimiter : ";");
    add_line(w, other != NULL ? "DELIMITER ;" : NULL);
    if (w->p->delimiter != NULL || stmt->has_data)
        end_line(w);
    if (stmt->has_data) {
        gw_buf_add(&w->out, gw_script_data(s, i));
        gw_buf_puts(&w->out, "\\.\n");
    }
    add_line(w, is_block(s, i) ? w->dress->end : NULL);
}

/* Is the order of the statements another than that of the text? */
static bool
takes_turns(const gw_script *s)
{
    for (size_t i = 1; i < s->stmts.len; i++)
        if (s->stmts.at[i].offset < s->stmts.at[i - 1].offset)
            return true;
    return false;
}

/* ---- all of it ---- */

/* What is said of the whole file, above all else. */
static void
add_directives(rewriting *w)
{
    const gw_rewrite_params *const p = w->p;
    const gw_script *const s = p->script;
    gw_preamble_add(
        &w->out, &(gw_preamble){.layout = p->to,
                                .is_checkpoint = p->is_checkpoint && !w->has_checkpoint && !w->dress->names_checkpoint,
                                .tx = p->tx,
                                .delimiter = w->dress->delimiter != NULL ? p->delimiter : NULL,
                                .expands = s->expanded != NULL && s->file_rules.envsub == GW_ENVSUB_UNSAID &&
                                           w->dress->expand == NULL});
}

static void
add_statements(rewriting *w, size_t first)
{
    const gw_script *const s = w->p->script;
    const bool turns = takes_turns(s);
    const gw_layout *const to = w->p->to;
    const bool is_alone = !w->p->is_check && w->p->head == NULL;
    const bool is_wrapped = is_alone && to->opens_none && gw_script_is_single(s) &&
                            s->units.at[0].own_begin == SIZE_MAX && s->units.at[0].own_commit == SIZE_MAX;
    const bool drops_own = is_alone && !to->opens_none;
    bool is_first = true;
    add_line(w, is_wrapped ? "BEGIN;\n" : NULL);
    for (size_t i = 0; i < s->stmts.len; i++) {
        const gw_stmt *const stmt = &s->stmts.at[i];
        const bool is_sent = !drops_own || !gw_rewrite_is_own(s, i);
        const bool is_top = turns ? i == first : i == 0; /* what is above it is written */
        if (is_sent && !is_first)
            add_line(w, w->dress->between);
        if (!is_top && !turns)
            add_gap(w, in_file(s, end_of(s, i - 1)), in_file(s, stmt->lead));
        if (is_sent)
            begin_statement(w, i);
        if (!is_top)
            add_gap(w, in_file(s, stmt->lead), in_file(s, stmt->offset));
        if (!is_sent)
            continue;
        add_statement(w, i);
        is_first = false;
    }
    if (!turns && s->stmts.len > 0)
        add_gap(w, in_file(s, end_of(s, s->stmts.len - 1)), w->text.len);
    add_line(w, is_wrapped ? "\nCOMMIT;" : NULL);
}

static size_t
first_of(const gw_script *s)
{
    size_t first = 0;
    for (size_t i = 1; i < s->stmts.len; i++)
        first = s->stmts.at[i].offset < s->stmts.at[first].offset ? i : first;
    return first;
}

/* Behind the comments at the top, which come behind the directives of this room. */
static void
add_all(rewriting *w)
{
    const gw_script *const s = w->p->script;
    const size_t first = first_of(s);
    const size_t begin = gw_str_starts(w->text, byte_order_mark) ? strlen(byte_order_mark) : 0;
    const size_t head_end = s->stmts.len == 0 ? w->text.len : in_file(s, s->stmts.at[first].offset);
    gw_buf head = gw_buf_new(w->out.arena);
    add_gap(w, begin, head_end);
    head = w->out;
    w->out = gw_buf_new(head.arena);
    const bool is_said = w->p->head == NULL && s->file_rules.envsub != GW_ENVSUB_UNSAID; /* by what stays in the text */
    const bool expands = s->expanded != NULL && w->dress->expand != NULL && !is_said;
    if (w->p->head == NULL)
        add_directives(w);
    add_line(w, expands ? w->dress->expand : NULL);
    gw_buf_add(&w->out, gw_buf_str(&head));
    add_statements(w, first);
    add_line(w, expands ? w->dress->expand_off : NULL);
    end_line(w);
    while (w->out.len > 1 && w->out.ptr[w->out.len - 2] == '\n')
        w->out.ptr[--w->out.len] = '\0';
}

gw_rc
gw_rewrite(gw_arena *a, const gw_rewrite_params *p, gw_str *out, gw_err *e)
{
    static const gw_dress plain = {0};
    const gw_script *const s = p->script;
    rewriting w = {.p = p,
                   .dress = p->to->dress == NULL ? &plain : p->to->dress,
                   .text = s->expanded == NULL ? s->text : s->expanded->source,
                   .out = gw_buf_new(a)};
    add_all(&w);
    *out = (gw_str){gw_buf_text(&w.out), w.out.len};
    if (w.mark == NULL)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_FOLDER, "this line would be a mark of the layout %s", p->to->name);
    (void)gw_err_at(e, s->path, w.text, (size_t)(w.mark - w.text.ptr));
    return gw_err_hint(e,
                       "write it otherwise: the layout knows its marks wherever they stand, in comments and texts too");
}
