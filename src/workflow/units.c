#include "workflow/units.h"

#include <string.h>

#include "base/fault.h"
#include "workflow/entry.h"
#include "workflow/execute.h"
#include "workflow/mark.h"
#include "workflow/precondition.h"
#include "workflow/remains.h"
#include "workflow/renewal.h"
#include "workflow/retry.h"
#include "workflow/session_open.h"
#include "workflow/twin.h"

static const gw_str no_text = {"", 0};

/* ---- units ---- */

static gw_rc
execute_range(gw_application *app, size_t from, size_t to, bool revocable, gw_err *e)
{
    gw_kept kept = GW_KEPT_NOTHING;
    const gw_execute_params p = {
        .script = app->script,
        .version = app->record.version,
        .name = app->record.name,
        .direction = app->record.direction,
        .revocable = revocable,
        .kept = (app->session->engine->caps & GW_CAP_COUNTS) != 0 ? &kept : NULL,
    };
    gw_rc rc = GODWIT_OK;
    for (app->at = from; app->at < to && rc == GODWIT_OK;) {
        rc = gw_execute_statement(app->session, &p, app->at, e);
        app->at += rc == GODWIT_OK;
    }
    app->is_partial = kept == GW_KEPT_PART;
    app->is_uncertain |= kept != GW_KEPT_NOTHING;
    return rc;
}

/* A statement that may commit by itself: if it does, this goes with it. */
static gw_rc
mark_entered(const gw_application *app, size_t first, gw_err *e)
{
    const gw_mark mark = {
        .done = first,
        .fingerprint =
            gw_printf(app->arena, "%sentered", gw_progress_text(app->arena, app->script, app->prefix, first, true)),
    };
    return gw_history_mark(&app->session->history, app->record.id, &mark, e);
}

static gw_rc
execute_transaction(gw_application *app, const gw_unit *unit, gw_err *e)
{
    const gw_session *const s = app->session;
    const size_t end = unit->first + unit->count;
    const size_t from = app->record.done > unit->first ? app->record.done : unit->first;
    const bool own_begin = unit->own_begin != SIZE_MAX;
    const size_t first = own_begin && from <= unit->own_begin ? unit->own_begin + 1 : from;
    const size_t last = unit->own_commit != SIZE_MAX ? unit->own_commit : end;
    gw_record kept;
    GW_TRY(gw_application_begin(app, own_begin ? gw_script_statement(app->script, unit->own_begin) : no_text, e));
    GW_TRY(gw_entry_look(app, e));
    if (app->is_done)
        return GODWIT_OK;
    if (from == 0 && gw_script_is_single(app->script)) /* in the transaction that they are about */
        GW_TRY(gw_precondition_check(app, e));
    if (unit->enters)
        GW_TRY(mark_entered(app, first, e));
    GW_TRY(execute_range(app, first, last, true, e));
    gw_watch_enter(s->watch, s->conn);
    GW_TRY(gw_watch_leave(s->watch, gw_entry_keep(app, end, &kept, e), e));
    GW_TRY(gw_application_commit(app, &kept, e));
    app->record.done = end;
    return GODWIT_OK;
}

/* What was entered, and is found so after the rollback, committed something by itself: nobody can tell how much. */
static void
check_entered(gw_application *app, gw_err *e)
{
    gw_record newest = {0};
    gw_progress progress;
    gw_err ignored = {0};
    bool found;
    app->is_uncertain = !gw_session_is_alive(app->session);
    if (app->is_uncertain)
        return;
    const gw_rc rc =
        gw_history_newest(app->arena, &app->session->history, app->record.version, &newest, &found, &ignored);
    gw_progress_read(app->arena, newest.fingerprint, &progress);
    if (rc == GODWIT_OK && !progress.entered)
        return;
    app->is_uncertain = true;
    e->transient = false;
    (void)gw_err_note(e, "what it had committed by itself is kept");
}

static gw_rc
run_transaction(gw_application *app, const gw_unit *unit, gw_err *e)
{
    const gw_rc rc = execute_transaction(app, unit, e);
    if (rc != GODWIT_OK || app->is_done) {
        gw_application_rollback(app);
        if (rc != GODWIT_OK && unit->enters)
            check_entered(app, e);
        return rc;
    }
    if (app->session->reopened == app->reopened)
        return GODWIT_OK;
    GW_TRY(gw_renewal_check(app, app->record.done, e));
    return gw_renewal_say(app, e);
}

/* What an earlier try of the statement left is in its way; what this one leaves is nobody's. */
static gw_rc
tidy(const gw_application *app, size_t index, bool *completed, gw_err *e)
{
    const gw_session *const s = app->session;
    *completed = false;
    if ((s->engine->caps & GW_CAP_TIDY) == 0 || !app->script->classes[index].no_transaction)
        return GODWIT_OK;
    gw_watch_enter(s->watch, s->conn);
    return gw_watch_leave(s->watch, s->engine->tidy(s->conn, gw_script_statement(app->script, index), completed, e), e);
}

