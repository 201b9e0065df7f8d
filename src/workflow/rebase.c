#include <string.h>

#include "base/clock.h"
#include "base/remove.h"
#include "migration/version.h"
#include "workflow/git.h"
#include "workflow/report.h"
#include "workflow/seal.h"
#include "workflow/workflow.h"

/* A migration of this branch, and the version that it gets. */
typedef struct move {
    const char *file; /* its up file */
    gw_name was;
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

static int
by_version(const void *left, const void *right)
{
    const move *const a = left;
    const move *const b = right;
    const int order = gw_version_compare(a->was.version, b->was.version);
    return order != 0 ? order : strcmp(a->file, b->file);
}

static void
list_own(gw_arena *a, const gw_growth_params *p, moves *out)
{
    for (size_t i = 0; i < p->now->len; i++) {
        const char *const file = p->now->at[i].name;
        const gw_name name = gw_growth_read(p, file);
        if (name.kind == GW_NAME_UP && gw_growth_is_own(p, file))
            *gw_vec_push(a, out) = (move){.file = file, .was = name};
    }
    gw_sort(out->at, out->len, sizeof(*out->at), by_version);
}

/* Those of the branch keep their order; whoever stands where he may stand keeps his version. */
static void
plan_moves(gw_arena *a, const gw_growth_params *p, moves *own)
{
    const char *const newest = gw_growth_newest(p);
    gw_str last = newest == NULL ? (gw_str){0} : gw_growth_read(p, newest).version;
    for (size_t i = 0; i < own->len; i++) {
        move *const m = &own->at[i];
        const bool is_behind = newest == NULL || gw_version_compare(m->was.version, last) > 0;
        m->to = is_behind ? gw_strdup(a, m->was.version) : version_behind(a, last);
        last = gw_str_of(m->to);
    }
}

/* ---- numbers without gaps ---- */

static gw_rc
check_number(const gw_growth_params *p, const char *file, gw_err *e)
{
    const gw_str version = gw_growth_read(p, file).version;
    if (gw_version_is_sequence(version) && strspn(version.ptr, "0123456789") >= version.len)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_USAGE, "%s has no number that could be the next one: there is nothing to renumber", file);
    return gw_err_hint(e, "without --renumber only those move that do not come behind the base");
}

/* One digit more stands before the others by its name. */
static gw_rc
check_width(const gw_growth_params *p, const move *m, const char *newest, gw_err *e)
{
    if (!p->folder->layout->padded || strlen(m->to) == gw_growth_read(p, newest).version.len)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_REFUSED, "%s would be number %s, and by its name stand before %s, which is on %s", m->file,
                  m->to, newest, p->base);
    return gw_err_hint(e, "the numbers of the base are too short for more: use the layout that goes by numbers alone, "
                          "`layout: up-down`, or begin with dates");
}

static const char *
zeros(gw_arena *a, const moves *own)
{
    size_t width = own->at[0].was.version.len;
    for (size_t count = own->len, digits = 1; count > 0; count /= 10, digits++)
        width = width < digits ? digits : width;
    return gw_printf(a, "%0*d", (int)width, 0);
}

/* The base's newest says where to begin, and how wide a number is. */
static gw_rc
renumber(gw_arena *a, const gw_growth_params *p, moves *own, gw_err *e)
{
    const char *const newest = gw_growth_newest(p);
    if (newest != NULL)
        GW_TRY(check_number(p, newest, e));
    for (size_t i = 0; i < own->len; i++)
        GW_TRY(check_number(p, own->at[i].file, e));
    if (own->len == 0)
        return GODWIT_OK;
    const char *last = newest == NULL ? zeros(a, own) : gw_strdup(a, gw_growth_read(p, newest).version);
    for (size_t i = 0; i < own->len; i++) {
        last = own->at[i].to = gw_version_next(a, gw_str_of(last));
        if (newest != NULL)
            GW_TRY(check_width(p, &own->at[i], newest, e));
    }
    return GODWIT_OK;
}

/* ---- renaming ---- */

