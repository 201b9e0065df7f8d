#include "workflow/run.h"
#include "workflow/workflow.h"

gw_rc
gw_down(gw_call *call, const godwit_down_params *p, gw_err *e)
{
    GW_SCOPE(a);
    gw_scene *const scene = gw_new(a, gw_scene);
    gw_plan plan = {0};
    const gw_plan_params params = {.target = p->target, .steps = p->steps};
    call->report.pretend = p->pretend;
    GW_TRY(gw_scene_open(a, call, p->pretend ? GW_ACCESS_LOOK : GW_ACCESS_WRITE, !p->pretend, scene, e));
    GW_TRY(gw_plan_down(a, &scene->items, &params, &plan, e));
    return gw_run(scene, &plan, p->pretend, e);
}
