#include "migration/tree.h"

#include <string.h>

#include "sql/source.h"

static gw_rc
list_below(const gw_tree *t, gw_arena *a, const char *below, gw_dir_entries *out, gw_err *e)
{
    return gw_dir_list(a, gw_path_join(a, t->path, below), out, e);
}

static gw_rc
read_below(const gw_tree *t, gw_arena *a, const char *below, gw_str *out, gw_err *e)
{
    return gw_file_read(a, gw_path_join(a, t->path, below), GW_SQL_FILE_CAP, out, e);
}

gw_rc
gw_tree_open(gw_arena *a, const char *path, gw_tree *out, gw_err *e)
{
    *out = (gw_tree){.path = path, .list = list_below, .read = read_below};
    return gw_dir_list(a, path, &out->entries, e);
}

void
gw_tree_look(gw_arena *a, gw_tree *t)
{
    enum { MOST = 3 };
    size_t seen = 0;
    for (size_t i = 0; t->read != NULL && i < t->entries.len && seen < MOST; i++) {
        gw_err unsaid = {0};
        gw_tree_head head = {.name = t->entries.at[i].name};
        if (t->entries.at[i].is_dir || !gw_str_ends(gw_str_of(head.name), ".sql"))
            continue;
        seen++;
        if (t->read(t, a, head.name, &head.text, &unsaid) == GODWIT_OK)
            *gw_vec_push(a, &t->heads) = head;
    }
}

static gw_rc
walk(gw_arena *a, const gw_tree *t, const char *below, unsigned depth, gw_tree_files *out, gw_err *e)
{
    enum { DEPTH_MAX = 32 }; /* a link may lead back */
    gw_dir_entries entries = {0};
    if (depth > DEPTH_MAX)
        return gw_fail(e, GODWIT_FOLDER, "%s/%s is nested too deep", t->path, below);
    if (below[0] != '\0')
        GW_TRY(t->list(t, a, below, &entries, e));
    else
        entries = t->entries;
    for (size_t i = 0; i < entries.len; i++) {
        const gw_dir_entry *const entry = &entries.at[i];
        const char *const path = below[0] == '\0' ? entry->name : gw_printf(a, "%s/%s", below, entry->name);
        if (entry->name[0] == '.')
            continue;
        if (!entry->is_dir)
            *gw_vec_push(a, out) = path;
        else
            GW_TRY(walk(a, t, path, depth + 1, out, e));
    }
    return GODWIT_OK;
}

gw_rc
gw_tree_walk(gw_arena *a, const gw_tree *t, const char *below, gw_tree_files *out, gw_err *e)
{
    return walk(a, t, below, 0, out, e);
}

static bool
has(const gw_tree *t, const char *name, bool is_dir)
{
    for (size_t i = 0; i < t->entries.len; i++)
        if (t->entries.at[i].is_dir == is_dir && strcmp(t->entries.at[i].name, name) == 0)
            return true;
    return false;
}

bool
gw_tree_has_file(const gw_tree *t, const char *name)
{
    return has(t, name, false);
}

bool
gw_tree_has_folder(const gw_tree *t, const char *name)
{
    return has(t, name, true);
}
