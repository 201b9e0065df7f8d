#include "migration/directive.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "sql/lex.h"

/* A directive as it stands in the text. */
typedef struct said {
    const gw_directive_params *p;
    gw_str prefix; /* "godwit:", as written */
    gw_str name;   /* view into the text, for its position */
    gw_str value;
    bool with_atlas; /* "atlas:" is in the prefix */
    bool is_atlas;   /* and nothing else */
} said;

/* ---- values: one function a directive ---- */

static gw_rc
fail_at(const said *s, gw_str where, gw_err *e)
{
    return gw_err_at(e, s->p->path, s->p->text, (size_t)(where.ptr - s->p->text.ptr));
}

static gw_rc
fail_value(const said *s, const char *wanted, gw_err *e)
{
    if (s->value.len == 0)
        (void)gw_fail(e, GODWIT_FOLDER, "the directive %.*s%.*s needs a value: %s", GW_STR_ARG(s->prefix),
                      GW_STR_ARG(s->name), wanted);
    else
        (void)gw_fail(e, GODWIT_FOLDER, "'%.*s' is no value for the directive %.*s%.*s: %s", GW_STR_ARG(s->value),
                      GW_STR_ARG(s->prefix), GW_STR_ARG(s->name), wanted);
    return fail_at(s, s->value.len == 0 ? s->name : s->value, e);
}

static gw_rc
fail_twice(const said *s, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "the directive %.*s is said twice", GW_STR_ARG(s->name));
    return fail_at(s, s->name, e);
}

static gw_rc
set_tx(gw_arena *a, const said *s, gw_directives *out, gw_err *e)
{
    (void)a;
    const bool is_none = gw_str_is(s->value, "none");
    if (!is_none && !gw_str_is(s->value, "file"))
        return fail_value(s, "none or file", e);
    if (out->tx != GW_TX_AUTO)
        return fail_twice(s, e);
    out->tx = is_none ? GW_TX_NONE : GW_TX_FILE;
    return GODWIT_OK;
}

static gw_rc
set_envsub(gw_arena *a, const said *s, gw_directives *out, gw_err *e)
{
    (void)a;
    const bool is_on = gw_str_is(s->value, "on");
    if (!is_on && !gw_str_is(s->value, "off"))
        return fail_value(s, "on or off", e);
    if (out->envsub != GW_ENVSUB_UNSAID)
        return fail_twice(s, e);
    out->envsub = is_on ? GW_ENVSUB_ON : GW_ENVSUB_OFF;
    return GODWIT_OK;
}

static gw_rc
set_duration(const said *s, int64_t *ms, gw_err *e)
{
    gw_err unsaid = {0}; /* knows neither the file nor the directive */
    int64_t read = 0;
    if (gw_duration_parse(s->value, &read, &unsaid) != GODWIT_OK || read <= 0)
        return fail_value(s, "a time like 30s, 5m or 250ms", e);
    if (*ms != 0)
        return fail_twice(s, e);
    *ms = read;
    return GODWIT_OK;
}

static gw_rc
set_timeout(gw_arena *a, const said *s, gw_directives *out, gw_err *e)
{
    (void)a;
    return set_duration(s, &out->timeout_ms, e);
}

static gw_rc
set_lock_timeout(gw_arena *a, const said *s, gw_directives *out, gw_err *e)
{
    (void)a;
    return set_duration(s, &out->lock_timeout_ms, e);
}

static bool
has_blank(gw_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == ' ' || s.ptr[i] == '\t')
            return true;
    return false;
}

static gw_rc
add_environments(gw_arena *a, const said *s, gw_strs *list, gw_err *e)
{
    for (gw_str rest = s->value; rest.ptr != NULL;) {
        const gw_str name = gw_str_trim(gw_str_cut(rest, ',', &rest));
        if (name.len == 0 || has_blank(name))
            return fail_value(s, "names of environments, separated by commas", e);
        *gw_vec_push(a, list) = name;
    }
    return GODWIT_OK;
}

static gw_rc
set_skip_on(gw_arena *a, const said *s, gw_directives *out, gw_err *e)
{
    return add_environments(a, s, &out->skip_on, e);
}

static gw_rc
set_only_on(gw_arena *a, const said *s, gw_directives *out, gw_err *e)
{
    return add_environments(a, s, &out->only_on, e);
}

