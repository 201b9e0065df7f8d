#include "config/env.h"

#include <string.h>

#include "base/file.h"
#include "config/place.h"

static bool
begins_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
continues_name(char c)
{
    return begins_name(c) || (c >= '0' && c <= '9');
}

static size_t
name_end(gw_str s, size_t at)
{
    if (at < s.len && begins_name(s.ptr[at]))
        while (at < s.len && continues_name(s.ptr[at]))
            at++;
    return at;
}

/* NULL: absent or empty. */
static const char *
filled(const gw_map *map, gw_str name)
{
    const char *const value = map == NULL ? NULL : gw_map_get(map, name);
    return value == NULL || *value == '\0' ? NULL : value;
}

static const char *
lookup(const gw_env *env, gw_str name)
{
    const char *const value = filled(env->process, name);
    return value != NULL ? value : filled(env->file, name);
}

/* ---- ${NAME} and ${NAME:-default} ---- */

typedef enum reference_state { REFERENCE_FOUND, REFERENCE_UNSET, REFERENCE_WRONG } reference_state;

/* At "${": what it stands for; *end is behind the brace, *name what was asked for. */
static reference_state
resolve(const gw_env *env, gw_str s, size_t at, size_t *end, gw_str *name, gw_str *value)
{
    const size_t after = name_end(s, at + 2);
    *name = gw_str_slice(s, at + 2, after);
    *end = after;
    while (*end < s.len && s.ptr[*end] != '}' && s.ptr[*end] != '\n')
        ++*end;
    if (name->len == 0 || *end == s.len || s.ptr[*end] != '}')
        return REFERENCE_WRONG;
    const gw_str rest = gw_str_slice(s, after, *end);
    ++*end;
    const bool has_default = gw_str_starts(rest, ":-");
    if (rest.len > 0 && (!has_default || memmem(rest.ptr, rest.len, "${", 2) != NULL))
        return REFERENCE_WRONG; /* a reference within a default would end at the inner brace */
    const char *const found = lookup(env, *name);
    if (found == NULL && !has_default)
        return REFERENCE_UNSET;
    *value = found != NULL ? gw_str_of(found) : gw_str_slice(rest, 2, rest.len);
    return REFERENCE_FOUND;
}

static gw_rc
fail_reference(reference_state state, gw_str name, const char *literal_hint, gw_err *e)
{
    if (state == REFERENCE_WRONG) {
        (void)gw_fail(e, GODWIT_USAGE, "a reference must read ${NAME} or ${NAME:-default}");
        return gw_err_hint(e, "%s", literal_hint);
    }
    (void)gw_fail(e, GODWIT_USAGE, "the variable '%.*s' is not set", GW_STR_ARG(name));
    return gw_err_hint(e, "set %.*s, or write ${%.*s:-default} when it may be missing", GW_STR_ARG(name),
                       GW_STR_ARG(name));
}

gw_rc
gw_env_expand(gw_arena *a, const gw_env *env, gw_str text, const char **out, gw_err *e)
{
    gw_buf b = gw_buf_new(a);
    for (size_t at = 0; at < text.len;) {
        const char next = text.ptr[at] == '$' && at + 1 < text.len ? text.ptr[at + 1] : '\0';
        gw_str name, value;
        if (next == '{') {
            const reference_state state = resolve(env, text, at, &at, &name, &value);
            if (state != REFERENCE_FOUND)
                return fail_reference(state, name, "write $$ where a $ means itself", e);
            gw_buf_add(&b, value);
        } else {
            gw_buf_putc(&b, text.ptr[at]);
            at += next == '$' ? 2 : 1;
        }
    }
    *out = gw_buf_text(&b);
    return GODWIT_OK;
}

/* ---- the .env file ---- */

typedef struct reader {
    gw_arena *a;
    const char *path;
    gw_str text;
    size_t at;
    gw_env *env;
    gw_err *e;
} reader;

static gw_rc
wrong(const reader *r, size_t offset, size_t shown, const char *problem, const char *hint)
{
    (void)gw_fail(r->e, GODWIT_USAGE, "%s", problem);
    (void)gw_err_hint(r->e, "%s", hint);
    return gw_place(r->e, GW_PLACE_ENV, r->path, r->text, offset, shown);
}

