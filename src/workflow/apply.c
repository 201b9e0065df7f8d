#include "workflow/apply.h"

#include <string.h>

#include "base/clock.h"
#include "workflow/doubt.h"
#include "workflow/entry.h"
#include "workflow/execute.h"
#include "workflow/polling.h"
#include "workflow/remains.h"
#include "workflow/renewal.h"
#include "workflow/twin.h"
#include "workflow/units.h"

static const gw_str no_text = {"", 0};

/* ---- failure ---- */

/* Best effort: the failure itself is what the user must hear. What is not certain stays "running": `resolve` decides. */
static bool
record_failure(gw_application *app, const gw_err *failure)
{
    gw_session *const s = app->session;
    gw_err ignored = {0};
    if (failure->rc == GODWIT_LOCKED || app->is_uncertain || !gw_session_is_alive(s))
        return false;
    gw_record r = gw_entry_ended(app, GODWIT_FAILED_STATE, app->record.done);
    r.error = failure->message;
    gw_rc rc = s->engine->reset(s->conn, &ignored);
    if (rc == GODWIT_OK)
        rc = gw_entry_end(app, &r, &ignored);
    app->already = false;
    if (rc != GODWIT_OK)
        gw_tell_note(s->call, "the failure could not be recorded: %s", ignored.message);
    return rc == GODWIT_OK;
}

static const char *
way_on(const gw_err *e)
{
    switch ((int)e->rc) {
    case GODWIT_INTERRUPTED:
        return "";
    case GODWIT_CONNECT:
        return "when the server answers, ";
    default:
        return e->transient ? "try later: " : "fix the file and ";
    }
}

/* What was kept, and how to go on. */
static void
explain(const gw_application *app, godwit_state state, gw_err *e)
{
    const gw_record *const r = &app->record;
    if (e->path[0] == '\0') {
        const bool is_of_file = e->rc == GODWIT_FAILED; /* a file without a line is not shown by itself */
        if (is_of_file)
            gw_err_copy(e->path, sizeof(e->path), gw_str_of(app->script->path));
        (void)gw_err_note(e, "while %s %s %s%s%s, on %s", app->p->step->down ? "reverting" : "applying", r->version,
                          r->name, is_of_file ? ", " : "", is_of_file ? app->script->path : "", app->session->shown);
    }
    if (e->rc == GODWIT_FAILED && e->code[0] != '\0' && e->hint[0] != '\0') { /* the server's: ours is another */
        (void)gw_err_note(e, "hint: %s", e->hint);
        e->hint[0] = '\0';
    }
    if (r->done > 0 && r->done <= app->script->stmts.len)
        (void)gw_err_note(e, "kept: %zu of %zu statements", r->done, app->script->stmts.len);
    if (e->rc == GODWIT_LOCKED)
        return;
    if (state == GODWIT_RUNNING && app->is_partial)
        (void)gw_err_hint(e,
                          "look at what statement %zu kept, then say where to go on: `godwit resolve %s --retry --done "
                          "%zu` runs it again, `--done %zu` goes on behind it",
                          r->done + 1, r->version, r->done, r->done + 1);
    else if (state == GODWIT_RUNNING)
        (void)gw_err_hint(e, "%s: `godwit resolve %s` shows what is known, and settles it",
                          app->is_uncertain ? "whether the last step happened is not known"
                                            : "the end of this attempt could not be recorded",
                          r->version);
    else if (r->done == 0)
        (void)gw_err_hint(e, "nothing of this migration was kept; %srun `godwit %s` again", way_on(e), r->direction);
    else
        (void)gw_err_hint(e,
                          "%srun `godwit %s` again: it goes on after statement %zu; `godwit resolve %s` shows what was "
                          "kept",
                          way_on(e), r->direction, r->done, r->version);
}

