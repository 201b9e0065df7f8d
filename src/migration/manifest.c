#include "migration/manifest.h"

#include <string.h>

#include "base/json.h"
#include "base/json_read.h"
#include "base/map.h"
#include "migration/flat.h"

static const char file_name[] = "migrations.json";

typedef struct manifest {
    gw_arena *a;
    const gw_tree *tree;
    const char *path;
    gw_str text;
    gw_json_node *root;
    const gw_json_node *list;
    gw_map *named; /* every file that an entry is about */
} manifest;

static const char *
claims(gw_arena *a, const gw_layout *l, const gw_tree *t)
{
    (void)a;
    (void)l;
    return gw_tree_has_file(t, file_name) ? file_name : NULL;
}

/* ---- what is wrong ---- */

GW_PRINTF(4, 5)
static gw_rc
wrong(const manifest *m, const gw_json_node *node, gw_err *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)gw_vfail(e, GODWIT_FOLDER, format, args);
    va_end(args);
    return gw_err_at(e, m->path, m->text, node->key_offset);
}

static const char *const keys[] = {"file", "version", "name", "down", "verify", "tx", "kind"};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static gw_rc
check_keys(const manifest *m, const gw_json_node *entry, gw_err *e)
{
    for (size_t i = 0; i < entry->items.len; i++) {
        const gw_json_node *const item = entry->items.at[i];
        bool is_known = false;
        for (size_t k = 0; k < KEYS; k++)
            is_known = is_known || strcmp(item->key, keys[k]) == 0;
        const char *const near = is_known ? NULL : gw_str_nearest(gw_str_of(item->key), keys, KEYS);
        if (is_known)
            continue;
        (void)wrong(m, item, e, "a migration has no \"%s\"", item->key);
        if (near != NULL)
            return gw_err_hint(e, "did you mean \"%s\"?", near);
        return gw_err_hint(e, "there are file, version, name, down, verify, tx, kind");
    }
    return GODWIT_OK;
}

static gw_rc
read_manifest(gw_arena *a, const gw_tree *t, manifest *out, gw_err *e)
{
    *out = (manifest){.a = a, .tree = t, .path = gw_path_join(a, t->path, file_name), .named = gw_map_new(a)};
    GW_TRY(t->read(t, a, file_name, &out->text, e));
    GW_TRY(gw_json_read(a, out->path, out->text, &out->root, e));
    out->list = gw_json_get(out->root, "migrations");
    if (out->list != NULL && out->list->kind == GW_JSON_LIST)
        return GODWIT_OK;
    (void)wrong(out, out->list == NULL ? out->root : out->list, e, "\"migrations\" was expected: a list");
    return gw_err_hint(e, "if it is not godwit's, say how the folder is kept: `layout: native`");
}

/* ---- entries ---- */

static bool
is_there(const manifest *m, const char *file)
{
    gw_dir_entries entries = {0};
    gw_err ignored = {0};
    const char *const slash = strrchr(file, '/');
    if (slash == NULL)
        return gw_tree_has_file(m->tree, file);
    const char *const folder = gw_strdup(m->a, (gw_str){file, (size_t)(slash - file)});
    if (m->tree->list(m->tree, m->a, folder, &entries, &ignored) != GODWIT_OK)
        return false;
    for (size_t i = 0; i < entries.len; i++)
        if (!entries.at[i].is_dir && strcmp(entries.at[i].name, slash + 1) == 0)
            return true;
    return false;
}

/* A text; NULL: it is not said, or null. */
static gw_rc
get_text(const manifest *m, const gw_json_node *entry, const char *key, const char **out, gw_err *e)
{
    const gw_json_node *const node = gw_json_get(entry, key);
    *out = NULL;
    if (node == NULL || node->kind == GW_JSON_NULL)
        return GODWIT_OK;
    if (node->kind != GW_JSON_TEXT || node->text[0] == '\0')
        return wrong(m, node, e, "\"%s\" is a text that is not empty", key);
    *out = node->text;
    return GODWIT_OK;
}

static gw_rc
check_file(const manifest *m, const gw_json_node *node, const char *file, gw_err *e)
{
    if (file[0] == '/' || strncmp(file, "../", 3) == 0 || strstr(file, "/../") != NULL)
        return wrong(m, node, e, "\"%s\" is not in the folder", file);
    if (is_there(m, file))
        return GODWIT_OK;
    (void)wrong(m, node, e, "there is no %s/%s", m->tree->path, file);
    return gw_err_hint(e, "restore the file from version control, or take the entry out");
}

/* One of a few words: its index; 0 when it is not said. */
static gw_rc
get_word(const manifest *m, const gw_json_node *entry, const char *key, const char *const *words, size_t *out,
         gw_err *e)
{
    const char *text;
    GW_TRY(get_text(m, entry, key, &text, e));
    *out = 0;
    if (text == NULL)
        return GODWIT_OK;
    for (size_t i = 0; i < 3 && words[i] != NULL; i++)
        if (words[i][0] != '\0' && strcmp(text, words[i]) == 0) {
            *out = i;
            return GODWIT_OK;
        }
    return wrong(m, gw_json_get(entry, key), e, "\"%s\" is %s%s%s or %s", key, words[0],
                 words[0][0] == '\0' ? "" : ", ", words[1], words[2]);
}

