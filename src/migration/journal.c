#include "migration/journal.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json_read.h"
#include "base/map.h"
#include "migration/flat.h"
#include "migration/nested.h"

static const char file_name[] = "meta/_journal.json";

typedef struct journal {
    const char *path;
    gw_str text;
    gw_json_node *root;
    const gw_json_node *entries;
} journal;

/* What an entry says. */
typedef struct entry {
    const gw_json_node *node;
    const char *tag, *when;
    const char *idx; /* NULL: it says none */
} entry;

/* ---- reading ---- */

static gw_rc
fail_at(const journal *j, const gw_json_node *node, gw_err *e)
{
    return gw_err_at(e, j->path, j->text, node->key_offset);
}

static gw_rc
get(const journal *j, const gw_json_node *map, const char *key, gw_json_kind kind, const gw_json_node **out, gw_err *e)
{
    static const char *const kinds[] = {"null", "true or false", "a number", "a text", "a list", "a map"};
    *out = gw_json_get(map, key);
    if (*out != NULL && (*out)->kind == kind)
        return GODWIT_OK;
    if (*out == NULL)
        (void)gw_fail(e, GODWIT_FOLDER, "drizzle's \"%s\" is missing here: %s", key, kinds[kind]);
    else
        (void)gw_fail(e, GODWIT_FOLDER, "drizzle's \"%s\" is %s", key, kinds[kind]);
    return fail_at(j, *out == NULL ? map : *out, e);
}

static gw_rc
read_journal(gw_arena *a, const gw_tree *t, journal *out, gw_err *e)
{
    *out = (journal){.path = gw_path_join(a, t->path, file_name)};
    GW_TRY(t->read(t, a, file_name, &out->text, e));
    GW_TRY(gw_json_read(a, out->path, out->text, &out->root, e));
    return get(out, out->root, "entries", GW_JSON_LIST, &out->entries, e);
}

static gw_rc
read_entry(const journal *j, const gw_json_node *node, entry *out, gw_err *e)
{
    const gw_json_node *tag, *when;
    GW_TRY(get(j, node, "tag", GW_JSON_TEXT, &tag, e));
    GW_TRY(get(j, node, "when", GW_JSON_NUMBER, &when, e));
    const gw_json_node *const idx = gw_json_get(node, "idx");
    *out = (entry){node, tag->text, when->text, idx != NULL && idx->kind == GW_JSON_NUMBER ? idx->text : NULL};
    if (tag->text[0] == '\0' || tag->text[0] == '.' || strchr(tag->text, '/') != NULL) {
        (void)gw_fail(e, GODWIT_FOLDER, "\"%s\" names no file", tag->text);
        return fail_at(j, tag, e);
    }
    if (when->text[strspn(when->text, "0123456789")] == '\0')
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_FOLDER, "drizzle's \"when\" is milliseconds since 1970, a whole number");
    return fail_at(j, when, e);
}

/* ---- what is in the folder ---- */

static const char *
claims(gw_arena *a, const gw_layout *l, const gw_tree *t)
{
    gw_dir_entries entries = {0};
    gw_err e = {0};
    (void)l;
    if (!gw_tree_has_folder(t, "meta") || t->list(t, a, "meta", &entries, &e) != GODWIT_OK)
        return NULL;
    for (size_t i = 0; i < entries.len; i++)
        if (strcmp(entries.at[i].name, "_journal.json") == 0)
            return file_name;
    return NULL;
}

/* "0000_init", "_init" */
static void
name_of(gw_arena *a, const entry *one, gw_listed *out)
{
    const size_t digits = strspn(one->tag, "0123456789");
    const bool has_number = digits > 0 && one->tag[digits] == '_';
    out->version = has_number ? gw_strdup(a, (gw_str){one->tag, digits}) : one->when;
    out->name = has_number ? one->tag + digits + 1 : one->tag + (one->tag[0] == '_');
}

