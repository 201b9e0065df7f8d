#include "workflow/exchange.h"

#include <string.h>

#include "base/remove.h"
#include "migration/ways.h"
#include "workflow/report.h"

static const char *
final_path(gw_arena *a, const gw_exchange_params *p, const gw_layout_file *file)
{
    return gw_path_join(a, p->folder->path, file->file);
}

/* Up to its last slash. */
static const char *
folder_of(gw_arena *a, const char *path)
{
    return gw_strdup(a, (gw_str){path, (size_t)(strrchr(path, '/') - path)});
}

/* Where it is before it gets its name: the place of the one whose version it has. */
static const char *
interim_path(gw_arena *a, const gw_exchange_params *p, const gw_layout_file *file)
{
    const gw_file *const keeper = &p->folder->files.at[p->keeper];
    const char *const old = gw_ways_path(keeper, file->way);
    if (p->folder->layout->has_folders)
        return gw_path_join(a, folder_of(a, keeper->path), strrchr(file->file, '/') + 1);
    return old != NULL ? old : final_path(a, p, file);
}

static bool
is_old(const gw_exchange_params *p, const char *path)
{
    for (size_t i = p->from; i < p->to; i++)
        for (gw_way way = GW_WAY_UP; way < GW_WAY_COUNT; way++) {
            const char *const old = gw_ways_path(&p->folder->files.at[i], way);
            if (old != NULL && strcmp(old, path) == 0)
                return true;
        }
    return false;
}

static gw_rc
write_all(const gw_exchange_params *p, gw_err *e)
{
    for (size_t i = 0; i < p->files->len; i++) {
        GW_SCOPE(a);
        const gw_layout_file *const file = &p->files->at[i];
        const char *const path = interim_path(a, p, file);
        GW_TRY(is_old(p, path) ? gw_file_write(path, file->text, e) : gw_file_create(path, file->text, e));
    }
    return GODWIT_OK;
}

static bool
is_new(gw_arena *a, const gw_exchange_params *p, const char *path)
{
    for (size_t i = 0; i < p->files->len; i++)
        if (strcmp(interim_path(a, p, &p->files->at[i]), path) == 0)
            return true;
    return false;
}

/* No way down, and no check, without what it is of. */
static gw_rc
remove_files(const gw_exchange_params *p, const gw_file *file, gw_err *e)
{
    for (gw_way way = GW_WAY_COUNT; way-- > GW_WAY_UP;) {
        GW_SCOPE(a);
        const char *const path = gw_ways_path(file, way);
        if (path != NULL && !is_new(a, p, path))
            GW_TRY(gw_remove_file(path, e));
    }
    return GODWIT_OK;
}

/* Hidden first: a folder that holds only a part would be no migration. */
static gw_rc
remove_folder(const gw_exchange_params *p, const gw_file *file, gw_err *e)
{
    GW_SCOPE(a);
    const char *const folder = folder_of(a, file->path);
    const char *const name = gw_folder_below(p->folder, folder);
    const char *const hidden = gw_path_join(a, p->folder->path, gw_printf(a, ".%s", name));
    gw_dir_entries entries;
    GW_TRY(gw_rename(folder, hidden, e));
    GW_TRY(gw_dir_list(a, hidden, &entries, e));
    for (size_t i = 0; i < entries.len; i++)
        GW_TRY(gw_remove_file(gw_path_join(a, hidden, entries.at[i].name), e));
    (void)gw_remove_folder(hidden);
    return GODWIT_OK;
}

/* The newest first, so that no number is missing between two. */
static gw_rc
remove_all(gw_call *call, const gw_exchange_params *p, gw_err *e)
{
    for (size_t i = p->to; i-- > p->from;) {
        const gw_file *const file = &p->folder->files.at[i];
        const bool is_kept = i == p->keeper || !p->folder->layout->has_folders;
        GW_TRY(is_kept ? remove_files(p, file, e) : remove_folder(p, file, e));
    }
    for (size_t i = p->from; i < p->to; i++) {
        const char *const name = gw_folder_below(p->folder, p->folder->files.at[i].path);
        if (strcmp(name, p->files->at[0].file) != 0)
            gw_tell_note(call, "%s is in %s now", name, p->files->at[0].file);
    }
    return GODWIT_OK;
}

static gw_rc
rename_one(const char *from, const char *to, gw_err *e)
{
    return strcmp(from, to) == 0 ? GODWIT_OK : gw_rename(from, to, e);
}

static gw_rc
name_all(gw_call *call, const gw_exchange_params *p, gw_err *e)
{
    GW_SCOPE(a);
    const bool has_folders = p->folder->layout->has_folders;
    if (has_folders)
        GW_TRY(rename_one(folder_of(a, p->folder->files.at[p->keeper].path),
                          folder_of(a, final_path(a, p, &p->files->at[0])), e));
    for (size_t i = 0; i < p->files->len; i++) {
        const char *const path = final_path(a, p, &p->files->at[i]);
        if (!has_folders)
            GW_TRY(rename_one(interim_path(a, p, &p->files->at[i]), path, e));
        gw_report_path(call, path);
    }
    return GODWIT_OK;
}

gw_rc
gw_exchange(gw_call *call, const gw_exchange_params *p, gw_err *e)
{
    GW_TRY(write_all(p, e));
    GW_TRY(remove_all(call, p, e));
    return name_all(call, p, e);
}