static gw_rc
set_delimiter(gw_arena *a, const said *s, gw_directives *out, gw_err *e)
{
    static const struct {
        char letter, byte;
    } escapes[] = {{'n', '\n'}, {'r', '\r'}, {'t', '\t'}};
    if (s->value.len == 0)
        return fail_value(s, "the text that ends a statement", e);
    if (out->delimiter.len > 0)
        return fail_twice(s, e);
    gw_buf text = gw_buf_new(a);
    for (size_t i = 0; i < s->value.len; i++) {
        char c = s->value.ptr[i];
        for (size_t k = 0; c == '\\' && i + 1 < s->value.len && k < sizeof(escapes) / sizeof(escapes[0]); k++)
            if (s->value.ptr[i + 1] == escapes[k].letter) {
                c = escapes[k].byte;
                i++;
            }
        gw_buf_putc(&text, c);
    }
    out->delimiter = gw_buf_str(&text);
    return GODWIT_OK;
}

static gw_rc
add_nolint(gw_arena *a, const said *s, gw_directives *out, gw_err *e)
{
    if (s->value.len == 0 && !s->with_atlas) /* Atlas's bare one means everything */
        return fail_value(s, "the code of a rule, and a reason", e);
    *gw_vec_push(a, &out->nolint) = s->value;
    return GODWIT_OK;
}

static gw_rc
add_assertion(gw_arena *a, const said *s, gw_directives *out, gw_err *e)
{
    gw_str at;
    gw_assertion assertion = {.name = s->name};
    if (s->value.len == 0)
        return fail_value(s, "a query that must return no row, or true", e);
    const char *const wrong = gw_assertion_read(s->value, s->p->dialect, &assertion.query, &at);
    if (wrong != NULL) {
        (void)gw_fail(e, GODWIT_FOLDER, "'%.*s' %s", GW_STR_ARG(at), wrong);
        return fail_at(s, at, e);
    }
    *gw_vec_push(a, &out->assertions) = assertion;
    return GODWIT_OK;
}

/* One of the two phases of a deploy. */
static gw_rc
add_phase(gw_arena *a, const said *s, bool is_drop, gw_shims *list, gw_err *e)
{
    gw_str at;
    gw_shim shim = {.name = s->name};
    if (s->value.len == 0)
        return fail_value(s, is_drop ? "the name of what is dropped" : "OLD drop-with #ISSUE", e);
    const char *const wrong = gw_shim_read(a, s->value, is_drop, &shim, &at);
    if (wrong != NULL) {
        (void)gw_fail(e, GODWIT_FOLDER, "'%.*s' %s", GW_STR_ARG(at), wrong);
        return fail_at(s, at, e);
    }
    *gw_vec_push(a, list) = shim;
    return GODWIT_OK;
}

static gw_rc
add_shim(gw_arena *a, const said *s, gw_directives *out, gw_err *e)
{
    return add_phase(a, s, false, &out->shims, e);
}

static gw_rc
add_drop(gw_arena *a, const said *s, gw_directives *out, gw_err *e)
{
    return add_phase(a, s, true, &out->drops, e);
}

/* ---- the table ---- */

const godwit_directive gw_directive_rows[] = {
    {"tx", "none|file", "run the file without a transaction, or insist on one", true, false, true},
    {"skip-on", "ENV,…", "do not run the file in these environments", true, false, true},
    {"only-on", "ENV,…", "run the file in these environments only", true, false, true},
    {"timeout", "30s", "how long the file may take; above a statement: that statement", true, true, true},
    {"lock-timeout", "2s", "how long a statement may wait for locks", true, true, true},
    {"nolint", "CODE reason", "lint leaves this rule out here", true, true, true},
    {"delimiter", "TEXT", "what ends a statement in this file", true, false, true},
    {"assert", "QUERY", "the query must return no row, or true, before the file begins", true, false, true},
    {"envsub", "on|off", "${NAME} in the statements is what the environment says", true, false, true},
    {"checkpoint", "[TAG]", "the file holds everything before it", true, false, true},
    {"n-1-shim", "OLD drop-with #ISSUE", "the file keeps OLD usable for the running code", true, true, true},
    {"n-1-shim-drop", "OLD", "the file removes the shim of OLD", true, true, true},
};
const size_t gw_directive_row_count = sizeof(gw_directive_rows) / sizeof(gw_directive_rows[0]);

typedef gw_rc setter(gw_arena *a, const said *s, gw_directives *out, gw_err *e);

/* The tag is Atlas's, and names the checkpoint there. */
static gw_rc
set_checkpoint(gw_arena *a, const said *s, gw_directives *out, gw_err *e)
{
    (void)a;
    if (out->checkpoint)
        return fail_twice(s, e);
    out->checkpoint = true;
    return GODWIT_OK;
}

