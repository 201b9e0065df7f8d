#include "workflow/checks.h"
#include "workflow/report.h"
#include "workflow/scene.h"
#include "workflow/trust.h"
#include "workflow/workflow.h"

static void
check_script(gw_arena *a, const gw_scene *scene, const gw_item *item, bool down, gw_problems *out)
{
    GW_SCOPE(scratch);
    gw_script script;
    gw_err e = {0};
    if (gw_scene_script(scratch, scene, item, down, &script, &e) != GODWIT_OK)
        *gw_vec_push(a, out) = e;
}

/* Every file must be readable and splittable, the applied ones too. */
static gw_rc
check_files(gw_arena *a, const gw_scene *scene, gw_problems *out, gw_err *e)
{
    for (size_t i = 0; i < scene->items.len; i++) {
        const gw_item *const item = &scene->items.at[i];
        GW_TRY(gw_call_check(scene->call, e));
        if (item->file != NULL)
            check_script(a, scene, item, false, out);
        if (item->file != NULL && item->file->down_path != NULL)
            check_script(a, scene, item, true, out);
    }
    return GODWIT_OK;
}

/* What the configuration allows is no problem. */
static gw_rc
forgive_order(gw_scene *scene, gw_err *e)
{
    bool allowed;
    GW_TRY(gw_config_switch(scene->call->config, GW_SETTING_OUT_OF_ORDER, &allowed, e));
    for (size_t i = 0; allowed && i < scene->items.len; i++)
        scene->items.at[i].out_of_order = false;
    return GODWIT_OK;
}

gw_rc
gw_verify(gw_call *call, gw_err *e)
{
    GW_SCOPE(a);
    gw_scene *const scene = gw_new(a, gw_scene);
    gw_problems problems = {0};
    size_t checked;
    GW_TRY(gw_scene_open(a, call, GW_ACCESS_LOOK, false, scene, e));
    gw_report_items(call, &scene->items);
    GW_TRY(forgive_order(scene, e));
    gw_items_problems(a, &scene->items, &problems);
    GW_TRY(gw_trust_problems(a, call, &scene->migrations.folder, &problems, e));
    GW_TRY(check_files(a, scene, &problems, e));
    const size_t differences = problems.len;
    GW_TRY(gw_checks_run(a, scene, &problems, &checked, e));
    if (checked > 0)
        gw_tell_note(call, "%zu verify script%s run, and rolled back", checked, checked == 1 ? " was" : "s were");
    for (size_t i = 0; i < problems.len; i++)
        *gw_vec_push(call->arena, &call->answer.errors) = problems.at[i];
    if (problems.len == 0)
        return GODWIT_OK;
    *e = problems.at[0];
    if (differences > 0)
        e->rc = GODWIT_FOLDER; /* whatever each of them is: files and history do not agree */
    return e->rc;
}
