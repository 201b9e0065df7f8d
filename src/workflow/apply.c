#include "workflow/apply.h"

#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "workflow/doubt.h"
#include "workflow/execute.h"

/* One application under way. */
typedef struct application {
    gw_session *session;
    const gw_apply_params *p;
    const gw_script *script;
    gw_arena *arena;
    gw_record record;  /* as it stands, or will stand, in the history; done: statements kept */
    bool is_recorded;  /* record.id is a row that says "running" */
    bool is_uncertain; /* whether the newest statement or commit happened is not known */
    gw_prefix *prefix; /* of the statements that are kept */
    bool already;      /* another runner did it meanwhile */
    int64_t started_ms;
} application;

static const gw_str no_text = {"", 0};

/* ---- what the history says ---- */

/* Another runner tried the same, and it is as if it had not. */
static bool
left_nothing(const gw_record *newest, const char *direction)
{
    return newest->state == GODWIT_FAILED_STATE && newest->done == 0 && strcmp(newest->direction, direction) == 0;
}

/* Where begin() is the lock, what was decided before it may be old: look again inside. */
static gw_rc
decide_again(application *app, gw_err *e)
{
    gw_session *const s = app->session;
    const gw_record *const seen = app->p->step->item->record;
    const gw_record *const r = &app->record;
    gw_record newest = {0};
    bool found;
    if ((s->engine->caps & GW_CAP_TX_LOCK) == 0)
        return GODWIT_OK;
    GW_TRY(gw_history_newest(app->arena, &s->history, r->version, &newest, &found, e));
    if (app->is_recorded) {
        if (found && newest.id == r->id && newest.state == GODWIT_RUNNING)
            return GODWIT_OK;
        return gw_fail(e, GODWIT_LOCKED, "another runner took over %s %s", r->version, r->name);
    }
    if ((found ? newest.id : 0) == (seen == NULL ? 0 : seen->id) || left_nothing(&newest, r->direction))
        return GODWIT_OK;
    if (newest.state != (app->p->step->down ? GODWIT_REVERTED : GODWIT_APPLIED)) {
        (void)gw_fail(e, GODWIT_LOCKED, "another runner is working on %s %s: it is %s there", r->version, r->name,
                      gw_state_name(newest.state));
        return gw_err_hint(e, "`godwit status` tells when it is done");
    }
    app->already = true;
    return GODWIT_OK;
}

/* The prefix grows with the marks: what was hashed is not hashed again. */
static char *
prefix_of(const application *app, size_t done)
{
    return gw_script_prefix_on(app->arena, app->script, app->prefix, done);
}

/* The record as it stands when the migration ends now. */
static gw_record
ended(const application *app, godwit_state state, size_t done)
{
    gw_record r = app->record;
    r.state = state;
    r.done = done;
    r.fingerprint = state == GODWIT_FAILED_STATE && done > 0 ? prefix_of(app, done) : NULL;
    r.finished_at = gw_clock_utc(app->arena);
    r.duration_ms = gw_clock_ms() - app->started_ms;
    return r;
}

static gw_rc
record_end(const application *app, const gw_record *r, gw_err *e)
{
    const gw_history *const h = &app->session->history;
    return app->is_recorded ? gw_history_end(h, r, e) : gw_history_add(h, r, NULL, e);
}

/* After the statements before `end` were executed: the mark, or the end of the migration. *kept: the record then. */
static gw_rc
keep(const application *app, size_t end, gw_record *kept, gw_err *e)
{
    if (end < app->script->stmts.len) {
        *kept = app->record;
        kept->done = end;
        kept->fingerprint = prefix_of(app, end);
        return gw_history_mark(&app->session->history, kept->id, end, kept->fingerprint, e);
    }
    *kept = ended(app, app->p->step->down ? GODWIT_REVERTED : GODWIT_APPLIED, end);
    return record_end(app, kept, e);
}

/* ---- transactions ---- */

static gw_rc
begin(application *app, gw_str own, gw_err *e)
{
    gw_session *const s = app->session;
    gw_watch_enter(s->watch, s->conn);
    return gw_watch_leave(s->watch, s->engine->begin(s->conn, own, e), e);
}

