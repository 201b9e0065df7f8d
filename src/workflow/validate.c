#include "migration/integrity.h"
#include "workflow/git.h"
#include "workflow/migrations.h"
#include "workflow/report.h"
#include "workflow/workflow.h"

/* Every file must be readable and splittable. */
static gw_rc
check_scripts(gw_arena *a, gw_call *call, const gw_migrations *m, gw_dialect dialect, gw_problems *out, gw_err *e)
{
    for (size_t i = 0; i < m->folder.files.len; i++) {
        GW_SCOPE(scratch);
        const gw_file *const file = &m->folder.files.at[i];
        gw_script script;
        gw_err up = {0}, down = {0};
        GW_TRY(gw_call_check(call, e));
        if (gw_migrations_up(scratch, m, file, dialect, &script, &up) != GODWIT_OK)
            *gw_vec_push(a, out) = up;
        if (file->down_path != NULL &&
            gw_migrations_down(scratch, m, file, dialect, &script, &down) != GODWIT_OK)
            *gw_vec_push(a, out) = down;
    }
    return GODWIT_OK;
}

/* Which SQL the files are in is known by the URL alone; nobody connects. */
static gw_rc
check_sql(gw_arena *a, gw_call *call, const gw_migrations *m, gw_problems *out, gw_err *e)
{
    const char *text;
    gw_url url;
    gw_err unfit = {0};
    const gw_engine *engine;
    GW_TRY(gw_config_text(call->config, GW_SETTING_URL, &text, e));
    if (text == NULL || gw_url_parse(a, gw_str_of(text), &url, &unfit) != GODWIT_OK) {
        gw_tell_note(call,
                     "no database is configured, so that nobody knows which SQL the files are in: they were not split");
        return GODWIT_OK;
    }
    GW_TRY(gw_call_engine(call, &url, &engine, e));
    return check_scripts(a, call, m, (gw_dialect){.kind = engine->dialect}, out, e);
}

static gw_rc
check_growth(gw_arena *a, gw_call *call, const gw_folder *folder, const char *base, gw_problems *out, gw_err *e)
{
    gw_growth_params p;
    GW_TRY(gw_git_growth(a, call, folder, base, &p, e));
    gw_growth_problems(a, &p, out);
    return GODWIT_OK;
}

gw_rc
gw_validate(gw_call *call, const char *base, gw_err *e)
{
    GW_SCOPE(a);
    gw_migrations migrations = {0};
    gw_problems problems = {0};
    const gw_folder *const folder = &migrations.folder;
    GW_TRY(gw_migrations_open(a, call, GW_MIGRATIONS_TO_RUN, &migrations, e));
    gw_integrity_problems(a, folder, &problems);
    GW_TRY(check_sql(a, call, &migrations, &problems, e));
    if (base != NULL)
        GW_TRY(check_growth(a, call, folder, base, &problems, e));
    if (folder->covered.sum == NULL)
        gw_tell_note(call, "%s has no sum file: `godwit hash` writes one", folder->path);
    for (size_t i = 0; i < problems.len; i++)
        *gw_vec_push(call->arena, &call->answer.errors) = problems.at[i];
    if (problems.len == 0)
        return GODWIT_OK;
    *e = problems.at[0];
    e->rc = GODWIT_FOLDER;
    return e->rc;
}
