#include "migration/script.h"

#include <string.h>

#include "base/hash.h"
#include "migration/foreign.h"
#include "sql/lex.h"

static gw_directive_params
directive_params(const gw_script_params *p)
{
    return (gw_directive_params){p->path, p->text, p->dialect, p->prefixes};
}

/* Behind a byte order mark. */
static size_t
text_begin(gw_str text)
{
    return gw_str_starts(text, "\xEF\xBB\xBF") ? 3 : 0;
}

/* Where the comments at the very top end: what is said there must be known before the text is split. */
static size_t
top_end(const gw_script_params *p)
{
    const size_t begin = text_begin(p->text);
    gw_lexer l = gw_lex(gw_str_slice(p->text, begin, p->text.len), p->dialect);
    const size_t first = gw_lex_solid(&l).text.len;
    return begin + l.at - first;
}

static gw_rc
fail_late(const gw_script_params *p, const char *directive, size_t top, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "the directive %s comes too late", directive);
    (void)gw_err_at(e, p->path, p->text, top);
    return gw_err_hint(e, "put it above this");
}

/* As the splitter reads it: a block ends its last statement, where that does not do so by itself. What stands behind a block, its mark,
 * is blank. */
static gw_str
with_ends(gw_arena *a, gw_str text, const gw_spans *blocks)
{
    if (blocks->len == 0)
        return text;
    char *const copy = gw_strdup(a, text);
    for (size_t i = 0; i < blocks->len; i++)
        if (blocks->at[i].to < text.len && copy[blocks->at[i].to] == ' ')
            copy[blocks->at[i].to] = ';';
    return (gw_str){copy, text.len};
}

static gw_rc
split(gw_arena *a, const gw_script_params *p, const gw_spans *blocks, gw_script *out, gw_err *e)
{
    const gw_directive_params dp = directive_params(p);
    const size_t top = top_end(p);
    gw_directives rules;
    GW_TRY(gw_directives_read(a, &dp, text_begin(p->text), top, false, &rules, e));
    const char *const delimiter = rules.delimiter.len > 0 ? gw_strdup(a, rules.delimiter) : NULL;
    const gw_str text = delimiter == NULL ? with_ends(a, p->text, blocks) : p->text;
    const gw_split_params sp = {p->path, text, p->dialect, delimiter, p->any_bytes};
    GW_TRY(gw_split(a, &sp, &out->stmts, e));
    GW_TRY(gw_foreign_check(p->path, p->text, &out->stmts, e));

    const size_t first = out->stmts.len > 0 ? out->stmts.at[0].offset : p->text.len;
    GW_TRY(gw_directives_read(a, &dp, text_begin(p->text), first, false, &out->file_rules, e));
    if (delimiter == NULL && out->file_rules.delimiter.len > 0)
        return fail_late(p, "delimiter", top, e);
    return out->file_rules.envsub == rules.envsub ? GODWIT_OK : fail_late(p, "envsub", top, e);
}

/* The directives of each statement; between the last one's end and the comments above the next there may be none. */
static gw_rc
read_rules(gw_arena *a, const gw_script_params *p, gw_script *out, gw_err *e)
{
    const gw_directive_params dp = directive_params(p);
    size_t end = 0;
    out->rules = gw_new_array(a, gw_directives, out->stmts.len);
    for (size_t i = 0; i < out->stmts.len; i++) {
        const gw_stmt *const s = &out->stmts.at[i];
        gw_directives own = {0};
        if (i > 0) {
            GW_TRY(gw_directives_refuse(&dp, end, s->lead, e));
            GW_TRY(gw_directives_read(a, &dp, s->lead, s->offset, true, &own, e));
        }
        out->rules[i] = gw_directives_merge(a, &out->file_rules, &own);
        end = s->has_data ? (size_t)s->data_offset + s->data_length : (size_t)s->offset + s->length;
    }
    return out->stmts.len == 0 ? GODWIT_OK : gw_directives_refuse(&dp, end, p->text.len, e);
}

