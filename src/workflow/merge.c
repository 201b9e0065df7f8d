#include "workflow/merge.h"

#include <string.h>
#include <time.h>

#include "migration/squash.h"
#include "migration/ways.h"

typedef struct merging {
    gw_arena *arena;
    const gw_merge_params *p;
    gw_side side;
    const gw_ways *all; /* one a file */
    gw_layout_new made;
} merging;

static gw_rc
read_all(merging *m, gw_err *e)
{
    const gw_merge_params *const p = m->p;
    gw_ways *const all = gw_new_array(m->arena, gw_ways, p->to - p->from);
    for (size_t i = p->from; i < p->to; i++)
        GW_TRY(gw_ways_read(m->arena, &m->side, &m->side.folder->files.at[i], &all[i - p->from], e));
    m->all = all;
    return GODWIT_OK;
}

/* Those that have this way: upwards in their order, downwards the other way round. */
static void
list_parts(const merging *m, gw_way way, gw_joint_parts *out)
{
    const size_t count = m->p->to - m->p->from;
    for (size_t i = 0; i < count; i++) {
        const gw_ways *const one = &m->all[way == GW_WAY_DOWN ? count - 1 - i : i];
        if (one->is_there[way] && one->kind != GW_FILE_REPEATABLE)
            *gw_vec_push(m->arena, out) = (gw_joint_part){
                .file = gw_folder_below(m->side.folder, gw_ways_path(one->file, way)), .script = one->scripts[way]};
    }
}

static gw_rc
squash_way(merging *m, gw_way way, gw_err *e)
{
    gw_joint_parts parts = {0};
    list_parts(m, way, &parts);
    const gw_squash_params sp = {.layout = m->side.folder->layout,
                                 .prefixes = m->side.prefixes,
                                 .any_bytes = m->side.any_bytes,
                                 .way = way,
                                 .parts = &parts,
                                 .made = &m->made};
    return parts.len == 0 ? GODWIT_OK : gw_squash(m->arena, &sp, e);
}

/* All or none: half a way down would leave the rest. */
static gw_rc
squash_down(merging *m, gw_call *call, gw_err *e)
{
    const gw_file *lacking = NULL;
    size_t count = 0;
    for (size_t i = 0; i < m->p->to - m->p->from; i++) {
        const gw_ways *const one = &m->all[i];
        count += one->is_there[GW_WAY_DOWN];
        lacking = one->is_there[GW_WAY_DOWN] ? lacking : one->file;
    }
    if (count == 0 || m->p->no_down)
        return GODWIT_OK;
    if (lacking != NULL) {
        gw_tell_note(call, "%s %s has no way down, so the new file has none", lacking->version, lacking->name);
        return GODWIT_OK;
    }
    if (squash_way(m, GW_WAY_DOWN, e) == GODWIT_OK)
        return GODWIT_OK;
    (void)gw_err_note(e, "while making one way down of all");
    return gw_err_hint(e, "go on without a way down: --no-down");
}

static void
tell_left_out(const merging *m, gw_call *call, const gw_layout_files *files)
{
    const gw_layout *const layout = m->side.folder->layout;
    bool is_there = m->made.down.ptr == NULL || layout->both_ways;
    for (size_t i = 0; i < files->len; i++)
        is_there = is_there || files->at[i].way == GW_WAY_DOWN;
    if (!is_there)
        gw_tell_note(call, "the layout %s has no file for the way down: it is left out", layout->name);
}

/* Can the layout have another file at all, whatever is in it? */
static gw_rc
check_makes(const merging *m, gw_err *e)
{
    const gw_layout *const layout = m->side.folder->layout;
    gw_layout_new made = m->made;
    gw_layout_files files = {0};
    made.up = GW_STR_LIT("SELECT 1;\n");
    GW_TRY(layout->make(m->arena, layout, &made, &files, e));
    for (size_t i = 0; i < files.len; i++)
        if (!files.at[i].replaces && gw_str_ends(gw_str_of(files.at[i].file), ".sql"))
            return GODWIT_OK;
    (void)gw_fail(e, GODWIT_REFUSED, "in the layout %s it would have no file of its own, and that godwit does not do",
                  layout->name);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(m->side.folder->path));
    return gw_err_hint(e, "write it by hand");
}

gw_rc
gw_merge(gw_arena *a, gw_call *call, const gw_merge_params *p, gw_layout_files *out, gw_err *e)
{
    const gw_migrations *const from = p->migrations;
    const gw_folder *const folder = &from->folder;
    gw_tree tree;
    merging m = {.arena = a,
                 .p = p,
                 .side = {.tree = &tree, .folder = folder, .prefixes = from->prefixes, .any_bytes = from->any_bytes}};
    GW_TRY(gw_migrations_dialect(call, "which SQL the files are in depends on the database", &m.side.dialect.kind, e));
    GW_TRY(gw_tree_open(a, folder->path, &tree, e));
    m.made = (gw_layout_new){.tree = &tree,
                             .version = p->version,
                             .name = p->name,
                             .kind = p->checkpoint ? GW_FILE_CHECKPOINT : GW_FILE_VERSIONED,
                             .now_ms = (int64_t)time(NULL) * 1000};
    GW_TRY(check_makes(&m, e));
    GW_TRY(read_all(&m, e));
    GW_TRY(squash_way(&m, GW_WAY_UP, e));
    if (!p->checkpoint) {
        GW_TRY(squash_down(&m, call, e));
        GW_TRY(squash_way(&m, GW_WAY_VERIFY, e));
    }
    *out = (gw_layout_files){0};
    GW_TRY(folder->layout->make(a, folder->layout, &m.made, out, e));
    tell_left_out(&m, call, out);
    return GODWIT_OK;
}