/* Where the entry's text is; NULL: nowhere. */
static const char *
file_of(gw_arena *a, const gw_tree *t, const entry *one)
{
    const char *const file = gw_printf(a, "%s.sql", one->tag);
    gw_dir_entries entries = {0};
    gw_err e = {0};
    if (gw_tree_has_file(t, file))
        return file;
    if (gw_tree_has_folder(t, one->tag) && t->list(t, a, one->tag, &entries, &e) == GODWIT_OK)
        for (size_t i = 0; i < entries.len; i++)
            if (strcmp(entries.at[i].name, "migration.sql") == 0)
                return gw_printf(a, "%s/migration.sql", one->tag);
    return NULL;
}

static gw_rc
fail_twice(const journal *j, const entry *one, const char *version, const char *other, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "two entries have version %s: \"%s\" and \"%s\"", version, other, one->tag);
    (void)fail_at(j, one->node, e);
    return gw_err_hint(e, "it comes of a merge: take one out, with its file and snapshot, and generate it anew");
}

/* A merge leaves two entries of one number and one `idx`. Where somebody gave them an `idx` each, they were put in order, and applied since:
 * the later one keeps its number in its name, and is told by its `when`. */
static gw_rc
tell_apart(const journal *j, const entry *one, const gw_map *versions, gw_listed *listed, gw_err *e)
{
    const entry *const other = gw_map_get(versions, gw_str_of(listed->version));
    if (other == NULL)
        return GODWIT_OK;
    const bool is_ordered = one->idx != NULL && other->idx != NULL && strcmp(one->idx, other->idx) != 0 &&
                            strcmp(one->tag, other->tag) != 0;
    if (!is_ordered || gw_map_has(versions, gw_str_of(one->when)))
        return fail_twice(j, one, listed->version, other->tag, e);
    listed->version = one->when;
    listed->name = one->tag;
    return GODWIT_OK;
}

static gw_rc
list_entry(gw_arena *a, const gw_tree *t, const journal *j, const gw_json_node *node, gw_map *versions, gw_listing *out,
           gw_err *e)
{
    entry *const one = gw_new(a, entry);
    gw_listed listed = {0};
    GW_TRY(read_entry(j, node, one, e));
    name_of(a, one, &listed);
    listed.file = file_of(a, t, one);
    GW_TRY(tell_apart(j, one, versions, &listed, e));
    if (listed.file == NULL) {
        (void)gw_fail(e, GODWIT_FOLDER, "the journal lists \"%s\", and there is no %s/%s.sql", one->tag, t->path,
                      one->tag);
        (void)fail_at(j, node, e);
        return gw_err_hint(e, "restore the file from version control");
    }
    gw_map_put(versions, gw_str_of(listed.version), one);
    *gw_vec_push(a, out) = listed;
    return GODWIT_OK;
}

/* drizzle would not run it, and nobody would notice. */
static gw_rc
check_strays(const gw_layout *l, const gw_tree *t, const gw_listing *listing, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_map *const known = gw_map_new(scratch);
    static char is_known;
    for (size_t i = 0; i < listing->len; i++)
        gw_map_put(known, gw_str_of(listing->at[i].file), &is_known);
    for (size_t i = 0; i < t->entries.len; i++) {
        const gw_dir_entry *const one = &t->entries.at[i];
        if (!one->is_dir && one->name[0] != '.' && gw_str_ends(gw_str_of(one->name), ".sql") &&
            !gw_map_has(known, gw_str_of(one->name)))
            return gw_flat_fail(l, t, one->name, gw_printf(scratch, "%s does not list it", file_name), e);
    }
    return GODWIT_OK;
}

static gw_rc
list(gw_arena *a, const gw_layout *l, const gw_tree *t, gw_listing *out, gw_err *e)
{
    GW_SCOPE(scratch);
    journal j;
    gw_map *const versions = gw_map_new(scratch);
    GW_TRY(read_journal(a, t, &j, e));
    for (size_t i = 0; i < j.entries->items.len; i++)
        GW_TRY(list_entry(a, t, &j, j.entries->items.at[i], versions, out, e));
    return check_strays(l, t, out, e);
}