/* No statement: because of what? */
static gw_rc
fail_empty(const gw_script_params *p, gw_err *e)
{
    const gw_str text = gw_str_slice(p->text, text_begin(p->text), p->text.len);
    const char *what = "has no statement";
    if (gw_str_trim(text).len == 0)
        what = "is empty";
    else if (top_end(p) == p->text.len)
        what = "holds only comments";
    (void)gw_fail(e, GODWIT_FOLDER, "%s %s", p->path, what);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(p->path));
    return gw_err_hint(
        e, "write a statement, remove the file, or allow such files: `empty: true` in godwit.yaml, or --empty");
}

/* Statements, and their rules, in the order in which the parts of the text are run. */
static void
take_turns(gw_arena *a, const gw_spans *turns, gw_script *s)
{
    gw_stmts stmts = {0};
    gw_directives *const rules = gw_new_array(a, gw_directives, s->stmts.len);
    for (size_t turn = 0; turn < turns->len; turn++)
        for (size_t i = 0; i < s->stmts.len; i++)
            if (s->stmts.at[i].offset >= turns->at[turn].from && s->stmts.at[i].offset < turns->at[turn].to) {
                rules[stmts.len] = s->rules[i];
                *gw_vec_push(a, &stmts) = s->stmts.at[i];
            }
    if (turns->len == 0)
        return;
    s->stmts = stmts;
    s->rules = rules;
}

/* With what its layout says of it. */
static gw_rc
frame(gw_arena *a, const gw_script_params *p, gw_script_params *framed, gw_frame *out, gw_err *e)
{
    const gw_frame_params fp = {.path = p->path,
                                .text = p->text,
                                .down = p->down,
                                .section = p->section,
                                .is_literal = p->is_literal,
                                .dialect = &p->dialect};
    GW_TRY(gw_frame_read(a, p->frame, &fp, out, e));
    *framed = *p;
    framed->text = out->text;
    if (p->checksum == NULL)
        framed->checksum = gw_frame_checksum(a, out, p->text);
    return GODWIT_OK;
}

static gw_rc
read_framed(gw_arena *a, const gw_script_params *p, const gw_frame *f, gw_script *out, gw_err *e)
{
    *out = (gw_script){.path = gw_text(a, p->path), .text = p->text, .dialect = p->dialect, .checksum = p->checksum};
    GW_TRY(split(a, p, &f->blocks, out, e));
    if (out->stmts.len == 0 && !p->allow_empty && !f->may_be_empty)
        return fail_empty(p, e);
    GW_TRY(read_rules(a, p, out, e));
    take_turns(a, &f->turns, out);
    if (out->file_rules.tx == GW_TX_AUTO)
        out->file_rules.tx = f->tx != GW_TX_AUTO ? f->tx : p->tx;
    out->classes = gw_new_array(a, gw_class, out->stmts.len);
    for (size_t i = 0; i < out->stmts.len; i++)
        out->classes[i] = gw_classify(gw_script_statement(out, i), p->dialect);
    out->needs_layout = f->is_part || f->blocks.len > 0 || f->tx != GW_TX_AUTO || p->tx != GW_TX_AUTO;
    if (p->is_check)
        return GODWIT_OK;
    const gw_units_params up = {p->path, p->text, p->dialect, &out->stmts, out->classes, out->file_rules.tx};
    return gw_units_build(a, &up, &out->units, e);
}

/* ---- with the values of variables ---- */

static void
move_spans(const gw_expanded *x, gw_spans *spans)
{
    for (size_t i = 0; i < spans->len; i++)
        spans->at[i] = (gw_span){gw_expanded_to(x, spans->at[i].from), gw_expanded_to(x, spans->at[i].to)};
}

/* Where the file says it by itself, all that stands below its comments at the top. */
static gw_rc
find_expands(gw_arena *a, const gw_script_params *p, gw_frame *f, gw_err *e)
{
    gw_directives rules;
    const gw_directive_params dp = directive_params(p);
    if (memmem(p->text.ptr, p->text.len, "envsub", strlen("envsub")) == NULL)
        return GODWIT_OK;
    const size_t top = top_end(p);
    GW_TRY(gw_directives_read(a, &dp, text_begin(p->text), top, false, &rules, e));
    if (rules.envsub == GW_ENVSUB_UNSAID)
        return GODWIT_OK;
    f->expands = (gw_spans){0};
    if (rules.envsub == GW_ENVSUB_ON)
        *gw_vec_push(a, &f->expands) = (gw_span){top, p->text.len};
    return GODWIT_OK;
}

