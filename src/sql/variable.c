#include "sql/variable.h"

#include <string.h>

typedef struct walk {
    gw_cursor c;
    size_t depth, list_depth;
    bool in_list;   /* of assignments, behind SET */
    bool at_target; /* an assignment may begin here */
    bool in_into;   /* behind INTO, or a comma in its list */
    bool is_get;    /* GET DIAGNOSTICS */
} walk;

/* @name, @`name`, @'name'; the cursor is left at the last token of it. */
static bool
take_name(gw_cursor *c, gw_str *name)
{
    if (c->t.kind != GW_TOKEN_PARAMETER || c->t.text.ptr[0] != '@' || gw_str_starts(c->t.text, "@@"))
        return false;
    *name = gw_str_slice(c->t.text, 1, c->t.text.len);
    if (name->len > 0)
        return true;
    gw_cursor quoted = *c;
    gw_cursor_next(&quoted);
    if (quoted.t.kind != GW_TOKEN_QUOTED && quoted.t.kind != GW_TOKEN_STRING)
        return false;
    *c = quoted;
    *name = gw_cursor_value(c);
    return true;
}

/* What the variable at hand is for; the cursor stands on it. */
static gw_variable_use
use_of(const walk *w)
{
    gw_cursor next = w->c;
    gw_cursor_next(&next);
    const bool is_equal = gw_cursor_sign(&next, '=');
    const bool is_colon = gw_cursor_sign(&next, ':');
    gw_cursor_next(&next);
    const bool is_assigned = is_colon && gw_cursor_sign(&next, '=');
    if (w->at_target && (is_equal || is_assigned))
        return GW_VARIABLE_SET;
    return is_assigned || w->in_into || (w->is_get && is_equal) ? GW_VARIABLE_MAY_SET : GW_VARIABLE_READ;
}

static bool
is_scope(const gw_cursor *c)
{
    static const char *const scopes[] = {"SESSION", "LOCAL", "GLOBAL", "PERSIST", "PERSIST_ONLY"};
    for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
        if (gw_cursor_is(c, scopes[i]))
            return true;
    return false;
}

/* A token that is no variable. */
static void
follow(walk *w, bool was_variable)
{
    const gw_token_kind kind = w->c.t.kind;
    w->depth += kind == GW_TOKEN_OPEN;
    w->depth -= kind == GW_TOKEN_CLOSE && w->depth > 0;
    if (kind == GW_TOKEN_SEMICOLON)
        w->in_list = false;
    const bool is_comma = gw_cursor_sign(&w->c, ',');
    w->in_into = gw_cursor_is(&w->c, "INTO") || (is_comma && was_variable && w->in_into);
    if (gw_cursor_is(&w->c, "SET")) {
        w->in_list = w->at_target = true;
        w->list_depth = w->depth;
    } else if (!w->at_target || !is_scope(&w->c)) {
        w->at_target = is_comma && w->in_list && w->depth == w->list_depth;
    }
}

static void
visit(gw_str text, gw_dialect dialect, bool is_told, gw_variable_fn *fn, void *ctx)
{
    walk w = {.c = gw_cursor_at(text, dialect)};
    bool was_variable = false;
    w.is_get = gw_cursor_is(&w.c, "GET");
    for (; w.c.t.kind != GW_TOKEN_END; gw_cursor_next(&w.c)) {
        gw_str name;
        if (take_name(&w.c, &name)) {
            fn(ctx, name, use_of(&w), is_told);
            was_variable = true;
            w.at_target = false;
            continue;
        }
        const gw_str value = gw_cursor_value(&w.c);
        if (w.c.t.kind == GW_TOKEN_STRING && !is_told && value.len > 0 && memchr(value.ptr, '@', value.len) != NULL)
            visit(value, dialect, true, fn, ctx);
        follow(&w, was_variable);
        was_variable = false;
    }
}

void
gw_variable_visit(gw_str statement, gw_dialect dialect, gw_variable_fn *fn, void *ctx)
{
    if (dialect.kind == GW_DIALECT_MYSQL)
        visit(statement, dialect, false, fn, ctx);
}

gw_str
gw_variable_system(gw_str text, bool *is_global)
{
    static const char *const lasting[] = {"global", "persist", "persist_only"};
    gw_str rest;
    const gw_str name = gw_str_slice(text, 2, text.len);
    const gw_str scope = gw_str_cut(name, '.', &rest);
    *is_global = false;
    if (rest.ptr == NULL)
        return name;
    for (size_t i = 0; i < sizeof(lasting) / sizeof(lasting[0]); i++)
        *is_global |= gw_str_is_nocase(scope, lasting[i]);
    return rest;
}
