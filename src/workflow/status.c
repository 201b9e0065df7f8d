#include <string.h>

#include "workflow/remains.h"
#include "workflow/report.h"
#include "workflow/scene.h"
#include "workflow/trust.h"
#include "workflow/workflow.h"

/* What a migration that stopped halfway left, statement by statement. A script that cannot be read any more is not this
 * command's failure: the states above are still true. */
static void
report_stopped(gw_arena *a, gw_scene *scene)
{
    const gw_item *stopped = NULL;
    for (size_t i = 0; i < scene->items.len && stopped == NULL; i++)
        if (scene->items.at[i].state == GODWIT_FAILED_STATE || scene->items.at[i].state == GODWIT_RUNNING)
            stopped = &scene->items.at[i];
    if (stopped == NULL)
        return;
    gw_script script;
    gw_err e = {0};
    const bool down = strcmp(stopped->record->direction, "down") == 0;
    if (gw_scene_script(a, scene, stopped, down, &script, &e) != GODWIT_OK)
        return;
    gw_report_statements(scene->call, &script, stopped->record->done);
    if (gw_remains_report(a, &scene->session, &script, stopped->record, &e) != GODWIT_OK)
        gw_tell_note(scene->call, "%s", e.message);
}

/* What keeps everything of the folder from running. */
static void
report_distrust(gw_scene *scene)
{
    const gw_folder *const f = &scene->migrations.folder;
    gw_err unmet = {0};
    for (size_t i = 0; i < f->differences.len; i++)
        gw_tell_note(scene->call, "%s/%s: %s %s", f->path, f->covered.sum, f->differences.at[i].name,
                     gw_sum_difference_text(f->differences.at[i].difference));
    if (f->differences.len > 0 || gw_trust_check(scene->call, f, &unmet) == GODWIT_OK)
        return;
    if (unmet.line > 0)
        gw_tell_note(scene->call, "%s:%u: %s", unmet.path, unmet.line, unmet.message);
    else
        gw_tell_note(scene->call, "%s", unmet.message);
}

gw_rc
gw_status(gw_call *call, gw_err *e)
{
    GW_SCOPE(a);
    gw_scene *const scene = gw_new(a, gw_scene);
    GW_TRY(gw_scene_open(a, call, GW_ACCESS_LOOK, false, scene, e));
    gw_report_items(call, &scene->items);
    report_distrust(scene);
    report_stopped(a, scene);
    return GODWIT_OK;
}