static char
peek(const reader *r)
{
    return r->at < r->text.len ? r->text.ptr[r->at] : '\n';
}

static bool
at_line_end(const reader *r)
{
    return peek(r) == '\n' || (peek(r) == '\r' && (r->at + 1 == r->text.len || r->text.ptr[r->at + 1] == '\n'));
}

static void
skip_blanks(reader *r)
{
    while (peek(r) == ' ' || peek(r) == '\t')
        r->at++;
}

static void
skip_line(reader *r)
{
    while (peek(r) != '\n')
        r->at++;
    r->at++;
}

/* At a '$' that is no escape. */
static gw_rc
read_reference(reader *r, gw_buf *b)
{
    const size_t begin = r->at;
    gw_str name, value;
    if (begin + 1 < r->text.len && r->text.ptr[begin + 1] == '{') {
        const reference_state state = resolve(r->env, r->text, begin, &r->at, &name, &value);
        if (state == REFERENCE_FOUND) {
            gw_buf_add(b, value);
            return GODWIT_OK;
        }
        (void)fail_reference(state, name, "write the value in '…' where a $ means itself", r->e);
        return gw_place(r->e, GW_PLACE_ENV, r->path, r->text, begin, state == REFERENCE_UNSET ? r->at - begin : 2);
    }
    r->at = name_end(r->text, begin + 1);
    const gw_str whole = gw_str_slice(r->text, begin, r->at);
    const char *const found = whole.len == 1 ? NULL : lookup(r->env, gw_str_slice(whole, 1, whole.len));
    gw_buf_add(b, found == NULL ? whole : gw_str_of(found));
    return GODWIT_OK;
}

/* Behind a backslash within "…". An escape that is none stays as it is, as in a shell. */
static void
read_escape(reader *r, gw_buf *b)
{
    static const char from[] = "nrt\"\\$", to[] = "\n\r\t\"\\$";
    const char c = peek(r);
    const char *const known = strchr(from, c); /* the text holds no NUL */
    if (known == NULL)
        gw_buf_putc(b, '\\');
    gw_buf_putc(b, known == NULL ? c : to[known - from]);
    r->at++;
}

/* At the opening quote. */
static gw_rc
read_quoted(reader *r, gw_buf *b)
{
    const size_t begin = r->at;
    const char quote = r->text.ptr[r->at++];
    while (r->at < r->text.len && r->text.ptr[r->at] != quote) {
        const char c = r->text.ptr[r->at];
        if (quote == '"' && c == '$') {
            GW_TRY(read_reference(r, b));
        } else if (quote == '"' && c == '\\' && r->at + 1 < r->text.len) {
            r->at++;
            read_escape(r, b);
        } else {
            gw_buf_putc(b, c);
            r->at++;
        }
    }
    if (r->at == r->text.len)
        return wrong(r, begin, 1, "this quote is never closed", "close it, or leave both quotes out");
    r->at++;
    const size_t close = r->at;
    skip_blanks(r);
    if (!at_line_end(r) && (peek(r) != '#' || r->at == close))
        return wrong(r, r->at, 0, "text behind the closing quote", "a comment needs a blank before its #");
    return GODWIT_OK;
}

static gw_rc
read_bare(reader *r, gw_buf *b)
{
    size_t kept = 0; /* blanks at the end are no part of it */
    bool after_blank = true;
    while (!at_line_end(r) && !(after_blank && peek(r) == '#')) {
        const char c = peek(r);
        if (c == '$') {
            GW_TRY(read_reference(r, b));
        } else {
            gw_buf_putc(b, c);
            r->at++;
        }
        after_blank = c == ' ' || c == '\t';
        if (!after_blank)
            kept = b->len;
    }
    b->len = kept;
    return GODWIT_OK;
}