static gw_rc
fits(gw_arena *a, const gw_tree *t, gw_dialect_kind dialect, gw_err *e)
{
    static const struct {
        const char *name;
        gw_dialect_kind dialect;
    } known[] = {{"postgresql", GW_DIALECT_POSTGRES}, {"pg", GW_DIALECT_POSTGRES},   {"mysql", GW_DIALECT_MYSQL},
                 {"singlestore", GW_DIALECT_MYSQL},   {"sqlite", GW_DIALECT_SQLITE}, {"turso", GW_DIALECT_SQLITE}};
    journal j;
    const gw_json_node *node;
    GW_TRY(read_journal(a, t, &j, e));
    GW_TRY(get(&j, j.root, "dialect", GW_JSON_TEXT, &node, e));
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(node->text, known[i].name) == 0 && known[i].dialect == dialect)
            return GODWIT_OK;
    (void)gw_fail(e, GODWIT_FOLDER, "these migrations are written for %s, and the database is another", node->text);
    (void)fail_at(&j, node, e);
    return gw_err_hint(e, "name the database that they are for with --url, or another folder with --dir");
}

/* ---- a new one ---- */

static gw_rc
fail_new(const gw_tree *t, const char *why, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "godwit cannot continue %s/%s: %s", t->path, file_name, why);
    return gw_err_hint(e,
                       "`npx drizzle-kit generate --custom --name NAME` makes an empty migration, which godwit runs");
}

/* A name that nobody else has, and that is the same for the same: of the snapshot before, and the migration. */
static const char *
uuid_of(gw_arena *a, const char *before, const char *tag)
{
    const char *const hex = gw_sha256_hex(a, gw_str_of(gw_printf(a, "%s %s", before, tag)));
    return gw_printf(a, "%.8s-%.4s-4%.3s-a%.3s-%.12s", hex, hex + 8, hex + 12, hex + 15, hex + 18);
}

/* The snapshot before, under another id: what is written by hand is nothing that drizzle-kit would compare. */
static gw_rc
copy_snapshot(gw_arena *a, const gw_tree *t, const char *before, const char *tag, gw_str *out, gw_err *e)
{
    gw_json_node *root;
    gw_str text;
    gw_err missing = {0};
    const char *const file = gw_printf(a, "meta/%.*s_snapshot.json", (int)strcspn(before, "_"), before);
    if (t->read(t, a, file, &text, &missing) != GODWIT_OK)
        return fail_new(t, gw_printf(a, "there is no %s", file), e);
    GW_TRY(gw_json_read(a, gw_path_join(a, t->path, file), text, &root, e));
    const gw_json_node *const id = gw_json_get(root, "id");
    const gw_json_node *const before_id = gw_json_get(root, "prevId");
    if (id == NULL || before_id == NULL || id->kind != GW_JSON_TEXT || before_id->kind != GW_JSON_TEXT)
        return fail_new(t, gw_printf(a, "%s has no \"id\" and \"prevId\"", file), e);
    const char *const ids[] = {uuid_of(a, id->text, tag), id->text};
    const bool id_is_first = id->offset < before_id->offset;
    const gw_json_node *const first = id_is_first ? id : before_id, *const second = id_is_first ? before_id : id;
    gw_buf copy = gw_buf_new(a);
    gw_buf_add(&copy, gw_str_slice(text, 0, first->offset));
    gw_buf_printf(&copy, "\"%s\"", ids[!id_is_first]);
    gw_buf_add(&copy, gw_str_slice(text, first->end, second->offset));
    gw_buf_printf(&copy, "\"%s\"", ids[id_is_first]);
    gw_buf_add(&copy, gw_str_slice(text, second->end, text.len));
    *out = gw_buf_str(&copy);
    return GODWIT_OK;
}

/* With an entry more, as drizzle-kit would write it. */
static gw_rc
add_entry(gw_arena *a, const journal *j, const entry *last, const char *tag, const char *when, gw_str *out, gw_err *e)
{
    const gw_json_node *idx, *version;
    gw_buf text = gw_buf_new(a);
    GW_TRY(get(j, last->node, "idx", GW_JSON_NUMBER, &idx, e));
    GW_TRY(get(j, last->node, "version", GW_JSON_TEXT, &version, e));
    gw_buf_add(&text, gw_str_slice(j->text, 0, last->node->end));
    gw_buf_printf(
        &text,
        ",\n    {\n      \"idx\": %lld,\n      \"version\": \"%s\",\n      \"when\": %s,\n      \"tag\": \"%s\",\n"
        "      \"breakpoints\": true\n    }",
        strtoll(idx->text, NULL, 10) + 1, version->text, when, tag);
    gw_buf_add(&text, gw_str_slice(j->text, last->node->end, j->text.len));
    *out = gw_buf_str(&text);
    return GODWIT_OK;
}

