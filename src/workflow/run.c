#include "workflow/run.h"

#include <string.h>

#include "base/clock.h"
#include "migration/keep.h"
#include "sql/memory.h"
#include "sql/quote.h"
#include "workflow/burst.h"
#include "workflow/deferral.h"
#include "workflow/gap.h"
#include "workflow/hook.h"
#include "workflow/renewal.h"
#include "workflow/report.h"
#include "workflow/trust.h"

/* A step made ready to run. */
typedef struct ready {
    gw_script script;
    const char *down; /* the down file's text, which the history keeps; NULL: none */
} ready;

typedef struct run {
    gw_scene *scene;
    gw_call *call;
    const gw_plan *plan;
    gw_arena *arena;
    gw_gap *gap;
    bool *is_skipped; /* one a step: its directives keep it from running, a checkpoint stands for it, or it waits */
    ready **kept;     /* one a step: what was read while everything was checked; NULL: there was too much of it */
    size_t kept_bytes;
    size_t total; /* steps that are not skipped */
    size_t begun, executed;
    bool down, pretend;
    bool has_ended; /* and was told so */
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
    *out = gw_keep_text(a, &script);
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

/* Its last part, and the one before it must not say that it is in another schema. */
static bool
is_named(const gw_script *script, gw_str name, const gw_history *h, const char *table)
{
    GW_SCOPE(a);
    gw_str parts[3];
    const size_t count = gw_name_parts(a, name, script->dialect, parts);
    return count > 0 && gw_str_is_nocase(parts[count - 1], table) &&
           (count == 1 || h->schema == NULL || gw_str_is_nocase(parts[count - 2], h->schema));
}

static bool
makes_temporary(const gw_script *script, size_t i)
{
    GW_SCOPE(a);
    gw_memory m;
    gw_memory_read(a, gw_script_statement(script, i), script->dialect, &m);
    return m.items.len > 0 && m.items.at[0].kind == GW_MEMORY_TEMPORARY && m.items.at[0].act != GW_MEMORY_ENDS;
}

/* What would hide the history from godwit: its rows would go with the session. */
static gw_rc
check_shadows(const run *r, const gw_script *script, gw_err *e)
{
    GW_SCOPE(a);
    const gw_session *const s = &r->scene->session;
    const gw_history *const h = &s->history;
    if ((s->engine->caps & GW_CAP_SHADOWS) == 0 || h->table == NULL)
        return GODWIT_OK;
    const char *const lease = gw_history_text_lease(a, h->table);
    for (size_t i = 0; i < script->stmts.len; i++) {
        const gw_str name = script->classes[i].name;
        if (!gw_str_is_nocase(script->classes[i].verb, "create") || name.len == 0 ||
            (!is_named(script, name, h, h->table) && !is_named(script, name, h, lease)) || !makes_temporary(script, i))
            continue;
        (void)gw_fail(e, GODWIT_FOLDER, "a temporary table of this name would hide godwit's own");
        (void)gw_expanded_at(e, script->path, script->expanded, script->text, script->stmts.at[i].offset);
        return gw_err_hint(e, "give it another name; what godwit's is called says the setting `history`");
    }
    return GODWIT_OK;
}

static gw_rc
read_step(gw_arena *a, const run *r, const gw_step *step, ready *out, gw_err *e)
{
    GW_TRY(gw_scene_script(a, r->scene, step->item, step->down, &out->script, e));
    return read_down(a, r, step, &out->down, e);
}

static gw_rc
fail_gated(const gw_step *step, const gw_script *script, const char *here, gw_err *e)
{
    const gw_item *const item = step->item;
    const bool is_half = step->action == GW_ACTION_RESUME;
    if (is_half)
        (void)gw_fail(e, GODWIT_FOLDER,
                      "%s stopped after %zu of %zu statements, and must not go on where APP_ENV is '%s'", script->path,
                      step->from, script->stmts.len, here);
    else
        (void)gw_fail(e, GODWIT_FOLDER, "%s %s would be reverted, and not applied again where APP_ENV is '%s'",
                      item->version, item->name, here);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(script->path));
    (void)gw_err_note(e, "its skip-on or only-on says so");
    if (is_half)
        return gw_err_hint(e, "run it where it began, or settle it: `godwit resolve %s`", item->version);
    return gw_err_hint(e, "`godwit down` reverts it");
}

