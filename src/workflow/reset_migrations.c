#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/remove.h"
#include "workflow/git.h"
#include "workflow/report.h"
#include "workflow/workflow.h"

/* What the folder has and what the base has, told apart. */
typedef struct difference {
    gw_growth_files added;           /* here, and not on the base: they go */
    gw_growth_files edited, missing; /* they come back */
} difference;

static int
by_name(const void *left, const void *right)
{
    return strcmp(((const gw_growth_file *)left)->name, ((const gw_growth_file *)right)->name);
}

static const gw_growth_file *
find(const gw_growth_files *files, const char *name)
{
    const gw_growth_file wanted = {.name = name};
    return files->len == 0 ? NULL : bsearch(&wanted, files->at, files->len, sizeof(*files->at), by_name);
}

/* ".gitattributes", "a/.hidden/b" are nobody's migrations. */
static bool
is_hidden(const char *name)
{
    return name[0] == '.' || strstr(name, "/.") != NULL;
}

static bool
is_link(gw_arena *a, const char *folder, const char *name)
{
    struct stat st;
    return lstat(gw_path_join(a, folder, name), &st) == 0 && S_ISLNK(st.st_mode);
}

static void
compare(gw_arena *a, const gw_growth_params *p, difference *out)
{
    for (size_t i = 0; i < p->now->len; i++) {
        const gw_growth_file *const now = &p->now->at[i];
        const gw_growth_file *const there = find(p->tip, now->name);
        if (there == NULL && !is_link(a, p->folder->path, now->name))
            *gw_vec_push(a, &out->added) = *now;
        else if (there != NULL && strcmp(there->blob, now->blob) != 0)
            *gw_vec_push(a, &out->edited) = *now;
    }
    for (size_t i = 0; i < p->tip->len; i++)
        if (!is_hidden(p->tip->at[i].name) && find(p->now, p->tip->at[i].name) == NULL)
            *gw_vec_push(a, &out->missing) = p->tip->at[i];
}

/* ---- what nobody could get back ---- */

static void
list_lost(gw_arena *a, const gw_growth_files *files, const gw_growth_files *head, gw_growth_files *out)
{
    for (size_t i = 0; i < files->len; i++) {
        const gw_growth_file *const kept = find(head, files->at[i].name);
        if (kept == NULL || strcmp(kept->blob, files->at[i].blob) != 0)
            *gw_vec_push(a, out) = files->at[i];
    }
}

static gw_rc
check_kept(gw_arena *a, const gw_call *call, const char *folder, const difference *d, gw_err *e)
{
    enum { SHOWN = 10 };
    gw_growth_files head, lost = {0};
    GW_TRY(gw_git_files(a, call, folder, "HEAD", &head, e));
    list_lost(a, &d->added, &head, &lost);
    list_lost(a, &d->edited, &head, &lost);
    if (lost.len == 0)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_REFUSED, "%s/%s is not committed as it is: nobody could get it back", folder,
                  lost.at[0].name);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(gw_path_join(a, folder, lost.at[0].name)));
    for (size_t i = 1; i < lost.len && i <= SHOWN; i++)
        (void)gw_err_note(e, "nor %s/%s", folder, lost.at[i].name);
    if (lost.len > SHOWN + 1)
        (void)gw_err_note(e, "and %zu more", lost.len - SHOWN - 1);
    return gw_err_hint(e, "commit it, or let it go: --force");
}

/* ---- back to the base ---- */

static gw_rc
restore(gw_call *call, const gw_growth_params *p, const gw_growth_files *files, const char *what, gw_err *e)
{
    if (files->len == 0)
        return GODWIT_OK;
    GW_TRY(gw_git_restore(call, p->folder->path, p->base, files, e));
    for (size_t i = 0; i < files->len; i++) {
        GW_SCOPE(a);
        gw_tell_note(call, "%s was %s here", files->at[i].name, what);
        gw_report_path(call, gw_path_join(a, p->folder->path, files->at[i].name));
    }
    return GODWIT_OK;
}

/* With the folders that nothing is left in. */
static gw_rc
remove_added(const gw_call *call, const char *folder, const gw_growth_files *files, gw_err *e)
{
    for (size_t i = 0; i < files->len; i++) {
        GW_SCOPE(a);
        char *const name = gw_text(a, files->at[i].name);
        GW_TRY(gw_remove_file(gw_path_join(a, folder, name), e));
        gw_tell_note(call, "%s is gone: the base does not have it", name);
        for (char *slash; (slash = strrchr(name, '/')) != NULL;) {
            *slash = '\0';
            if (!gw_remove_folder(gw_path_join(a, folder, name)))
                break;
        }
    }
    return GODWIT_OK;
}

gw_rc
gw_reset_migrations(gw_call *call, const char *base, bool force, gw_err *e)
{
    GW_SCOPE(a);
    gw_folder folder = {.exists = true};
    gw_growth_params p;
    difference d = {0};
    const gw_git_branch branch = {.base = base == NULL ? "origin/main" : base};
    GW_TRY(gw_config_text(call->config, GW_SETTING_MIGRATIONS, &folder.path, e));
    if (gw_path_is(folder.path) != GW_PATH_DIR) {
        (void)gw_fail(e, GODWIT_IO, "there is no folder %s", folder.path);
        return gw_err_hint(e, "`git checkout %s -- %s` has it back, or name another with --dir", branch.base,
                           folder.path);
    }
    GW_TRY(gw_git_growth(a, call, &folder, &branch, &p, e));
    compare(a, &p, &d);
    if (!force)
        GW_TRY(check_kept(a, call, folder.path, &d, e));
    GW_TRY(restore(call, &p, &d.edited, "another", e));
    GW_TRY(restore(call, &p, &d.missing, "missing", e));
    GW_TRY(remove_added(call, folder.path, &d.added, e));
    if (d.edited.len + d.missing.len + d.added.len == 0)
        gw_tell_note(call, "%s is as it is on %s", folder.path, branch.base);
    return GODWIT_OK;
}