/* One a supported row, in the order of the table. */
static setter *const setters[] = {set_tx,           set_skip_on,    set_only_on,   set_timeout,
                                  set_lock_timeout, add_nolint,     set_delimiter, add_assertion,
                                  set_envsub,       set_checkpoint, add_shim,      add_drop};

/* Atlas's spellings that mean the same; skip-on is what its users' own scripts read. */
static const struct {
    const char *atlas, *name;
} atlas_names[] = {{"txmode", "tx"},
                   {"delimiter", "delimiter"},
                   {"nolint", "nolint"},
                   {"skip-on", "skip-on"},
                   {"checkpoint", "checkpoint"}};

/* ---- reading comments ---- */

/* Index of the row, SIZE_MAX when there is none. */
static size_t
find_row(const said *s)
{
    gw_str name = s->name;
    bool is_known = !s->is_atlas;
    for (size_t i = 0; s->with_atlas && i < sizeof(atlas_names) / sizeof(atlas_names[0]); i++)
        if (gw_str_is(s->name, atlas_names[i].atlas)) {
            name = gw_str_of(atlas_names[i].name);
            is_known = true;
        }
    for (size_t i = 0; is_known && i < gw_directive_row_count; i++)
        if (gw_str_is(name, gw_directive_rows[i].name))
            return i;
    return SIZE_MAX;
}

/* What a comment says, without its marks. */
static gw_str
body_of(gw_str comment)
{
    if (gw_str_starts(comment, "/*")) {
        comment = gw_str_slice(comment, 2, comment.len);
        if (gw_str_ends(comment, "*/"))
            comment.len -= 2;
        return gw_str_trim(comment);
    }
    return gw_str_trim(gw_str_slice(comment, gw_str_starts(comment, "#") ? 1 : 2, comment.len));
}

/* Is `s` "<prefix>:…"? Then *rest is what follows, without blanks. */
static bool
after_prefix(gw_str s, const char *prefix, gw_str *rest)
{
    const size_t len = strlen(prefix);
    if (!gw_str_starts(s, prefix) || s.len == len || s.ptr[len] != ':')
        return false;
    *rest = gw_str_trim(gw_str_slice(s, len + 1, s.len));
    return true;
}

/* False: a comment like any other. */
static bool
read_said(const gw_directive_params *p, gw_str body, said *out)
{
    gw_str rest = {0};
    bool is_ours = after_prefix(body, "godwit", &rest);
    for (size_t i = 0; !is_ours && p->prefixes != NULL && p->prefixes[i] != NULL; i++)
        is_ours = after_prefix(body, p->prefixes[i], &rest);
    const bool with_atlas = after_prefix(is_ours ? rest : body, "atlas", &rest);
    if (!is_ours && !with_atlas)
        return false;
    size_t len = 0;
    while (len < rest.len && rest.ptr[len] != ':' && (unsigned char)rest.ptr[len] > ' ')
        len++;
    const size_t colon = len < rest.len && rest.ptr[len] == ':' ? 1 : 0;
    *out = (said){.p = p,
                  .prefix = gw_str_slice(body, 0, (size_t)(rest.ptr - body.ptr)),
                  .name = gw_str_slice(rest, 0, len),
                  .value = gw_str_trim(gw_str_slice(rest, len + colon, rest.len)),
                  .with_atlas = with_atlas,
                  .is_atlas = !is_ours};
    return true;
}

static gw_rc
fail_unknown(const said *s, gw_err *e)
{
    const char *names[sizeof(gw_directive_rows) / sizeof(gw_directive_rows[0])];
    char all[256] = "";
    for (size_t i = 0; i < gw_directive_row_count; i++) {
        names[i] = gw_directive_rows[i].name;
        const size_t len = strlen(all);
        (void)snprintf(all + len, sizeof(all) - len, "%s%s", i == 0 ? "" : ", ", names[i]);
    }
    const char *const near = gw_str_nearest(s->name, names, gw_directive_row_count);
    (void)gw_fail(e, GODWIT_FOLDER, "there is no directive %.*s%.*s", GW_STR_ARG(s->prefix), GW_STR_ARG(s->name));
    (void)fail_at(s, s->name, e);
    if (near != NULL)
        return gw_err_hint(e, "did you mean %.*s%s?", GW_STR_ARG(s->prefix), near);
    return gw_err_hint(e, "there are %s", all);
}

static gw_rc
fail_place(const said *s, const char *message, const char *hint, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "the directive %.*s%.*s %s", GW_STR_ARG(s->prefix), GW_STR_ARG(s->name), message);
    (void)fail_at(s, s->name, e);
    return gw_err_hint(e, "%s", hint);
}

