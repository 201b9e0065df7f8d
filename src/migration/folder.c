#include "migration/folder.h"

#include <string.h>

#include "migration/version.h"

/* A file that the layout understood. */
typedef struct named {
    const char *file;
    gw_name name;
} named;
typedef gw_vec(named) nameds;

static int
by_version(const void *left, const void *right)
{
    const named *const a = left;
    const named *const b = right;
    const int order = gw_version_compare(a->name.version, b->name.version);
    return order != 0 ? order : strcmp(a->file, b->file);
}

/* GODWIT_FOLDER about a file's name. */
GW_PRINTF(4, 5)
static gw_rc
fail_name(gw_err *e, const char *dir, const char *file, const char *format, ...)
{
    GW_SCOPE(scratch);
    gw_buf text = gw_buf_new(scratch);
    va_list args;
    va_start(args, format);
    gw_buf_vprintf(&text, format, args);
    va_end(args);
    (void)gw_fail(e, GODWIT_FOLDER, "%s", gw_buf_text(&text));
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(gw_path_join(scratch, dir, file)));
    return e->rc;
}

static gw_rc
choose_layout(const gw_folder_params *p, const gw_dir_entries *entries, const gw_layout **out, gw_err *e)
{
    if (p->layout == NULL || strcmp(p->layout, "auto") == 0)
        return gw_layout_detect(p->path, entries, out, e);
    *out = gw_layout_find(p->layout);
    if (*out != NULL)
        return GODWIT_OK;
    GW_SCOPE(scratch);
    const char **const names = gw_new_array(scratch, const char *, gw_layout_count);
    gw_buf all = gw_buf_new(scratch);
    for (size_t i = 0; i < gw_layout_count; i++) {
        names[i] = gw_layouts[i].name;
        gw_buf_printf(&all, ", %s (%s)", names[i], gw_layouts[i].example);
    }
    const char *const near = gw_str_nearest(gw_str_of(p->layout), names, gw_layout_count);
    (void)gw_fail(e, GODWIT_USAGE, "there is no layout '%s'", p->layout);
    if (near != NULL)
        return gw_err_hint(e, "did you mean '%s'? There are auto%s", near, gw_buf_text(&all));
    return gw_err_hint(e, "there are auto%s", gw_buf_text(&all));
}

/* "20260326170903_init", as Prisma, drizzle and diesel have it. */
static bool
is_migration_folder(const char *name)
{
    return name[0] >= '0' && name[0] <= '9';
}

static gw_rc
read_names(gw_arena *a, const char *dir, const gw_layout *layout, const gw_dir_entries *entries, nameds *ups,
           nameds *downs, gw_err *e)
{
    for (size_t i = 0; i < entries->len; i++) {
        if (entries->at[i].is_dir && !is_migration_folder(entries->at[i].name))
            continue;
        if (entries->at[i].is_dir) {
            (void)fail_name(e, dir, entries->at[i].name,
                            "%s/%s is a folder: a folder for each migration is not read yet", dir, entries->at[i].name);
            return gw_err_hint(e, "move its SQL into a file like %s, or the folder elsewhere", layout->example);
        }
        const named found = {entries->at[i].name, layout->read(gw_str_of(entries->at[i].name))};
        if (found.name.kind == GW_NAME_WRONG) {
            (void)fail_name(e, dir, found.file, "%s/%s is not a migration: %s", dir, found.file, found.name.reason);
            return gw_err_hint(e, "rename it like %s, or move it out of the folder", layout->example);
        }
        if (found.name.kind == GW_NAME_UP)
            *gw_vec_push(a, ups) = found;
        else if (found.name.kind == GW_NAME_DOWN)
            *gw_vec_push(a, downs) = found;
    }
    return GODWIT_OK;
}

/* Of two neighbours by version. */
static gw_rc
check_distinct(const char *dir, const named *a, const named *b, gw_err *e)
{
    if (gw_version_compare(a->name.version, b->name.version) != 0)
        return GODWIT_OK;
    (void)fail_name(e, dir, b->file, "two files have version %.*s: %s and %s", GW_STR_ARG(b->name.version), a->file,
                    b->file);
    if (a->name.kind == GW_NAME_DOWN)
        return gw_err_hint(e, "a migration has one down file: remove the other");
    return gw_err_hint(e, "give one of them a newer version");
}