/* Is it kept from running here? What is there, as a whole or in part, is not called skipped: that would hide it. */
static gw_rc
check_gate(const run *r, const gw_step *step, const gw_script *script, bool *is_skipped, gw_err *e)
{
    const char *const here = r->scene->migrations.app_env;
    *is_skipped = !step->down && gw_directives_skip(&script->file_rules, here);
    const bool is_there = step->action == GW_ACTION_RESUME || step->item->state == GODWIT_APPLIED;
    return *is_skipped && is_there ? fail_gated(step, script, here == NULL ? "" : here, e) : GODWIT_OK;
}

static gw_rc
check_step(gw_arena *a, run *r, size_t i, ready *out, gw_err *e)
{
    const gw_step *const step = &r->plan->at[i];
    const gw_file *const file = step->item->file;
    GW_TRY(gw_call_check(r->call, e));
    if (step->down && (file == NULL || file->down_path == NULL))
        GW_TRY(gw_trust_check_kept(r->call, step->item, e));
    GW_TRY(read_step(a, r, step, out, e));
    GW_TRY(check_undoes(r, step, &out->script, e));
    GW_TRY(check_shadows(r, &out->script, e));
    if (step->action == GW_ACTION_COVER || step->action == GW_ACTION_DEFER)
        r->is_skipped[i] = true;
    else
        GW_TRY(check_gate(r, step, &out->script, &r->is_skipped[i], e));
    r->total += !r->is_skipped[i];
    return GODWIT_OK;
}

/* What was read is kept, as long as there is not too much of it: the rest is read again when it runs. */
static gw_rc
check_all(run *r, gw_err *e)
{
    enum { MOST = 16 << 20, BESIDE = 4096 };
    for (size_t i = 0; i < r->plan->len; i++) {
        GW_SCOPE(scratch);
        const bool is_kept = r->kept_bytes < MOST;
        ready *const one = gw_new(is_kept ? r->arena : scratch, ready);
        GW_TRY(check_step(is_kept ? r->arena : scratch, r, i, one, e));
        r->kept_bytes += BESIDE + 4 * one->script.text.len;
        r->kept[i] = is_kept ? one : NULL;
    }
    return GODWIT_OK;
}

/* A step that is about to run: as it was when everything was checked. */
static gw_rc
fetch(gw_arena *a, const run *r, size_t i, ready **out, gw_err *e)
{
    const gw_step *const step = &r->plan->at[i];
    *out = r->kept[i];
    if (*out == NULL) {
        *out = gw_new(a, ready);
        GW_TRY(read_step(a, r, step, *out, e));
    }
    if (step->down || strcmp(step->item->file->checksum, (*out)->script.checksum) == 0)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_FOLDER, "%s was changed while this run was under way", (*out)->script.path);
    return gw_err_hint(e, "nothing of it was run; look at the file, and run godwit again");
}

/* ---- the report ---- */

/* Is a migration that ended so among those that `up` would run? */
static bool
is_pending_after(const gw_step *step, const gw_outcome *outcome)
{
    if (outcome->state == GODWIT_REVERTED)
        return step->item->file != NULL;
    return gw_state_is_pending(outcome->state) ||
           (outcome->state == GODWIT_FAILED_STATE && !step->down && outcome->done == 0);
}

static void
report_step(run *r, const gw_step *step, const gw_outcome *outcome, const gw_script *script, const gw_err *failure)
{
    gw_arena *const a = r->call->arena;
    godwit_migration m = gw_report_item(r->call, step->item);
    m.kind = step->action == GW_ACTION_COVER ? GW_RECORD_COVERED : m.kind;
    m.direction = direction_of(step->down);
    m.state = outcome->state;
    m.statements = script->stmts.len;
    m.done = outcome->done;
    m.duration_ms = outcome->duration_ms;
    m.error = failure == NULL ? gw_text(a, step->reason) : gw_text(a, failure->message);
    if (outcome->started_at[0] != '\0') {
        m.started_at = gw_text(a, outcome->started_at);
        m.applied_by = gw_text(a, r->scene->session.applied_by);
        m.recorded_checksum = m.checksum;
    }
    *gw_vec_push(a, &r->call->answer.migrations) = m;
    r->call->report.pending += is_pending_after(step, outcome);
    r->call->report.pending -= gw_state_is_pending(step->item->state);
}

