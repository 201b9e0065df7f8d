#include "migration/folder.h"

#include <string.h>

#include "base/map.h"
#include "migration/layouts.h"
#include "migration/version.h"

static int
by_version(const void *left, const void *right)
{
    const gw_listed *const a = left;
    const gw_listed *const b = right;
    const int order = gw_version_compare(gw_str_of(a->version), gw_str_of(b->version));
    const bool one_is = a->kind == GW_FILE_REPEATABLE, other_is = b->kind == GW_FILE_REPEATABLE;
    if (one_is || other_is)
        return one_is && other_is ? strcmp(a->name, b->name) : one_is - other_is;
    return order != 0 ? order : strcmp(a->file, b->file);
}

/* GODWIT_FOLDER about a file's name. */
GW_PRINTF(4, 5)
static gw_rc
fail_name(gw_err *e, const char *dir, const char *file, const char *format, ...)
{
    GW_SCOPE(scratch);
    va_list args;
    va_start(args, format);
    (void)gw_vfail(e, GODWIT_FOLDER, format, args);
    va_end(args);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(gw_path_join(scratch, dir, file)));
    return e->rc;
}

static gw_rc
choose_layout(const gw_folder_params *p, const gw_tree *t, const gw_layout **out, gw_err *e)
{
    if (p->layout == NULL || strcmp(p->layout, "auto") == 0)
        return gw_layout_detect(t, out, e);
    return gw_layout_choose(p->layout, "auto, ", out, e);
}

static gw_rc
fail_same(const char *dir, const gw_listed *a, const gw_listed *b, gw_err *e)
{
    static const char *const ways[GW_WAY_COUNT] = {[GW_WAY_DOWN] = "down", [GW_WAY_VERIFY] = "verify"};
    (void)fail_name(e, dir, b->file, "two files have version %s: %s and %s", b->version, a->file, b->file);
    if (a->way != GW_WAY_UP)
        return gw_err_hint(e, "a migration has one %s file: remove the other", ways[a->way]);
    return gw_err_hint(e, "give one of them a newer version");
}

/* All of one way; in whatever order, since the layout says that. */
static gw_rc
check_all_distinct(const char *dir, const gw_listing *list, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_map *const by_key = gw_map_new(scratch);
    for (size_t i = 0; i < list->len; i++) {
        const gw_str key = gw_version_key(scratch, gw_str_of(list->at[i].version));
        const gw_listed *const other = gw_map_get(by_key, key);
        if (other != NULL)
            return fail_same(dir, other, &list->at[i], e);
        gw_map_put(by_key, key, &list->at[i]);
    }
    return GODWIT_OK;
}

/* Of two neighbours by version. */
static gw_rc
check_distinct(const char *dir, const gw_listed *a, const gw_listed *b, gw_err *e)
{
    if (a->kind == GW_FILE_REPEATABLE ? strcmp(a->name, b->name) != 0
                                      : gw_version_compare(gw_str_of(a->version), gw_str_of(b->version)) != 0)
        return GODWIT_OK;
    return fail_same(dir, a, b, e);
}

static gw_rc
check_order(const char *dir, const gw_layout *l, const gw_listed *a, const gw_listed *b, gw_err *e)
{
    if (strcmp(a->file, b->file) < 0)
        return GODWIT_OK;
    GW_SCOPE(scratch);
    (void)fail_name(e, dir, a->file,
                    "the files are not in order: %s comes before %s by its number, and after it by its name", a->file,
                    b->file);
    if (l->make_name == NULL || l->make_name(scratch, "1", "x", true) == NULL)
        return gw_err_hint(e, "pad the numbers with zeros to one width");
    return gw_err_hint(e, "pad the numbers with zeros to one width, or use the layout that goes by numbers alone, "
                          "`layout: up-down`");
}

static unsigned
number_of(gw_str version)
{
    unsigned n = 0;
    for (size_t i = 0; i < version.len; i++)
        n = n * 10 + (unsigned)(version.ptr[i] - '0');
    return n;
}

static gw_rc
check_gap(const char *dir, const gw_listed *a, const gw_listed *b, gw_err *e)
{
    const gw_str before = gw_str_of(a->version);
    const gw_str after = gw_str_of(b->version);
    if (!gw_version_is_sequence(before) || !gw_version_is_sequence(after))
        return GODWIT_OK;
    const unsigned first = number_of(before) + 1;
    const unsigned last = number_of(after) - 1;
    if (first > last)
        return GODWIT_OK;
    const int width = (int)before.len;
    if (first == last)
        (void)fail_name(e, dir, b->file, "%0*u is missing between %s and %s", width, first, a->file, b->file);
    else
        (void)fail_name(e, dir, b->file, "%0*u to %0*u are missing between %s and %s", width, first, width, last,
                        a->file, b->file);
    return gw_err_hint(e, "add what is missing, or allow gaps: `gaps: true` in godwit.yaml, or --gaps");
}

static gw_rc
check_neighbours(const gw_folder_params *p, const gw_layout *layout, const gw_listing *ups, gw_err *e)
{
    if (p->only_names)
        return GODWIT_OK;
    if (layout->keeps_order)
        return check_all_distinct(p->path, ups, e);
    for (size_t i = 1; i < ups->len; i++)
        GW_TRY(check_distinct(p->path, &ups->at[i - 1], &ups->at[i], e));
    for (size_t i = 1; layout->padded && i < ups->len; i++)
        GW_TRY(check_order(p->path, layout, &ups->at[i - 1], &ups->at[i], e));
    for (size_t i = 1; !p->allow_gaps && !layout->has_gaps && i < ups->len; i++)
        GW_TRY(check_gap(p->path, &ups->at[i - 1], &ups->at[i], e));
    return GODWIT_OK;
}