/* Statements begin where the file says so; one after the other, but for those that take turns. */
static void
number_lines(const gw_expanded *x, gw_stmts *stmts)
{
    const gw_str text = x->source;
    size_t begin = 0; /* of the line */
    uint32_t line = 1;
    for (size_t i = 0; i < stmts->len; i++) {
        const size_t at = gw_expanded_from(x, stmts->at[i].offset);
        if (at < begin) {
            begin = 0;
            line = 1;
        }
        for (const char *end; (end = memchr(text.ptr + begin, '\n', at - begin)) != NULL; line++)
            begin = (size_t)(end - text.ptr) + 1;
        stmts->at[i].line = line;
        stmts->at[i].column = (uint32_t)gw_str_utf8_count(gw_str_slice(text, begin, at)) + 1;
    }
}

static gw_rc
expand(gw_arena *a, gw_script_params *p, gw_frame *f, gw_expanded *out, gw_err *e)
{
    GW_TRY(find_expands(a, p, f, e));
    if (f->expands.len == 0)
        return GODWIT_OK;
    const gw_expand_params xp = {p->path, p->text, &f->expands, p->variables};
    GW_TRY(gw_expand(a, &xp, out, e));
    p->text = out->text;
    move_spans(out, &f->blocks);
    move_spans(out, &f->turns);
    return GODWIT_OK;
}

gw_rc
gw_script_read(gw_arena *a, const gw_script_params *p, gw_script *out, gw_err *e)
{
    gw_script_params framed;
    gw_frame f;
    gw_expanded *const expanded = gw_new(a, gw_expanded);
    GW_TRY(frame(a, p, &framed, &f, e));
    GW_TRY(expand(a, &framed, &f, expanded, e));
    const gw_rc rc = read_framed(a, &framed, &f, out, e);
    if (rc == GODWIT_OK && f.expands.len > 0)
        number_lines(expanded, &out->stmts);
    out->expanded = f.expands.len > 0 ? expanded : NULL;
    out->variables = p->variables;
    return rc == GODWIT_OK || out->expanded == NULL ? rc : gw_expanded_place(e, expanded);
}

gw_str
gw_script_statement(const gw_script *s, size_t index)
{
    const gw_stmt *const stmt = &s->stmts.at[index];
    return gw_str_slice(s->text, stmt->offset, (size_t)stmt->offset + stmt->length);
}

gw_str
gw_script_data(const gw_script *s, size_t index)
{
    const gw_stmt *const stmt = &s->stmts.at[index];
    return gw_str_slice(s->text, stmt->data_offset, (size_t)stmt->data_offset + stmt->data_length);
}

bool
gw_script_is_single(const gw_script *s)
{
    return s->units.len == 1 && s->units.at[0].transaction && !s->units.at[0].enters;
}

static void
add_statement(gw_sha256 *hash, const gw_script *s, size_t index)
{
    const gw_str zero = {"", 1};
    gw_sha256_add(hash, gw_script_statement(s, index));
    gw_sha256_add(hash, zero);
    if (!s->stmts.at[index].has_data)
        return;
    gw_sha256_add(hash, gw_script_data(s, index));
    gw_sha256_add(hash, zero);
}

char *
gw_script_digest(gw_arena *a, const gw_script *s, size_t index)
{
    GW_SCOPE(scratch);
    gw_sha256 *const hash = gw_sha256_new(scratch);
    add_statement(hash, s, index);
    return gw_sha256_so_far(a, hash);
}

char *
gw_script_prefix_on(gw_arena *a, const gw_script *s, gw_prefix *prefix, size_t count)
{
    if (prefix->hash == NULL || count < prefix->count)
        *prefix = (gw_prefix){.hash = gw_sha256_new(a)};
    for (; prefix->count < count && prefix->count < s->stmts.len; prefix->count++)
        add_statement(prefix->hash, s, prefix->count);
    return gw_sha256_so_far(a, prefix->hash);
}

char *
gw_script_prefix(gw_arena *a, const gw_script *s, size_t count)
{
    GW_SCOPE(scratch);
    gw_prefix prefix = {0};
    return gw_text(a, gw_script_prefix_on(scratch, s, &prefix, count));
}
