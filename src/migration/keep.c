#include "migration/keep.h"

#include <string.h>

static void
add_times(gw_buf *out, const gw_directives *d)
{
    if (d->timeout_ms != 0)
        gw_buf_printf(out, "-- godwit:timeout %lldms\n", (long long)d->timeout_ms);
    if (d->lock_timeout_ms != 0)
        gw_buf_printf(out, "-- godwit:lock-timeout %lldms\n", (long long)d->lock_timeout_ms);
}

/* What it says of itself beside the file's. */
static gw_directives
own_times(const gw_script *s, size_t i)
{
    const gw_directives *const d = &s->rules[i];
    gw_directives own = {0};
    own.timeout_ms = d->timeout_ms == s->file_rules.timeout_ms ? 0 : d->timeout_ms;
    own.lock_timeout_ms = d->lock_timeout_ms == s->file_rules.lock_timeout_ms ? 0 : d->lock_timeout_ms;
    return own;
}

/* Its first statement is below all that is said of the file, and needs a line of its own where something is said of it. */
static void
add_head(gw_buf *out, const gw_script *s, const char *delimiter)
{
    static const char *const modes[] = {[GW_TX_FILE] = "file", [GW_TX_NONE] = "none"};
    if (strcmp(delimiter, ";") != 0)
        gw_buf_printf(out, "-- godwit:delimiter %s\n", delimiter);
    if (s->file_rules.tx != GW_TX_AUTO)
        gw_buf_printf(out, "-- godwit:tx %s\n", modes[s->file_rules.tx]);
    if (s->expanded != NULL)
        gw_buf_puts(out, "-- godwit:envsub on\n");
    for (size_t i = 0; i < s->file_rules.assertions.len; i++)
        gw_buf_printf(out, "-- godwit:assert %.*s\n", GW_STR_ARG(s->file_rules.assertions.at[i].query));
    add_times(out, &s->file_rules);
}

/* Without the values of variables: the history is no place for them, and they may be others then. */
static gw_str
source_of(const gw_script *s, size_t i)
{
    const gw_stmt *const stmt = &s->stmts.at[i];
    return gw_expanded_source(s->expanded, s->text, stmt->offset, (size_t)stmt->offset + stmt->length);
}

static gw_str
text_of(gw_arena *a, const gw_script *s, const char *delimiter)
{
    gw_buf out = gw_buf_new(a);
    add_head(&out, s, delimiter);
    for (size_t i = 0; i < s->stmts.len; i++) {
        const gw_directives own = own_times(s, i);
        if (i > 0)
            add_times(&out, &own);
        gw_buf_add(&out, source_of(s, i));
        gw_buf_printf(&out, "%s\n", delimiter);
        if (!s->stmts.at[i].has_data)
            continue;
        gw_buf_add(&out, gw_script_data(s, i));
        gw_buf_puts(&out, "\\.\n");
    }
    return (gw_str){gw_buf_text(&out), out.len};
}

static bool
has_same_units(const gw_script *s, const gw_script *other)
{
    bool is_same = s->units.len == other->units.len;
    for (size_t i = 0; is_same && i < s->units.len; i++) {
        const gw_unit *const x = &s->units.at[i];
        const gw_unit *const y = &other->units.at[i];
        is_same = x->first == y->first && x->count == y->count && x->transaction == y->transaction &&
                  x->own_begin == y->own_begin && x->own_commit == y->own_commit && x->enters == y->enters;
    }
    return is_same;
}

static bool
reads_as(gw_arena *a, gw_str text, const gw_script *s)
{
    gw_script again;
    gw_err unsaid = {0};
    const gw_script_params p = {.path = s->path,
                                .text = text,
                                .dialect = s->dialect,
                                .checksum = "",
                                .variables = s->variables,
                                .any_bytes = true,
                                .allow_empty = true};
    if (gw_script_read(a, &p, &again, &unsaid) != GODWIT_OK || again.stmts.len != s->stmts.len)
        return false;
    return strcmp(gw_script_prefix(a, &again, again.stmts.len), gw_script_prefix(a, s, s->stmts.len)) == 0 &&
           has_same_units(s, &again);
}

const char *
gw_keep_text(gw_arena *a, const gw_script *s)
{
    static const char *const delimiters[] = {";", "//", "@@", "%%", "~~", "^^", "!!"};
    if (!s->needs_layout)
        return s->expanded == NULL ? s->text.ptr : s->expanded->source.ptr;
    for (size_t i = 0; i < sizeof(delimiters) / sizeof(delimiters[0]); i++) {
        GW_SCOPE(scratch);
        const gw_str text = text_of(scratch, s, delimiters[i]);
        if (reads_as(scratch, text, s))
            return gw_strdup(a, text);
    }
    return NULL;
}
