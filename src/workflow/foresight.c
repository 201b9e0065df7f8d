#include "workflow/foresight.h"

#include "base/map.h"
#include "sql/effect.h"
#include "sql/quote.h"
#include "workflow/mark.h"

enum { WORTH_ASKING = 4 };

/* What the batch is about, and the names in it: a value is the target, or for several the outlook itself. */
typedef struct outlook {
    gw_arena *a;
    gw_targets targets;
    gw_map *names;
} outlook;

/* Names that a server may take for one are one here. */
static gw_str
key_of(gw_arena *a, const gw_target *t, gw_dialect dialect)
{
    gw_str part[3];
    const size_t parts = gw_name_parts(a, t->name, dialect, part);
    gw_buf key = gw_buf_new(a);
    for (size_t i = 0; parts > 0 && i < part[parts - 1].len; i++) {
        const char c = part[parts - 1].ptr[i];
        gw_buf_putc(&key, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
    return gw_buf_str(&key);
}

/* false: nothing can be foreseen behind it. */
static bool
add_statement(outlook *o, const gw_script *script, size_t index)
{
    gw_effect effect;
    const gw_unit *const unit = gw_mark_unit(script, index);
    if (script->classes[index].kind == GW_CLASS_SESSION || (unit != NULL && unit->enters))
        return false;
    if (unit == NULL || unit->transaction)
        return true;
    gw_effect_read(o->a, gw_script_statement(script, index), script->dialect, &effect);
    for (size_t i = 0; i < effect.targets.len; i++) {
        const gw_target *const t = &effect.targets.at[i];
        if (t->kind == GW_OBJECT_DATABASE || t->kind == GW_OBJECT_SCHEMA)
            return false;
        *gw_vec_push(o->a, &o->targets) = *t;
    }
    return effect.repeatable || effect.targets.len > 0;
}

static bool
look_ahead(outlook *o, const gw_apply_params *params, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const gw_script *const script = params[i].script;
        for (size_t k = 0; k < script->stmts.len; k++)
            if (!add_statement(o, script, k))
                return false;
    }
    for (size_t i = 0; i < o->targets.len; i++) {
        const gw_str key = key_of(o->a, &o->targets.at[i], params[0].script->dialect);
        gw_map_put(o->names, key, gw_map_has(o->names, key) ? (void *)o : &o->targets.at[i]);
    }
    return true;
}

void
gw_foresight_begin(const gw_session *s, const gw_apply_params *params, size_t count)
{
    GW_SCOPE(a);
    outlook o = {.a = a, .names = gw_map_new(a)};
    gw_targets alone = {0};
    if ((s->engine->caps & GW_CAP_FORESIGHT) == 0 || !look_ahead(&o, params, count))
        return;
    for (size_t i = 0; i < o.names->entries.len; i++) {
        const void *const value = o.names->entries.at[i].value;
        const gw_target *const t = value;
        if (value != &o && t->role == GW_TARGET_CREATED)
            *gw_vec_push(a, &alone) = *t;
    }
    if (alone.len >= WORTH_ASKING)
        s->engine->foresee(s->conn, alone.at, alone.len);
}

void
gw_foresight_end(const gw_session *s)
{
    if ((s->engine->caps & GW_CAP_FORESIGHT) != 0)
        s->engine->foresee(s->conn, NULL, 0);
}
