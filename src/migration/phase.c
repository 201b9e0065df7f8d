#include "migration/phase.h"

#include <string.h>

#include "sql/effect.h"
#include "sql/mention.h"
#include "sql/quote.h"

/* ---- pairs ---- */

typedef struct pairing {
    gw_arena *a;
    const gw_file *file; /* at hand */
    gw_phases *out;
} pairing;

static gw_err *
add_problem(const pairing *p)
{
    gw_phase_problem *const problem = gw_vec_push(p->a, &p->out->problems);
    *problem = (gw_phase_problem){.file = p->file};
    return &problem->e;
}

static gw_rc
place(const gw_file *file, gw_str where, gw_err *e)
{
    return gw_err_at(e, file->path, file->phases->text, (size_t)(where.ptr - file->phases->text.ptr));
}

/* The newest that lives; NULL: none. */
static gw_pair *
find_living(const gw_phases *all, const gw_shim *shim)
{
    for (size_t i = all->pairs.len; i-- > 0;) {
        gw_pair *const pair = &all->pairs.at[i];
        if (pair->dropped_by == NULL && gw_shim_names(shim, pair->shim->schema, pair->shim->last))
            return pair;
    }
    return NULL;
}

static void
fail_unmade(const pairing *p, const gw_shim *drop)
{
    gw_err *const e = add_problem(p);
    (void)gw_fail(e, GODWIT_FOLDER, "no earlier migration declares the shim of %.*s that is to be dropped here",
                  GW_STR_ARG(drop->old));
    (void)place(p->file, drop->old, e);
    (void)gw_err_hint(e,
                      "the file that makes it says so: -- godwit:n-1-shim: %.*s drop-with #123; a checkpoint that "
                      "holds it too",
                      GW_STR_ARG(drop->old));
}

static void
fail_made_twice(const pairing *p, const gw_shim *shim, const gw_pair *first)
{
    gw_err *const e = add_problem(p);
    (void)gw_fail(e, GODWIT_FOLDER, "the shim of %.*s is declared twice: %s makes it, and nothing drops it in between",
                  GW_STR_ARG(shim->old), first->made_by->path);
    (void)place(p->file, shim->old, e);
    (void)gw_err_hint(e, "drop the first one before: -- godwit:n-1-shim-drop: %.*s", GW_STR_ARG(shim->old));
}

static void
fail_repeatable(const pairing *p, const gw_shim *shim)
{
    gw_err *const e = add_problem(p);
    (void)gw_fail(e, GODWIT_FOLDER, "the directive %.*s stands in a repeatable migration", GW_STR_ARG(shim->name));
    (void)place(p->file, shim->name, e);
    (void)gw_err_hint(e, "shims are made by one versioned migration, and dropped by another");
}

static void
add_drop(const pairing *p, const gw_shim *drop)
{
    gw_pair *const pair = find_living(p->out, drop);
    if (pair == NULL || pair->made_by == p->file) {
        fail_unmade(p, drop);
        return;
    }
    pair->dropped_by = p->file;
    pair->drop = drop;
}

static void
add_shim(const pairing *p, const gw_shim *shim)
{
    const gw_pair *const first = find_living(p->out, shim);
    if (first == NULL)
        *gw_vec_push(p->a, &p->out->pairs) = (gw_pair){.made_by = p->file, .shim = shim};
    else if (p->file->kind != GW_FILE_CHECKPOINT)
        fail_made_twice(p, shim, first);
}

static void
add_repeatable(const pairing *p, const gw_directives *rules)
{
    if (rules->shims.len + rules->drops.len > 0)
        fail_repeatable(p, rules->shims.len > 0 ? &rules->shims.at[0] : &rules->drops.at[0]);
}

/* What it drops was made before it; what it makes may have the same name. */
static void
add_file(const pairing *p)
{
    const gw_phase_words *const words = p->file->phases;
    const gw_directives *const rules = &words->rules;
    if (words->fault.rc != GODWIT_OK)
        *add_problem(p) = words->fault;
    if (p->file->kind == GW_FILE_REPEATABLE) {
        add_repeatable(p, rules);
        return;
    }
    for (size_t i = 0; i < rules->drops.len; i++)
        add_drop(p, &rules->drops.at[i]);
    for (size_t i = 0; i < rules->shims.len; i++)
        add_shim(p, &rules->shims.at[i]);
}

void
gw_phases_of(gw_arena *a, const gw_folder *folder, gw_phases *out)
{
    *out = (gw_phases){0};
    for (size_t i = 0; i < folder->files.len; i++)
        if (folder->files.at[i].phases != NULL)
            add_file(&(pairing){a, &folder->files.at[i], out});
}

/* ---- do the files do what they say? ---- */

static bool
is_named(const gw_shim *shim, gw_str name, gw_dialect dialect)
{
    GW_SCOPE(scratch);
    gw_str parts[3];
    const gw_str none = {"", 0};
    const size_t count = gw_name_parts(scratch, name, dialect, parts);
    return count > 0 && gw_shim_names(shim, count > 1 ? parts[count - 2] : none, parts[count - 1]);
}

