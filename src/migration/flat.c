#include "migration/flat.h"

#include <string.h>

static const char nameless[] = "there is no name between the version number and the suffix";

gw_name
gw_flat_wrong(const char *reason)
{
    return (gw_name){.kind = GW_NAME_WRONG, .reason = reason};
}

/* As Flyway's users know it: "R__<name>.sql", and the check of it. Its version is its whole name. */
static gw_name
read_repeatable(gw_str stem)
{
    gw_name n = {.kind = GW_NAME_REPEATABLE, .version = stem};
    if (gw_flat_strip(&n.version, ".verify"))
        n.kind = GW_NAME_VERIFY;
    n.name = gw_str_slice(n.version, strlen("R__") < n.version.len ? strlen("R__") : n.version.len, n.version.len);
    return n.name.len == 0 ? gw_flat_wrong("there is no name behind 'R__'") : n;
}

/* What every layout has in common: hidden, foreign, suffix, "<digits>_<name>". An UP so far; `name` is the rest before
 * ".sql". */
gw_name
gw_flat_read_plain(gw_str file)
{
    if (gw_str_starts(file, "."))
        return (gw_name){.kind = GW_NAME_FOREIGN};
    if (file.len < 4 || !gw_str_is_nocase(gw_str_slice(file, file.len - 4, file.len), ".sql"))
        return (gw_name){.kind = GW_NAME_FOREIGN};
    if (!gw_str_ends(file, ".sql"))
        return gw_flat_wrong("the suffix is '.sql', in lower case");
    const gw_str stem = gw_str_slice(file, 0, file.len - 4);
    if (gw_str_starts(stem, "R__"))
        return read_repeatable(stem);
    size_t digits = 0;
    while (digits < stem.len && gw_is_digit(stem.ptr[digits]))
        digits++;
    if (digits == 0)
        return gw_flat_wrong("its name does not begin with a version number");
    if (digits == stem.len)
        return gw_flat_wrong("a name is missing after the version number: '_' and a few words");
    if (stem.ptr[digits] != '_')
        return gw_flat_wrong("'_' must follow the version number");
    gw_name n = {
        .kind = GW_NAME_UP, .version = gw_str_slice(stem, 0, digits), .name = gw_str_slice(stem, digits + 1, stem.len)};
    if (gw_flat_strip(&n.name, ".verify"))
        n.kind = n.name.len == 0 ? GW_NAME_WRONG : GW_NAME_VERIFY;
    n.reason = nameless;
    return n;
}

/* Take `suffix` off the name; false when the name does not end so. */
bool
gw_flat_strip(gw_str *name, const char *suffix)
{
    if (!gw_str_ends(*name, suffix))
        return false;
    name->len -= strlen(suffix);
    return true;
}

static gw_name
check_name(gw_name n)
{
    if (n.name.len == 0)
        return gw_flat_wrong(nameless);
    if (n.name.ptr[0] == '.' || gw_str_ends(n.name, "."))
        return gw_flat_wrong("it has a dot too many");
    return n;
}

static gw_name
read_native(gw_str file)
{
    gw_name n = gw_flat_read_plain(file);
    if (n.kind != GW_NAME_UP)
        return n;
    if (gw_str_ends(n.name, ".up"))
        return gw_flat_wrong("'.up.sql' belongs to the layout up-down");
    if (gw_str_is(n.name, "down"))
        return gw_flat_wrong("it is read neither as a down file nor as a migration named 'down'");
    if (gw_flat_strip(&n.name, "_down") || gw_flat_strip(&n.name, ".down"))
        n.kind = GW_NAME_DOWN;
    return check_name(n);
}

static gw_name
read_up_down(gw_str file)
{
    gw_name n = gw_flat_read_plain(file);
    if (n.kind != GW_NAME_UP)
        return n;
    if (gw_flat_strip(&n.name, ".down"))
        n.kind = GW_NAME_DOWN;
    else if (!gw_flat_strip(&n.name, ".up"))
        return gw_flat_wrong("in the layout up-down a file ends in '.up.sql' or '.down.sql'");
    return n.name.len == 0 ? gw_flat_wrong(nameless) : n; /* with any dots, as golang-migrate reads it */
}

static char *
make_native(gw_arena *a, const char *version, const char *name, bool down)
{
    return gw_printf(a, "%s_%s%s.sql", version, name, down ? "_down" : "");
}

static char *
make_up_down(gw_arena *a, const char *version, const char *name, bool down)
{
    return gw_printf(a, "%s_%s.%s.sql", version, name, down ? "down" : "up");
}

/* ---- what follows from names ---- */

const char *
gw_flat_claims(gw_arena *a, const gw_layout *l, const gw_tree *t)
{
    (void)a;
    for (size_t i = 0; i < t->entries.len; i++)
        if (!t->entries.at[i].is_dir && l->read(gw_str_of(t->entries.at[i].name)).kind == GW_NAME_UP)
            return t->entries.at[i].name;
    return NULL;
}

