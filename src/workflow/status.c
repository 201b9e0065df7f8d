#include <string.h>

#include "workflow/report.h"
#include "workflow/scene.h"
#include "workflow/workflow.h"

/* What a migration that stopped halfway left, statement by statement. A script that cannot be read any more is not this
 * command's failure: the states above are still true. */
static void
report_stopped(gw_call *call, const gw_scene *scene)
{
    const gw_item *stopped = NULL;
    for (size_t i = 0; i < scene->items.len && stopped == NULL; i++)
        if (scene->items.at[i].state == GODWIT_FAILED_STATE || scene->items.at[i].state == GODWIT_RUNNING)
            stopped = &scene->items.at[i];
    if (stopped == NULL)
        return;
    GW_SCOPE(a);
    gw_script script;
    gw_err e = {0};
    const bool down = strcmp(stopped->record->direction, "down") == 0;
    if (gw_scene_script(a, scene, stopped, down, &script, &e) == GODWIT_OK)
        gw_report_statements(call, &script, stopped->record->done);
}

gw_rc
gw_status(gw_call *call, gw_err *e)
{
    GW_SCOPE(a);
    gw_scene *const scene = gw_new(a, gw_scene);
    GW_TRY(gw_scene_open(a, call, GW_ACCESS_LOOK, scene, e));
    gw_report_items(call, &scene->items);
    report_stopped(call, scene);
    return GODWIT_OK;
}