/* Certainly: `role`. It may be: something in what it changes, or in what its text alone does not tell. */
static bool
may_do(const gw_script *script, size_t index, const gw_shim *shim, gw_target_role role)
{
    GW_SCOPE(scratch);
    gw_effect effect;
    gw_mentions old = {0};
    bool is_other = true;
    const gw_str statement = gw_script_statement(script, index);
    const gw_class *const class = &script->classes[index];
    gw_effect_read(scratch, statement, script->dialect, &effect);
    for (size_t i = 0; i < effect.targets.len; i++) {
        const gw_target *const t = &effect.targets.at[i];
        const bool is_it = is_named(shim, t->name, script->dialect);
        if (is_it && t->role == role)
            return true;
        is_other &= t->role == GW_TARGET_CHANGED && !is_it;
    }
    if (gw_mention_is_hidden(statement, script->dialect, class))
        return true;
    const bool is_told = class->kind != GW_CLASS_DDL && class->kind != GW_CLASS_OTHER;
    gw_mentions_add(scratch, &old, shim->last);
    return !is_told && is_other && gw_mention_find(statement, script->dialect, class, &old).len > 0;
}

static bool
may_do_any(const gw_script *script, const gw_shim *shim, gw_target_role role)
{
    size_t i = 0;
    while (i < script->stmts.len && !may_do(script, i, shim, role))
        i++;
    return i < script->stmts.len;
}

gw_rc
gw_phases_check(const gw_file *file, const gw_script *script, gw_err *e)
{
    if (file->phases == NULL)
        return GODWIT_OK;
    const gw_directives *const rules = &file->phases->rules;
    for (size_t i = 0; i < rules->shims.len; i++) {
        const gw_shim *const shim = &rules->shims.at[i];
        if (may_do_any(script, shim, GW_TARGET_CREATED))
            continue;
        (void)gw_fail(e, GODWIT_FOLDER, "no statement of this file creates the shim %.*s", GW_STR_ARG(shim->old));
        (void)place(file, shim->old, e);
        return gw_err_hint(e, "a view of the old name, say: CREATE VIEW %.*s AS SELECT …", GW_STR_ARG(shim->old));
    }
    for (size_t i = 0; i < rules->drops.len; i++) {
        const gw_shim *const drop = &rules->drops.at[i];
        if (may_do_any(script, drop, GW_TARGET_DROPPED))
            continue;
        (void)gw_fail(e, GODWIT_FOLDER, "no statement of this file drops the shim %.*s", GW_STR_ARG(drop->old));
        (void)place(file, drop->old, e);
        return gw_err_hint(e, "DROP VIEW %.*s, say", GW_STR_ARG(drop->old));
    }
    return GODWIT_OK;
}

/* ---- what waits ---- */

static bool
is_fresh(const gw_items *items)
{
    size_t i = 0;
    while (i < items->len && !gw_item_is_there(&items->at[i]))
        i++;
    return i == items->len;
}

static const gw_item *
find_item(const gw_items *items, const gw_file *file)
{
    size_t i = 0;
    while (i < items->len && items->at[i].file != file)
        i++;
    return i < items->len ? &items->at[i] : NULL;
}

/* Was it yet to run when this run began? */
static bool
was_to_come(const gw_items *before, const gw_file *file, const char *environment)
{
    const gw_item *const item = find_item(before, file);
    return item != NULL && item->state != GODWIT_APPLIED && !item->is_passed &&
           !gw_directives_skip(&file->phases->rules, environment);
}

bool
gw_phases_is_open(const gw_item *item)
{
    return item != NULL && item->state == GODWIT_DEFERRED && item->record->finished_at == NULL;
}

/* Did the run that applied it leave something else undone? */
static bool
ended_badly(const gw_items *before, const gw_file *file)
{
    const gw_item *const made = find_item(before, file);
    const char *const run = made == NULL || made->record == NULL ? NULL : made->record->run_id;
    for (size_t i = 0; run != NULL && i < before->len; i++) {
        const gw_record *const other = before->at[i].record;
        if (other != NULL && other->run_id != NULL && strcmp(other->run_id, run) == 0 &&
            (other->state == GODWIT_FAILED_STATE || other->state == GODWIT_RUNNING))
            return true;
    }
    return false;
}

/* NULL: the step need not wait for this one. */
static const char *
reason_of(gw_arena *a, const gw_phases_defer_params *p, const gw_pair *pair, const gw_step *step)
{
    const gw_file *const by = pair->made_by;
    if (pair->dropped_by != step->item->file)
        return NULL;
    if (was_to_come(p->before, by, p->environment))
        return gw_printf(a, "it drops the shim of %.*s, and %s %s, which makes that, was pending too",
                         GW_STR_ARG(pair->drop->old), by->version, by->name);
    const gw_item *const was = find_item(p->before, step->item->file);
    const bool is_told = was != NULL && was->state == GODWIT_DEFERRED; /* by a row, which says how that run ended */
    if (gw_phases_is_open(step->item) || gw_phases_is_open(was) || (!is_told && ended_badly(p->before, by)))
        return gw_printf(a, "it drops the shim of %.*s, and no run has ended well since %s %s made that",
                         GW_STR_ARG(pair->drop->old), by->version, by->name);
    return NULL;
}

size_t
gw_phases_defer(gw_arena *a, const gw_phases_defer_params *p, gw_plan *plan)
{
    size_t count = 0;
    if (is_fresh(p->before))
        return 0;
    for (size_t i = 0; i < plan->len; i++) {
        gw_step *const step = &plan->at[i];
        const gw_file *const file = step->item->file;
        if (step->action != GW_ACTION_RUN || file->phases == NULL ||
            gw_directives_skip(&file->phases->rules, p->environment))
            continue;
        for (size_t k = 0; k < p->phases->pairs.len && step->reason == NULL; k++)
            step->reason = reason_of(a, p, &p->phases->pairs.at[k], step);
        step->action = step->reason != NULL ? GW_ACTION_DEFER : step->action;
        count += step->reason != NULL;
    }
    return count;
}
