#include "workflow/foresight.h"

#include "base/map.h"
#include "sql/cursor.h"
#include "sql/effect.h"
#include "sql/mention.h"
#include "sql/quote.h"
#include "workflow/mark.h"

enum { WORTH_ASKING = 4 };

/* What the batch is about, and the names in it: a value is the target, or for several the outlook itself. */
typedef struct outlook {
    gw_arena *a;
    gw_targets targets;
    gw_map *names;
    gw_mentions own; /* that the batch creates, up to here */
    size_t reach;    /* so many targets are of statements behind none that may wait */
    bool waits;
} outlook;

/* Names that a server may take for one are one here. */
static gw_str
key_of(gw_arena *a, const gw_target *t, gw_dialect dialect)
{
    const gw_str part = gw_name_last(a, t->name, dialect);
    gw_buf key = gw_buf_new(a);
    for (size_t i = 0; i < part.len; i++)
        gw_buf_putc(&key, part.ptr[i] >= 'A' && part.ptr[i] <= 'Z' ? (char)(part.ptr[i] - 'A' + 'a') : part.ptr[i]);
    return gw_buf_str(&key);
}

/* ---- what nobody else can keep waiting ---- */

/* It reads and writes nothing but what the batch has created. */
static bool
is_prompt_dml(const outlook *o, gw_str statement, gw_dialect dialect, const gw_class *class)
{
    gw_mentions objects = {0};
    gw_mention_objects(o->a, statement, dialect, &objects);
    const size_t count = objects.names == NULL ? 0 : objects.names->entries.len;
    size_t i = 0;
    while (i < count && gw_mentions_has(&o->own, objects.names->entries.at[i].key))
        i++;
    return class->kind == GW_CLASS_DML && count > 0 && i == count;
}

/* No query, and of foreign keys only those to what the batch has created. */
static bool
refers_to_own(const outlook *o, gw_str statement, gw_dialect dialect)
{
    for (gw_cursor c = gw_cursor_at(statement, dialect); c.t.kind != GW_TOKEN_END;) {
        const bool is_key = gw_cursor_accept(&c, "REFERENCES");
        if (is_key && !gw_mentions_has(&o->own, gw_name_last(o->a, gw_object_read_name(&c, false), dialect)))
            return false;
        if (gw_cursor_is(&c, "SELECT") || gw_cursor_is(&c, "LIKE"))
            return false;
        if (!is_key)
            gw_cursor_next(&c);
    }
    return true;
}

/* It creates tables, or works on those that the batch has created. */
static bool
is_prompt_ddl(outlook *o, const gw_targets *targets, gw_str statement, gw_dialect dialect)
{
    bool is_own = targets->len > 0;
    for (size_t i = 0; i < targets->len; i++) {
        const gw_target *const t = &targets->at[i];
        const gw_str table = gw_name_last(o->a, t->on.len > 0 ? t->on : t->name, dialect);
        if (t->kind == GW_OBJECT_TABLE && t->role == GW_TARGET_CREATED)
            gw_mentions_add(o->a, &o->own, table);
        is_own = is_own && gw_mentions_has(&o->own, table);
    }
    return is_own && refers_to_own(o, statement, dialect);
}

/* ---- the batch ---- */

/* false: nothing can be foreseen behind it. */
static bool
add_statement(outlook *o, const gw_script *script, size_t index)
{
    gw_effect effect;
    const gw_unit *const unit = gw_mark_unit(script, index);
    if (script->classes[index].kind == GW_CLASS_SESSION || (unit != NULL && unit->enters))
        return false;
    const gw_str statement = gw_script_statement(script, index);
    if (unit == NULL || unit->transaction) {
        o->waits = o->waits || !is_prompt_dml(o, statement, script->dialect, &script->classes[index]);
        return true;
    }
    gw_effect_read(o->a, statement, script->dialect, &effect);
    for (size_t i = 0; i < effect.targets.len; i++) {
        const gw_target *const t = &effect.targets.at[i];
        if (t->kind == GW_OBJECT_DATABASE || t->kind == GW_OBJECT_SCHEMA)
            return false;
        *gw_vec_push(o->a, &o->targets) = *t;
    }
    o->reach = o->waits ? o->reach : o->targets.len;
    o->waits = o->waits || !is_prompt_ddl(o, &effect.targets, statement, script->dialect);
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
        if (value != &o && t->role == GW_TARGET_CREATED && (size_t)(t - o.targets.at) < o.reach)
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
