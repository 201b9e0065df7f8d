#include "base/git.h"

#include <stdlib.h>

#include "base/proc.h"
#include "base/vec.h"

enum { OUTPUT_CAP = 64 << 20 };

typedef gw_vec(const char *) variables;

static void
add_variable(gw_arena *a, variables *out, const char *name, const char *value)
{
    *gw_vec_push(a, out) = gw_printf(a, "%s=%s", name, value);
}

static void
add_path(gw_arena *a, variables *out, const char *name, const char *path)
{
    char *const absolute = realpath(path, NULL);
    add_variable(a, out, name, absolute == NULL ? path : absolute);
    free(absolute);
}

static const char *const *
environment_of(gw_arena *a, const gw_git *git, const char *argument)
{
    variables all = {0};
    const char *const repository = getenv("GIT_DIR");
    const char *const top = getenv("GIT_WORK_TREE");
    add_variable(a, &all, "GODWIT_FOLDER", git->folder == NULL ? "." : git->folder);
    add_variable(a, &all, "GODWIT_ARGUMENT", argument == NULL ? "" : argument);
    add_variable(a, &all, "GIT_LITERAL_PATHSPECS", "1");
    if (git->index != NULL)
        add_variable(a, &all, "GIT_INDEX_FILE", git->index);
    if (repository != NULL) {
        add_path(a, &all, "GIT_DIR", repository);
        add_path(a, &all, "GIT_WORK_TREE", top == NULL ? "." : top);
    }
    *gw_vec_push(a, &all) = NULL;
    return all.at;
}

gw_rc
gw_git_ask(gw_arena *a, const gw_git *git, const char *words, const char *argument, gw_str input, gw_str *output,
           gw_err *e)
{
    GW_SCOPE(scratch);
    const gw_proc_params p = {
        .command = gw_printf(scratch, "git -C \"$GODWIT_FOLDER\" %s", words),
        .input = input,
        .env = environment_of(scratch, git, argument),
        .output_cap = OUTPUT_CAP,
        .quiet = true,
        .interrupt = git->interrupt,
    };
    return gw_proc_run(a, &p, output, e);
}

gw_rc
gw_git_line(gw_arena *a, const gw_git *git, const char *words, const char *argument, const char **out, gw_err *e)
{
    gw_str output;
    GW_TRY(gw_git_ask(a, git, words, argument, (gw_str){0}, &output, e));
    *out = gw_strdup(a, gw_str_trim(output));
    return GODWIT_OK;
}

gw_rc
gw_git_check(const gw_git *git, gw_err *e)
{
    GW_SCOPE(a);
    const char *ignored;
    gw_err no_repository = {0};
    GW_TRY(gw_git_line(a, &(gw_git){.interrupt = git->interrupt}, "--version", NULL, &ignored, e));
    if (gw_git_line(a, git, "rev-parse --git-dir", NULL, &ignored, &no_repository) == GODWIT_OK)
        return GODWIT_OK;
    return gw_fail(e, GODWIT_USAGE, "%s is in no git repository", git->folder == NULL ? "this folder" : git->folder);
}