static void
rollback(const application *app)
{
    if (app->session->conn != NULL)
        app->session->engine->rollback(app->session->conn);
}

/* `kept`: what the history holds when this succeeds. */
static gw_rc
commit(application *app, const gw_record *kept, gw_err *e)
{
    gw_session *const s = app->session;
    const gw_record *const seen = app->p->step->item->record;
    gw_err lost = {0};
    if (GW_FAULT("before_commit"))
        return gw_fail(e, GODWIT_FAILED, "fault: before_commit");
    const gw_rc rc = s->engine->commit(s->conn, &lost);
    if (rc != GODWIT_CONNECT || lost.transient) {
        *e = lost;
        return rc;
    }
    const gw_doubt doubt = {.after = kept, .before = app->is_recorded ? app->record.id : seen == NULL ? 0 : seen->id};
    bool settled;
    const gw_rc found = gw_doubt_settle(s, &doubt, &lost, &settled, e);
    app->is_uncertain = !settled;
    return found;
}

/* ---- units ---- */

static gw_rc
execute_range(application *app, size_t from, size_t to, bool revocable, gw_err *e)
{
    const gw_execute_params p = {
        .script = app->script,
        .version = app->record.version,
        .name = app->record.name,
        .direction = app->record.direction,
        .revocable = revocable,
    };
    for (size_t i = from; i < to; i++)
        GW_TRY(gw_execute_statement(app->session, &p, i, e));
    return GODWIT_OK;
}

/* What the kept statements said to the session (SET, USE, PRAGMA) is said again when the others meet a new one. */
static gw_rc
repeat_session(application *app, gw_err *e)
{
    if (app->record.done == app->script->stmts.len)
        return GODWIT_OK;
    for (size_t i = 0; i < app->record.done; i++)
        if (app->script->classes[i].kind == GW_CLASS_SESSION)
            GW_TRY(execute_range(app, i, i + 1, false, e));
    return GODWIT_OK;
}

static gw_rc
execute_transaction(application *app, const gw_unit *unit, gw_err *e)
{
    const gw_session *const s = app->session;
    const size_t end = unit->first + unit->count;
    const size_t from = app->record.done > unit->first ? app->record.done : unit->first;
    const bool own_begin = unit->own_begin != SIZE_MAX;
    const size_t first = own_begin && from <= unit->own_begin ? unit->own_begin + 1 : from;
    const size_t last = unit->own_commit != SIZE_MAX ? unit->own_commit : end;
    gw_record kept;
    GW_TRY(begin(app, own_begin ? gw_script_statement(app->script, unit->own_begin) : no_text, e));
    GW_TRY(decide_again(app, e));
    if (app->already)
        return GODWIT_OK;
    GW_TRY(execute_range(app, first, last, true, e));
    gw_watch_enter(s->watch, s->conn);
    GW_TRY(gw_watch_leave(s->watch, keep(app, end, &kept, e), e));
    GW_TRY(commit(app, &kept, e));
    app->record.done = end;
    return GODWIT_OK;
}

static gw_rc
run_transaction(application *app, const gw_unit *unit, gw_err *e)
{
    const unsigned before = app->session->reopened;
    const gw_rc rc = execute_transaction(app, unit, e);
    if (rc != GODWIT_OK || app->already) {
        rollback(app);
        return rc;
    }
    return app->session->reopened == before ? GODWIT_OK : repeat_session(app, e);
}

static gw_rc
run_plain(application *app, const gw_unit *unit, gw_err *e)
{
    const gw_session *const s = app->session;
    const size_t end = unit->first + unit->count;
    gw_record kept;
    const gw_rc rc = execute_range(app, unit->first, end, false, e);
    app->is_uncertain = rc == GODWIT_CONNECT;
    GW_TRY(rc);
    /* A file that turned autocommit off left a transaction open: what it did and the mark go together. */
    const bool is_open = s->engine->in_transaction(s->conn);
    app->record.done = is_open ? app->record.done : end;
    if (GW_FAULT("after_statement"))
        return gw_fail(e, GODWIT_FAILED, "fault: after_statement");
    /* What speaks to the session alone is said again when the file is resumed: it needs no mark. */
    if (!is_open && app->script->classes[unit->first].kind == GW_CLASS_SESSION && end < app->script->stmts.len)
        return GODWIT_OK;
    GW_TRY(keep(app, end, &kept, e));
    if (is_open)
        GW_TRY(commit(app, &kept, e));
    app->record.done = end;
    return GODWIT_OK;
}

