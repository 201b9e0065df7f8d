#include "workflow/deferral.h"

#include "base/clock.h"
#include "migration/dependence.h"
#include "migration/phase.h"

typedef struct deciding {
    gw_arena *a;
    gw_scene *scene;
    gw_phases phases;
    const gw_plan *plan;
    gw_err *e;
} deciding;

/* ---- what the folder says ---- */

static bool
is_planned(const deciding *d, const gw_file *file)
{
    size_t i = 0;
    while (i < d->plan->len && d->plan->at[i].item->file != file)
        i++;
    return i < d->plan->len;
}

/* What is applied is so: only what is to run has to be in order. */
static gw_rc
check_folder(const deciding *d)
{
    for (size_t i = 0; i < d->phases.problems.len; i++)
        if (is_planned(d, d->phases.problems.at[i].file)) {
            *d->e = d->phases.problems.at[i].e;
            return d->e->rc;
        }
    for (size_t i = 0; i < d->plan->len; i++) {
        GW_SCOPE(scratch);
        gw_script script;
        const gw_item *const item = d->plan->at[i].item;
        if (item->file->phases == NULL)
            continue;
        GW_TRY(gw_scene_script(scratch, d->scene, item, false, &script, d->e));
        GW_TRY(gw_phases_check(item->file, &script, d->e));
    }
    return GODWIT_OK;
}

/* ---- what must not run without it ---- */

static gw_rc
read_waiting(const deciding *d, const gw_step *step, gw_waiting *out)
{
    gw_script script;
    const gw_dialect dialect = gw_scene_dialect(d->scene);
    GW_TRY(gw_scene_script(d->a, d->scene, step->item, false, &script, d->e));
    gw_waiting_of(d->a, &script, out);
    for (size_t i = 0; i < d->phases.pairs.len; i++) {
        const gw_pair *const pair = &d->phases.pairs.at[i];
        if (pair->dropped_by != step->item->file)
            continue;
        GW_TRY(gw_migrations_up(d->a, &d->scene->migrations, pair->made_by, dialect, &script, d->e));
        gw_waiting_add_shim(d->a, &script, pair->shim, out);
    }
    return GODWIT_OK;
}

/* The newest pair that makes it wait. */
static const gw_pair *
pair_of(const deciding *d, const gw_file *dropped_by)
{
    size_t i = d->phases.pairs.len;
    while (i > 0 && d->phases.pairs.at[i - 1].dropped_by != dropped_by)
        i--;
    return i > 0 ? &d->phases.pairs.at[i - 1] : NULL;
}

static gw_rc
fail_first(const deciding *d, size_t waits, const gw_script *script, const gw_dependence *found)
{
    gw_err *const e = d->e;
    const gw_file *const file = d->plan->at[waits].item->file;
    const gw_pair *const pair = pair_of(d, file);
    const char *const until = waits > 0 ? d->plan->at[waits - 1].item->version : pair->made_by->version;
    (void)gw_fail(e, GODWIT_FOLDER, "this may depend on %s, which has to wait for the next run", file->path);
    (void)gw_expanded_at(e, script->path, script->expanded, script->text, script->stmts.at[found->statement].offset);
    if (found->name.len > 0)
        (void)gw_err_note(e, "it names %.*s", GW_STR_ARG(found->name));
    else
        (void)gw_err_note(e, "what is run is not all in the text, so that nobody can tell");
    (void)gw_err_note(e, "%s makes the shim of %.*s, %s drops it: there must be a deploy between them",
                      pair->made_by->path, GW_STR_ARG(pair->drop->old), file->path);
    return gw_err_hint(e,
                       "nothing was run; take two deploys: `godwit up %s` now, and `godwit up` once no code that uses "
                       "the shim is running any more",
                       until);
}

/* One step that is run behind the one that waits. Of several the first is the error, the others are its notes. */
static gw_rc
check_later(const deciding *d, size_t waits, const gw_waiting *waiting, const gw_step *later)
{
    GW_SCOPE(scratch);
    gw_script script;
    gw_dependence found;
    gw_err unreadable = {0};
    GW_TRY(gw_call_check(d->scene->call, &unreadable));
    if (gw_scene_script(scratch, d->scene, later->item, false, &script, &unreadable) != GODWIT_OK)
        return GODWIT_OK; /* whoever reads everything before it runs tells that */
    if (gw_directives_skip(&script.file_rules, d->scene->migrations.app_env) ||
        !gw_dependence_find(waiting, &script, &found))
        return GODWIT_OK;
    if (d->e->rc == GODWIT_OK)
        return fail_first(d, waits, &script, &found);
    return gw_err_note(d->e, "also: %s:%u", script.path, script.stmts.at[found.statement].line);
}