/* "001_initial_schema.sql" → "001", "initial_schema"; of another name both are the whole, without its suffix. */
static void
read_file_name(const manifest *m, gw_listed *out)
{
    const char *const slash = strrchr(out->file, '/');
    gw_str stem = gw_str_of(slash == NULL ? out->file : slash + 1);
    const gw_name name = gw_flat_read_plain(stem);
    (void)gw_flat_strip(&stem, ".sql");
    const bool is_told = name.kind == GW_NAME_UP && name.name.len > 0;
    out->version = gw_strdup(m->a, is_told ? name.version : stem);
    out->name = gw_strdup(m->a, is_told ? name.name : stem);
}

/* Another way of it: as the entry says, else the file that `native` would take. */
static gw_rc
add_way(manifest *m, const gw_json_node *entry, const char *key, const gw_listed *up, gw_way way, gw_listing *out,
        gw_err *e)
{
    static const char *const suffixes[GW_WAY_COUNT][2] = {
        [GW_WAY_DOWN] = {"_down.sql", ".down.sql"}, [GW_WAY_VERIFY] = {".verify.sql", ".verify.sql"}};
    const gw_json_node *const node = gw_json_get(entry, key);
    const char *file;
    gw_str stem = gw_str_of(up->file);
    GW_TRY(get_text(m, entry, key, &file, e));
    if (file != NULL)
        GW_TRY(check_file(m, node, file, e));
    const bool is_asked = node == NULL && gw_flat_strip(&stem, ".sql");
    for (size_t i = 0; is_asked && file == NULL && i < 2; i++) {
        const char *const usual = gw_printf(m->a, "%.*s%s", GW_STR_ARG(stem), suffixes[way][i]);
        file = is_there(m, usual) ? usual : NULL;
    }
    if (file == NULL)
        return GODWIT_OK;
    gw_map_put(m->named, gw_str_of(file), m);
    gw_listed *const other = gw_vec_push(m->a, out);
    *other = *up;
    other->file = file;
    other->way = way;
    return GODWIT_OK;
}

static gw_rc
list_entry(manifest *m, const gw_json_node *entry, gw_listing *out, gw_err *e)
{
    static const char *const kinds[] = {"versioned", "repeatable", "checkpoint"}, *const modes[] = {"", "file", "none"};
    gw_listed one = {0};
    const char *version, *name;
    size_t kind, tx;
    if (entry->kind == GW_JSON_TEXT)
        one.file = entry->text;
    else
        GW_TRY(get_text(m, entry, "file", &one.file, e));
    if (one.file == NULL || one.file[0] == '\0')
        return wrong(m, entry, e, "a migration is the name of a file, or has a \"file\"");
    GW_TRY(check_keys(m, entry, e));
    GW_TRY(check_file(m, entry->kind == GW_JSON_TEXT ? entry : gw_json_get(entry, "file"), one.file, e));
    GW_TRY(get_text(m, entry, "version", &version, e));
    GW_TRY(get_text(m, entry, "name", &name, e));
    GW_TRY(get_word(m, entry, "kind", kinds, &kind, e));
    GW_TRY(get_word(m, entry, "tx", modes, &tx, e));
    read_file_name(m, &one);
    one.version = version != NULL ? version : one.version;
    one.name = name != NULL ? name : one.name;
    one.kind = (gw_file_kind)kind;
    one.tx = (gw_tx_mode)tx;
    gw_map_put(m->named, gw_str_of(one.file), m);
    *gw_vec_push(m->a, out) = one;
    GW_TRY(add_way(m, entry, "down", &one, GW_WAY_DOWN, out, e));
    return add_way(m, entry, "verify", &one, GW_WAY_VERIFY, out, e);
}

static gw_rc
list(gw_arena *a, const gw_layout *l, const gw_tree *t, gw_listing *out, gw_err *e)
{
    manifest m;
    GW_TRY(read_manifest(a, t, &m, e));
    for (size_t i = 0; i < m.list->items.len; i++)
        GW_TRY(list_entry(&m, m.list->items.at[i], out, e));
    for (size_t i = 0; i < t->entries.len; i++) {
        const gw_dir_entry *const entry = &t->entries.at[i];
        if (!entry->is_dir && entry->name[0] != '.' && gw_str_ends(gw_str_of(entry->name), ".sql") &&
            !gw_map_has(m.named, gw_str_of(entry->name)))
            return gw_flat_fail(l, t, entry->name, gw_printf(a, "%s does not list it", file_name), e);
    }
    return GODWIT_OK;
}

/* ---- a new one ---- */

