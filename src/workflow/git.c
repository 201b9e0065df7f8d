#include "workflow/git.h"

#include <string.h>

#include "base/git.h"

/* Why did git not answer? */
static gw_rc
fail_base(const gw_git *git, const char *ref, const gw_err *failure, gw_err *e)
{
    if (failure->rc == GODWIT_INTERRUPTED) {
        *e = *failure;
        return e->rc;
    }
    if (gw_git_check(git, e) != GODWIT_OK)
        return e->rc == GODWIT_USAGE ? gw_err_note(e, "so there is no base '%s' to compare with", ref) : e->rc;
    (void)gw_fail(e, GODWIT_USAGE, "git knows no commit '%s' that this branch comes from", ref);
    return gw_err_hint(e, "fetch it first (`git fetch origin`; in CI with its whole history), or name another base");
}

static gw_rc
find_base(gw_arena *a, const gw_git *git, const gw_git_branch *branch, const char **tip, const char **common, gw_err *e)
{
    const char *const ref = branch->base;
    const char *const head = branch->head == NULL ? "HEAD" : branch->head;
    gw_err failure = {0};
    if (gw_git_line(a, git, "rev-parse --verify --quiet --end-of-options \"$GODWIT_ARGUMENT^{commit}\"", ref, tip,
                    &failure) != GODWIT_OK ||
        gw_git_line(a, git, gw_printf(a, "merge-base %s \"$GODWIT_ARGUMENT\"", *tip), head, common, &failure) !=
            GODWIT_OK)
        return fail_base(git, ref, &failure, e);
    return GODWIT_OK;
}

gw_rc
gw_git_base(gw_arena *a, const gw_call *call, const char *folder, const gw_git_branch *branch, const char **tip,
            const char **common, gw_err *e)
{
    return find_base(a, &(gw_git){.folder = folder, .interrupt = call->interrupt}, branch, tip, common, e);
}

/* "100644 blob 257cc5642cb1a054f08cc83f2d943e56fd3ebe99\t0001_a.sql", each ended by a zero */
static bool
read_entry(gw_arena *a, gw_str entry, gw_growth_file *out)
{
    gw_str name;
    gw_str rest = gw_str_cut(entry, '\t', &name);
    const gw_str mode = gw_str_cut(rest, ' ', &rest);
    const gw_str kind = gw_str_cut(rest, ' ', &rest);
    if (!gw_str_is(kind, "blob") || gw_str_is(mode, "120000"))
        return false;
    *out = (gw_growth_file){gw_strdup(a, name), gw_strdup(a, rest)};
    return true;
}

static gw_rc
list_files(gw_arena *a, const gw_git *git, const char *commit, bool is_deep, gw_growth_files *out, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_str rest;
    gw_growth_file file;
    *out = (gw_growth_files){0};
    const char *const words = is_deep ? "ls-tree -r -z \"$GODWIT_ARGUMENT\"" : "ls-tree -z \"$GODWIT_ARGUMENT\"";
    GW_TRY(gw_git_ask(scratch, git, words, commit, (gw_str){0}, &rest, e));
    while (rest.len > 0)
        if (read_entry(a, gw_str_cut(rest, '\0', &rest), &file))
            *gw_vec_push(a, out) = file;
    return GODWIT_OK;
}

static gw_rc
hash_files(gw_arena *a, const gw_git *git, gw_growth_files *files, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_buf names = gw_buf_new(scratch);
    gw_str rest;
    const char *prefix; /* it reads paths from the top of the repository, wherever it is called */
    GW_TRY(gw_git_line(scratch, git, "rev-parse --show-prefix", NULL, &prefix, e));
    for (size_t i = 0; i < files->len; i++)
        gw_buf_printf(&names, "%s%s\n", prefix, files->at[i].name);
    GW_TRY(gw_git_ask(scratch, git, "hash-object --stdin-paths", NULL, gw_buf_str(&names), &rest, e));
    for (size_t i = 0; i < files->len; i++)
        files->at[i].blob = gw_strdup(a, gw_str_cut(rest, '\n', &rest));
    return GODWIT_OK;
}

static int
by_name(const void *left, const void *right)
{
    const gw_growth_file *const a = left;
    const gw_growth_file *const b = right;
    return strcmp(a->name, b->name);
}

/* What points nowhere cannot be hashed, and is nobody's file. */
static gw_rc
list_now(gw_arena *a, const gw_git *git, bool is_deep, gw_growth_files *out, gw_err *e)
{
    gw_tree tree;
    gw_tree_files files = {0};
    GW_TRY(gw_tree_open(a, git->folder, &tree, e));
    if (is_deep)
        GW_TRY(gw_tree_walk(a, &tree, "", &files, e));
    for (size_t i = 0; !is_deep && i < tree.entries.len; i++)
        if (!tree.entries.at[i].is_dir)
            *gw_vec_push(a, &files) = tree.entries.at[i].name;
    for (size_t i = 0; i < files.len; i++)
        if (gw_path_is(gw_path_join(a, git->folder, files.at[i])) == GW_PATH_FILE)
            *gw_vec_push(a, out) = (gw_growth_file){.name = files.at[i]};
    gw_sort(out->at, out->len, sizeof(*out->at), by_name);
    return hash_files(a, git, out, e);
}

/* Of a layout all of whose migrations are right in the folder the folders within are not looked at. */
static bool
is_flat(const gw_folder *folder)
{
    return folder->layout != NULL && folder->layout->read != NULL;
}

gw_rc
gw_git_growth(gw_arena *a, const gw_call *call, const gw_folder *folder, const gw_git_branch *branch,
              gw_growth_params *out, gw_err *e)
{
    const gw_git git = {.folder = branch->folder == NULL ? folder->path : branch->folder, .interrupt = call->interrupt};
    gw_growth_files *const lists = gw_new_array(a, gw_growth_files, 3);
    const char *tip = "", *common = "";
    const bool is_deep = !is_flat(folder);
    *out = (gw_growth_params){folder, branch->base, &lists[0], &lists[1], &lists[2]};
    GW_TRY(find_base(a, &git, branch, &tip, &common, e));
    GW_TRY(list_files(a, &git, common, is_deep, &lists[0], e));
    GW_TRY(list_files(a, &git, tip, is_deep, &lists[1], e));
    if (branch->tree != NULL)
        return list_files(a, &git, branch->tree, is_deep, &lists[2], e);
    return list_now(a, &git, is_deep, &lists[2], e);
}

gw_rc
gw_git_files(gw_arena *a, const gw_call *call, const char *folder, const char *commit, gw_growth_files *out, gw_err *e)
{
    return list_files(a, &(gw_git){.folder = folder, .interrupt = call->interrupt}, commit, true, out, e);
}

gw_rc
gw_git_restore(const gw_call *call, const char *folder, const char *commit, const gw_growth_files *files, gw_err *e)
{
    GW_SCOPE(a);
    gw_str ignored;
    gw_buf names = gw_buf_new(a);
    const gw_git git = {.folder = folder, .interrupt = call->interrupt};
    for (size_t i = 0; i < files->len; i++) {
        gw_buf_puts(&names, files->at[i].name);
        gw_buf_putc(&names, '\0');
    }
    return gw_git_ask(a, &git,
                      "restore --worktree --source=\"$GODWIT_ARGUMENT\" --pathspec-from-file=- --pathspec-file-nul",
                      commit, gw_buf_str(&names), &ignored, e);
}
