#include "cli/hooks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/git.h"
#include "base/proc.h"

/* A row for each hook that we have something to do in. */
static const struct {
    const char *name, *bypass;
} rows[] = {
    {"pre-commit", "git commit --no-verify"},
    {"pre-push", "git push --no-verify"},
};
enum { HOOKS = sizeof(rows) / sizeof(rows[0]), HOOK_CAP = 1 << 20 };

/* Where this repository has its hooks, and where in it we are. */
typedef struct site {
    const char *top;    /* of the work tree */
    const char *prefix; /* from there to the folder of godwit.yaml, "backend/"; empty: that is the top */
    const char *folder; /* of the hooks */
} site;

typedef enum owner {
    NOBODY,
    OURS,         /* for this folder, or another one: the text says */
    THEIRS,       /* the user's, and it does not call us */
    THEIRS_CALLS, /* the user's, and it does */
} owner;

typedef struct hook {
    const char *path;
    owner owner;
    gw_str text;
} hook;

/* ---- where ---- */

/* Hooks that were configured for a user, or a machine, run in all repositories. */
static gw_rc
check_scope(gw_arena *a, const gw_git *git, const char *folder, gw_err *e)
{
    const char *said = "";
    gw_err unset = {0};
    if (gw_git_line(a, git, "config --show-scope --get core.hooksPath", NULL, &said, &unset) != GODWIT_OK ||
        !(gw_str_starts(gw_str_of(said), "global") || gw_str_starts(gw_str_of(said), "system")))
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_REFUSED, "core.hooksPath is %s for every repository: a hook there would run in all of them",
                  folder);
    return gw_err_hint(e, "give this one its own: `git config core.hooksPath .git/hooks`; or call `godwit hooks run "
                          "pre-commit` from the hook that is there");
}

static gw_rc
find_site(gw_arena *a, site *out, gw_err *e)
{
    gw_err failure = {0};
    const char *hooks;
    const gw_git here = {0};
    GW_TRY(gw_git_check(&here, e));
    if (gw_git_line(a, &here, "rev-parse --show-toplevel", NULL, &out->top, &failure) != GODWIT_OK)
        return gw_fail(e, GODWIT_USAGE, "this git repository has no work tree, and so nobody commits here");
    const gw_git top = {.folder = out->top};
    GW_TRY(gw_git_line(a, &here, "rev-parse --show-prefix", NULL, &out->prefix, e));
    GW_TRY(gw_git_line(a, &top, "rev-parse --git-path hooks", NULL, &hooks, e));
    out->folder = *out->prefix == '\0' ? hooks : gw_path_join(a, out->top, hooks);
    return check_scope(a, &top, out->folder, e);
}

/* ---- what stands there ---- */

static const char mark[] = "# godwit hook. ";

static owner
owner_of(gw_arena *a, gw_str text, const char *name)
{
    const char *const content = gw_strdup(a, text);
    if (strstr(content, mark) != NULL)
        return OURS;
    return strstr(content, gw_printf(a, "hooks run %s", name)) != NULL ? THEIRS_CALLS : THEIRS;
}

static hook
look_at(gw_arena *a, const site *s, const char *name)
{
    hook h = {.path = gw_path_join(a, s->folder, name)};
    struct stat st;
    gw_err unreadable = {0};
    if (lstat(h.path, &st) != 0)
        return h;
    h.owner = gw_file_read(a, h.path, HOOK_CAP, &h.text, &unreadable) == GODWIT_OK ? owner_of(a, h.text, name) : THEIRS;
    return h;
}

/* Between single quotes, for a shell. */
static char *
quoted(gw_arena *a, const char *text)
{
    gw_buf out = gw_buf_new(a);
    gw_buf_putc(&out, '\'');
    for (; *text != '\0'; text++)
        if (*text == '\'')
            gw_buf_puts(&out, "'\\''");
        else
            gw_buf_putc(&out, *text);
    gw_buf_putc(&out, '\'');
    return gw_strdup(a, gw_buf_str(&out));
}

/* As the hook calls us: by our name where the shell finds us by it, which also holds for others who share the hook. */
static const char *
program(gw_arena *a)
{
    enum { LONGEST = 4096 };
    gw_str ignored;
    gw_err none = {0};
    char *const path = gw_alloc(a, LONGEST);
    const gw_proc_params p = {.command = "command -v godwit", .quiet = true};
    if (gw_proc_run(a, &p, &ignored, &none) == GODWIT_OK || readlink("/proc/self/exe", path, LONGEST - 1) <= 0)
        return "godwit";
    return quoted(a, path);
}

/* git runs it at the top of the work tree. Whoever changes to another folder has to tell git which work tree it was; in an old commit that
 * folder may not be there. */
static gw_str
script_of(gw_arena *a, const site *s, size_t row)
{
    const char *const call = program(a);
    gw_buf out = gw_buf_new(a);
    gw_buf_printf(&out,
                  "#!/bin/sh\n"
                  "%s`godwit hooks install` wrote it, `godwit hooks remove` takes it away.\n"
                  "# Once without it: %s\n",
                  mark, rows[row].bypass);
    if (*s->prefix != '\0')
        gw_buf_printf(&out,
                      "if [ -n \"$GIT_DIR\" ]; then\n"
                      "    GIT_DIR=$(cd \"$GIT_DIR\" && pwd) GIT_WORK_TREE=${GIT_WORK_TREE:-$PWD}\n"
                      "    export GIT_DIR GIT_WORK_TREE\n"
                      "fi\n"
                      "cd %s 2>/dev/null || exit 0\n",
                      quoted(a, gw_printf(a, "./%s", s->prefix)));
    gw_buf_printf(&out,
                  "if ! command -v %s >/dev/null; then\n"
                  "    echo 'godwit is not there: migrations are not checked' >&2\n"
                  "    exit 0\n"
                  "fi\n"
                  "exec %s hooks run %s \"$@\"\n",
                  call, call, rows[row].name);
    return gw_buf_str(&out);
}

