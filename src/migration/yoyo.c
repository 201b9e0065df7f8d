#include "migration/yoyo.h"

#include <string.h>

#include "base/map.h"
#include "migration/flat.h"

static const char rollback[] = ".rollback.sql";

/* The words of an id: "20260326_01_x7Gh2-create-users" has what follows its first dash, "0001_create_users" what follows its digits. */
static gw_str
words_of(gw_str id)
{
    size_t at = 0;
    while (at < id.len && gw_is_digit(id.ptr[at]))
        at++;
    while (at > 0 && at < id.len && (id.ptr[at] == '_' || id.ptr[at] == '-' || id.ptr[at] == '.'))
        at++;
    return at < id.len ? gw_str_slice(id, at, id.len) : id;
}

static gw_name
read_yoyo(gw_str file)
{
    if (gw_str_starts(file, ".") || gw_str_starts(file, "__"))
        return (gw_name){.kind = GW_NAME_FOREIGN};
    if (gw_str_ends(file, ".py"))
        return gw_flat_wrong("it is written in Python, which godwit does not run");
    if (!gw_str_ends(file, ".sql"))
        return (gw_name){.kind = GW_NAME_FOREIGN};
    if (gw_str_starts(file, "post-apply"))
        return gw_flat_wrong("yoyo runs it behind every run, and godwit has hooks for that: `hooks: after_up`");
    const bool is_down = gw_str_ends(file, rollback);
    const gw_str id = gw_str_slice(file, 0, file.len - (is_down ? strlen(rollback) : strlen(".sql")));
    return (gw_name){.kind = is_down ? GW_NAME_DOWN : GW_NAME_UP, .version = id, .name = words_of(id)};
}

/* ---- what stands at the top of a file ---- */

typedef struct header {
    gw_strs depends;
    gw_str transactional; /* ptr NULL: not said */
} header;

/* "-- depends: a b": the value; false for another line. */
static bool
take_key(gw_str line, const char *key, gw_str *value)
{
    gw_str rest = gw_str_trim(line);
    if (!gw_str_starts(rest, "--"))
        return false;
    rest = gw_str_trim(gw_str_slice(rest, 2, rest.len));
    if (!gw_str_starts(rest, key))
        return false;
    rest = gw_str_trim(gw_str_slice(rest, strlen(key), rest.len));
    if (!gw_str_starts(rest, ":"))
        return false;
    *value = gw_str_trim(gw_str_slice(rest, 1, rest.len));
    return true;
}

static void
add_words(gw_arena *a, gw_str list, gw_strs *out)
{
    while (list.len > 0) {
        const gw_str word = gw_str_cut(list, ' ', &list);
        if (word.len > 0)
            *gw_vec_push(a, out) = word;
    }
}

static void
read_header(gw_arena *a, gw_str text, header *out)
{
    *out = (header){0};
    for (gw_str rest = text; rest.ptr != NULL;) {
        gw_str value;
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        if (take_key(line, "depends", &value))
            add_words(a, value, &out->depends);
        else if (take_key(line, "transactional", &value))
            out->transactional = value;
        else if (gw_str_trim(line).len > 0 && !gw_str_starts(gw_str_trim(line), "--"))
            return;
    }
}

/* A way back beside its migration, or a line that nobody else has. */
static const char *
claims_yoyo(gw_arena *a, const gw_layout *l, const gw_tree *t)
{
    (void)l;
    for (size_t i = 0; i < t->entries.len; i++) {
        const gw_str name = gw_str_of(t->entries.at[i].name);
        if (!t->entries.at[i].is_dir && gw_str_ends(name, rollback) &&
            gw_tree_has_file(t, gw_printf(a, "%.*s.sql", GW_STR_ARG(read_yoyo(name).version))))
            return t->entries.at[i].name;
    }
    for (size_t i = 0; i < t->heads.len; i++) {
        header h;
        read_header(a, t->heads.at[i].text, &h);
        if (h.depends.len > 0)
            return t->heads.at[i].name;
    }
    return NULL;
}

/* ---- their order ---- */

typedef struct node {
    gw_listed listed;
    gw_strs depends;
    gw_str text;
    bool is_placed;
} node;
typedef gw_vec(node) nodes;

static gw_rc
fail_at(gw_arena *a, const gw_tree *t, const node *n, gw_str where, gw_err *e)
{
    return gw_err_at(e, gw_path_join(a, t->path, n->listed.file), n->text, (size_t)(where.ptr - n->text.ptr));
}

static gw_rc
read_node(gw_arena *a, const gw_tree *t, const gw_listed *up, node *out, gw_err *e)
{
    header h;
    *out = (node){.listed = *up};
    GW_TRY(t->read(t, a, up->file, &out->text, e));
    read_header(a, out->text, &h);
    out->depends = h.depends;
    const bool is_none = gw_str_is_nocase(h.transactional, "false");
    out->listed.tx = is_none ? GW_TX_NONE : GW_TX_AUTO;
    if (h.transactional.ptr == NULL || is_none || gw_str_is_nocase(h.transactional, "true"))
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_FOLDER, "'%.*s' is no value of `-- transactional:`, which is true or false",
                  GW_STR_ARG(h.transactional));
    return fail_at(a, t, out, h.transactional, e);
}