static gw_rc
read_line(reader *r)
{
    if (gw_str_starts(gw_str_slice(r->text, r->at, r->text.len), "export ")) {
        r->at += 7;
        skip_blanks(r);
    }
    const size_t begin = r->at;
    r->at = name_end(r->text, begin);
    /* Names with '.' and '-' cannot come from a shell, but other readers take them. */
    while (r->at > begin && (continues_name(peek(r)) || peek(r) == '.' || peek(r) == '-'))
        r->at++;
    const gw_str name = gw_str_slice(r->text, begin, r->at);
    if (name.len == 0)
        return wrong(r, begin, 0, "expected NAME=value",
                     "a name begins with a letter or '_'; write # before a comment");
    skip_blanks(r);
    if (peek(r) != '=')
        return wrong(r, r->at, 0, "expected '=' behind the name", "write NAME=value; write # before a comment");
    r->at++;
    skip_blanks(r);
    gw_buf value = gw_buf_new(r->a);
    GW_TRY(peek(r) == '"' || peek(r) == '\'' ? read_quoted(r, &value) : read_bare(r, &value));
    gw_map_put(r->env->file, name, gw_strdup(r->a, gw_buf_str(&value)));
    return GODWIT_OK;
}

gw_rc
gw_env_parse(gw_arena *a, const char *path, gw_str text, gw_env *env, gw_err *e)
{
    reader r = {.a = a, .path = path, .text = gw_place_body(text), .env = env, .e = e};
    env->file = gw_map_new(a);
    env->file_path = path;
    const size_t valid = gw_str_utf8_valid(r.text);
    if (valid < r.text.len)
        return wrong(&r, valid, 0, "this byte is not valid UTF-8", "save the file as UTF-8");
    while (r.at < r.text.len) {
        skip_blanks(&r);
        if (!at_line_end(&r) && peek(&r) != '#')
            GW_TRY(read_line(&r));
        skip_line(&r);
    }
    return GODWIT_OK;
}

gw_rc
gw_env_load(gw_arena *a, const char *const *environ_entries, const char *path, gw_env *out, gw_err *e)
{
    *out = (gw_env){.process = gw_map_new(a)};
    for (const char *const *entry = environ_entries; entry != NULL && *entry != NULL; entry++) {
        gw_str value;
        const gw_str name = gw_str_cut(gw_str_of(*entry), '=', &value);
        if (value.ptr != NULL)
            gw_map_put(out->process, name, gw_strdup(a, value));
    }
    /* A folder of this name is a Python environment. */
    if (path == NULL || gw_path_is(path) == GW_PATH_NONE || gw_path_is(path) == GW_PATH_DIR)
        return GODWIT_OK;
    gw_str text = {0};
    GW_TRY(gw_file_read(a, path, GW_ENV_FILE_MAX, &text, e));
    return gw_env_parse(a, path, text, out, e);
}

/* ---- questions ---- */

const char *
gw_env_first(gw_arena *a, const gw_env *env, const char *names, const char **origin, bool *from_file)
{
    for (int pass = 0; pass < 2; pass++) {
        gw_str rest = gw_str_of(names);
        while (rest.ptr != NULL) {
            const gw_str name = gw_str_cut(rest, ' ', &rest);
            const char *const value = filled(pass == 0 ? env->process : env->file, name);
            if (value == NULL)
                continue;
            *from_file = pass == 1;
            *origin = gw_printf(a, "%s %.*s", pass == 0 ? "environment" : env->file_path, GW_STR_ARG(name));
            return value;
        }
    }
    return NULL;
}

const char *
gw_env_get(gw_arena *a, const gw_env *env, const char *name, const char **origin)
{
    const char *where = NULL;
    bool from_file = false;
    const char *const value = gw_env_first(a, env, name, &where, &from_file);
    if (origin != NULL && value != NULL)
        *origin = where;
    return value;
}

const char *const *
gw_env_added(gw_arena *a, const gw_env *env)
{
    const size_t count = env->file == NULL ? 0 : env->file->entries.len;
    const char **const added = gw_new_array(a, const char *, count + 1);
    size_t filled_count = 0;
    for (size_t i = 0; i < count; i++) {
        const gw_map_entry *const entry = &env->file->entries.at[i];
        if (filled(env->process, entry->key) == NULL)
            added[filled_count++] = gw_printf(a, "%.*s=%s", GW_STR_ARG(entry->key), (const char *)entry->value);
    }
    return added;
}
