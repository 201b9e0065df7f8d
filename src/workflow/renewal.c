#include "workflow/renewal.h"

#include "migration/recall.h"
#include "workflow/execute.h"
#include "workflow/mark.h"
#include "workflow/session_open.h"

gw_rc
gw_renewal_say(gw_application *app, gw_err *e)
{
    GW_SCOPE(a);
    gw_recall recall;
    const gw_script *const script = app->script;
    const gw_execute_params p = {
        .script = script,
        .version = app->record.version,
        .name = app->record.name,
        .direction = app->record.direction,
    };
    if (app->record.done > 0 && app->record.done < script->stmts.len) {
        gw_recall_read(a, script, app->record.done, &recall);
        for (app->at = 0; app->at < app->record.done; app->at++)
            if (recall.says[app->at] && !gw_mark_is_moot(script, app->at, app->record.done))
                GW_TRY(gw_execute_statement(app->session, &p, app->at, e));
    }
    app->reopened = app->session->reopened;
    return GODWIT_OK;
}

/* ---- what cannot be had again ---- */

/* How to go on all the same. */
static const char *
way_on(gw_arena *a, const gw_application *app, const gw_recall_gap *gap, size_t done)
{
    static const char *const ways[GW_MEMORY__COUNT] = {
        [GW_MEMORY_VARIABLE] = "write the value into the file", [GW_MEMORY_TEMPORARY] = "make it anew in the file",
        [GW_MEMORY_PREPARED] = "prepare it anew in the file",   [GW_MEMORY_CURSOR] = "open it anew in the file",
        [GW_MEMORY_SETTING] = "set it anew in the file",        [GW_MEMORY_GLOBAL] = "set it anew in the file",
        [GW_MEMORY_LAST_ID] = "write the value into the file",  [GW_MEMORY_ROW_COUNT] = "write the value into the file",
    };
    const bool is_one = gap->root + 1 == done;
    const char *const undone = is_one ? gw_printf(a, " %zu", done) : gw_printf(a, "s %zu to %zu", gap->root + 1, done);
    return gw_printf(a,
                     "%s, behind statement %zu; or undo statement%s by hand and go on there: `godwit resolve %s "
                     "--retry --done %zu`",
                     ways[gap->item.kind], done, undone, app->record.version, gap->root);
}

static bool
find_gap(gw_arena *a, const gw_application *app, size_t done, gw_recall_gap *out)
{
    gw_recall recall;
    if (done == 0 || done >= app->script->stmts.len)
        return false;
    gw_recall_read(a, app->script, done, &recall);
    *out = recall.gap;
    return recall.has_gap;
}

gw_rc
gw_renewal_check(const gw_application *app, size_t done, gw_err *e)
{
    GW_SCOPE(a);
    gw_recall_gap gap;
    const gw_script *const script = app->script;
    if (!find_gap(a, app, done, &gap))
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_FAILED, "statement %zu uses %s; the session that had it is gone", gap.used_by + 1,
                  gw_recall_show(a, &gap));
    (void)gw_expanded_at(e, script->path, script->expanded, script->text, script->stmts.at[gap.used_by].offset);
    return gw_err_hint(e, "%s", way_on(a, app, &gap, done));
}

/* ---- another try ---- */

bool
gw_renewal_leaves(const gw_session *s, const gw_script *script)
{
    return (s->engine->caps & GW_CAP_RESET_ALL) == 0 && gw_recall_leaves(script);
}

gw_rc
gw_renewal_clean(gw_application *app, gw_err *e)
{
    gw_session *const s = app->session;
    if (gw_renewal_leaves(s, app->script))
        GW_TRY(gw_session_reopen(s, NULL, e));
    return s->engine->reset(s->conn, e);
}

bool
gw_renewal_is_needed(const gw_application *app)
{
    const gw_unit *const unit = gw_mark_unit(app->script, app->record.done);
    return unit != NULL && gw_recall_is_dirty(app->script, app->record.done, unit->first + unit->count, app->at);
}

bool
gw_renewal_is_ruled_out(const gw_application *app, gw_err *failure)
{
    GW_SCOPE(a);
    gw_recall_gap gap;
    if (!failure->transient || app->is_uncertain || !gw_session_is_alive(app->session) || !gw_renewal_is_needed(app) ||
        !find_gap(a, app, app->record.done, &gap))
        return false;
    failure->transient = false;
    (void)gw_err_note(failure,
                      "it is not tried again: a rollback does not undo all that it left in its session, and in a new "
                      "one statement %zu "
                      "lacks %s",
                      gap.used_by + 1, gw_recall_show(a, &gap));
    (void)gw_err_note(failure, "%s", way_on(a, app, &gap, app->record.done));
    return true;
}