static gw_rc
execute_plain(gw_application *app, const gw_unit *unit, gw_err *e)
{
    const size_t first = unit->first;
    const size_t from = app->record.done > first ? app->record.done : first;
    bool completed;
    gw_err untidy = {0};
    app->at = first;
    GW_TRY(tidy(app, first, &completed, e));
    if (completed)
        return GODWIT_OK;
    gw_rc rc = from > first ? execute_range(app, first, first + 1, false, e) : GODWIT_OK; /* LOCK TABLES, again */
    if (rc == GODWIT_OK)
        rc = execute_range(app, from, first + unit->count, false, e);
    if (rc == GODWIT_FAILED && tidy(app, first, &completed, &untidy) != GODWIT_OK)
        (void)gw_err_note(e, "and what it left could not be removed: %s", untidy.message);
    if (rc != GODWIT_FAILED || !completed)
        return rc;
    *e = (gw_err){0};
    return GODWIT_OK;
}

/* Between LOCK TABLES and UNLOCK TABLES every statement is kept as it ends, unless the file turned autocommit off. */
static void
count_part(gw_application *app, const gw_unit *unit)
{
    const gw_session *const s = app->session;
    if (app->at <= unit->first || app->at < app->record.done || !gw_session_is_alive(s))
        return;
    if (s->engine->in_transaction(s->conn))
        app->is_uncertain = true;
    else
        app->record.done = app->at;
}

static gw_rc
run_plain(gw_application *app, const gw_unit *unit, gw_err *e)
{
    const gw_session *const s = app->session;
    const size_t end = unit->first + unit->count;
    gw_record kept;
    app->is_uncertain = false;
    const gw_rc rc = execute_plain(app, unit, e);
    app->is_uncertain |= rc == GODWIT_CONNECT;
    if (rc != GODWIT_OK) {
        count_part(app, unit);
        return rc;
    }
    /* A file that turned autocommit off left a transaction open: what it did and the mark go together. */
    const bool is_open = s->engine->in_transaction(s->conn);
    app->record.done = is_open ? app->record.done : end;
    if (GW_FAULT("after_statement"))
        return gw_fail(e, GODWIT_FAILED, "fault: after_statement");
    /* What speaks to the session alone is said again when the file is resumed: it needs no mark, unless the next does. */
    const bool is_said =
        unit->count == 1 && app->script->classes[unit->first].kind == GW_CLASS_SESSION && end < app->script->stmts.len;
    if (!is_open && is_said && !gw_mark_risks(app, end))
        return GODWIT_OK;
    GW_TRY(gw_entry_keep(app, end, &kept, e));
    /* With autocommit off our own write has begun a transaction. */
    if (s->engine->in_transaction(s->conn))
        GW_TRY(gw_application_commit(app, &kept, e));
    app->record.done = end;
    return GODWIT_OK;
}

static gw_rc
run_units(gw_application *app, gw_err *e)
{
    const gw_script *const script = app->script;
    const bool single = gw_script_is_single(script) && app->record.done == 0;
    gw_record kept;
    if (!single && app->record.done == 0)
        GW_TRY(gw_precondition_check(app, e));
    if (!single && !app->is_recorded) {
        GW_TRY(gw_entry_start(app, e));
        if (app->is_done)
            return GODWIT_OK;
        GW_TRY(gw_renewal_say(app, e));
    }
    if (app->record.done == script->stmts.len)
        return gw_entry_keep(app, app->record.done, &kept, e);
    if (app->is_recorded && app->marked < app->record.done)
        GW_TRY(gw_entry_mark(app, app->record.done, e));
    for (size_t i = 0; i < script->units.len && !app->is_done; i++) {
        const gw_unit *const unit = &script->units.at[i];
        if (unit->first + unit->count > app->record.done || unit->count == 0)
            GW_TRY(unit->transaction ? run_transaction(app, unit, e) : run_plain(app, unit, e));
    }
    return GODWIT_OK;
}

/* ---- again ---- */

/* Where a row of this run stands now: what is kept, and whether what was under way happened. What we saw ourselves is known,
 * although its mark may have been lost. */
static gw_rc
take_up(gw_application *app, const gw_record *row, gw_err *e)
{
    gw_remains remains = {.done = app->record.done};
    const bool is_known = !app->is_uncertain && row->done <= app->record.done;
    app->is_uncertain = true;
    app->marked = row->done;
    if (!is_known) {
        GW_TRY(gw_remains_read(app->arena, app->script, row, &remains, e));
        app->record.done = row->done;
    }
    GW_TRY(gw_renewal_say(app, e));
    if (remains.was_under_way)
        GW_TRY(gw_twin_await(app->session, app->script, remains.recorded, e));
    GW_TRY(gw_remains_judge(app->arena, app->session, app->script, &remains, e));
    GW_TRY(gw_remains_check(&remains, app->script, row, e));
    app->is_uncertain = false;
    app->record.done = remains.done;
    return gw_renewal_check(app, remains.done, e);
}