/* "20260326170903_init": others have a folder for each migration. */
static bool
is_migration_folder(const char *name)
{
    return gw_is_digit(name[0]);
}

gw_rc
gw_flat_fail(const gw_layout *l, const gw_tree *t, const char *file, const char *reason, gw_err *e)
{
    GW_SCOPE(scratch);
    const char *const path = gw_path_join(scratch, t->path, file);
    (void)gw_fail(e, GODWIT_FOLDER, "%s is not a migration: %s", path, reason);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(path));
    if (l->is_listed)
        return gw_err_hint(e, "list it there, or move it out of the folder");
    return gw_err_hint(e, "rename it like %s, or move it out of the folder", l->example);
}

gw_rc
gw_flat_list(gw_arena *a, const gw_layout *l, const gw_tree *t, gw_listing *out, gw_err *e)
{
    for (size_t i = 0; i < t->entries.len; i++) {
        const gw_dir_entry *const entry = &t->entries.at[i];
        if (entry->is_dir && is_migration_folder(entry->name))
            return gw_flat_fail(l, t, entry->name, gw_printf(a, "it is a folder, and the layout is %s", l->name), e);
        const gw_name n = entry->is_dir ? (gw_name){0} : l->read(gw_str_of(entry->name));
        if (n.kind == GW_NAME_WRONG)
            return gw_flat_fail(l, t, entry->name, n.reason, e);
        if (n.kind == GW_NAME_FOREIGN)
            continue;
        *gw_vec_push(a, out) =
            (gw_listed){.file = entry->name,
                        .version = gw_strdup(a, n.version),
                        .name = gw_strdup(a, n.name),
                        .kind = n.kind == GW_NAME_REPEATABLE ? GW_FILE_REPEATABLE : GW_FILE_VERSIONED,
                        .way = n.kind == GW_NAME_DOWN     ? GW_WAY_DOWN
                               : n.kind == GW_NAME_VERIFY ? GW_WAY_VERIFY
                                                          : GW_WAY_UP};
    }
    return GODWIT_OK;
}

gw_rc
gw_flat_make(gw_arena *a, const gw_layout *l, const gw_layout_new *p, gw_layout_files *out, gw_err *e)
{
    (void)e;
    const bool is_repeatable = p->kind == GW_FILE_REPEATABLE;
    const char *const stem = gw_printf(a, "%s_%s", is_repeatable ? "R_" : p->version, p->name);
    *gw_vec_push(a, out) = (gw_layout_file){
        is_repeatable ? gw_printf(a, "%s.sql", stem) : l->make_name(a, p->version, p->name, false), p->up, false};
    const char *const down = p->down.ptr == NULL ? NULL : l->make_name(a, p->version, p->name, true);
    if (down != NULL)
        *gw_vec_push(a, out) = (gw_layout_file){down, p->down, false, GW_WAY_DOWN};
    if (p->verify.ptr != NULL)
        *gw_vec_push(a, out) = (gw_layout_file){gw_printf(a, "%s.verify.sql", stem), p->verify, false, GW_WAY_VERIFY};
    return GODWIT_OK;
}

static const char sqlx_mark[] = "-- no-transaction";

/* sqlx has these layouts too, and this as the very first bytes of a file. */
static gw_rc
frame_flat(gw_arena *a, const gw_frame_params *p, gw_frame *out, gw_err *e)
{
    (void)a;
    (void)e;
    *out = (gw_frame){.is_there = true, .text = p->text};
    out->tx = gw_str_starts(p->text, sqlx_mark) ? GW_TX_NONE : GW_TX_AUTO;
    return GODWIT_OK;
}

static bool
is_mark_flat(gw_str line)
{
    return gw_str_starts(line, sqlx_mark);
}

static const gw_dress dress_flat = {.delimiter = "-- godwit:delimiter"};

const gw_layout gw_layout_native = {.name = "native",
                                    .example = "0001_create_users.sql",
                                    .padded = true,
                                    .parts = GW_PART_DOWN | GW_PART_VERIFY | GW_PART_REPEATABLE | GW_PART_CHECKPOINT,
                                    .dress = &dress_flat,
                                    .is_mark = is_mark_flat,
                                    .read = read_native,
                                    .claims = gw_flat_claims,
                                    .list = gw_flat_list,
                                    .frame = frame_flat,
                                    .make_name = make_native,
                                    .make = gw_flat_make};

const gw_layout gw_layout_up_down = {.name = "up-down",
                                     .example = "000001_create_users.up.sql",
                                     .parts = GW_PART_DOWN | GW_PART_VERIFY | GW_PART_REPEATABLE,
                                     .dress = &dress_flat,
                                     .is_mark = is_mark_flat,
                                     .read = read_up_down,
                                     .claims = gw_flat_claims,
                                     .list = gw_flat_list,
                                     .frame = frame_flat,
                                     .make_name = make_up_down,
                                     .make = gw_flat_make};
