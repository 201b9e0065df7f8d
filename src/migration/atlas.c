#include "migration/atlas.h"

#include <string.h>

#include "migration/flat.h"

static const char sum_name[] = "atlas.sum";

/* "20260326170903.sql": a version alone is enough. Its name is the version then. */
static gw_name
read_file(gw_str file)
{
    gw_str stem = file;
    size_t digits = 0;
    const gw_name n = gw_flat_read_plain(file);
    if (n.kind == GW_NAME_UP && n.name.len == 0)
        return gw_flat_wrong("there is no name between the version number and the suffix");
    if (n.kind != GW_NAME_WRONG || !gw_flat_strip(&stem, ".sql"))
        return n;
    while (digits < stem.len && stem.ptr[digits] >= '0' && stem.ptr[digits] <= '9')
        digits++;
    if (digits == 0 || digits < stem.len)
        return n;
    return (gw_name){.kind = GW_NAME_UP, .version = stem, .name = stem};
}

/* Names that other layouts read otherwise. */
static bool
is_paired(gw_str name)
{
    static const char *const ends[] = {".up.sql", ".down.sql", "_down.sql"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (gw_str_ends(name, ends[i]))
            return true;
    return false;
}

static const char *
claims(gw_arena *a, const gw_layout *l, const gw_tree *t)
{
    (void)a;
    (void)l;
    bool has_one = false;
    for (size_t i = 0; i < t->entries.len; i++) {
        const gw_str name = gw_str_of(t->entries.at[i].name);
        if (t->entries.at[i].is_dir || !gw_str_ends(name, ".sql"))
            continue;
        const gw_name_kind kind = read_file(name).kind;
        if (kind == GW_NAME_WRONG || is_paired(name))
            return NULL;
        has_one = has_one || kind == GW_NAME_UP;
    }
    return has_one && gw_tree_has_file(t, sum_name) ? sum_name : NULL;
}

/* What a file of several files, or one that names others, would do as plain SQL is not what it means. */
static gw_rc
frame(gw_arena *a, const gw_frame_params *p, gw_frame *out, gw_err *e)
{
    static const char *const refused[] = {"atlas:txtar", "atlas:import"};
    (void)a;
    *out = (gw_frame){.is_there = true, .text = p->text};
    for (gw_str rest = p->text; rest.ptr != NULL;) {
        const gw_str line = gw_str_trim(gw_str_cut(rest, '\n', &rest));
        if (line.len > 0 && !gw_str_starts(line, "--"))
            break;
        for (size_t i = 0; line.len > 2 && i < sizeof(refused) / sizeof(refused[0]); i++) {
            const gw_str said = gw_str_trim(gw_str_slice(line, 2, line.len));
            if (!gw_str_starts(said, refused[i]))
                continue;
            (void)gw_fail(e, GODWIT_FOLDER, "godwit does not carry out the directive %s of Atlas", refused[i]);
            (void)gw_err_at(e, p->path, p->text, (size_t)(said.ptr - p->text.ptr));
            return gw_err_hint(e, "write the migration as plain SQL, and what is to hold before it as a verify script");
        }
    }
    return GODWIT_OK;
}

static char *
make_name(gw_arena *a, const char *version, const char *name, bool down)
{
    return down ? NULL : gw_printf(a, "%s_%s.sql", version, name);
}

/* Its head ends with an empty line: what stands directly above a statement is of that alone. */
static const gw_dress dress = {
    .delimiter = "-- atlas:delimiter", .checkpoint = "-- atlas:checkpoint", .no_tx = "-- atlas:txmode none"};

const gw_layout gw_layout_atlas = {.name = "atlas",
                                   .example = "20260326170903_create_users.sql",
                                   .evidence = GW_KNOWN_BY_SUM,
                                   .padded = true,
                                   .has_gaps = true,
                                   .parts = GW_PART_CHECKPOINT,
                                   .dress = &dress,
                                   .read = read_file,
                                   .claims = claims,
                                   .list = gw_flat_list,
                                   .frame = frame,
                                   .make_name = make_name,
                                   .make = gw_flat_make};
