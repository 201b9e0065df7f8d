#include "workflow/run.h"
#include "workflow/workflow.h"

/* Only the version that is reverted comes back: older pending files are not this command's business. */
static gw_plan
plan_again(gw_arena *a, const gw_item *item)
{
    gw_plan plan = {0};
    *gw_vec_push(a, &plan) = (gw_step){.item = item, .action = GW_ACTION_RUN};
    return plan;
}

/* Can it be applied again? Nothing is reverted for a file that is gone or broken. */
static gw_rc
check_again(gw_arena *a, gw_scene *scene, const gw_item *item, gw_err *e)
{
    if (item->file == NULL) {
        (void)gw_fail(e, GODWIT_FOLDER, "the file of %s %s is gone: it could be reverted, but not applied again",
                      item->version, item->name);
        return gw_err_hint(e, "restore the file, or use `godwit down`");
    }
    const gw_plan plan = plan_again(a, item);
    return gw_run_check(scene, &plan, e);
}

static gw_rc
apply_again(gw_arena *a, gw_scene *scene, const char *version, gw_err *e)
{
    const gw_rc before = gw_scene_read(scene, e);
    const gw_plan plan = before == GODWIT_OK ? plan_again(a, gw_scene_find(scene, version)) : (gw_plan){0};
    const gw_rc rc = gw_run_on(scene, &plan, before, e);
    return rc == GODWIT_OK ? rc : gw_err_note(e, "%s was reverted before, and is not applied now", version);
}

static gw_rc
pretend_again(gw_arena *a, gw_scene *scene, const gw_item *item, gw_err *e)
{
    const gw_plan plan = plan_again(a, item);
    return gw_run(scene, &plan, true, e);
}

gw_rc
gw_redo(gw_call *call, bool pretend, gw_err *e)
{
    GW_SCOPE(a);
    gw_scene *const scene = gw_new(a, gw_scene);
    gw_plan plan = {0};
    call->report.pretend = pretend;
    GW_TRY(gw_scene_open(a, call, pretend ? GW_ACCESS_LOOK : GW_ACCESS_WRITE, !pretend, scene, e));
    GW_TRY(gw_plan_down(a, &scene->items, &(gw_plan_params){.steps = 1}, &plan, e));
    if (plan.len == 0)
        return gw_run(scene, &plan, pretend, e);
    const gw_item *const item = plan.at[0].item;
    GW_TRY(check_again(a, scene, item, e));
    GW_TRY(gw_run(scene, &plan, pretend, e));
    return pretend ? pretend_again(a, scene, item, e) : apply_again(a, scene, item->version, e);
}