/* One comment. `out` NULL: no place for a directive. */
static gw_rc
read_comment(gw_arena *a, const gw_directive_params *p, gw_str comment, bool at_statement, gw_directives *out,
             gw_err *e)
{
    said s;
    const gw_str body = body_of(comment);
    if (!read_said(p, body, &s))
        return GODWIT_OK;
    const size_t at = find_row(&s);
    const bool is_long = memchr(body.ptr, '\n', body.len) != NULL;
    if (s.is_atlas && (at == SIZE_MAX || is_long))
        return GODWIT_OK;
    if (is_long)
        return fail_place(&s, "stands in a comment of several lines", "give it a comment line of its own", e);
    if (at == SIZE_MAX)
        return fail_unknown(&s, e);
    const godwit_directive *const row = &gw_directive_rows[at];
    if (!row->supported)
        return fail_place(&s, "is not carried out by this version",
                          "a later version of godwit does; until then the file cannot run", e);
    if (out == NULL)
        return fail_place(&s, "concerns no statement",
                          "put it before the first statement of the file, or directly above the one that it is for", e);
    if (at_statement && !row->statement)
        return fail_place(&s, "concerns the whole file", "put it before the first statement", e);
    return setters[at](a, &s, out, e);
}

static gw_rc
read_range(gw_arena *a, const gw_directive_params *p, size_t from, size_t to, bool at_statement, gw_directives *out,
           gw_err *e)
{
    const gw_str range = gw_str_slice(p->text, from, to);
    if (range.len == 0 || memchr(range.ptr, ':', range.len) == NULL) /* most gaps between statements */
        return GODWIT_OK;
    gw_lexer l = gw_lex(range, p->dialect);
    l.gap = true; /* between statements: MySQL needs no blank after -- there */
    for (gw_token t = gw_lex_next(&l); t.kind != GW_TOKEN_END; t = gw_lex_next(&l))
        if (t.kind == GW_TOKEN_COMMENT)
            GW_TRY(read_comment(a, p, t.text, at_statement, out, e));
    return GODWIT_OK;
}

gw_rc
gw_directives_read(gw_arena *a, const gw_directive_params *p, size_t from, size_t to, bool at_statement,
                   gw_directives *out, gw_err *e)
{
    *out = (gw_directives){0};
    return read_range(a, p, from, to, at_statement, out, e);
}

gw_rc
gw_directives_refuse(const gw_directive_params *p, size_t from, size_t to, gw_err *e)
{
    return read_range(NULL, p, from, to, false, NULL, e);
}

bool
gw_strs_have(const gw_strs *list, gw_str one)
{
    for (size_t i = 0; i < list->len; i++)
        if (gw_str_eq(list->at[i], one))
            return true;
    return false;
}

bool
gw_strs_eq(const gw_strs *one, const gw_strs *other)
{
    bool is_same = one->len == other->len;
    for (size_t i = 0; is_same && i < one->len; i++)
        is_same = gw_str_eq(one->at[i], other->at[i]);
    return is_same;
}

bool
gw_directive_is(const gw_directive_params *p, gw_str comment)
{
    said s;
    return read_said(p, body_of(comment), &s) && (!s.is_atlas || find_row(&s) != SIZE_MAX);
}

gw_directives
gw_directives_merge(gw_arena *a, const gw_directives *file, const gw_directives *own)
{
    gw_directives both = *file;
    both.timeout_ms = own->timeout_ms != 0 ? own->timeout_ms : file->timeout_ms;
    both.lock_timeout_ms = own->lock_timeout_ms != 0 ? own->lock_timeout_ms : file->lock_timeout_ms;
    if (own->nolint.len == 0)
        return both; /* the lists are shared: they do not change any more */
    both.nolint = (gw_strs){0};
    for (size_t i = 0; i < file->nolint.len; i++)
        *gw_vec_push(a, &both.nolint) = file->nolint.at[i];
    for (size_t i = 0; i < own->nolint.len; i++)
        *gw_vec_push(a, &both.nolint) = own->nolint.at[i];
    return both;
}

static bool
names(const gw_strs *environments, const char *environment)
{
    for (size_t i = 0; i < environments->len; i++)
        if (gw_str_is_nocase(environments->at[i], environment))
            return true;
    return false;
}

bool
gw_directives_skip(const gw_directives *d, const char *environment)
{
    const char *const here = environment == NULL ? "" : environment;
    return names(&d->skip_on, here) || (d->only_on.len > 0 && !names(&d->only_on, here));
}