static void
fail(gw_application *app, gw_outcome *out, gw_err *e)
{
    gw_application_rollback(app);
    if (!app->is_begun) {
        out->state = app->seen.state == GODWIT_RUNNING ? GODWIT_RUNNING : GODWIT_FAILED_STATE;
        explain(app, out->state, e);
        return;
    }
    const bool is_told = record_failure(app, e);
    out->state = app->is_uncertain || (app->is_recorded && !is_told) ? GODWIT_RUNNING : GODWIT_FAILED_STATE;
    explain(app, out->state, e);
}

/* ---- begin ---- */

gw_record
gw_apply_record(const gw_session *s, const gw_apply_params *p)
{
    const gw_step *const step = p->step;
    const char *const checksum = step->item->file != NULL      ? step->item->file->checksum
                                 : step->item->applied != NULL ? step->item->applied->checksum
                                                               : NULL;
    return (gw_record){
        .version = step->item->version,
        .name = step->item->name,
        .kind = gw_item_kind(step->item),
        .direction = step->down ? "down" : "up",
        .state = GODWIT_RUNNING,
        .checksum = checksum,
        .statements = p->script->stmts.len,
        .done = step->from,
        .applied_by = s->applied_by,
        .run_id = s->run_id,
        .tool = GW_VERSION,
        .down = p->down,
    };
}

static gw_application
new_application(gw_arena *a, gw_session *s, const gw_apply_params *p)
{
    const gw_record *const seen = p->step->item->record;
    gw_application app = {
        .session = s,
        .p = p,
        .script = p->script,
        .arena = a,
        .record = gw_apply_record(s, p),
        .prefix = gw_new(a, gw_prefix),
        .started_ms = gw_clock_ms(),
    };
    app.record.started_at = gw_clock_utc(a);
    if (seen != NULL)
        app.seen = *seen;
    return app;
}

static bool
spans_units(const gw_application *app)
{
    return !gw_script_is_single(app->script) || app->p->step->action == GW_ACTION_RESUME;
}

static bool
is_claimed(const gw_application *app)
{
    return (app->session->engine->caps & GW_CAP_CLAIM) != 0 && spans_units(app);
}

static gw_rc
try_claim(gw_arena *a, void *session, const char **in_the_way, gw_err *e)
{
    const gw_session *const s = session;
    bool taken = false;
    GW_TRY(s->engine->claim(s->conn, &taken, e));
    if (!taken)
        *in_the_way = gw_printf(a, "another godwit is in the middle of a migration of %s", s->shown);
    return GODWIT_OK;
}

/* Where no lock outlives a transaction: say that we are here from the first unit to the last. */
static gw_rc
claim(const gw_application *app, gw_err *e)
{
    if (gw_poll(app->session, try_claim, app->session, e) != GODWIT_LOCKED)
        return e->rc;
    return gw_err_hint(e, "wait for it: --lock-wait says how long; `godwit status` tells how far it is");
}

/* The plan as it would be made now. */
static void
plan_again(gw_application *app, const gw_record *newest)
{
    gw_apply_params *const p = gw_new(app->arena, gw_apply_params);
    gw_step *const step = gw_new(app->arena, gw_step);
    const bool is_half = newest->state == GODWIT_RUNNING || newest->done > 0;
    *p = *app->p;
    *step = *p->step;
    step->action = is_half ? GW_ACTION_RESUME : GW_ACTION_RUN;
    step->from = is_half ? newest->done : 0;
    step->was_running = newest->state == GODWIT_RUNNING;
    p->step = step;
    app->p = p;
    app->seen = *newest;
    app->record.done = step->from;
}

/* Whoever had the claim until now may have ended this migration, or left it in the middle, since the plan was made. */
static gw_rc
look_again(gw_application *app, gw_err *e)
{
    const gw_session *const s = app->session;
    const gw_step *const step = app->p->step;
    gw_record newest = {0};
    bool found;
    GW_TRY(gw_history_newest(app->arena, &s->history, app->record.version, &newest, &found, e));
    const bool is_seen = newest.id == app->seen.id && newest.state == app->seen.state && newest.done == app->seen.done;
    if (!found || is_seen || step->is_told || strcmp(newest.direction, app->record.direction) != 0)
        return GODWIT_OK;
    if (newest.state == (step->down ? GODWIT_REVERTED : GODWIT_APPLIED))
        app->already = app->is_done = true;
    else if (newest.state == GODWIT_RUNNING || newest.state == GODWIT_FAILED_STATE)
        plan_again(app, &newest);
    return GODWIT_OK;
}

