#include "workflow/mark.h"

#include "sql/effect.h"
#include "sql/mode.h"
#include "sql/object.h"
#include "sql/quote.h"

const gw_unit *
gw_mark_unit(const gw_script *script, size_t index)
{
    for (size_t i = 0; i < script->units.len; i++) {
        const gw_unit *const unit = &script->units.at[i];
        if (index >= unit->first && index - unit->first < unit->count)
            return unit;
    }
    return NULL;
}

bool
gw_mark_is_locked(const gw_unit *unit)
{
    return unit != NULL && !unit->transaction && unit->count > 1;
}

gw_dialect
gw_mark_dialect(const gw_script *script, size_t index)
{
    gw_dialect dialect = script->dialect;
    for (size_t i = 0; i < index && i < script->stmts.len; i++)
        if (script->classes[i].kind == GW_CLASS_SESSION || script->classes[i].changes_reading)
            (void)gw_mode_follow(gw_script_statement(script, i), script->dialect, &dialect);
    return dialect;
}

/* ---- what need not be said again ---- */

/* What a statement of the session leans on. */
static const struct {
    const char *words;
    gw_object_kind kind;
} leans[] = {
    {"USE", GW_OBJECT_DATABASE},
    {"SET ROLE", GW_OBJECT_ROLE},
    {"SET SESSION AUTHORIZATION", GW_OBJECT_ROLE},
};
enum { LEANS = sizeof(leans) / sizeof(leans[0]) };

static bool
is_same_name(gw_arena *a, const gw_target *t, gw_object_kind kind, gw_str name, gw_dialect dialect)
{
    gw_str one[3], other[3];
    return t->role == GW_TARGET_DROPPED && t->kind == kind && gw_name_parts(a, t->name, dialect, one) > 0 &&
           gw_name_parts(a, name, dialect, other) > 0 && gw_str_eq(one[0], other[0]);
}

static bool
drops(const gw_script *script, size_t index, gw_object_kind kind, gw_str name)
{
    GW_SCOPE(a);
    gw_effect effect;
    if (!gw_str_is_nocase(script->classes[index].verb, "DROP"))
        return false;
    const gw_dialect dialect = gw_mark_dialect(script, index);
    gw_effect_read(a, gw_script_statement(script, index), dialect, &effect);
    for (size_t i = 0; i < effect.targets.len; i++)
        if (is_same_name(a, &effect.targets.at[i], kind, name, dialect))
            return true;
    return false;
}

bool
gw_mark_is_moot(const gw_script *script, size_t index, size_t done)
{
    gw_cursor c = gw_cursor_at(gw_script_statement(script, index), script->dialect);
    size_t i = 0;
    while (i < LEANS && !gw_cursor_accept(&c, leans[i].words))
        i++;
    if (i == LEANS)
        return false;
    const gw_str name = gw_object_read_name(&c, leans[i].kind == GW_OBJECT_ROLE);
    for (size_t later = index + 1; name.len > 0 && later <= done && later < script->stmts.len; later++)
        if (drops(script, later, leans[i].kind, name))
            return true;
    return false;
}

/* ---- what is to be said ---- */

/* *effect is what the statement is about. */
static bool
risks(const gw_application *app, size_t done, gw_effect *effect)
{
    const gw_script *const script = app->script;
    const gw_unit *const unit = gw_mark_unit(script, done);
    *effect = (gw_effect){0};
    if (unit == NULL || unit->transaction)
        return false;
    if (gw_mark_is_locked(unit))
        return true;
    if (script->classes[done].kind == GW_CLASS_SESSION)
        return false;
    gw_effect_read(app->arena, gw_script_statement(script, done), gw_mark_dialect(script, done), effect);
    return !effect->repeatable;
}

bool
gw_mark_risks(const gw_application *app, size_t done)
{
    gw_effect ignored;
    return risks(app, done, &ignored);
}

/* The states of what a statement is about, as the server is to append them; NULL: it cannot tell. */
static const char *
states_of(const gw_application *app, const gw_effect *effect)
{
    const gw_session *const s = app->session;
    gw_buf out = gw_buf_new(app->arena);
    if ((s->engine->caps & GW_CAP_STATE) == 0)
        return NULL;
    for (size_t i = 0; i < effect->targets.len; i++) {
        const char *const state = s->engine->state(app->arena, s->conn, &effect->targets.at[i]);
        if (state == NULL)
            return NULL;
        gw_buf_printf(&out, "%s%s", i == 0 ? "" : ", ", state);
    }
    return out.len == 0 ? NULL : gw_buf_text(&out);
}

gw_mark
gw_mark_of(const gw_application *app, size_t done)
{
    gw_effect effect;
    gw_mark mark = {.done = done};
    const bool is_risk = risks(app, done, &effect);
    if (done > 0 || is_risk)
        mark.fingerprint = gw_progress_text(app->arena, app->script, app->prefix, done, is_risk);
    if (is_risk)
        mark.states = states_of(app, &effect);
    return mark;
}