static gw_rc
make(gw_arena *a, const gw_layout *l, const gw_layout_new *p, gw_layout_files *out, gw_err *e)
{
    journal j;
    entry last;
    gw_str snapshot, index;
    (void)l;
    if (p->tree == NULL) {
        *gw_vec_push(a, out) = (gw_layout_file){gw_printf(a, "%s_%s.sql", p->version, p->name), p->up, false};
        return GODWIT_OK;
    }
    if (claims(a, l, p->tree) == NULL)
        return fail_new(p->tree, "it is not there", e);
    GW_TRY(read_journal(a, p->tree, &j, e));
    if (j.entries->items.len == 0)
        return fail_new(p->tree, "it has no entry yet, and no snapshot", e);
    GW_TRY(read_entry(&j, j.entries->items.at[j.entries->items.len - 1], &last, e));
    const bool has_number = last.tag[0] != '_';
    const char *const tag = gw_printf(a, "%s_%s", has_number ? p->version : "", p->name);
    const long long before = strtoll(last.when, NULL, 10);
    const long long now = p->now_ms > before ? p->now_ms : before + 1;
    GW_TRY(copy_snapshot(a, p->tree, last.tag, tag, &snapshot, e));
    GW_TRY(add_entry(a, &j, &last, tag, gw_printf(a, "%lld", now), &index, e));
    *gw_vec_push(a, out) = (gw_layout_file){gw_printf(a, "%s.sql", tag), p->up, false};
    *gw_vec_push(a, out) =
        (gw_layout_file){gw_printf(a, "meta/%s_snapshot.json", has_number ? p->version : ""), snapshot, !has_number};
    *gw_vec_push(a, out) = (gw_layout_file){file_name, index, true};
    return GODWIT_OK;
}

/* ---- a new folder ---- */

static const struct {
    const char *name, *version; /* of the entries, as drizzle-kit 0.31 has them */
} by_dialect[] = {[GW_DIALECT_POSTGRES] = {"postgresql", "7"},
                  [GW_DIALECT_MYSQL] = {"mysql", "5"},
                  [GW_DIALECT_SQLITE] = {"sqlite", "6"}};

/* Their times only say their order: what drizzle-kit generates later comes behind them. */
static void
make_index(gw_arena *a, const gw_layout_index *p, gw_layout_files *out)
{
    const long long year_2000 = 946684800000;
    gw_buf text = gw_buf_new(a);
    gw_buf_printf(&text, "{\n  \"version\": \"7\",\n  \"dialect\": \"%s\",\n  \"entries\": [",
                  by_dialect[p->dialect].name);
    for (size_t i = 0; i < p->count; i++)
        gw_buf_printf(&text,
                      "%s\n    {\n      \"idx\": %zu,\n      \"version\": \"%s\",\n      \"when\": %lld,\n"
                      "      \"tag\": \"%s_%s\",\n      \"breakpoints\": true\n    }",
                      i == 0 ? "" : ",", i, by_dialect[p->dialect].version, year_2000 + (long long)i * 1000,
                      p->all[i].version, p->all[i].name);
    gw_buf_puts(&text, p->count == 0 ? "]\n}\n" : "\n  ]\n}\n");
    *gw_vec_push(a, out) = (gw_layout_file){file_name, gw_buf_str(&text), false};
}

static const char *const indexes[] = {file_name, NULL};

const gw_layout gw_layout_journal = {.name = "drizzle-journal",
                                     .example = "0000_create_users.sql",
                                     .evidence = GW_KNOWN_BY_FOLDERS,
                                     .keeps_order = true,
                                     .tx_mark = GW_TX_MARK_NONE,
                                     .dress = &gw_nested_dress,
                                     .is_mark = gw_nested_is_mark,
                                     .is_linked = true,
                                     .claims = claims,
                                     .indexes = indexes,
                                     .is_listed = true,
                                     .fits = fits,
                                     .list = list,
                                     .frame = gw_nested_frame,
                                     .make = make,
                                     .index = make_index};
