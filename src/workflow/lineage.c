#include "workflow/lineage.h"

#include <string.h>

#include "migration/sequence.h"
#include "workflow/report.h"
#include "workflow/snapshot.h"

/* The folder of a commit: each file by itself, since whether it is in order is not asked. */
static gw_rc
read_laid_out(gw_arena *a, gw_call *call, const gw_snapshot *s, gw_sequence *out, gw_err *e)
{
    gw_folder folder;
    gw_folder_params p = {.path = s->path, .only_names = true};
    GW_TRY(gw_config_text(call->config, GW_SETTING_LAYOUT, &p.layout, e));
    GW_TRY(gw_folder_open(a, &p, &folder, e));
    return gw_sequence_read(a, &folder, out, e);
}

/* *is_read false: it cannot be, which was said. */
static gw_rc
read_commit(gw_arena *a, gw_call *call, const char *folder, const char *commit, const char *of, gw_sequence *out,
            bool *is_read, gw_err *e)
{
    gw_snapshot s;
    gw_err failure = {0};
    *out = (gw_sequence){0};
    *is_read = true;
    GW_TRY(gw_snapshot_of(a, call, folder, commit, &s, e));
    if (s.path == NULL || read_laid_out(a, call, &s, out, &failure) == GODWIT_OK)
        return GODWIT_OK;
    gw_snapshot_name(&s, &failure);
    if (failure.rc != GODWIT_FOLDER) {
        *e = failure;
        return e->rc;
    }
    *is_read = false;
    gw_tell_note(call, "migrations are not compared with %s, whose folder cannot be read: %s", of, failure.message);
    return GODWIT_OK;
}

static gw_rc
check_sequence(gw_arena *a, gw_call *call, const gw_folder *folder, const gw_git_branch *branch, gw_problems *out,
               gw_err *e)
{
    gw_sequence common, tip, now;
    const char *tip_commit, *common_commit;
    bool is_read;
    const char *const place = branch->folder == NULL ? folder->path : branch->folder;
    GW_TRY(gw_git_base(a, call, place, branch, &tip_commit, &common_commit, e));
    GW_TRY(read_commit(a, call, place, tip_commit, branch->base, &tip, &is_read, e));
    common = tip;
    if (is_read && strcmp(tip_commit, common_commit) != 0)
        GW_TRY(read_commit(a, call, place, common_commit, branch->base, &common, &is_read, e));
    if (!is_read)
        return GODWIT_OK;
    GW_TRY(gw_sequence_read(a, folder, &now, e));
    gw_sequence_problems(a, &(gw_sequence_params){folder, branch->base, &common, &tip, &now}, out);
    return GODWIT_OK;
}

/* One name a migration, which tells its version. */
static bool
is_told_by_names(const gw_layout *l)
{
    return !l->has_several && (l->read != NULL || l->read_nested != NULL);
}

gw_rc
gw_lineage_check(gw_arena *a, gw_call *call, const gw_folder *folder, const gw_git_branch *branch, gw_problems *out,
                 gw_err *e)
{
    gw_growth_params p;
    if (!is_told_by_names(folder->layout))
        return check_sequence(a, call, folder, branch, out, e);
    GW_TRY(gw_git_growth(a, call, folder, branch, &p, e));
    gw_growth_problems(a, &p, out);
    return GODWIT_OK;
}