static gw_rc
check_depends(gw_arena *a, const gw_tree *t, const gw_map *by_id, const node *n, gw_err *e)
{
    for (size_t i = 0; i < n->depends.len; i++) {
        const gw_str id = n->depends.at[i];
        if (gw_map_has(by_id, id))
            continue;
        (void)gw_fail(e, GODWIT_FOLDER, "%s depends on %.*s, and there is no such migration", n->listed.version,
                      GW_STR_ARG(id));
        (void)fail_at(a, t, n, id, e);
        return gw_err_hint(e, "an id is the name of a file without .sql");
    }
    return GODWIT_OK;
}

static bool
is_ready(const gw_map *by_id, const node *n)
{
    for (size_t i = 0; i < n->depends.len; i++)
        if (!((const node *)gw_map_get(by_id, n->depends.at[i]))->is_placed)
            return false;
    return true;
}

static gw_rc
fail_circle(gw_arena *a, const gw_tree *t, const gw_map *by_id, const node *n, gw_err *e)
{
    gw_str to = n->depends.at[0];
    for (size_t i = 0; i < n->depends.len; i++)
        if (!((const node *)gw_map_get(by_id, n->depends.at[i]))->is_placed)
            to = n->depends.at[i];
    (void)gw_fail(e, GODWIT_FOLDER, "migrations depend on each other in a circle: %s on %.*s", n->listed.version,
                  GW_STR_ARG(to));
    return fail_at(a, t, n, to, e);
}

/* The first by name that waits for nothing, again and again. */
static gw_rc
place(gw_arena *a, const gw_tree *t, const gw_map *by_id, nodes *all, gw_listing *out, gw_err *e)
{
    size_t first = 0;
    for (size_t placed = 0; placed < all->len; placed++) {
        while (all->at[first].is_placed)
            first++;
        size_t next = first;
        while (next < all->len && (all->at[next].is_placed || !is_ready(by_id, &all->at[next])))
            next++;
        if (next == all->len)
            return fail_circle(a, t, by_id, &all->at[first], e);
        all->at[next].is_placed = true;
        *gw_vec_push(a, out) = all->at[next].listed;
    }
    return GODWIT_OK;
}

static gw_rc
list_yoyo(gw_arena *a, const gw_layout *l, const gw_tree *t, gw_listing *out, gw_err *e)
{
    gw_listing found = {0};
    nodes all = {0};
    gw_map *const by_id = gw_map_new(a);
    GW_TRY(gw_flat_list(a, l, t, &found, e));
    for (size_t i = 0; i < found.len; i++)
        if (found.at[i].way == GW_WAY_UP)
            GW_TRY(read_node(a, t, &found.at[i], gw_vec_push(a, &all), e));
        else
            *gw_vec_push(a, out) = found.at[i];
    for (size_t i = 0; i < all.len; i++)
        gw_map_put(by_id, gw_str_of(all.at[i].listed.version), &all.at[i]);
    for (size_t i = 0; i < all.len; i++)
        GW_TRY(check_depends(a, t, by_id, &all.at[i], e));
    return place(a, t, by_id, &all, out, e);
}

/* ---- what `new` writes ---- */

/* It depends on the one that runs last. */
static gw_rc
make_yoyo(gw_arena *a, const gw_layout *l, const gw_layout_new *p, gw_layout_files *out, gw_err *e)
{
    gw_listing all = {0};
    const char *last = NULL;
    if (p->tree != NULL)
        GW_TRY(list_yoyo(a, l, p->tree, &all, e));
    else if (p->before != NULL)
        last = gw_strdup(a, read_yoyo(gw_str_of(p->before->file)).version);
    for (size_t i = 0; i < all.len; i++)
        last = all.at[i].way == GW_WAY_UP ? all.at[i].version : last;
    const char *const head = last == NULL ? "" : gw_printf(a, "-- depends: %s\n", last);
    const char *const tx = p->tx[GW_WAY_UP] == GW_TX_NONE ? "-- transactional: false\n" : "";
    const gw_str text = gw_str_of(gw_printf(a, "%s%s%.*s", head, tx, GW_STR_ARG(p->up)));
    *gw_vec_push(a, out) = (gw_layout_file){gw_printf(a, "%s_%s.sql", p->version, p->name), text, false};
    if (p->down.ptr != NULL)
        *gw_vec_push(a, out) = (gw_layout_file){gw_printf(a, "%s_%s%s", p->version, p->name, rollback), p->down, false};
    return GODWIT_OK;
}

static bool
is_mark(gw_str line)
{
    gw_str value;
    return take_key(line, "depends", &value) || take_key(line, "transactional", &value);
}

const gw_layout gw_layout_yoyo = {.name = "yoyo",
                                  .example = "0001_create_users.sql",
                                  .evidence = GW_KNOWN_BY_MARKS,
                                  .keeps_order = true,
                                  .parts = GW_PART_DOWN,
                                  .tx_mark = GW_TX_MARK_BOTH,
                                  .is_mark = is_mark,
                                  .read = read_yoyo,
                                  .is_linked = true,
                                  .claims = claims_yoyo,
                                  .list = list_yoyo,
                                  .make = make_yoyo};
