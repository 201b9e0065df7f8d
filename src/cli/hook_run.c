#include "cli/hook_run.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/git.h"
#include "base/vec.h"

/* A folder of migrations, and whose it is. */
typedef struct folder {
    const char *service; /* NULL: of no service */
    const char *path;    /* absolute; NULL: it is not in the work tree */
} folder;
typedef gw_vec(folder) folders;

/* What git says has changed: names from the top of the work tree, each ended by a zero. */
typedef struct changes {
    const char *top;
    gw_str names;
} changes;

/* ---- which folders ---- */

static gw_rc
add_folder(const gw_invocation *in, gw_arena *a, const char *service, folders *out, gw_err *e)
{
    const char *path, *origin;
    if (service != NULL)
        GW_TRY(godwit_set(in->gw, "service", service, e));
    GW_TRY(godwit_get(in->gw, "migrations", &path, &origin, e));
    char absolute[PATH_MAX];
    const bool is_there = path != NULL && realpath(path, absolute) != NULL;
    *gw_vec_push(a, out) = (folder){service, is_there ? gw_text(a, absolute) : NULL};
    return GODWIT_OK;
}

static gw_rc
list_folders(const gw_invocation *in, gw_arena *a, folders *out, gw_err *e)
{
    const char *const *names;
    size_t count;
    GW_TRY(godwit_services(in->gw, &names, &count, e));
    const char **const kept = gw_new_array(a, const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        kept[i] = gw_text(a, names[i]);
    for (size_t i = 0; i < count; i++)
        GW_TRY(add_folder(in, a, kept[i], out, e));
    return count == 0 ? add_folder(in, a, NULL, out, e) : GODWIT_OK;
}

/* ---- which of them changed ---- */

static gw_rc
read_changes(gw_arena *a, const char *words, const char *argument, changes *out, gw_err *e)
{
    gw_str answer;
    const char *const both = gw_printf(a, "rev-parse --show-toplevel && git %s", words);
    GW_TRY(gw_git_ask(a, &(gw_git){0}, both, argument, (gw_str){0}, &answer, e));
    out->top = gw_strdup(a, gw_str_cut(answer, '\n', &out->names));
    return GODWIT_OK;
}

static bool
is_changed(const folder *f, const changes *c)
{
    const size_t top = strlen(c->top);
    if (f->path == NULL || strncmp(f->path, c->top, top) != 0 || (f->path[top] != '/' && f->path[top] != '\0'))
        return false;
    const char *const within = f->path[top] == '/' ? f->path + top + 1 : "";
    const size_t len = strlen(within);
    gw_str rest = c->names;
    while (rest.len > 0) {
        const gw_str name = gw_str_cut(rest, '\0', &rest);
        if (gw_str_starts(name, within) && (len == 0 || (name.len > len && name.ptr[len] == '/')))
            return true;
    }
    return false;
}

/* The first that is not in order ends it. */
static gw_rc
check_changed(const gw_invocation *in, const folders *all, const changes *c, const godwit_validate_params *p,
              gw_result *out)
{
    for (size_t i = 0; i < all->len; i++) {
        const folder *const f = &all->at[i];
        if (!is_changed(f, c))
            continue;
        if (f->service != NULL)
            GW_TRY(godwit_set(in->gw, "service", f->service, &out->error));
        GW_TRY(godwit_validate(in->gw, p, &out->report, &out->error));
    }
    return GODWIT_OK;
}

/* ---- the hooks ---- */

static gw_rc
run_pre_commit(const gw_invocation *in, const folders *all, gw_result *out)
{
    changes c;
    GW_TRY(read_changes(out->arena, "diff --cached --name-only --no-renames -z", NULL, &c, &out->error));
    return check_changed(in, all, &c, &(godwit_validate_params){.staged = true}, out);
}

/* The default branch of a remote, as we know it: "origin/main"; NULL: nobody fetched from there. */
static const char *
default_branch(gw_arena *a, const char *remote)
{
    const char *found;
    gw_err none = {0};
    const char *const words =
        "symbolic-ref --quiet --short \"refs/remotes/$GODWIT_ARGUMENT/HEAD\" || "
        "git for-each-ref --count=1 --format='%(refname:short)' \"refs/remotes/$GODWIT_ARGUMENT/main\" "
        "\"refs/remotes/$GODWIT_ARGUMENT/master\"";
    if (remote == NULL || gw_git_line(a, &(gw_git){0}, words, remote, &found, &none) != GODWIT_OK || *found == '\0')
        return NULL;
    return found;
}

/* What a push brings on top of the base; without one, or without a commit in common, all that is in it. */
static gw_rc
read_pushed(gw_arena *a, const char *base, const char *commit, changes *out, const char **common, gw_err *e)
{
    gw_err apart = {0};
    *common = NULL;
    if (base != NULL &&
        read_changes(a, gw_printf(a, "diff --name-only --no-renames -z \"$GODWIT_ARGUMENT\"...%s", commit), base, out,
                     &apart) == GODWIT_OK) {
        *common = base;
        return GODWIT_OK;
    }
    return read_changes(a, "ls-tree -r --name-only --full-tree -z \"$GODWIT_ARGUMENT\"", commit, out, e);
}

static gw_rc
check_pushed(const gw_invocation *in, const folders *all, const char *base, const char *commit, gw_result *out)
{
    changes c;
    const char *common;
    GW_TRY(read_pushed(out->arena, base, commit, &c, &common, &out->error));
    return check_changed(in, all, &c, &(godwit_validate_params){.base = common, .commit = commit}, out);
}

/* "refs/heads/x 4a5… refs/heads/x 9c0…": the second word, unless it is no commit, or the branch is deleted there. */
static const char *
pushed_commit(gw_arena *a, gw_str line)
{
    gw_str rest;
    const char *commit;
    gw_err none = {0};
    (void)gw_str_cut(line, ' ', &rest);
    const char *const object = gw_strdup(a, gw_str_cut(rest, ' ', &rest));
    if (object[strspn(object, "0")] == '\0' || object[strspn(object, "0123456789abcdef")] != '\0' ||
        gw_git_line(a, &(gw_git){0}, "rev-parse --verify --quiet \"$GODWIT_ARGUMENT^{commit}\"", object, &commit,
                    &none) != GODWIT_OK)
        return NULL;
    return commit;
}

static gw_rc
read_input(gw_buf *out, gw_err *e)
{
    char bytes[4096];
    ssize_t got = 0;
    while (!isatty(STDIN_FILENO) && (got = read(STDIN_FILENO, bytes, sizeof(bytes))) > 0)
        gw_buf_add(out, (gw_str){bytes, (size_t)got});
    return got < 0 ? gw_fail(e, GODWIT_IO, "cannot read what is pushed: %s", strerror(errno)) : GODWIT_OK;
}

static gw_rc
run_pre_push(const gw_invocation *in, const folders *all, gw_result *out)
{
    gw_arena *const a = out->arena;
    gw_buf input = gw_buf_new(a);
    GW_TRY(read_input(&input, &out->error));
    const char *const base = input.len == 0 ? NULL : default_branch(a, in->operands[1]);
    gw_str rest = gw_buf_str(&input);
    while (rest.len > 0) {
        const char *const commit = pushed_commit(a, gw_str_cut(rest, '\n', &rest));
        if (commit != NULL)
            GW_TRY(check_pushed(in, all, base, commit, out));
    }
    return GODWIT_OK;
}

static const struct {
    const char *name;
    gw_rc (*run)(const gw_invocation *in, const folders *all, gw_result *out);
} hooks[] = {{"pre-commit", run_pre_commit}, {"pre-push", run_pre_push}};

godwit_rc
gw_hooks_run(const gw_invocation *in, gw_result *out)
{
    folders all = {0};
    size_t at = 0;
    while (at < sizeof(hooks) / sizeof(hooks[0]) && strcmp(hooks[at].name, in->operands[0]) != 0)
        at++;
    if (at == sizeof(hooks) / sizeof(hooks[0])) {
        (void)gw_fail(&out->error, GODWIT_USAGE, "there is nothing to check in a hook '%s'", in->operands[0]);
        return gw_err_hint(&out->error, "pre-commit or pre-push");
    }
    GW_TRY(gw_git_check(&(gw_git){0}, &out->error));
    GW_TRY(list_folders(in, out->arena, &all, &out->error));
    return hooks[at].run(in, &all, out);
}
