#include "workflow/entry.h"

#include <string.h>

#include "base/clock.h"
#include "workflow/mark.h"

static const gw_str no_text = {"", 0};

/* ---- before ---- */

/* Another runner tried the same, and it is as if it had not. */
static bool
left_nothing(const gw_record *newest, const char *direction)
{
    return newest->state == GODWIT_FAILED_STATE && newest->done == 0 && strcmp(newest->direction, direction) == 0;
}

static bool
is_unchanged(const gw_record *newest, const gw_record *seen)
{
    return newest->id == seen->id && (newest->id == 0 || (newest->state == seen->state && newest->done == seen->done));
}

gw_rc
gw_entry_decide(gw_application *app, const gw_record *newest, gw_err *e)
{
    const gw_record *const r = &app->record;
    if (app->is_recorded) {
        if (newest->id == r->id && newest->state == GODWIT_RUNNING)
            return GODWIT_OK;
        return gw_fail(e, GODWIT_LOCKED, "another runner took over %s %s", r->version, r->name);
    }
    if (is_unchanged(newest, &app->seen) || left_nothing(newest, r->direction))
        return GODWIT_OK;
    if (newest->state != gw_application_goal(app)) {
        (void)gw_fail(e, GODWIT_LOCKED, "another runner is working on %s %s: it is %s there", r->version, r->name,
                      gw_state_name(newest->state));
        return gw_err_hint(e, "`godwit status` tells when it is done");
    }
    app->already = app->is_done = true;
    return GODWIT_OK;
}

/* A group looked when it began. */
gw_rc
gw_entry_look(gw_application *app, gw_err *e)
{
    gw_session *const s = app->session;
    gw_record newest = {0};
    bool found;
    if ((s->engine->caps & GW_CAP_TX_LOCK) == 0 || s->group != NULL)
        return GODWIT_OK;
    GW_TRY(gw_history_newest(app->arena, &s->history, app->record.version, &newest, &found, e));
    return gw_entry_decide(app, &newest, e);
}

/* ---- what is written ---- */

gw_record
gw_entry_ended(const gw_application *app, godwit_state state, size_t done)
{
    gw_record r = app->record;
    r.state = state;
    r.done = done;
    r.fingerprint = state == GODWIT_FAILED_STATE && done > 0
                        ? gw_progress_text(app->arena, app->script, app->prefix, done, false)
                        : NULL;
    r.finished_at = gw_clock_utc(app->arena);
    r.duration_ms = gw_clock_ms() - app->started_ms;
    return r;
}

static gw_rc
write_end(const gw_application *app, const gw_record *r, gw_err *e)
{
    const gw_session *const s = app->session;
    if (s->group == NULL)
        return app->is_recorded ? gw_history_end(&s->history, r, e) : gw_history_add(&s->history, r, NULL, NULL, e);
    gw_record *const row = gw_vec_push(s->link, s->group);
    *row = *r;
    row->started_at = gw_text(s->link, r->started_at);
    row->finished_at = gw_text(s->link, r->finished_at);
    return GODWIT_OK;
}

/* A row whose writing was cut off is there or is not: whoever tries again reads it first. */
static gw_rc
written(gw_rc rc, gw_err *e)
{
    e->transient |= rc == GODWIT_CONNECT;
    return rc;
}

gw_rc
gw_entry_mark(gw_application *app, size_t done, gw_err *e)
{
    const gw_mark mark = gw_mark_of(app, done);
    GW_TRY(written(gw_history_mark(&app->session->history, app->record.id, &mark, e), e));
    app->marked = done;
    return GODWIT_OK;
}

gw_rc
gw_entry_keep(gw_application *app, size_t end, gw_record *kept, gw_err *e)
{
    if (end < app->script->stmts.len) {
        *kept = app->record;
        kept->done = end;
        return gw_entry_mark(app, end, e);
    }
    *kept = gw_entry_ended(app, gw_application_goal(app), end);
    return written(write_end(app, kept, e), e);
}

gw_rc
gw_entry_start(gw_application *app, gw_err *e)
{
    gw_session *const s = app->session;
    const bool guarded = (s->engine->caps & GW_CAP_TX_LOCK) != 0;
    const gw_mark mark = gw_mark_of(app, app->record.done);
    app->record.fingerprint = mark.fingerprint;
    if (guarded)
        GW_TRY(gw_application_begin(app, no_text, e));
    gw_rc rc = gw_entry_look(app, e);
    if (rc == GODWIT_OK && !app->is_done)
        rc = written(gw_history_add(&s->history, &app->record, mark.states, &app->record.id, e), e);
    if (guarded && rc == GODWIT_OK && !app->is_done)
        rc = s->engine->commit(s->conn, e);
    if (guarded && (rc != GODWIT_OK || app->is_done))
        gw_application_rollback(app);
    app->is_recorded = rc == GODWIT_OK && !app->is_done;
    app->marked = app->record.done;
    return rc;
}

gw_rc
gw_entry_end(gw_application *app, const gw_record *r, gw_err *e)
{
    const gw_session *const s = app->session;
    if ((s->engine->caps & GW_CAP_TX_LOCK) == 0)
        return write_end(app, r, e);
    gw_rc rc = s->engine->begin(s->conn, no_text, e);
    if (rc == GODWIT_OK)
        rc = gw_entry_look(app, e);
    if (rc == GODWIT_OK && !app->already)
        rc = write_end(app, r, e);
    if (rc == GODWIT_OK && !app->already)
        rc = s->engine->commit(s->conn, e);
    if (rc != GODWIT_OK || app->already)
        gw_application_rollback(app);
    return rc;
}
