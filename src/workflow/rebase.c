#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "migration/version.h"
#include "workflow/git.h"
#include "workflow/report.h"
#include "workflow/seal.h"
#include "workflow/workflow.h"

/* A migration of this branch, and the version that it gets. */
typedef struct move {
    gw_str from;
    const char *to;
} move;
typedef gw_vec(move) moves;

/* A number or a time behind `last`, as that is one or the other. */
static const char *
version_behind(gw_arena *a, gw_str last)
{
    const char *const now = gw_clock_version(a);
    if (!gw_version_is_timestamp(last))
        return gw_version_next(a, last);
    return gw_version_compare(gw_str_of(now), last) > 0 ? now : gw_version_second_after(a, last);
}

static gw_name
read_name(const gw_growth_params *p, const char *file)
{
    return p->folder->layout->read(gw_str_of(file));
}

static int
by_version(const void *left, const void *right)
{
    const move *const a = left;
    const move *const b = right;
    return gw_version_compare(a->from, b->from);
}

static void
list_own(gw_arena *a, const gw_growth_params *p, moves *out)
{
    for (size_t i = 0; i < p->now->len; i++) {
        const char *const file = p->now->at[i].name;
        if (read_name(p, file).kind == GW_NAME_UP && gw_growth_is_own(p, file))
            *gw_vec_push(a, out) = (move){.from = read_name(p, file).version};
    }
    gw_sort(out->at, out->len, sizeof(*out->at), by_version);
}

/* Those of the branch keep their order; whoever stands where he may stand keeps his version. */
static void
plan_moves(gw_arena *a, const gw_growth_params *p, moves *out)
{
    moves own = {0};
    const char *const newest = gw_growth_newest(p);
    gw_str last = newest == NULL ? (gw_str){0} : read_name(p, newest).version;
    list_own(a, p, &own);
    for (size_t i = 0; newest != NULL && i < own.len; i++) {
        move *const m = &own.at[i];
        const bool is_behind = gw_version_compare(m->from, last) > 0;
        m->to = is_behind ? gw_strdup(a, m->from) : version_behind(a, last);
        last = gw_str_of(m->to);
        if (!is_behind)
            *gw_vec_push(a, out) = *m;
    }
}

static gw_rc
rename_file(gw_call *call, const gw_folder *folder, const char *old, const move *m, gw_err *e)
{
    GW_SCOPE(a);
    const char *const new = gw_printf(a, "%s%s", m->to, old + m->from.len);
    const char *const from = gw_path_join(a, folder->path, old);
    const char *const to = gw_path_join(a, folder->path, new);
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) != 0)
        return gw_fail(e, GODWIT_IO, "cannot rename %s to %s: %s", from, to, strerror(errno));
    gw_tell_note(call, "%s is %s now", old, new);
    gw_report_path(call, to);
    return GODWIT_OK;
}

/* The up file, its down file and its verify script, whichever the branch added. */
static gw_rc
carry_out(gw_call *call, const gw_growth_params *p, const move *m, gw_err *e)
{
    for (size_t i = 0; i < p->now->len; i++) {
        const char *const file = p->now->at[i].name;
        const gw_name name = read_name(p, file);
        const bool is_part = name.kind == GW_NAME_UP || name.kind == GW_NAME_DOWN || name.kind == GW_NAME_VERIFY;
        if (is_part && gw_str_eq(name.version, m->from) && gw_growth_is_own(p, file))
            GW_TRY(rename_file(call, p->folder, file, m, e));
    }
    return GODWIT_OK;
}

gw_rc
gw_rebase(gw_call *call, const char *base, gw_err *e)
{
    GW_SCOPE(a);
    gw_migrations migrations = {0};
    gw_growth_params growth;
    moves all = {0};
    bool changed;
    const gw_folder *const folder = &migrations.folder;
    GW_TRY(gw_migrations_open(a, call, GW_MIGRATIONS_TO_SEAL, &migrations, e));
    if (folder->layout->read == NULL) {
        (void)gw_fail(e, GODWIT_FOLDER, "godwit does not rename migrations of the layout %s", folder->layout->name);
        return gw_err_hint(e, "rename what this branch added by hand, behind what its base has");
    }
    GW_TRY(gw_git_growth(a, call, folder, &(gw_git_branch){.base = base == NULL ? "origin/main" : base}, &growth, e));
    plan_moves(a, &growth, &all);
    for (size_t i = all.len; i-- > 0;) /* the newest first: its old name may be the next one's new name */
        GW_TRY(carry_out(call, &growth, &all.at[i], e));
    if (all.len == 0)
        gw_tell_note(call, "every migration of this branch comes behind those of %s", growth.base);
    return folder->covered.sum == NULL ? GODWIT_OK : gw_seal(call, folder, &changed, e);
}