/* ---- install ---- */

static gw_rc
fail_theirs(gw_arena *a, const hook *h, const char *name, gw_err *e)
{
    (void)gw_fail(e, GODWIT_REFUSED, "%s is a hook of yours, and is left as it is", h->path);
    return gw_err_hint(e, "call godwit from it: a line `%s hooks run %s \"$@\" || exit` before its end", program(a),
                       name);
}

/* Both in front of anything that is written. */
static gw_rc
check_all(gw_arena *a, const site *s, const hook hooks[HOOKS], gw_err *e)
{
    const char *const here = gw_printf(a, "cd %s ", quoted(a, gw_printf(a, "./%s", s->prefix)));
    for (size_t i = 0; i < HOOKS; i++) {
        if (hooks[i].owner == THEIRS)
            return fail_theirs(a, &hooks[i], rows[i].name, e);
        const char *const text = gw_strdup(a, hooks[i].text);
        const bool is_elsewhere = *s->prefix == '\0' ? strstr(text, "\ncd ") != NULL : strstr(text, here) == NULL;
        if (hooks[i].owner == OURS && is_elsewhere) {
            (void)gw_fail(e, GODWIT_REFUSED, "%s is godwit's already, for another folder of this repository",
                          hooks[i].path);
            return gw_err_hint(e, "`godwit hooks remove` takes it away; several folders of migrations can be services "
                                  "of one godwit.yaml");
        }
    }
    return GODWIT_OK;
}

static gw_rc
make_executable(const char *path, gw_err *e)
{
    struct stat st;
    if (stat(path, &st) == 0 && chmod(path, (st.st_mode & 07777) | ((st.st_mode & 0444) >> 2)) == 0)
        return GODWIT_OK;
    return gw_fail(e, GODWIT_IO, "cannot make %s executable: %s", path, strerror(errno));
}

static gw_rc
write_hook(const hook *h, gw_str text, bool *changed, gw_err *e)
{
    *changed = h->owner != OURS || !gw_str_eq(h->text, text) || access(h->path, X_OK) != 0;
    if (!*changed)
        return GODWIT_OK;
    GW_TRY(h->owner == OURS ? gw_file_write(h->path, text, e) : gw_file_create(h->path, text, e));
    return make_executable(h->path, e);
}

static void
tell(const gw_invocation *in, const char *path, const char *what)
{
    if (!in->options.quiet && !in->options.json)
        fprintf(stderr, "%s %s\n", path, what);
}

/* What was written, as the report of a call would say it. */
static void
report(gw_result *out, const char **paths, size_t count, gw_rc rc)
{
    godwit_report *const r = gw_new(out->arena, godwit_report);
    *r = (godwit_report){.success = rc == GODWIT_OK, .paths = paths, .path_count = count};
    out->report = r;
}

godwit_rc
gw_hooks_install(const gw_invocation *in, gw_result *out)
{
    gw_arena *const a = out->arena;
    gw_err *const e = &out->error;
    const char **const written = gw_new_array(a, const char *, HOOKS);
    size_t count = 0;
    site s;
    hook hooks[HOOKS];
    GW_TRY(find_site(a, &s, e));
    for (size_t i = 0; i < HOOKS; i++)
        hooks[i] = look_at(a, &s, rows[i].name);
    GW_TRY(check_all(a, &s, hooks, e));
    GW_TRY(gw_dir_make(s.folder, e));
    for (size_t i = 0; i < HOOKS; i++) {
        bool changed = false;
        if (hooks[i].owner == THEIRS_CALLS)
            tell(in, hooks[i].path, "is a hook of yours that calls godwit");
        else
            GW_TRY(write_hook(&hooks[i], script_of(a, &s, i), &changed, e));
        if (changed)
            written[count++] = hooks[i].path;
        else if (hooks[i].owner == OURS)
            tell(in, hooks[i].path, "is as it should be");
    }
    report(out, written, count, GODWIT_OK);
    return GODWIT_OK;
}

/* ---- remove ---- */

godwit_rc
gw_hooks_remove(const gw_invocation *in, gw_result *out)
{
    gw_arena *const a = out->arena;
    site s;
    GW_TRY(find_site(a, &s, &out->error));
    for (size_t i = 0; i < HOOKS; i++) {
        const hook h = look_at(a, &s, rows[i].name);
        if (h.owner == OURS && unlink(h.path) != 0)
            return gw_fail(&out->error, GODWIT_IO, "cannot remove %s: %s", h.path, strerror(errno));
        if (h.owner != NOBODY)
            tell(in, h.path, h.owner == OURS ? "is gone" : "is a hook of yours, and stays");
    }
    report(out, NULL, 0, GODWIT_OK);
    return GODWIT_OK;
}
