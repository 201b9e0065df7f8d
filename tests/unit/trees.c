#include "trees.h"

#include <string.h>

typedef struct leaf {
    const char *path; /* below the folder; "empty/" for one without a file */
    gw_buf text;
} leaf;

typedef struct leaves {
    gw_vec(leaf) all;
} leaves;

static int
by_name(const void *left, const void *right)
{
    return strcmp(((const gw_dir_entry *)left)->name, ((const gw_dir_entry *)right)->name);
}

/* What is right in the folder `below` ("" for the tree itself). */
static void
list_in(gw_arena *a, const leaves *l, gw_str below, gw_dir_entries *out)
{
    for (size_t i = 0; i < l->all.len; i++) {
        gw_str rest = gw_str_of(l->all.at[i].path);
        if (below.len > 0 && (!gw_str_starts(rest, gw_strdup(a, below)) || rest.ptr[below.len] != '/'))
            continue;
        rest = gw_str_slice(rest, below.len + (below.len > 0), rest.len);
        const char *const slash = memchr(rest.ptr, '/', rest.len);
        const gw_str name = gw_str_slice(rest, 0, slash == NULL ? rest.len : (size_t)(slash - rest.ptr));
        bool is_known = name.len == 0;
        for (size_t k = 0; k < out->len; k++)
            is_known = is_known || gw_str_is(name, out->at[k].name);
        if (!is_known)
            *gw_vec_push(a, out) = (gw_dir_entry){gw_strdup(a, name), slash != NULL};
    }
    gw_sort(out->at, out->len, sizeof(*out->at), by_name);
}

static gw_rc
list_below(const gw_tree *t, gw_arena *a, const char *below, gw_dir_entries *out, gw_err *e)
{
    list_in(a, t->ctx, gw_str_of(below), out);
    return out->len > 0 ? GODWIT_OK : gw_fail(e, GODWIT_IO, "there is no folder %s/%s", t->path, below);
}

static gw_rc
read_below(const gw_tree *t, gw_arena *a, const char *below, gw_str *out, gw_err *e)
{
    const leaves *const l = t->ctx;
    for (size_t i = 0; i < l->all.len; i++)
        if (strcmp(l->all.at[i].path, below) == 0) {
            *out = gw_str_of(gw_strdup(a, gw_buf_str(&l->all.at[i].text)));
            return GODWIT_OK;
        }
    return gw_fail(e, GODWIT_IO, "cannot read %s/%s: No such file or directory", t->path, below);
}

gw_tree
tree_of(gw_arena *a, const char *path, gw_str lines)
{
    leaves *const l = gw_new(a, leaves);
    gw_tree t = {.path = path, .list = list_below, .read = read_below, .ctx = l};
    for (gw_str rest = lines; rest.ptr != NULL;) {
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        if (line.len == 0)
            continue;
        if (line.ptr[0] != '|') {
            *gw_vec_push(a, &l->all) = (leaf){gw_strdup(a, line), gw_buf_new(a)};
            continue;
        }
        gw_buf *const text = &l->all.at[l->all.len - 1].text;
        gw_buf_add(text, gw_str_slice(line, line.len > 1 ? 2 : 1, line.len));
        gw_buf_putc(text, '\n');
    }
    list_in(a, l, (gw_str){"", 0}, &t.entries);
    return t;
}