static gw_rc
check_step(const deciding *d, size_t waits)
{
    gw_waiting waiting;
    GW_TRY(read_waiting(d, &d->plan->at[waits], &waiting));
    for (size_t i = waits + 1; i < d->plan->len; i++)
        if (d->plan->at[i].action != GW_ACTION_DEFER)
            (void)check_later(d, waits, &waiting, &d->plan->at[i]);
    return d->e->rc;
}

gw_rc
gw_deferral_decide(gw_arena *a, gw_scene *scene, const gw_items *before, gw_plan *plan, gw_err *e)
{
    deciding d = {.a = a, .scene = scene, .plan = plan, .e = e};
    if (plan->len == 0)
        return GODWIT_OK;
    gw_phases_of(a, &scene->migrations.folder, &d.phases);
    GW_TRY(check_folder(&d));
    const gw_phases_defer_params p = {&d.phases, before, scene->migrations.app_env};
    if (gw_phases_defer(a, &p, plan) == 0)
        return GODWIT_OK;
    for (size_t i = 0; i < plan->len; i++)
        if (plan->at[i].action == GW_ACTION_DEFER)
            GW_TRY(check_step(&d, i));
    return GODWIT_OK;
}

/* ---- what is recorded ---- */

static bool
makes_shims(const gw_plan *plan)
{
    size_t i = 0;
    while (i < plan->len && (plan->at[i].action == GW_ACTION_DEFER || plan->at[i].item->file->phases == NULL ||
                             plan->at[i].item->file->phases->rules.shims.len == 0))
        i++;
    return i < plan->len;
}

/* It says so already, and of the shims that are there: not of one that was taken back since, and is made anew by this run. */
static bool
is_recorded(const gw_plan *plan, const gw_item *item)
{
    return item->state == GODWIT_DEFERRED && item->record->finished_at != NULL && !makes_shims(plan);
}

/* What a run that did not end well left so, and this one does not come to: it ends with this one. */
static void
keep_open(gw_arena *a, const gw_scene *scene, const gw_plan *plan, gw_deferrals *out)
{
    for (size_t i = 0; i < scene->items.len; i++) {
        const gw_item *const item = &scene->items.at[i];
        size_t at = 0;
        if (!gw_phases_is_open(item))
            continue;
        while (at < plan->len && plan->at[at].item != item)
            at++;
        if (at == plan->len)
            *gw_vec_push(a, out) = *item->record;
    }
}

static gw_rc
read_row(gw_arena *a, const gw_scene *scene, const gw_step *step, gw_record *out, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_script script;
    const gw_session *const s = &scene->session;
    GW_TRY(gw_scene_script(scratch, scene, step->item, false, &script, e));
    *out = (gw_record){
        .version = step->item->version,
        .name = step->item->name,
        .kind = gw_item_kind(step->item),
        .direction = "up",
        .state = GODWIT_DEFERRED,
        .checksum = gw_text(a, script.checksum),
        .statements = script.stmts.len,
        .started_at = gw_clock_utc(a),
        .applied_by = s->applied_by,
        .run_id = s->run_id,
        .tool = GW_VERSION,
        .error = step->reason,
    };
    return GODWIT_OK;
}

gw_rc
gw_deferral_begin(gw_arena *a, gw_scene *scene, const gw_plan *plan, gw_deferrals *out, gw_err *e)
{
    *out = (gw_deferrals){0};
    keep_open(a, scene, plan, out);
    for (size_t i = 0; i < plan->len; i++) {
        gw_record row;
        if (plan->at[i].action != GW_ACTION_DEFER || is_recorded(plan, plan->at[i].item))
            continue;
        GW_TRY(gw_scene_create_history(scene, e));
        GW_TRY(read_row(a, scene, &plan->at[i], &row, e));
        GW_TRY(gw_history_add(&scene->session.history, &row, NULL, &row.id, e));
        *gw_vec_push(a, out) = row;
    }
    return GODWIT_OK;
}

gw_rc
gw_deferral_end(gw_scene *scene, const gw_deferrals *rows, gw_err *e)
{
    GW_SCOPE(a);
    const gw_session *const s = &scene->session;
    if (rows->len > 0)
        GW_TRY(s->engine->reset(s->conn, e)); /* what the last file left: a role, say */
    for (size_t i = 0; i < rows->len; i++) {
        gw_record row = rows->at[i];
        row.finished_at = gw_clock_utc(a);
        GW_TRY(gw_history_end(&s->history, &row, e));
    }
    return GODWIT_OK;
}