static gw_rc
rename_one(gw_call *call, const gw_folder *folder, const char *old, const move *m, gw_err *e)
{
    GW_SCOPE(a);
    const char *const new = gw_printf(a, "%s%s", m->to, old + m->was.version.len);
    const char *const from = gw_path_join(a, folder->path, old);
    const char *const to = gw_path_join(a, folder->path, new);
    GW_TRY(gw_rename(from, to, e));
    gw_tell_note(call, "%s is %s now", old, new);
    gw_report_path(call, to);
    return GODWIT_OK;
}

/* A migration's down file and verify script have its version, and where that is another one's too, its name. */
static bool
belongs(const moves *all, const move *m, const char *file, gw_name name)
{
    bool is_alone = true;
    for (size_t i = 0; i < all->len; i++)
        is_alone = is_alone && (&all->at[i] == m || !gw_str_eq(all->at[i].was.version, m->was.version));
    if (name.kind == GW_NAME_UP)
        return strcmp(file, m->file) == 0;
    return (name.kind == GW_NAME_DOWN || name.kind == GW_NAME_VERIFY) && gw_str_eq(name.version, m->was.version) &&
           (is_alone || gw_str_eq(name.name, m->was.name));
}

/* The up file, its down file and its verify script, whichever the branch added; or the folder that they are in. */
static gw_rc
carry_out(gw_call *call, const gw_growth_params *p, const moves *all, const move *m, gw_err *e)
{
    GW_SCOPE(a);
    if (p->folder->layout->read_nested != NULL)
        return rename_one(call, p->folder, gw_strdup(a, gw_str_cut(gw_str_of(m->file), '/', &(gw_str){0})), m, e);
    for (size_t i = 0; i < p->now->len; i++) {
        const char *const file = p->now->at[i].name;
        if (belongs(all, m, file, gw_growth_read(p, file)) && gw_growth_is_own(p, file))
            GW_TRY(rename_one(call, p->folder, file, m, e));
    }
    return GODWIT_OK;
}

/* An old name may be another one's new name: who goes up makes room from the newest on, who goes down from the oldest on. */
static gw_rc
carry_out_all(gw_call *call, const gw_growth_params *p, const moves *all, size_t *count, gw_err *e)
{
    *count = 0;
    for (size_t i = all->len; i-- > 0;)
        if (gw_version_compare(gw_str_of(all->at[i].to), all->at[i].was.version) > 0) {
            GW_TRY(carry_out(call, p, all, &all->at[i], e));
            ++*count;
        }
    for (size_t i = 0; i < all->len; i++) {
        const int order = gw_version_compare(gw_str_of(all->at[i].to), all->at[i].was.version);
        if (order > 0 || gw_str_is(all->at[i].was.version, all->at[i].to))
            continue;
        GW_TRY(carry_out(call, p, all, &all->at[i], e));
        ++*count;
    }
    return GODWIT_OK;
}

gw_rc
gw_rebase(gw_call *call, const char *base, bool is_renumbered, gw_err *e)
{
    GW_SCOPE(a);
    gw_migrations migrations = {0};
    gw_growth_params growth;
    moves all = {0};
    bool changed;
    size_t count;
    const gw_folder *const folder = &migrations.folder;
    GW_TRY(gw_migrations_open(a, call, GW_MIGRATIONS_TO_SEAL, &migrations, e));
    if (folder->layout->read == NULL && folder->layout->read_nested == NULL) {
        (void)gw_fail(e, GODWIT_FOLDER, "godwit does not rename migrations of the layout %s", folder->layout->name);
        return gw_err_hint(e,
                           "put what this branch added behind what its base has by hand; `godwit validate --base %s` "
                           "says what does not come behind it",
                           base == NULL ? "origin/main" : base);
    }
    GW_TRY(gw_git_growth(a, call, folder, &(gw_git_branch){.base = base == NULL ? "origin/main" : base}, &growth, e));
    list_own(a, &growth, &all);
    if (is_renumbered)
        GW_TRY(renumber(a, &growth, &all, e));
    else
        plan_moves(a, &growth, &all);
    GW_TRY(carry_out_all(call, &growth, &all, &count, e));
    if (count == 0)
        gw_tell_note(call,
                     is_renumbered ? "the migrations of this branch have the next numbers behind %s"
                                   : "every migration of this branch comes behind those of %s",
                     growth.base);
    return folder->covered.sum == NULL ? GODWIT_OK : gw_seal(call, folder, &changed, e);
}
