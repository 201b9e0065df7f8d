#include "workflow/run.h"

#include <string.h>

#include "base/clock.h"
#include "workflow/apply.h"
#include "workflow/hook.h"
#include "workflow/report.h"

typedef struct run {
    gw_scene *scene;
    gw_call *call;
    const gw_plan *plan;
    bool *is_skipped; /* one a step: its directives keep it from running here */
    size_t total;     /* steps that are not skipped */
    size_t begun, executed;
    bool down, pretend;
} run;

static const char *
direction_of(bool down)
{
    return down ? "down" : "up";
}

/* ---- everything is read before anything runs ---- */

/* The down file's text, which the history keeps; NULL: none. */
static gw_rc
read_down(gw_arena *a, const run *r, const gw_step *step, const char **out, gw_err *e)
{
    gw_script script;
    *out = NULL;
    if (step->down || step->item->file->down_path == NULL)
        return GODWIT_OK;
    GW_TRY(gw_scene_script(a, r->scene, step->item, true, &script, e));
    *out = script.text.ptr;
    return GODWIT_OK;
}

/* A way down that nobody wrote must not count as gone. */
static gw_rc
check_undoes(const run *r, const gw_step *step, const gw_script *script, gw_err *e)
{
    if (!step->down || script->stmts.len > 0 || r->scene->migrations.allow_empty)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_FOLDER, "%s has no statement: reverting %s %s would undo nothing", script->path,
                  step->item->version, step->item->name);
    return gw_err_hint(e, "write it, or allow files without a statement: `empty: true` in godwit.yaml, or --empty");
}

static gw_rc
check_all(run *r, gw_err *e)
{
    for (size_t i = 0; i < r->plan->len; i++) {
        GW_SCOPE(a);
        const gw_step *const step = &r->plan->at[i];
        gw_script script;
        const char *down;
        GW_TRY(gw_call_check(r->call, e));
        GW_TRY(gw_scene_script(a, r->scene, step->item, step->down, &script, e));
        GW_TRY(read_down(a, r, step, &down, e));
        GW_TRY(check_undoes(r, step, &script, e));
        r->is_skipped[i] = !step->down && gw_directives_skip(&script.file_rules, r->scene->migrations.app_env);
        r->total += !r->is_skipped[i];
    }
    return GODWIT_OK;
}

static gw_rc
check_unchanged(const gw_step *step, const gw_script *script, gw_err *e)
{
    if (step->down || strcmp(step->item->file->checksum, script->checksum) == 0)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_FOLDER, "%s was changed while this run was under way", script->path);
    return gw_err_hint(e, "nothing of it was run; look at the file, and run godwit again");
}

/* ---- the report ---- */

/* Is a migration that ended so among those that `up` would run? */
static bool
is_pending_after(const gw_step *step, const gw_outcome *outcome)
{
    if (outcome->state == GODWIT_REVERTED)
        return step->item->file != NULL;
    return outcome->state == GODWIT_PENDING ||
           (outcome->state == GODWIT_FAILED_STATE && !step->down && outcome->done == 0);
}

static void
report_step(run *r, const gw_step *step, const gw_outcome *outcome, const gw_script *script, const gw_err *failure)
{
    gw_arena *const a = r->call->arena;
    godwit_migration m = gw_report_item(r->call, step->item);
    m.direction = direction_of(step->down);
    m.state = outcome->state;
    m.statements = script->stmts.len;
    m.done = outcome->done;
    m.duration_ms = outcome->duration_ms;
    m.error = failure == NULL ? NULL : gw_text(a, failure->message);
    if (outcome->started_at[0] != '\0') {
        m.started_at = gw_text(a, outcome->started_at);
        m.applied_by = gw_text(a, r->scene->session.applied_by);
        m.recorded_checksum = m.checksum;
    }
    *gw_vec_push(a, &r->call->answer.migrations) = m;
    r->call->report.pending += is_pending_after(step, outcome);
    r->call->report.pending -= step->item->state == GODWIT_PENDING;
}

/* ---- one step ---- */

static gw_rc
skip_step(run *r, const gw_step *step, const gw_script *script, gw_err *e)
{
    GW_SCOPE(a);
    const gw_session *const s = &r->scene->session;
    const char *const now = gw_clock_utc(a);
    const gw_record record = {
        .version = step->item->version,
        .name = step->item->name,
        .kind = "versioned",
        .direction = "up",
        .state = GODWIT_SKIPPED,
        .checksum = script->checksum,
        .statements = script->stmts.len,
        .started_at = now,
        .finished_at = now,
        .applied_by = s->applied_by,
        .run_id = s->run_id,
        .tool = GW_VERSION,
    };
    if (step->item->state != GODWIT_SKIPPED)
        GW_TRY(gw_history_add(&s->history, &record, NULL, e));
    report_step(r, step, &(gw_outcome){.state = GODWIT_SKIPPED}, script, NULL);
    return GODWIT_OK;
}