static gw_rc
check_order(const char *dir, const named *a, const named *b, gw_err *e)
{
    if (strcmp(a->file, b->file) < 0)
        return GODWIT_OK;
    (void)fail_name(e, dir, a->file,
                    "the files are not in order: %s comes before %s by its number, and after it by its name", a->file,
                    b->file);
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
check_gap(const char *dir, const named *a, const named *b, gw_err *e)
{
    const gw_str before = a->name.version;
    const gw_str after = b->name.version;
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
check_neighbours(const gw_folder_params *p, const gw_layout *layout, const nameds *ups, gw_err *e)
{
    for (size_t i = 1; i < ups->len; i++)
        GW_TRY(check_distinct(p->path, &ups->at[i - 1], &ups->at[i], e));
    for (size_t i = 1; layout->padded && i < ups->len; i++)
        GW_TRY(check_order(p->path, &ups->at[i - 1], &ups->at[i], e));
    for (size_t i = 1; !p->allow_gaps && i < ups->len; i++)
        GW_TRY(check_gap(p->path, &ups->at[i - 1], &ups->at[i], e));
    return GODWIT_OK;
}

/* Both lists are by version, so one walk pairs them. */
static gw_rc
pair_downs(gw_arena *a, const gw_folder_params *p, const nameds *downs, gw_files *files, gw_err *e)
{
    const char *const dir = p->path;
    size_t at = 0;
    for (size_t i = 0; i < downs->len; i++) {
        const named *const down = &downs->at[i];
        if (i > 0 && !p->only_names)
            GW_TRY(check_distinct(dir, down - 1, down, e));
        while (at < files->len && gw_version_compare(gw_str_of(files->at[at].version), down->name.version) < 0)
            at++;
        if (at == files->len || gw_version_compare(gw_str_of(files->at[at].version), down->name.version) != 0) {
            (void)fail_name(e, dir, down->file, "%s/%s is a down file, and there is no migration %.*s", dir, down->file,
                            GW_STR_ARG(down->name.version));
            return gw_err_hint(e, "add its up file, or remove it");
        }
        files->at[at].down_path = gw_path_join(a, dir, down->file);
    }
    return GODWIT_OK;
}

static void
sort(nameds *list)
{
    gw_sort(list->at, list->len, sizeof(*list->at), by_version);
}

gw_rc
gw_folder_arrange(gw_arena *a, const gw_folder_params *p, const gw_dir_entries *entries, gw_folder *out, gw_err *e)
{
    GW_SCOPE(scratch);
    nameds ups = {0};
    nameds downs = {0};
    *out = (gw_folder){.path = gw_text(a, p->path), .exists = true};
    GW_TRY(choose_layout(p, entries, &out->layout, e));
    GW_TRY(read_names(scratch, p->path, out->layout, entries, &ups, &downs, e));
    sort(&ups);
    sort(&downs);
    if (!p->only_names)
        GW_TRY(check_neighbours(p, out->layout, &ups, e));
    for (size_t i = 0; i < ups.len; i++)
        *gw_vec_push(a, &out->files) = (gw_file){.version = gw_strdup(a, ups.at[i].name.version),
                                                 .name = gw_strdup(a, ups.at[i].name.name),
                                                 .path = gw_path_join(a, p->path, ups.at[i].file)};
    out->timestamped = ups.len > 0 && gw_version_is_timestamp(ups.at[ups.len - 1].name.version);
    GW_TRY(gw_covered_find(a, p->path, out->layout, entries, false, &out->covered, e));
    return pair_downs(a, p, &downs, &out->files, e);
}

gw_rc
gw_folder_open(gw_arena *a, const gw_folder_params *p, gw_folder *out, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_dir_entries entries = {0};
    const gw_path_kind kind = gw_path_is(p->path);
    if (kind == GW_PATH_NONE && p->allow_missing) {
        GW_TRY(gw_folder_arrange(a, p, &entries, out, e));
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
    GW_TRY(gw_dir_list(scratch, p->path, &entries, e));
    return gw_folder_arrange(a, p, &entries, out, e);
}