/* A migration of several units is in the history before its first statement. */
static gw_rc
record_start(application *app, gw_err *e)
{
    gw_session *const s = app->session;
    const bool guarded = (s->engine->caps & GW_CAP_TX_LOCK) != 0;
    if (guarded)
        GW_TRY(begin(app, no_text, e));
    gw_rc rc = decide_again(app, e);
    if (rc == GODWIT_OK && !app->already)
        rc = gw_history_add(&s->history, &app->record, &app->record.id, e);
    if (guarded && rc == GODWIT_OK && !app->already)
        rc = s->engine->commit(s->conn, e);
    if (guarded && (rc != GODWIT_OK || app->already))
        rollback(app);
    app->is_recorded = rc == GODWIT_OK && !app->already;
    return rc;
}

static gw_rc
run_units(application *app, gw_err *e)
{
    const gw_script *const script = app->script;
    const bool single = script->units.len == 1 && script->units.at[0].transaction && app->record.done == 0;
    gw_record kept;
    if (!single) {
        GW_TRY(record_start(app, e));
        if (app->already)
            return GODWIT_OK;
        GW_TRY(repeat_session(app, e));
    }
    if (script->units.len == 0)
        return keep(app, 0, &kept, e);
    for (size_t i = 0; i < script->units.len && !app->already; i++) {
        const gw_unit *const unit = &script->units.at[i];
        if (unit->first + unit->count > app->record.done || unit->count == 0)
            GW_TRY(unit->transaction ? run_transaction(app, unit, e) : run_plain(app, unit, e));
    }
    return GODWIT_OK;
}

/* ---- failure ---- */

/* Where begin() is the lock, another runner may have been here since ours was rolled back: its row must stay the newest. */
static gw_rc
record_guarded(application *app, const gw_record *r, gw_err *e)
{
    const gw_session *const s = app->session;
    if ((s->engine->caps & GW_CAP_TX_LOCK) == 0)
        return record_end(app, r, e);
    gw_rc rc = s->engine->begin(s->conn, no_text, e);
    if (rc == GODWIT_OK)
        rc = decide_again(app, e);
    if (rc == GODWIT_OK && !app->already)
        rc = record_end(app, r, e);
    if (rc == GODWIT_OK && !app->already)
        rc = s->engine->commit(s->conn, e);
    if (rc != GODWIT_OK || app->already)
        rollback(app);
    app->already = false;
    return rc;
}

