#include "migration/covered.h"

#include <string.h>

const char gw_covered_own[] = "godwit.sum";

static const char atlas[] = "atlas.sum";

static bool
has(const gw_dir_entries *entries, const char *name)
{
    for (size_t i = 0; i < entries->len; i++)
        if (!entries->at[i].is_dir && strcmp(entries->at[i].name, name) == 0)
            return true;
    return false;
}

static gw_rc
fail_two(const char *dir, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "%s holds two sum files, %s and %s", dir, gw_covered_own, atlas);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(dir));
    return gw_err_hint(e, "remove one: %s where Atlas works on the folder too, else %s", gw_covered_own, atlas);
}

gw_rc
gw_covered_find(gw_arena *a, const char *dir, const gw_layout *layout, const gw_dir_entries *entries, bool is_wanted,
                gw_covered *out, gw_err *e)
{
    const bool is_atlas = has(entries, atlas);
    *out = (gw_covered){0};
    if (is_atlas && has(entries, gw_covered_own))
        return fail_two(dir, e);
    out->sum = is_atlas ? atlas : is_wanted || has(entries, gw_covered_own) ? gw_covered_own : NULL;
    const char *const suffix = is_atlas && strcmp(layout->name, "up-down") == 0 ? ".up.sql" : ".sql";
    for (size_t i = 0; out->sum != NULL && i < entries->len; i++)
        if (!entries->at[i].is_dir && gw_str_ends(gw_str_of(entries->at[i].name), suffix))
            *gw_vec_push(a, &out->names) = gw_text(a, entries->at[i].name);
    return GODWIT_OK;
}
