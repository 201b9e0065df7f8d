#include "migration/dependence.h"

#include "sql/effect.h"
#include "sql/quote.h"

void
gw_waiting_of(gw_arena *a, const gw_script *script, gw_waiting *out)
{
    *out = (gw_waiting){0};
    for (size_t i = 0; i < script->stmts.len; i++) {
        const gw_str statement = gw_script_statement(script, i);
        gw_mention_objects(a, statement, script->dialect, &out->objects);
        gw_mention_all(a, statement, script->dialect, &out->mentioned);
        out->is_hidden = out->is_hidden || gw_mention_is_hidden(statement, script->dialect, &script->classes[i]);
    }
}

void
gw_waiting_add_shim(gw_arena *a, const gw_script *script, const gw_shim *shim, gw_waiting *out)
{
    gw_mentions old = {0};
    gw_mentions_add(a, &old, shim->last);
    for (size_t i = 0; i < script->stmts.len; i++) {
        const gw_str statement = gw_script_statement(script, i);
        if (gw_mention_find(statement, script->dialect, &script->classes[i], &old).len > 0)
            gw_mention_all(a, statement, script->dialect, &out->mentioned);
    }
}

/* What others made of it on the way in does not belong to it: an index, a trigger. */
static bool
is_beside(const gw_target *t)
{
    return t->kind == GW_OBJECT_INDEX || t->kind == GW_OBJECT_TRIGGER || t->kind == GW_OBJECT_POLICY;
}

/* The first of what it creates, changes or drops that is mentioned there, as written; empty: none. */
static gw_str
find_target(const gw_mentions *mentioned, gw_str statement, gw_dialect dialect)
{
    GW_SCOPE(scratch);
    gw_effect effect;
    gw_effect_read(scratch, statement, dialect, &effect);
    for (size_t i = 0; i < effect.targets.len; i++) {
        const gw_target *const t = &effect.targets.at[i];
        const gw_str whole = t->on.len > 0 && !is_beside(t) ? t->on : t->name;
        if (gw_mentions_has(mentioned, gw_name_last(scratch, whole, dialect)))
            return whole;
    }
    return (gw_str){"", 0};
}

static bool
does_something(const gw_class *class)
{
    return class->kind == GW_CLASS_DDL || class->kind == GW_CLASS_DML || class->kind == GW_CLASS_OTHER;
}

bool
gw_dependence_find(const gw_waiting *waiting, const gw_script *script, gw_dependence *out)
{
    for (size_t i = 0; i < script->stmts.len; i++) {
        const gw_str statement = gw_script_statement(script, i);
        const gw_class *const class = &script->classes[i];
        gw_str name = gw_mention_find(statement, script->dialect, class, &waiting->objects);
        if (name.len == 0)
            name = find_target(&waiting->mentioned, statement, script->dialect);
        *out = (gw_dependence){.statement = i, .name = name};
        if (name.len > 0 || gw_mention_is_hidden(statement, script->dialect, class) ||
            (waiting->is_hidden && does_something(class)))
            return true;
    }
    return false;
}