static gw_rc
apply_step(run *r, const gw_step *step, const gw_apply_params *p, gw_err *e)
{
    gw_outcome outcome;
    const gw_rc rc = gw_apply(&r->scene->session, p, &outcome, e);
    report_step(r, step, &outcome, p->script, rc == GODWIT_OK ? NULL : e);
    if (rc != GODWIT_OK) {
        gw_report_statements(r->call, p->script, outcome.done);
        return rc;
    }
    if (outcome.already)
        return GODWIT_OK;
    r->executed++;
    gw_hook_tell(r->call, &(gw_hook_event){
                              .hook = GW_SETTING_AFTER_EACH,
                              .direction = direction_of(step->down),
                              .migration = step->item,
                              .pending = r->total - r->begun,
                              .executed = r->executed,
                              .duration_ms = outcome.duration_ms,
                          });
    return GODWIT_OK;
}

static gw_rc
run_step(run *r, size_t i, gw_err *e)
{
    GW_SCOPE(a);
    const gw_step *const step = &r->plan->at[i];
    gw_script script;
    gw_apply_params p = {.step = step, .script = &script, .total = r->total};
    GW_TRY(gw_watch_check(r->scene->session.watch, e));
    GW_TRY(gw_scene_script(a, r->scene, step->item, step->down, &script, e));
    GW_TRY(read_down(a, r, step, &p.down, e));
    GW_TRY(check_unchanged(step, &script, e));
    if (r->is_skipped[i])
        return skip_step(r, step, &script, e);
    p.index = ++r->begun;
    return apply_step(r, step, &p, e);
}

static gw_rc
pretend_step(run *r, size_t i, gw_err *e)
{
    GW_SCOPE(a);
    const gw_step *const step = &r->plan->at[i];
    gw_script script;
    GW_TRY(gw_call_check(r->call, e));
    GW_TRY(gw_scene_script(a, r->scene, step->item, step->down, &script, e));
    /* What is only said changes nothing: neither its state nor what is pending. */
    const godwit_state state = r->is_skipped[i] ? GODWIT_SKIPPED : GODWIT_PENDING;
    const size_t pending = r->call->report.pending;
    report_step(r, step, &(gw_outcome){.state = state, .done = step->from}, &script, NULL);
    r->call->report.pending = pending;
    gw_report_statements(r->call, &script, step->from);
    return GODWIT_OK;
}

/* ---- all steps ---- */

static gw_rc
prepare_target(run *r, gw_err *e)
{
    if (r->plan->len == 0 || r->pretend)
        return GODWIT_OK;
    if (!r->down && r->total > 0)
        GW_TRY(gw_hook_run(r->call,
                           &(gw_hook_event){.hook = GW_SETTING_BEFORE_UP, .direction = "up", .pending = r->total}, e));
    return gw_scene_create_history(r->scene, e);
}

static gw_rc
run_steps(run *r, gw_err *e)
{
    GW_TRY(prepare_target(r, e));
    gw_tell(r->call, &(godwit_event){.kind = GODWIT_EVENT_RUN_BEGIN, .total = r->total, .pretend = r->pretend});
    for (size_t i = 0; i < r->plan->len; i++)
        GW_TRY(r->pretend ? pretend_step(r, i, e) : run_step(r, i, e));
    return GODWIT_OK;
}

static void
end_run(run *r, gw_rc rc, const gw_err *e)
{
    const int64_t duration_ms = gw_clock_ms() - r->call->started_ms;
    r->call->report.files_executed += r->executed;
    gw_tell(r->call, &(godwit_event){
                         .kind = GODWIT_EVENT_RUN_END,
                         .index = r->executed,
                         .total = r->total,
                         .elapsed_ms = duration_ms,
                         .pretend = r->pretend,
                     });
    if (r->pretend || (r->down && rc == GODWIT_OK))
        return;
    gw_hook_tell(r->call, &(gw_hook_event){
                              .hook = rc == GODWIT_OK ? GW_SETTING_AFTER_UP : GW_SETTING_ON_FAILURE,
                              .direction = direction_of(r->down),
                              .pending = r->call->report.pending,
                              .executed = r->executed,
                              .duration_ms = duration_ms,
                              .error = rc == GODWIT_OK ? NULL : e,
                          });
}

static run
begin_run(gw_arena *a, gw_scene *scene, const gw_plan *plan, bool pretend)
{
    return (run){
        .scene = scene,
        .call = scene->call,
        .plan = plan,
        .is_skipped = gw_new_array(a, bool, plan->len),
        .down = plan->len > 0 && plan->at[0].down,
        .pretend = pretend,
    };
}

gw_rc
gw_run_check(gw_scene *scene, const gw_plan *plan, gw_err *e)
{
    GW_SCOPE(a);
    run r = begin_run(a, scene, plan, true);
    return check_all(&r, e);
}

gw_rc
gw_run(gw_scene *scene, const gw_plan *plan, bool pretend, gw_err *e)
{
    GW_SCOPE(a);
    run r = begin_run(a, scene, plan, pretend);
    scene->call->report.pretend = pretend;
    GW_TRY(check_all(&r, e));
    const gw_rc rc = run_steps(&r, e);
    end_run(&r, rc, e);
    return rc;
}
