#include "migration/phase.h"
#include "workflow/deferral.h"
#include "workflow/run.h"
#include "workflow/workflow.h"

/* `before`: the items when the run began. */
static gw_rc
run(gw_arena *a, gw_scene *scene, const gw_items *before, const gw_plan_params *params, bool pretend, gw_err *e)
{
    gw_plan plan = {0};
    GW_TRY(gw_plan_up(a, &scene->items, params, &plan, e));
    GW_TRY(gw_deferral_decide(a, scene, before, &plan, e));
    return gw_run(scene, &plan, pretend, e);
}

/* Nothing to do, not even in the history, nothing wrong, and nobody at work: that needs no lock. */
static bool
is_done(const gw_scene *scene, const gw_plan_params *params)
{
    GW_SCOPE(scratch);
    gw_plan plan = {0};
    gw_err ignored = {0};
    for (size_t i = 0; i < scene->items.len; i++)
        if (gw_phases_is_open(&scene->items.at[i]))
            return false;
    return gw_plan_up(scratch, &scene->items, params, &plan, &ignored) == GODWIT_OK && plan.len == 0;
}

gw_rc
gw_up(gw_call *call, const godwit_up_params *p, gw_err *e)
{
    GW_SCOPE(a);
    gw_scene *const scene = gw_new(a, gw_scene);
    gw_plan_params params = {.target = p->target, .steps = p->steps};
    call->report.pretend = p->pretend;
    GW_TRY(gw_config_switch(call->config, GW_SETTING_OUT_OF_ORDER, &params.out_of_order, e));
    GW_TRY(gw_scene_open(a, call, p->pretend ? GW_ACCESS_LOOK : GW_ACCESS_CREATE, false, scene, e));
    const gw_items before = scene->items;
    if (is_done(scene, &params) || p->pretend)
        return run(a, scene, &before, &params, p->pretend, e);
    GW_TRY(gw_scene_lock(scene, e));
    return run(a, scene, &before, &params, false, e);
}
