#include "migration/expand.h"

#include <string.h>

/* ---- one reference ---- */

typedef struct reference {
    gw_str name, rest; /* rest: between the name and the brace */
    size_t end;        /* behind the brace */
} reference;

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static gw_rc
fail_at(const gw_expand_params *p, size_t at, gw_err *e)
{
    return gw_err_at(e, p->path, p->text, at);
}

/* At "${". */
static gw_rc
read_reference(const gw_expand_params *p, size_t at, reference *out, gw_err *e)
{
    const gw_str text = p->text;
    size_t end = at + 2;
    while (end < text.len && (is_letter(text.ptr[end]) || (end > at + 2 && gw_is_digit(text.ptr[end]))))
        end++;
    out->name = gw_str_slice(text, at + 2, end);
    const size_t from = end;
    while (end < text.len && text.ptr[end] != '}' && text.ptr[end] != '\n')
        end++;
    out->rest = gw_str_slice(text, from, end);
    out->end = end + 1;
    const bool is_closed = end < text.len && text.ptr[end] == '}';
    const bool is_nested = memmem(out->rest.ptr, out->rest.len, "${", 2) != NULL;
    const bool is_form = out->rest.len == 0 || gw_str_starts(out->rest, ":-") || gw_str_starts(out->rest, "-") ||
                         gw_str_starts(out->rest, "?");
    if (out->name.len > 0 && is_closed && is_form && !is_nested)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_FOLDER, "this is no reference to a variable");
    (void)fail_at(p, at, e);
    return gw_err_hint(
        e, "there are ${NAME}, ${NAME:-default}, ${NAME-default} and ${NAME?message}, without others within");
}

static gw_rc
fail_unset(const gw_expand_params *p, size_t at, const reference *r, gw_err *e)
{
    if (gw_str_starts(r->rest, "?") && r->rest.len > 1)
        (void)gw_fail(e, GODWIT_FOLDER, "the variable %.*s is not set: %.*s", GW_STR_ARG(r->name),
                      GW_STR_ARG(gw_str_slice(r->rest, 1, r->rest.len)));
    else
        (void)gw_fail(e, GODWIT_FOLDER, "the variable %.*s is not set", GW_STR_ARG(r->name));
    (void)fail_at(p, at, e);
    return gw_err_hint(e, "set it, or write ${%.*s:-default} where it may be missing", GW_STR_ARG(r->name));
}

static gw_rc
value_of(const gw_expand_params *p, size_t at, const reference *r, gw_str *out, gw_err *e)
{
    const char *const set = p->variables.get == NULL ? NULL : p->variables.get(p->variables.ctx, r->name);
    const bool if_empty = gw_str_starts(r->rest, ":-");
    const bool has_default = if_empty || gw_str_starts(r->rest, "-");
    if (set != NULL && (*set != '\0' || !if_empty)) {
        *out = gw_str_of(set);
        return GODWIT_OK;
    }
    if (!has_default)
        return fail_unset(p, at, r, e);
    *out = gw_str_slice(r->rest, if_empty ? 2 : 1, r->rest.len);
    return GODWIT_OK;
}

/* ---- a text ---- */

/* Is the line in which `at` stands a comment, from its first character on? */
static bool
is_in_comment(gw_str text, size_t at)
{
    size_t from = at;
    while (from > 0 && text.ptr[from - 1] != '\n')
        from--;
    return gw_str_starts(gw_str_trim(gw_str_slice(text, from, at)), "--");
}

static gw_rc
expand_span(gw_arena *a, const gw_expand_params *p, const gw_span *span, size_t *copied, gw_buf *text, gw_expanded *out,
            gw_err *e)
{
    size_t at = span->from;
    for (const char *hit; (hit = memmem(p->text.ptr + at, span->to - at, "${", 2)) != NULL;) {
        reference r;
        gw_str value = {0};
        at = (size_t)(hit - p->text.ptr);
        if (is_in_comment(p->text, at)) {
            at += 2;
            continue;
        }
        GW_TRY(read_reference(p, at, &r, e));
        GW_TRY(value_of(p, at, &r, &value, e));
        gw_buf_add(text, gw_str_slice(p->text, *copied, at));
        *gw_vec_push(a, &out->all) = (gw_replaced){{at, r.end}, {text->len, text->len + value.len}};
        gw_buf_add(text, value);
        at = *copied = r.end;
        if (at > span->to)
            break;
    }
    return GODWIT_OK;
}

gw_rc
gw_expand(gw_arena *a, const gw_expand_params *p, gw_expanded *out, gw_err *e)
{
    gw_buf text = gw_buf_new(a);
    size_t copied = 0;
    *out = (gw_expanded){.source = p->text};
    for (size_t i = 0; i < p->spans->len; i++)
        GW_TRY(expand_span(a, p, &p->spans->at[i], &copied, &text, out, e));
    gw_buf_add(&text, gw_str_slice(p->text, copied, p->text.len));
    out->text = (gw_str){gw_buf_text(&text), text.len};
    return GODWIT_OK;
}

/* ---- places ---- */

/* How many references begin before, or at, this place. */
static size_t
count_until(const gw_expanded *x, bool in_text, size_t at)
{
    size_t low = 0, high = x->all.len;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const gw_replaced *const r = &x->all.at[middle];
        if ((in_text ? r->text.from : r->source.from) <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* From one side to the other: within a reference, where that begins. */
static size_t
cross(const gw_expanded *x, bool in_text, size_t at)
{
    const size_t count = x == NULL ? 0 : count_until(x, in_text, at);
    if (count == 0)
        return at;
    const gw_replaced *const r = &x->all.at[count - 1];
    const gw_span here = in_text ? r->text : r->source;
    const gw_span there = in_text ? r->source : r->text;
    if (at < here.to)
        return there.from;
    return there.to + at - here.to;
}

size_t
gw_expanded_from(const gw_expanded *x, size_t in_text)
{
    return cross(x, true, in_text);
}

size_t
gw_expanded_to(const gw_expanded *x, size_t in_source)
{
    return cross(x, false, in_source);
}

gw_str
gw_expanded_source(const gw_expanded *x, gw_str text, size_t from, size_t to)
{
    return gw_str_slice(x == NULL ? text : x->source, gw_expanded_from(x, from), gw_expanded_from(x, to));
}

gw_rc
gw_expanded_at(gw_err *e, const char *path, const gw_expanded *x, gw_str text, size_t in_text)
{
    return gw_err_at(e, path, x == NULL ? text : x->source, gw_expanded_from(x, in_text));
}

/* The byte at which a line and a column are, which counts characters. */
static size_t
offset_of(gw_str text, unsigned line, unsigned column)
{
    size_t at = 0;
    for (const char *end; line > 1 && (end = memchr(text.ptr + at, '\n', text.len - at)) != NULL; line--)
        at = (size_t)(end - text.ptr) + 1;
    for (; column > 1 && at < text.len; column--)
        for (at++; at < text.len && ((unsigned char)text.ptr[at] & 0xC0) == 0x80;)
            at++;
    return at;
}

gw_rc
gw_expanded_place(gw_err *e, const gw_expanded *x)
{
    enum { PATH_MOST = sizeof(e->path) };
    char path[PATH_MOST];
    if (e->line == 0)
        return e->rc;
    gw_err_copy(path, sizeof(path), gw_str_of(e->path));
    return gw_expanded_at(e, path, x, x->text, offset_of(x->text, e->line, e->column));
}