/* ---- one step ---- */

static gw_rc
skip_step(run *r, const gw_step *step, const gw_script *script, gw_err *e)
{
    GW_SCOPE(a);
    const gw_session *const s = &r->scene->session;
    if (step->action == GW_ACTION_DEFER) { /* its row is written */
        report_step(r, step, &(gw_outcome){.state = GODWIT_DEFERRED}, script, NULL);
        return GODWIT_OK;
    }
    const char *const now = gw_clock_utc(a);
    const bool is_covered = step->action == GW_ACTION_COVER;
    const gw_record record = {
        .version = step->item->version,
        .name = step->item->name,
        .kind = is_covered ? GW_RECORD_COVERED : gw_item_kind(step->item),
        .direction = "up",
        .state = is_covered ? GODWIT_APPLIED : GODWIT_SKIPPED,
        .checksum = script->checksum,
        .statements = script->stmts.len,
        .done = is_covered ? script->stmts.len : 0,
        .started_at = now,
        .finished_at = now,
        .applied_by = s->applied_by,
        .run_id = s->run_id,
        .tool = GW_VERSION,
    };
    if (is_covered || step->item->state != GODWIT_SKIPPED)
        GW_TRY(gw_history_add(&s->history, &record, NULL, NULL, e));
    report_step(r, step, &(gw_outcome){.state = record.state, .done = record.done}, script, NULL);
    return GODWIT_OK;
}

/* A step that was carried out: told, reported, and whoever asked for it is called. */
static void
finish_step(run *r, const gw_apply_params *p, const gw_outcome *outcome)
{
    const gw_step *const step = p->step;
    report_step(r, step, outcome, p->script, NULL);
    if (outcome->already)
        return;
    gw_tell(r->call, &(godwit_event){
                         .kind = GODWIT_EVENT_MIGRATION_END,
                         .version = step->item->version,
                         .name = step->item->name,
                         .direction = direction_of(step->down),
                         .index = p->index,
                         .total = p->total,
                         .elapsed_ms = outcome->duration_ms,
                     });
    r->executed++;
    gw_hook_tell(r->call, &(gw_hook_event){
                              .hook = GW_SETTING_AFTER_EACH,
                              .direction = direction_of(step->down),
                              .migration = step->item,
                              .pending = r->total - r->begun,
                              .executed = r->executed,
                              .duration_ms = outcome->duration_ms,
                          });
}

static gw_rc
end_step(run *r, const gw_apply_params *p, const gw_outcome *outcome, gw_rc rc, const gw_err *e)
{
    if (rc == GODWIT_OK) {
        finish_step(r, p, outcome);
        return rc;
    }
    report_step(r, p->step, outcome, p->script, e);
    gw_report_statements(r->call, p->script, outcome->done);
    return rc;
}

static gw_apply_params
apply_params(run *r, size_t i, const ready *one)
{
    return (gw_apply_params){
        .step = &r->plan->at[i], .script = &one->script, .down = one->down, .index = ++r->begun, .total = r->total};
}

static gw_rc
run_step(run *r, size_t i, bool look_first, gw_err *e)
{
    GW_SCOPE(a);
    ready *one;
    gw_outcome outcome;
    gw_session *const s = &r->scene->session;
    GW_TRY(gw_watch_check(s->watch, e));
    GW_TRY(gw_gap_pass(r->gap, i, e));
    GW_TRY(fetch(a, r, i, &one, e));
    GW_TRY(gw_scene_create_history(r->scene, e));
    if (r->is_skipped[i])
        return skip_step(r, &r->plan->at[i], &one->script, e);
    gw_apply_params p = apply_params(r, i, one);
    p.look_first = look_first || r->gap->is_elsewhere[i];
    const gw_rc rc = gw_apply(s, &p, &outcome, e);
    s->is_littered = s->is_littered || (!outcome.already && gw_renewal_leaves(s, &one->script));
    return end_step(r, &p, &outcome, rc, e);
}

