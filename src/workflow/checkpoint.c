#include <string.h>

#include "migration/integrity.h"
#include "workflow/draft.h"
#include "workflow/merge.h"
#include "workflow/seal.h"
#include "workflow/workflow.h"

/* Behind the newest; where names say it, that is what it stands for. */
static gw_rc
choose_version(gw_arena *a, const gw_folder *folder, const char **out, gw_err *e)
{
    if (folder->layout->dress == NULL || !folder->layout->dress->names_checkpoint)
        return gw_draft_version(a, folder, out, e);
    const char *const newest = gw_folder_newest(folder)->version;
    *out = newest + strcspn(newest, "0123456789");
    return GODWIT_OK;
}

/* From the last checkpoint on, which stands for all before it. */
static size_t
first_that_counts(const gw_folder *folder)
{
    for (size_t i = folder->files.len; i-- > 0;)
        if (folder->files.at[i].kind == GW_FILE_CHECKPOINT)
            return i;
    return 0;
}

static gw_rc
check_needed(gw_call *call, const gw_folder *folder, bool *is_needed, gw_err *e)
{
    const gw_file *const newest = gw_folder_newest(folder);
    *is_needed = newest != NULL && newest->kind != GW_FILE_CHECKPOINT;
    if (newest == NULL)
        return gw_fail(e, GODWIT_FOLDER, "there is no migration in %s that a checkpoint could stand for", folder->path);
    if (!*is_needed)
        gw_tell_note(call, "%s is a checkpoint, and the newest", gw_folder_below(folder, newest->path));
    return GODWIT_OK;
}

gw_rc
gw_checkpoint(gw_call *call, const char *words, gw_err *e)
{
    GW_SCOPE(a);
    gw_migrations migrations = {0};
    gw_layout_files files;
    bool is_needed, changed;
    const gw_folder *const folder = &migrations.folder;
    gw_merge_params mp = {.migrations = &migrations, .checkpoint = true};
    GW_TRY(gw_draft_name(a, words == NULL ? "checkpoint" : words, &mp.name, e));
    GW_TRY(gw_migrations_open(a, call, GW_MIGRATIONS_TO_RUN, &migrations, e));
    GW_TRY(gw_integrity_check(folder, e));
    GW_TRY(check_needed(call, folder, &is_needed, e));
    if (!is_needed)
        return GODWIT_OK;
    GW_TRY(choose_version(a, folder, &mp.version, e));
    GW_TRY(gw_draft_check_name(a, folder->layout, mp.version, mp.name, e));
    mp.from = first_that_counts(folder);
    mp.to = folder->files.len;
    GW_TRY(gw_merge(a, call, &mp, &files, e));
    GW_TRY(gw_draft_write(call, folder, &files, e));
    return folder->covered.sum == NULL ? GODWIT_OK : gw_seal(call, folder, &changed, e);
}