static gw_rc
claim_and_look(gw_application *app, gw_err *e)
{
    if (!is_claimed(app))
        return GODWIT_OK;
    GW_TRY(claim(app, e));
    return look_again(app, e);
}

static void
unclaim(const gw_application *app)
{
    const gw_session *const s = app->session;
    if (is_claimed(app) && s->conn != NULL)
        s->engine->unclaim(s->conn);
}

/* The row of a runner that is gone: ended, so that the history says what became of it. */
static gw_rc
end_other(gw_application *app, const gw_remains *m, gw_err *e)
{
    const gw_session *const s = app->session;
    gw_record r = app->seen;
    gw_record newest = {0};
    bool found;
    if (r.state != GODWIT_RUNNING)
        return GODWIT_OK;
    r.state = GODWIT_FAILED_STATE;
    r.done = m->done;
    r.fingerprint = r.done == 0 ? NULL : gw_progress_text(app->arena, app->script, app->prefix, r.done, false);
    r.finished_at = gw_clock_utc(app->arena);
    r.error = "its runner ended in the middle";
    GW_TRY(s->engine->begin(s->conn, no_text, e));
    gw_rc rc = gw_history_newest(app->arena, &s->history, r.version, &newest, &found, e);
    if (rc == GODWIT_OK && (newest.id != r.id || newest.state != app->seen.state || newest.done != app->seen.done))
        rc = gw_fail(e, GODWIT_LOCKED, "another runner took over %s %s", r.version, r.name);
    if (rc == GODWIT_OK)
        rc = gw_history_end(&s->history, &r, e);
    if (rc == GODWIT_OK)
        rc = s->engine->commit(s->conn, e);
    if (rc != GODWIT_OK)
        s->engine->rollback(s->conn);
    app->seen = r;
    return rc;
}

static gw_rc
check_told(gw_application *app, gw_err *e)
{
    const size_t from = app->p->step->from, count = app->script->stmts.len;
    if (from <= count)
        return GODWIT_OK;
    app->record.done = app->seen.done; /* what was said is wrong: what is recorded counts */
    (void)gw_fail(e, GODWIT_USAGE, "%s has %zu statements: --done %zu is more", app->script->path, count, from);
    return gw_err_hint(e, "`godwit resolve %s` lists them", app->record.version);
}

/* A file that goes on in its middle: what is kept must be unchanged, and what was under way is looked at. The user's word counts more
 * than the row: then nothing is asked. */
static gw_rc
resume(gw_application *app, gw_err *e)
{
    gw_session *const s = app->session;
    const gw_step *const step = app->p->step;
    gw_remains m = {.done = step->from};
    if (step->action != GW_ACTION_RESUME)
        return GODWIT_OK;
    GW_TRY(s->engine->reset(s->conn, e));
    if (step->is_told)
        GW_TRY(check_told(app, e));
    else
        GW_TRY(gw_remains_read(app->arena, app->script, &app->seen, &m, e));
    if (m.was_under_way) {
        GW_TRY(gw_renewal_say(app, e));
        GW_TRY(gw_twin_await(s, app->script, m.recorded, e));
        GW_TRY(gw_remains_judge(app->arena, s, app->script, &m, e));
        GW_TRY(gw_remains_check(&m, app->script, &app->seen, e));
        gw_tell_note(s->call, "statement %zu of %s %s was under way when its runner ended: it %s", m.recorded + 1,
                     app->record.version, app->record.name,
                     m.verdict == GW_VERDICT_DONE ? "was carried out" : "was not carried out");
    }
    GW_TRY(gw_renewal_check(app, m.done, e));
    app->record.done = m.done;
    return end_other(app, &m, e);
}

