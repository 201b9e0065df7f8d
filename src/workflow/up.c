#include "workflow/run.h"
#include "workflow/workflow.h"

gw_rc
gw_up(gw_call *call, const godwit_up_params *p, gw_err *e)
{
    GW_SCOPE(a);
    gw_scene *const scene = gw_new(a, gw_scene);
    gw_plan plan = {0};
    gw_plan_params params = {.target = p->target, .steps = p->steps};
    call->report.pretend = p->pretend;
    GW_TRY(gw_config_switch(call->config, GW_SETTING_OUT_OF_ORDER, &params.out_of_order, e));
    GW_TRY(gw_scene_open(a, call, p->pretend ? GW_ACCESS_LOOK : GW_ACCESS_CREATE, scene, e));
    GW_TRY(gw_plan_up(a, &scene->items, &params, &plan, e));
    return gw_run(scene, &plan, p->pretend, e);
}
