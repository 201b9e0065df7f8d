#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "workflow/remains.h"
#include "workflow/report.h"
#include "workflow/run.h"
#include "workflow/workflow.h"

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
show(gw_scene *scene, const gw_item *item, gw_err *e)
{
    GW_SCOPE(a);
    gw_script script;
    report_matter(scene, item);
    if (item->file == NULL && !is_down(item))
        return GODWIT_OK;
    GW_TRY(gw_scene_script(a, scene, item, is_down(item), &script, e));
    gw_report_statements(scene->call, &script, item->record->done);
    return gw_remains_report(a, &scene->session, &script, item->record, e);
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
    out->kind = gw_item_kind(item);
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
        rc = gw_history_add(&s->history, r, NULL, NULL, e);
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

/* Where no lock outlives a transaction, a runner may be alive between two of its own. */
static gw_rc
check_alone(const gw_scene *scene, const gw_item *item, gw_err *e)
{
    const gw_session *const s = &scene->session;
    bool taken = true;
    if ((s->engine->caps & GW_CAP_CLAIM) == 0)
        return GODWIT_OK;
    GW_TRY(s->engine->claim(s->conn, &taken, e));
    if (!taken)
        return gw_fail(e, GODWIT_LOCKED, "another godwit is at work on %s %s right now", item->version, item->name);
    s->engine->unclaim(s->conn);
    return GODWIT_OK;
}

static gw_rc
retry(gw_arena *a, gw_scene *scene, const gw_item *item, const godwit_resolve_params *p, gw_err *e)
{
    gw_plan plan = {0};
    const gw_record *const r = item->record;
    const size_t done = p->counts ? p->done : r->done;
    *gw_vec_push(a, &plan) = (gw_step){
        .item = item,
        .down = is_down(item),
        .action = done == 0 && r->state != GODWIT_RUNNING ? GW_ACTION_RUN : GW_ACTION_RESUME,
        .from = done,
        .is_told = p->counts,
    };
    if (gw_run_check(scene, &plan, e) != GODWIT_OK)
        return gw_err_hint(e, "restore the file, or say --applied or --reverted");
    return gw_run(scene, &plan, false, e);
}

gw_rc
gw_resolve(gw_call *call, const godwit_resolve_params *p, gw_err *e)
{
    GW_SCOPE(a);
    gw_scene *const scene = gw_new(a, gw_scene);
    const gw_item *item;
    const bool looks = p->resolution == GODWIT_RESOLVE_SHOW;
    if (p->version == NULL)
        return gw_fail(e, GODWIT_USAGE, "which migration is to be resolved was not said");
    if (p->counts && p->resolution != GODWIT_RESOLVE_RETRY)
        return gw_fail(e, GODWIT_USAGE, "how many statements are done says where to go on: it belongs to --retry");
    GW_TRY(gw_scene_open(a, call, looks ? GW_ACCESS_LOOK : GW_ACCESS_WRITE, !looks, scene, e));
    GW_TRY(find_matter(scene, p->version, &item, e));
    switch (p->resolution) {
    case GODWIT_RESOLVE_APPLIED:
    case GODWIT_RESOLVE_REVERTED:
        GW_TRY(check_alone(scene, item, e));
        return decide(a, scene, item, p->resolution == GODWIT_RESOLVE_APPLIED ? GODWIT_APPLIED : GODWIT_REVERTED, e);
    case GODWIT_RESOLVE_RETRY:
        return retry(a, scene, item, p, e);
    case GODWIT_RESOLVE_SHOW:
    default:
        return show(scene, item, e);
    }
}