static gw_rc
add_entry(gw_arena *a, const gw_tree *t, const char *file, gw_str *out, gw_err *e)
{
    manifest m;
    gw_buf text = gw_buf_new(a);
    if (!gw_tree_has_file(t, file_name)) {
        *out = gw_str_of(gw_printf(a, "{\n  \"migrations\": [\n    \"%s\"\n  ]\n}\n", file));
        return GODWIT_OK;
    }
    GW_TRY(read_manifest(a, t, &m, e));
    const size_t count = m.list->items.len;
    const size_t end = count == 0 ? m.list->offset + 1 : m.list->items.at[count - 1]->end;
    gw_buf_add(&text, gw_str_slice(m.text, 0, end));
    gw_buf_printf(&text, "%s\n    \"%s\"%s", count == 0 ? "" : ",", file, count == 0 ? "\n  " : "");
    gw_buf_add(&text, gw_str_slice(m.text, end, m.text.len));
    *out = gw_buf_str(&text);
    return GODWIT_OK;
}

/* Any version is one here; what stands in a name of a file is not. */
static const char *
stem_of(gw_arena *a, const gw_layout_new *p)
{
    char *const stem = gw_printf(a, "%s_%s", p->kind == GW_FILE_REPEATABLE ? "R_" : p->version, p->name);
    for (char *c = stem; *c != '\0'; c++)
        *c = strchr("/\\:#@ ", *c) != NULL ? '_' : *c;
    return stem;
}

static gw_rc
make(gw_arena *a, const gw_layout *l, const gw_layout_new *p, gw_layout_files *out, gw_err *e)
{
    gw_str index;
    const char *const stem = stem_of(a, p);
    const char *const file = gw_printf(a, "%s.sql", stem);
    (void)l;
    *gw_vec_push(a, out) = (gw_layout_file){file, p->up, false};
    if (p->down.ptr != NULL)
        *gw_vec_push(a, out) = (gw_layout_file){gw_printf(a, "%s_down.sql", stem), p->down, false};
    if (p->verify.ptr != NULL)
        *gw_vec_push(a, out) = (gw_layout_file){gw_printf(a, "%s.verify.sql", stem), p->verify, false};
    if (p->tree == NULL)
        return GODWIT_OK;
    GW_TRY(add_entry(a, p->tree, file, &index, e));
    *gw_vec_push(a, out) = (gw_layout_file){file_name, index, gw_tree_has_file(p->tree, file_name)};
    return GODWIT_OK;
}

/* Only what their names do not say. */
static void
index_entry(gw_arena *a, gw_json *j, const gw_layout_new *p)
{
    const char *const file = gw_printf(a, "%s.sql", stem_of(a, p));
    const gw_name name = gw_flat_read_plain(gw_str_of(file));
    const bool is_told =
        p->kind == GW_FILE_REPEATABLE ||
        (name.kind == GW_NAME_UP && gw_str_is(name.version, p->version) && gw_str_is(name.name, p->name));
    gw_json_open(j, NULL, '{');
    gw_json_text(j, "file", file);
    if (!is_told) {
        gw_json_text(j, "version", p->version);
        gw_json_text(j, "name", p->name);
    }
    if (p->kind != GW_FILE_VERSIONED)
        gw_json_text(j, "kind", p->kind == GW_FILE_REPEATABLE ? "repeatable" : "checkpoint");
    if (p->tx[GW_WAY_UP] == GW_TX_NONE)
        gw_json_text(j, "tx", "none");
    gw_json_close(j, '}');
}

static void
make_index(gw_arena *a, const gw_layout_index *p, gw_layout_files *out)
{
    gw_buf text = gw_buf_new(a);
    gw_buf_puts(&text, "{\n  \"migrations\": [");
    for (size_t i = 0; i < p->count; i++) {
        gw_buf entry = gw_buf_new(a);
        gw_json j = gw_json_new(&entry);
        index_entry(a, &j, &p->all[i]);
        gw_buf_printf(&text, "%s\n    %s", i == 0 ? "" : ",", gw_buf_text(&entry));
    }
    gw_buf_puts(&text, p->count == 0 ? "]\n}\n" : "\n  ]\n}\n");
    *gw_vec_push(a, out) = (gw_layout_file){file_name, gw_buf_str(&text), false};
}

static const gw_dress dress = {.delimiter = "-- godwit:delimiter"};

static const char *const indexes[] = {file_name, NULL};

const gw_layout gw_layout_manifest = {.name = "manifest",
                                      .example = "0001_create_users.sql",
                                      .evidence = GW_KNOWN_BY_FOLDERS,
                                      .keeps_order = true,
                                      .is_linked = true,
                                      .versions = GW_VERSIONS_ANY,
                                      .parts = GW_PART_DOWN | GW_PART_VERIFY | GW_PART_REPEATABLE | GW_PART_CHECKPOINT,
                                      .tx_mark = GW_TX_MARK_BOTH,
                                      .dress = &dress,
                                      .claims = claims,
                                      .indexes = indexes,
                                      .is_listed = true,
                                      .list = list,
                                      .make = make,
                                      .index = make_index};
