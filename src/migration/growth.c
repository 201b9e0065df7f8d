#include "migration/growth.h"

#include <string.h>

#include "migration/version.h"

static const gw_growth_file *
find(const gw_growth_files *files, const char *name)
{
    size_t low = 0, high = files->len;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(name, files->at[middle].name);
        if (order == 0)
            return &files->at[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

gw_name
gw_growth_read(const gw_growth_params *p, const char *name)
{
    const gw_layout *const layout = p->folder->layout;
    if (layout->read_nested != NULL)
        return layout->read_nested(gw_str_of(name));
    return layout->read == NULL || strchr(name, '/') != NULL ? (gw_name){0} : layout->read(gw_str_of(name));
}

static bool
is_migration(const gw_growth_params *p, const char *name)
{
    const gw_name_kind kind = gw_growth_read(p, name).kind;
    return kind == GW_NAME_UP || kind == GW_NAME_DOWN;
}

bool
gw_growth_is_own(const gw_growth_params *p, const char *name)
{
    return find(p->common, name) == NULL && find(p->tip, name) == NULL;
}

const char *
gw_growth_newest(const gw_growth_params *p)
{
    const char *newest = NULL;
    for (size_t i = 0; i < p->tip->len; i++) {
        const gw_name name = gw_growth_read(p, p->tip->at[i].name);
        if (name.kind == GW_NAME_UP &&
            (newest == NULL || gw_version_compare(name.version, gw_growth_read(p, newest).version) > 0))
            newest = p->tip->at[i].name;
    }
    return newest;
}

/* ---- problems ---- */

static gw_err *
problem_of(gw_arena *a, const gw_growth_params *p, const char *name, gw_problems *out)
{
    gw_err *const e = gw_vec_push(a, out);
    *e = (gw_err){0};
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(gw_path_join(a, p->folder->path, name)));
    return e;
}

static void
check_kept(gw_arena *a, const gw_growth_params *p, const gw_growth_file *before, gw_problems *out)
{
    const gw_growth_file *const now = find(p->now, before->name);
    if (!is_migration(p, before->name) || (now != NULL && strcmp(now->blob, before->blob) == 0))
        return;
    const gw_growth_file *const there = find(p->tip, before->name);
    if (now == NULL ? there == NULL : there != NULL && strcmp(there->blob, now->blob) == 0)
        return; /* the base did the same */
    gw_err *const e = problem_of(a, p, before->name, out);
    (void)gw_fail(e, GODWIT_FOLDER, "%s/%s is on %s, and was %s here", p->folder->path, before->name, p->base,
                  now == NULL ? "removed" : "edited");
    (void)gw_err_hint(e,
                      "it may be applied somewhere: restore it (`git checkout %s -- %s/%s`) and write a new migration",
                      p->base, p->folder->path, before->name);
}

static void
check_added(gw_arena *a, const gw_growth_params *p, const char *name, const char *newest, gw_problems *out)
{
    const gw_name own = gw_growth_read(p, name);
    if (own.kind != GW_NAME_UP || newest == NULL || !gw_growth_is_own(p, name) ||
        gw_version_compare(own.version, gw_growth_read(p, newest).version) > 0)
        return;
    gw_err *const e = problem_of(a, p, name, out);
    (void)gw_fail(e, GODWIT_FOLDER, "%s/%s does not come behind %s, which is on %s", p->folder->path, name, newest,
                  p->base);
    (void)gw_err_hint(e, "`godwit rebase` gives this branch's migrations new versions");
}

void
gw_growth_problems(gw_arena *a, const gw_growth_params *p, gw_problems *out)
{
    const char *const newest = gw_growth_newest(p);
    for (size_t i = 0; i < p->common->len; i++)
        check_kept(a, p, &p->common->at[i], out);
    for (size_t i = 0; i < p->now->len; i++)
        check_added(a, p, p->now->at[i].name, newest, out);
}