/* ---- pairs ---- */

static gw_rc
fail_alone(const gw_folder_params *p, const gw_listed *one, gw_err *e)
{
    const char *const what = one->way == GW_WAY_DOWN ? "a down file" : "a verify script";
    (void)fail_name(e, p->path, one->file, "%s/%s is %s, and there is no migration %s", p->path, one->file, what,
                    one->version);
    return gw_err_hint(e, "add its up file, or remove it");
}

/* The other ways of the migrations: by what a version is, whatever its zeros. */
static gw_rc
pair(gw_arena *a, const gw_folder_params *p, gw_way way, const gw_listing *others, gw_files *files, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_map *const by_key = gw_map_new(scratch);
    if (others->len == 0)
        return GODWIT_OK;
    if (!p->only_names)
        GW_TRY(check_all_distinct(p->path, others, e));
    for (size_t i = 0; i < files->len; i++)
        gw_map_put(by_key, gw_version_key(scratch, gw_str_of(files->at[i].version)), &files->at[i]);
    for (size_t i = 0; i < others->len; i++) {
        const gw_listed *const other = &others->at[i];
        gw_file *const file = gw_map_get(by_key, gw_version_key(scratch, gw_str_of(other->version)));
        if (file == NULL)
            return fail_alone(p, other, e);
        const char *const path = gw_path_join(a, p->path, other->file);
        if (way == GW_WAY_DOWN)
            file->down_path = path;
        else
            file->verify_path = path;
    }
    return GODWIT_OK;
}

/* ---- all of it ---- */

static void
sort(gw_listing *list)
{
    gw_sort(list->at, list->len, sizeof(*list->at), by_version);
}

static void
add_file(gw_arena *a, const gw_folder_params *p, const gw_listed *up, gw_folder *out)
{
    const char *const path = gw_path_join(a, p->path, up->file);
    *gw_vec_push(a, &out->files) = (gw_file){.version = gw_text(a, up->version),
                                             .name = gw_text(a, up->name),
                                             .kind = up->kind,
                                             .path = path,
                                             .down_path = out->layout->both_ways ? path : NULL,
                                             .tx = up->tx,
                                             .section = up->section,
                                             .is_literal = up->is_literal,
                                             .beside = up->beside == NULL ? NULL : gw_text(a, up->beside)};
}

const gw_file *
gw_folder_newest(const gw_folder *f)
{
    for (size_t i = f->files.len; i-- > 0;)
        if (f->files.at[i].kind != GW_FILE_REPEATABLE)
            return &f->files.at[i];
    return NULL;
}

gw_rc
gw_folder_arrange(gw_arena *a, const gw_folder_params *p, const gw_tree *t, gw_folder *out, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_listing all = {0};
    gw_listing by_way[GW_WAY_COUNT] = {0};
    const gw_listing *const ups = &by_way[GW_WAY_UP];
    *out = (gw_folder){.path = gw_text(a, p->path), .exists = true};
    GW_TRY(choose_layout(p, t, &out->layout, e));
    GW_TRY(out->layout->list(scratch, out->layout, t, &all, e));
    for (size_t i = 0; i < all.len; i++)
        *gw_vec_push(scratch, &by_way[all.at[i].way]) = all.at[i];
    for (size_t way = 0; way < GW_WAY_COUNT && !out->layout->keeps_order; way++)
        sort(&by_way[way]);
    GW_TRY(check_neighbours(p, out->layout, ups, e));
    for (size_t i = 0; i < ups->len; i++)
        if (ups->at[i].kind != GW_FILE_REPEATABLE)
            add_file(a, p, &ups->at[i], out);
    for (size_t i = 0; i < ups->len; i++)
        if (ups->at[i].kind == GW_FILE_REPEATABLE)
            add_file(a, p, &ups->at[i], out);
    const gw_file *const newest = gw_folder_newest(out);
    out->timestamped = newest != NULL && gw_version_is_timestamp(gw_str_of(newest->version));
    GW_TRY(gw_covered_find(a, out->layout, t, false, &out->covered, e));
    GW_TRY(pair(a, p, GW_WAY_DOWN, &by_way[GW_WAY_DOWN], &out->files, e));
    return pair(a, p, GW_WAY_VERIFY, &by_way[GW_WAY_VERIFY], &out->files, e);
}

const char *
gw_folder_below(const gw_folder *f, const char *path)
{
    const size_t len = strlen(f->path);
    return path + len + (len > 0 && f->path[len - 1] != '/');
}

gw_rc
gw_folder_open(gw_arena *a, const gw_folder_params *p, gw_folder *out, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_tree tree = {.path = p->path};
    const gw_path_kind kind = gw_path_is(p->path);
    if (kind == GW_PATH_NONE && p->allow_missing) {
        GW_TRY(gw_folder_arrange(a, p, &tree, out, e));
        out->exists = false;
        return GODWIT_OK;
    }
    if (kind == GW_PATH_NONE) {
        (void)gw_fail(e, GODWIT_IO, "there is no migrations folder %s", p->path);
        gw_err_copy(e->path, sizeof(e->path), gw_str_of(p->path));
        return gw_err_hint(
            e, "create it with `godwit init`, name another with --dir, or go on without one: --allow-missing");
    }
    if (kind != GW_PATH_DIR) {
        (void)gw_fail(e, GODWIT_IO, "%s is not a folder", p->path);
        gw_err_copy(e->path, sizeof(e->path), gw_str_of(p->path));
        return gw_err_hint(e, "name the folder that holds the migrations with --dir");
    }
    GW_TRY(gw_tree_open(scratch, p->path, &tree, e));
    return gw_folder_arrange(a, p, &tree, out, e);
}
