#include <string.h>

#include "base/clock.h"
#include "workflow/report.h"
#include "workflow/run.h"
#include "workflow/workflow.h"
#include <assert.h>

static bool
is_down(const gw_item *item)
{
    return strcmp(item->record->direction, "down") == 0;
}

static gw_rc
find_matter(const gw_scene *scene, const char *version, const gw_item **out, gw_err *e)
{
    const gw_item *const item = *out = gw_scene_find(scene, version);
    if (item == NULL || item->record == NULL) {
        (void)gw_fail(e, GODWIT_USAGE, "there is no attempt on a migration %s in the history", version);
        return gw_err_hint(e, "`godwit status` lists the migrations");
    }
    const godwit_state state = item->record->state;
    if (state == GODWIT_RUNNING || state == GODWIT_FAILED_STATE)
        return GODWIT_OK;
    return gw_fail(e, GODWIT_USAGE, "%s %s is %s: there is nothing to resolve", item->version, item->name,
                   gw_state_name(state));
}

static void
report_matter(const gw_scene *scene, const gw_item *item)
{
    *gw_vec_push(scene->call->arena, &scene->call->answer.migrations) = gw_report_item(scene->call, item);
}

static gw_rc
show(const gw_scene *scene, const gw_item *item, gw_err *e)
{
    GW_SCOPE(a);
    gw_script script;
    report_matter(scene, item);
    if (item->file == NULL && !is_down(item))
        return GODWIT_OK;
    GW_TRY(gw_scene_script(a, scene, item, is_down(item), &script, e));
    gw_report_statements(scene->call, &script, item->record->done);
    return GODWIT_OK;
}

/* A row that still says "running" is ended as failed: its runner is gone, the lock is ours. */
static gw_rc
end_running(gw_arena *a, const gw_scene *scene, const gw_item *item, gw_err *e)
{
    gw_record r = *item->record;
    if (r.state != GODWIT_RUNNING)
        return GODWIT_OK;
    r.state = GODWIT_FAILED_STATE;
    r.finished_at = gw_clock_utc(a);
    r.error = "the runner did not finish; settled by `godwit resolve`";
    return gw_history_end(&scene->session.history, &r, e);
}

/* What stands in the database, as the user says: a new row, as if it had been applied or reverted now. */
static gw_rc
decision(gw_arena *a, const gw_scene *scene, const gw_item *item, godwit_state state, gw_record *out, gw_err *e)
{
    const bool applied = state == GODWIT_APPLIED;
    const gw_record *const like = applied && item->applied != NULL ? item->applied : item->record;
    gw_script script;
    assert(like != NULL); /* there is an attempt to resolve */
    *out = *like;
    out->kind = "versioned";
    out->direction = applied ? "up" : "down";
    out->state = state;
    if (applied && item->file != NULL) {
        GW_TRY(gw_scene_script(a, scene, item, false, &script, e));
        out->checksum = item->file->checksum;
        out->statements = script.stmts.len;
    }
    if (applied && item->file != NULL && item->file->down_path != NULL) {
        GW_TRY(gw_scene_script(a, scene, item, true, &script, e));
        out->down = script.text.ptr;
    }
    out->done = applied ? out->statements : 0;
    out->fingerprint = out->error = NULL;
    out->started_at = out->finished_at = gw_clock_utc(a);
    out->duration_ms = 0;
    out->applied_by = scene->session.applied_by;
    out->run_id = scene->session.run_id;
    out->tool = GW_VERSION;
    return GODWIT_OK;
}

static gw_rc
write_decision(gw_arena *a, const gw_scene *scene, const gw_item *item, const gw_record *r, gw_err *e)
{
    const gw_session *const s = &scene->session;
    GW_TRY(s->engine->begin(s->conn, (gw_str){"", 0}, e));
    gw_rc rc = end_running(a, scene, item, e);
    if (rc == GODWIT_OK)
        rc = gw_history_add(&s->history, r, NULL, e);
    if (rc == GODWIT_OK)
        rc = s->engine->commit(s->conn, e);
    if (rc != GODWIT_OK)
        s->engine->rollback(s->conn);
    return rc == GODWIT_CONNECT ? gw_err_hint(e, "`godwit status` tells whether it was kept") : rc;
}

static gw_rc
decide(gw_arena *a, gw_scene *scene, const gw_item *item, godwit_state state, gw_err *e)
{
    gw_record r;
    GW_TRY(decision(a, scene, item, state, &r, e));
    GW_TRY(write_decision(a, scene, item, &r, e));
    GW_TRY(gw_scene_read(scene, e));
    report_matter(scene, gw_scene_find(scene, item->version));
    return GODWIT_OK;
}

static gw_rc
retry(gw_arena *a, gw_scene *scene, const gw_item *item, gw_err *e)
{
    gw_plan plan = {0};
    const size_t done = item->record->done;
    *gw_vec_push(a, &plan) = (gw_step){
        .item = item,
        .down = is_down(item),
        .action = done == 0 ? GW_ACTION_RUN : GW_ACTION_RESUME,
        .from = done,
    };
    if (gw_run_check(scene, &plan, e) != GODWIT_OK)
        return gw_err_hint(e, "restore the file, or say --applied or --reverted");
    GW_TRY(end_running(a, scene, item, e));
    return gw_run(scene, &plan, false, e);
}

gw_rc
gw_resolve(gw_call *call, const char *version, godwit_resolution resolution, gw_err *e)
{
    GW_SCOPE(a);
    gw_scene *const scene = gw_new(a, gw_scene);
    const gw_item *item;
    const bool looks = resolution == GODWIT_RESOLVE_SHOW;
    if (version == NULL)
        return gw_fail(e, GODWIT_USAGE, "which migration is to be resolved was not said");
    GW_TRY(gw_scene_open(a, call, looks ? GW_ACCESS_LOOK : GW_ACCESS_WRITE, scene, e));
    GW_TRY(find_matter(scene, version, &item, e));
    switch (resolution) {
    case GODWIT_RESOLVE_APPLIED:
        return decide(a, scene, item, GODWIT_APPLIED, e);
    case GODWIT_RESOLVE_REVERTED:
        return decide(a, scene, item, GODWIT_REVERTED, e);
    case GODWIT_RESOLVE_RETRY:
        return retry(a, scene, item, e);
    case GODWIT_RESOLVE_SHOW:
    default:
        return show(scene, item, e);
    }
}