static bool
is_ours(const gw_application *app, const gw_record *row)
{
    return row->run_id != NULL && strcmp(row->run_id, app->record.run_id) == 0;
}

/* The history knows what of this run was recorded, also by a batch that broke off. */
static gw_rc
look(gw_application *app, gw_err *e)
{
    gw_record newest = {0};
    bool found;
    gw_session *const s = app->session;
    GW_TRY(gw_history_newest(app->arena, &s->history, app->record.version, &newest, &found, e));
    if (!found || !is_ours(app, &newest) || strcmp(newest.direction, app->record.direction) != 0) {
        app->is_uncertain = false;
        return gw_entry_decide(app, &newest, e);
    }
    if (newest.state == gw_application_goal(app)) {
        app->is_done = true;
        return GODWIT_OK;
    }
    if (newest.state != GODWIT_RUNNING)
        return gw_entry_decide(app, &newest, e);
    app->is_recorded = true;
    app->record.id = newest.id;
    return take_up(app, &newest, e);
}

/* Tables are locked: nothing of ours can be written before the session is reset. */
static bool
is_amid_unit(const gw_application *app)
{
    const gw_unit *const unit = gw_mark_unit(app->script, app->record.done);
    return gw_mark_is_locked(unit) && unit->first < app->record.done;
}

static size_t
tried(const gw_application *app)
{
    return app->at < app->script->stmts.len ? app->at : 0;
}

/* A time-out of the statement's own is still in force. */
static gw_rc
restore_lock_timeout(const gw_application *app, gw_err *e)
{
    const gw_session *const s = app->session;
    const bool is_own = app->script->stmts.len > 0 && app->script->rules[tried(app)].lock_timeout_ms != 0;
    return is_own ? s->engine->set_lock_timeout(s->conn, 0, e) : GODWIT_OK;
}

static gw_rc
recover(gw_application *app, const gw_err *failure, gw_err *e)
{
    gw_session *const s = app->session;
    const bool is_alive = gw_session_is_alive(s);
    if (is_alive && !app->is_uncertain && s->reopened == app->reopened && !is_amid_unit(app) &&
        !gw_renewal_is_needed(app))
        return restore_lock_timeout(app, e);
    if (!is_alive) {
        gw_tell_note(s->call, "the connection was lost: connecting again, and looking what was kept");
        GW_TRY(gw_session_reopen(s, failure, e));
    }
    GW_TRY(is_alive ? gw_renewal_clean(app, e) : s->engine->reset(s->conn, e));
    GW_TRY(look(app, e));
    app->reopened = s->reopened;
    return GODWIT_OK;
}

static int64_t
lock_timeout_of(const gw_application *app)
{
    const int64_t own_ms = app->script->stmts.len == 0 ? 0 : app->script->rules[tried(app)].lock_timeout_ms;
    return own_ms != 0 ? own_ms : app->session->lock_timeout_ms;
}

/* Is it worth another try? *again: it is, and everything stands ready for it. */
static gw_rc
prepare_again(gw_application *app, gw_retry *retry, gw_err *failure, bool *again, gw_err *e)
{
    retry->lock_timeout_ms = lock_timeout_of(app);
    gw_application_rollback(app);
    *again = false;
    if (app->session->group != NULL || gw_renewal_is_ruled_out(app, failure)) /* a group: it is run again alone */
        return GODWIT_OK;
    GW_TRY(gw_retry_wait(retry, failure, again, e));
    return *again ? recover(app, failure, e) : GODWIT_OK;
}

static gw_rc
start(gw_application *app, gw_err *e)
{
    const gw_session *const s = app->session;
    app->reopened = s->reopened + 1; /* until it is clean */
    GW_TRY(s->engine->reset(s->conn, e));
    app->reopened = s->reopened;
    app->is_uncertain = app->p->look_first;
    return app->p->look_first ? look(app, e) : GODWIT_OK;
}

gw_rc
gw_units_run(gw_application *app, gw_err *e)
{
    gw_retry retry = {.session = app->session};
    gw_err failure = {0};
    gw_rc rc = start(app, &failure);
    for (;;) {
        const size_t done = app->record.done;
        bool again;
        gw_err other = {0};
        if (rc == GODWIT_OK && !app->is_done) {
            failure = (gw_err){0};
            rc = run_units(app, &failure);
        }
        if (rc == GODWIT_OK)
            return GODWIT_OK;
        if (app->record.done > done)
            retry = (gw_retry){.session = app->session};
        rc = prepare_again(app, &retry, &failure, &again, &other);
        if (rc == GODWIT_OK && !again) {
            *e = failure;
            return e->rc;
        }
        if (rc == GODWIT_INTERRUPTED || (rc != GODWIT_OK && !other.transient)) {
            if (strcmp(other.message, failure.message) != 0)
                (void)gw_err_note(&other, "before that: %s", failure.message);
            *e = other;
            return e->rc;
        }
        failure = other;
    }
}
