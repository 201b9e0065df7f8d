#include "workflow/snapshot.h"

#include <string.h>

#include "base/file.h"
#include "base/git.h"
#include "base/scratch.h"

static gw_rc
fail_tree(const gw_git *git, const char *commit, gw_err *failure, gw_err *e)
{
    if (failure->rc == GODWIT_INTERRUPTED) {
        *e = *failure;
        return e->rc;
    }
    GW_TRY(gw_git_check(git, e));
    if (commit != NULL) {
        (void)gw_fail(e, GODWIT_USAGE, "git knows no commit '%s'", commit);
        return gw_err_hint(e, "fetch it first, or name another one");
    }
    (void)gw_fail(e, GODWIT_USAGE, "git cannot say what is staged");
    return gw_err_hint(e, "is a merge under way? `git status` says what is not settled");
}

static gw_rc
find_tree(gw_arena *a, const gw_git *git, const char *commit, gw_snapshot *out, gw_err *e)
{
    gw_err failure = {0};
    const char *const words =
        commit == NULL ? "write-tree" : "rev-parse --verify --quiet --end-of-options \"$GODWIT_ARGUMENT^{commit}\"";
    if (gw_git_line(a, git, words, commit, &out->tree, &failure) != GODWIT_OK)
        return fail_tree(git, commit, &failure, e);
    out->head = commit == NULL ? "HEAD" : out->tree;
    return GODWIT_OK;
}

/* The folder within the tree, by way of an index of its own. Names of objects are hexadecimal: they may stand in the words. */
static gw_rc
lay_out(gw_arena *a, const gw_git *git, const char *prefix, gw_snapshot *s, gw_err *e)
{
    const char *place;
    const char *ignored;
    GW_TRY(gw_scratch_make(a, &place, e));
    const gw_git own = {git->folder, gw_path_join(a, place, "index"), git->interrupt};
    const char *const files = gw_printf(a, "%s/files/", place);
    const char *const read =
        *prefix == '\0' ? gw_printf(a, "read-tree %s", s->tree)
                        : gw_printf(a, "read-tree --prefix=\"$GODWIT_ARGUMENT\" %s:\"$GODWIT_ARGUMENT\"", s->tree);
    GW_TRY(gw_git_line(a, &own, read, prefix, &ignored, e));
    GW_TRY(gw_git_line(a, &own, "-c core.autocrlf=false checkout-index --all --quiet --prefix=\"$GODWIT_ARGUMENT\"",
                       files, &ignored, e));
    const char *const path = *prefix == '\0' ? gw_path_join(a, place, "files") : gw_path_join(a, files, prefix);
    s->path = gw_strdup(a, gw_str_slice(gw_str_of(path), 0, strlen(path) - gw_str_ends(gw_str_of(path), "/")));
    return GODWIT_OK;
}

gw_rc
gw_snapshot_of(gw_arena *a, const gw_call *call, const char *folder, const char *commit, gw_snapshot *out, gw_err *e)
{
    const char *prefix, *ignored;
    gw_err none = {0};
    *out = (gw_snapshot){.shown = folder};
    const gw_git git = {.folder = folder, .interrupt = call->interrupt};
    if (gw_path_is(folder) != GW_PATH_DIR)
        return GODWIT_OK;
    GW_TRY(find_tree(a, &git, commit, out, e));
    GW_TRY(gw_git_line(a, &git, "rev-parse --show-prefix", NULL, &prefix, e));
    const char *const is_there = gw_printf(a, "rev-parse --verify --quiet %s:\"$GODWIT_ARGUMENT\"", out->tree);
    if (gw_git_line(a, &git, is_there, prefix, &ignored, &none) != GODWIT_OK)
        return none.rc == GODWIT_INTERRUPTED ? (*e = none, e->rc) : GODWIT_OK;
    return lay_out(a, &git, prefix, out, e);
}

gw_rc
gw_snapshot_take(gw_arena *a, gw_call *call, const char *commit, gw_snapshot *out, gw_err *e)
{
    const char *folder;
    *out = (gw_snapshot){0};
    GW_TRY(gw_config_text(call->config, GW_SETTING_MIGRATIONS, &folder, e));
    GW_TRY(gw_snapshot_of(a, call, folder, commit, out, e));
    if (out->path != NULL)
        call->config->values[GW_SETTING_MIGRATIONS].text = out->path;
    return GODWIT_OK;
}

/* Every mention of the temporary folder; what the user says is shorter, or it is cut. */
static void
name_in(const gw_snapshot *s, char *text, size_t size)
{
    GW_SCOPE(a);
    const size_t len = strlen(s->path);
    gw_buf out = gw_buf_new(a);
    const char *rest = text;
    for (const char *found; (found = strstr(rest, s->path)) != NULL; rest = found + len) {
        gw_buf_add(&out, (gw_str){rest, (size_t)(found - rest)});
        gw_buf_puts(&out, s->shown);
    }
    if (rest == text)
        return;
    gw_buf_puts(&out, rest);
    gw_err_copy(text, size, gw_buf_str(&out));
}

void
gw_snapshot_name(const gw_snapshot *s, gw_err *e)
{
    if (s->path == NULL)
        return;
    name_in(s, e->message, sizeof(e->message));
    name_in(s, e->notes, sizeof(e->notes));
    name_in(s, e->hint, sizeof(e->hint));
    name_in(s, e->path, sizeof(e->path));
}
