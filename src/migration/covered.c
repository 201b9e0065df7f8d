#include "migration/covered.h"

#include <string.h>

const char gw_covered_own[] = "godwit.sum";

static const char atlas[] = "atlas.sum";

static gw_rc
fail_two(const char *dir, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "%s holds two sum files, %s and %s", dir, gw_covered_own, atlas);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(dir));
    return gw_err_hint(e, "remove one: %s where Atlas works on the folder too, else %s", gw_covered_own, atlas);
}

static int
by_name(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* What is listed, whatever is done with it, each once, and what says so. */
static gw_rc
add_listed(gw_arena *a, const gw_layout *layout, const gw_tree *t, gw_covered *out, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_listing all = {0};
    gw_vec(const char *) names = {0};
    GW_TRY(layout->list(scratch, layout, t, &all, e));
    for (size_t i = 0; i < all.len; i++) {
        *gw_vec_push(scratch, &names) = all.at[i].file;
        if (all.at[i].beside != NULL)
            *gw_vec_push(scratch, &names) = all.at[i].beside;
    }
    for (size_t i = 0; layout->indexes != NULL && layout->indexes[i] != NULL; i++) {
        gw_str text;
        gw_err absent = {0};
        if (t->read(t, scratch, layout->indexes[i], &text, &absent) == GODWIT_OK)
            *gw_vec_push(scratch, &names) = layout->indexes[i];
    }
    gw_sort(names.at, names.len, sizeof(*names.at), by_name);
    for (size_t i = 0; i < names.len; i++)
        if (i == 0 || strcmp(names.at[i - 1], names.at[i]) != 0)
            *gw_vec_push(a, &out->names) = gw_text(a, names.at[i]);
    return GODWIT_OK;
}

/* Atlas leaves out the down files of a folder that it knows as golang-migrate's; one that was never told so covers them like any other
 * file. Which of both it is, the sum says. */
static gw_rc
suffix_of_atlas(const gw_layout *layout, const gw_tree *t, const char **suffix, gw_err *e)
{
    GW_SCOPE(scratch);
    static const char down[] = ".down.sql ";
    gw_str text;
    *suffix = ".sql";
    if (strcmp(layout->name, "up-down") != 0)
        return GODWIT_OK;
    GW_TRY(t->read(t, scratch, atlas, &text, e));
    if (memmem(text.ptr, text.len, down, strlen(down)) == NULL)
        *suffix = ".up.sql";
    return GODWIT_OK;
}

gw_rc
gw_covered_find(gw_arena *a, const gw_layout *layout, const gw_tree *t, bool is_wanted, gw_covered *out, gw_err *e)
{
    const bool has_own = gw_tree_has_file(t, gw_covered_own), has_atlas = gw_tree_has_file(t, atlas);
    const bool is_atlas = has_atlas || (is_wanted && !has_own && layout->evidence == GW_KNOWN_BY_SUM);
    *out = (gw_covered){0};
    if (has_atlas && has_own)
        return fail_two(t->path, e);
    out->sum = is_atlas ? atlas : is_wanted || has_own ? gw_covered_own : NULL;
    if (out->sum == NULL)
        return GODWIT_OK;
    if (!is_atlas && layout->read == NULL)
        return add_listed(a, layout, t, out, e);
    const char *suffix = ".sql";
    if (is_atlas)
        GW_TRY(suffix_of_atlas(layout, t, &suffix, e));
    for (size_t i = 0; i < t->entries.len; i++)
        if (!t->entries.at[i].is_dir && gw_str_ends(gw_str_of(t->entries.at[i].name), suffix))
            *gw_vec_push(a, &out->names) = gw_text(a, t->entries.at[i].name);
    return GODWIT_OK;
}