/* As many steps from i on as may go in one burst. */
static size_t
gather(gw_arena *a, run *r, const gw_burst *b, size_t i, size_t most, gw_apply_params *out)
{
    enum { TEXT_MOST = 4 << 20 };
    size_t bytes = 0, count;
    for (count = 0; count < most && bytes < TEXT_MOST; count++) {
        const size_t at = i + count;
        ready *one;
        gw_err ignored = {0}; /* it comes again when it is this one's turn */
        if (r->is_skipped[at] || r->gap->is_elsewhere[at] || fetch(a, r, at, &one, &ignored) != GODWIT_OK)
            break;
        if (!gw_burst_takes(b, &r->plan->at[at], &one->script))
            break;
        out[count] = apply_params(r, at, one);
        bytes += one->script.text.len;
    }
    return count;
}

/* One step, or a burst of them; *i is where to go on. */
static gw_rc
run_some(run *r, gw_burst *b, size_t *i, gw_err *e)
{
    GW_SCOPE(a);
    const size_t left = r->plan->len - *i;
    const size_t most = left < b->size ? left : b->size;
    gw_apply_params *const params = gw_new_array(a, gw_apply_params, most);
    gw_outcome *const outcomes = gw_new_array(a, gw_outcome, most);
    const size_t begun = r->begun;
    gw_burst_end end = {.alone = true};
    gw_rc rc = GODWIT_OK;
    GW_TRY(gw_watch_check(r->scene->session.watch, e));
    GW_TRY(gw_gap_pass(r->gap, *i, e));
    const size_t count = gather(a, r, b, *i, most, params);
    r->begun = begun;
    const bool is_burst = count > 1;
    if (is_burst)
        rc = gw_burst_run(b, params, count, outcomes, &end, e);
    for (size_t done = 0; done < end.done; done++) {
        r->begun++;
        gw_burst_tell(b, &params[done], done == 0, true);
        GW_TRY(end_step(r, &params[done], &outcomes[done], GODWIT_OK, e));
    }
    *i += end.done;
    if (rc != GODWIT_OK && end.done < count) {
        gw_burst_tell(b, &params[end.done], end.done == 0, false);
        return end_step(r, &params[end.done], &outcomes[end.done], rc, e);
    }
    if (rc != GODWIT_OK)
        return rc;
    if (!end.alone)
        return GODWIT_OK;
    return run_step(r, (*i)++, is_burst, e);
}

static gw_rc
pretend_step(run *r, size_t i, gw_err *e)
{
    GW_SCOPE(a);
    const gw_step *const step = &r->plan->at[i];
    ready *one;
    GW_TRY(gw_call_check(r->call, e));
    GW_TRY(fetch(a, r, i, &one, e));
    /* What is only said changes nothing: neither its state nor what is pending. */
    const bool is_run = !r->is_skipped[i] || step->action == GW_ACTION_COVER;
    const godwit_state state = is_run                            ? GODWIT_PENDING
                               : step->action == GW_ACTION_DEFER ? GODWIT_DEFERRED
                                                                 : GODWIT_SKIPPED;
    const size_t pending = r->call->report.pending;
    report_step(r, step, &(gw_outcome){.state = state, .done = step->from}, &one->script, NULL);
    r->call->report.pending = pending;
    gw_report_statements(r->call, &one->script, step->from);
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
    const bool is_grouped = (r->scene->session.engine->caps & GW_CAP_GROUP) != 0;
    return is_grouped ? GODWIT_OK : gw_scene_create_history(r->scene, e); /* a group creates it along with its rows */
}

static gw_rc
run_all(run *r, gw_err *e)
{
    gw_burst burst;
    gw_deferrals deferrals;
    GW_TRY(gw_deferral_begin(r->arena, r->scene, r->plan, &deferrals, e));
    GW_TRY(gw_burst_open(&r->scene->session, &burst, e));
    for (size_t i = 0; i < r->plan->len;)
        GW_TRY(run_some(r, &burst, &i, e));
    return gw_deferral_end(r->scene, &deferrals, e);
}