/* Best effort: the failure itself is what the user must hear. What is not certain stays "running": `resolve` decides. */
static bool
record_failure(application *app, const gw_err *failure)
{
    gw_session *const s = app->session;
    gw_err ignored = {0};
    if (failure->rc == GODWIT_LOCKED || app->is_uncertain || !gw_session_is_alive(s))
        return false;
    gw_record r = ended(app, GODWIT_FAILED_STATE, app->record.done);
    r.error = failure->message;
    gw_rc rc = s->engine->reset(s->conn, &ignored);
    if (rc == GODWIT_OK)
        rc = record_guarded(app, &r, &ignored);
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
explain(const application *app, godwit_state state, gw_err *e)
{
    const gw_record *const r = &app->record;
    if (e->path[0] == '\0') {
        if (e->rc == GODWIT_FAILED)
            gw_err_copy(e->path, sizeof(e->path), gw_str_of(app->script->path));
        (void)gw_err_note(e, "while %s %s %s, on %s", app->p->step->down ? "reverting" : "applying", r->version,
                          r->name, app->session->shown);
    }
    if (e->rc == GODWIT_FAILED && e->code[0] != '\0' && e->hint[0] != '\0') { /* the server's: ours is another */
        (void)gw_err_note(e, "hint: %s", e->hint);
        e->hint[0] = '\0';
    }
    if (r->done > 0)
        (void)gw_err_note(e, "kept: %zu of %zu statements", r->done, app->script->stmts.len);
    if (e->rc == GODWIT_LOCKED)
        return;
    if (state == GODWIT_RUNNING)
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
fail(application *app, gw_outcome *out, gw_err *e)
{
    rollback(app);
    const bool is_told = record_failure(app, e);
    out->state = app->is_uncertain || (app->is_recorded && !is_told) ? GODWIT_RUNNING : GODWIT_FAILED_STATE;
    explain(app, out->state, e);
}

/* ---- the whole ---- */

static gw_record
new_record(gw_arena *a, const gw_session *s, const gw_apply_params *p)
{
    const gw_step *const step = p->step;
    const char *const checksum = step->item->file != NULL      ? step->item->file->checksum
                                 : step->item->applied != NULL ? step->item->applied->checksum
                                                               : NULL;
    return (gw_record){
        .version = step->item->version,
        .name = step->item->name,
        .kind = "versioned",
        .direction = step->down ? "down" : "up",
        .state = GODWIT_RUNNING,
        .checksum = checksum,
        .statements = p->script->stmts.len,
        .done = step->from,
        .fingerprint = step->from == 0 ? NULL : gw_script_prefix(a, p->script, step->from),
        .started_at = gw_clock_utc(a),
        .applied_by = s->applied_by,
        .run_id = s->run_id,
        .tool = GW_VERSION,
        .down = p->down,
    };
}

/* A file that goes on in its middle must still begin with what was kept. */
static gw_rc
check_resume(gw_arena *a, const gw_apply_params *p, gw_err *e)
{
    const gw_step *const step = p->step;
    if (step->action != GW_ACTION_RESUME)
        return GODWIT_OK;
    const char *const kept = step->item->record->fingerprint;
    if (step->from <= p->script->stmts.len && kept != NULL &&
        strcmp(kept, gw_script_prefix(a, p->script, step->from)) == 0)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_FOLDER, "%s was changed within the %zu statements that are already applied",
                  p->script->path, step->from);
    return gw_err_hint(e,
                       "restore those statements; the others may be mended. Or settle it by hand: `godwit resolve %s`",
                       step->item->version);
}

static void
tell(const application *app, godwit_event_kind kind, int64_t elapsed_ms)
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

gw_rc
gw_apply(gw_session *s, const gw_apply_params *p, gw_outcome *out, gw_err *e)
{
    GW_SCOPE(a);
    *out = (gw_outcome){.state = GODWIT_FAILED_STATE, .done = p->step->from};
    GW_TRY(check_resume(a, p, e));
    application app = {.session = s,
                       .p = p,
                       .script = p->script,
                       .arena = a,
                       .prefix = gw_new(a, gw_prefix),
                       .started_ms = gw_clock_ms()};
    app.record = new_record(a, s, p);
    gw_err_copy(out->started_at, sizeof(out->started_at), gw_str_of(app.record.started_at));
    tell(&app, GODWIT_EVENT_MIGRATION_BEGIN, 0);
    const int64_t own_ms = p->script->file_rules.timeout_ms;
    gw_watch_deadline(s->watch, GW_DEADLINE_MIGRATION, own_ms != 0 ? own_ms : s->timeout_ms);
    gw_rc rc = s->engine->reset(s->conn, e);
    if (rc == GODWIT_OK)
        rc = run_units(&app, e);
    gw_watch_deadline(s->watch, GW_DEADLINE_MIGRATION, 0);
    if (rc == GODWIT_OK)
        out->state = p->step->down ? GODWIT_REVERTED : GODWIT_APPLIED;
    else
        fail(&app, out, e);
    out->done = app.record.done;
    out->already = app.already;
    out->duration_ms = gw_clock_ms() - app.started_ms;
    if (rc == GODWIT_OK && app.already)
        gw_tell_note(s->call, "%s %s was done by another runner meanwhile", app.record.version, app.record.name);
    else if (rc == GODWIT_OK)
        tell(&app, GODWIT_EVENT_MIGRATION_END, out->duration_ms);
    return rc;
}