static void
tell(const gw_application *app, godwit_event_kind kind, int64_t elapsed_ms)
{
    gw_tell(app->session->call, &(godwit_event){
                                    .kind = kind,
                                    .version = app->record.version,
                                    .name = app->record.name,
                                    .direction = app->record.direction,
                                    .index = app->p->index,
                                    .total = app->p->total,
                                    .elapsed_ms = elapsed_ms,
                                });
}

/* ---- the whole ---- */

static gw_rc
carry_out(gw_application *app, gw_err *e)
{
    gw_rc rc = claim_and_look(app, e);
    if (rc == GODWIT_OK && !app->is_done) {
        rc = resume(app, e);
        app->is_begun = rc == GODWIT_OK;
        if (rc == GODWIT_OK)
            rc = gw_units_run(app, e);
    }
    unclaim(app);
    return rc;
}

gw_rc
gw_apply(gw_session *s, const gw_apply_params *p, gw_outcome *out, gw_err *e)
{
    GW_SCOPE(a);
    gw_application app = new_application(a, s, p);
    *out = (gw_outcome){.state = GODWIT_FAILED_STATE, .done = p->step->from};
    gw_err_copy(out->started_at, sizeof(out->started_at), gw_str_of(app.record.started_at));
    tell(&app, GODWIT_EVENT_MIGRATION_BEGIN, 0);
    const int64_t own_ms = p->script->file_rules.timeout_ms;
    gw_watch_deadline(s->watch, GW_DEADLINE_MIGRATION, own_ms != 0 ? own_ms : s->timeout_ms);
    const gw_rc rc = carry_out(&app, e);
    gw_watch_deadline(s->watch, GW_DEADLINE_MIGRATION, 0);
    out->duration_ms = gw_clock_ms() - app.started_ms;
    out->done = app.is_done ? p->script->stmts.len : app.record.done;
    out->already = app.already;
    if (rc == GODWIT_OK) {
        out->state = p->step->down ? GODWIT_REVERTED : GODWIT_APPLIED;
        if (app.already)
            gw_tell_note(s->call, "%s %s was done by another runner meanwhile", app.record.version, app.record.name);
    } else if (s->group == NULL) {
        fail(&app, out, e);
    }
    return rc;
}

gw_rc
gw_apply_failed(gw_session *s, const gw_apply_params *p, size_t index, gw_outcome *out, gw_err *e)
{
    GW_SCOPE(a);
    gw_application app = new_application(a, s, p);
    gw_record newest = {0};
    bool found = false;
    *out = (gw_outcome){.state = GODWIT_FAILED_STATE};
    gw_err_copy(out->started_at, sizeof(out->started_at), gw_str_of(app.record.started_at));
    const gw_execute_params place = {.script = p->script,
                                     .version = app.record.version,
                                     .name = app.record.name,
                                     .direction = app.record.direction,
                                     .revocable = gw_script_is_single(p->script)};
    if (index != SIZE_MAX)
        (void)gw_execute_place(s, &place, index, e);
    const bool is_alive = gw_session_is_alive(s);
    gw_err unsaid = {0};
    const gw_rc read = is_alive ? gw_doubt_newest(a, s, app.record.version, &newest, &found, &unsaid) : GODWIT_CONNECT;
    if (read == GODWIT_OK && found && newest.state == GODWIT_RUNNING && newest.run_id != NULL &&
        strcmp(newest.run_id, s->run_id) == 0) {
        app.is_recorded = true;
        app.record.id = newest.id;
        app.record.done = newest.done;
        app.is_uncertain = index == SIZE_MAX;
    }
    if (is_alive && read != GODWIT_OK && !place.revocable) /* its row may say more than that nothing was kept */
        app.is_uncertain = true;
    app.is_begun = true;
    fail(&app, out, e);
    out->done = app.record.done;
    return e->rc;
}