static void
tell_covered(const run *r)
{
    const gw_plan *const p = r->plan;
    size_t count = 0, last = 0;
    for (size_t i = 0; i < p->len; i++)
        if (p->at[i].action == GW_ACTION_COVER) {
            count++;
            last = i;
        }
    if (count > 0)
        gw_tell_note(r->call,
                     "this database is empty: it begins with the checkpoint %s %s, which stands for %zu migration%s",
                     p->at[last + 1].item->version, p->at[last + 1].item->name, count, count == 1 ? "" : "s");
}

/* What is not run, and why. */
static void
tell_unrun(const run *r)
{
    for (size_t i = 0; i < r->plan->len; i++)
        if (r->plan->at[i].action == GW_ACTION_DEFER)
            gw_tell_note(r->call, "%s %s waits for the next run: %s", r->plan->at[i].item->version,
                         r->plan->at[i].item->name, r->plan->at[i].reason);
    tell_covered(r);
}

static gw_rc
run_steps(run *r, gw_err *e)
{
    GW_TRY(prepare_target(r, e));
    tell_unrun(r);
    gw_tell(r->call, &(godwit_event){.kind = GODWIT_EVENT_RUN_BEGIN, .total = r->total, .pretend = r->pretend});
    if (!r->pretend)
        return run_all(r, e);
    for (size_t i = 0; i < r->plan->len; i++)
        GW_TRY(pretend_step(r, i, e));
    return GODWIT_OK;
}

/* Whoever heard that it began hears how it ended. */
static void
tell_hooks(run *r, gw_rc rc, const gw_err *e)
{
    gw_hook_tell(r->call, &(gw_hook_event){
                              .hook = rc == GODWIT_OK ? GW_SETTING_AFTER_UP : GW_SETTING_ON_FAILURE,
                              .direction = direction_of(r->down),
                              .pending = r->call->report.pending,
                              .executed = r->executed,
                              .duration_ms = gw_clock_ms() - r->call->started_ms,
                              .error = rc == GODWIT_OK ? NULL : e,
                          });
}

static void
end_run(run *r, gw_rc rc, const gw_err *e)
{
    r->has_ended = true;
    r->call->report.files_executed += r->executed;
    gw_tell(r->call, &(godwit_event){
                         .kind = GODWIT_EVENT_RUN_END,
                         .index = r->executed,
                         .total = r->total,
                         .elapsed_ms = gw_clock_ms() - r->call->started_ms,
                         .pretend = r->pretend,
                     });
    if (!r->pretend && (!r->down || rc != GODWIT_OK))
        tell_hooks(r, rc, e);
}

static run
begin_run(gw_arena *a, gw_scene *scene, const gw_plan *plan, bool pretend)
{
    return (run){
        .scene = scene,
        .call = scene->call,
        .plan = plan,
        .arena = a,
        .gap = gw_gap_new(a, scene, plan),
        .kept = gw_new_array(a, ready *, plan->len),
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

static gw_rc
carry_out(run *r, gw_err *e)
{
    r->call->report.pretend = r->pretend;
    GW_TRY(check_all(r, e));
    const gw_rc rc = run_steps(r, e);
    end_run(r, rc, e);
    return rc;
}

gw_rc
gw_run(gw_scene *scene, const gw_plan *plan, bool pretend, gw_err *e)
{
    GW_SCOPE(a);
    if (pretend) /* would be refused otherwise, see gw_scene_open() */
        GW_TRY(gw_trust_check(scene->call, &scene->migrations.folder, e));
    run r = begin_run(a, scene, plan, pretend);
    return carry_out(&r, e);
}

gw_rc
gw_run_on(gw_scene *scene, const gw_plan *plan, gw_rc before, gw_err *e)
{
    GW_SCOPE(a);
    run r = begin_run(a, scene, plan, false);
    const gw_rc rc = before == GODWIT_OK ? carry_out(&r, e) : before;
    if (!r.has_ended)
        tell_hooks(&r, rc, e);
    return rc;
}
