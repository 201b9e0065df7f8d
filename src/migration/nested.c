#include "migration/nested.h"

#include <string.h>

#include "migration/flat.h"
#include "migration/keyfile.h"

static const char lock_file[] = "migration_lock.toml";

static const char *
up_of(const gw_layout *l)
{
    return l == &gw_layout_diesel ? "up.sql" : "migration.sql";
}

static bool
holds(const gw_dir_entries *entries, const char *name)
{
    for (size_t i = 0; i < entries->len; i++)
        if (!entries->at[i].is_dir && strcmp(entries->at[i].name, name) == 0)
            return true;
    return false;
}

/* Where it cannot be listed, nothing is in it: who lists it again says why. */
static bool
folder_holds(gw_arena *a, const gw_tree *t, const char *folder, const char *name)
{
    gw_dir_entries entries = {0};
    gw_err e = {0};
    return t->list(t, a, folder, &entries, &e) == GODWIT_OK && holds(&entries, name);
}

/* ---- which one it is ---- */

/* The first folder that begins with a digit and holds both; `other` may be NULL. */
static const char *
find_folder(gw_arena *a, const gw_tree *t, const char *name, const char *other)
{
    for (size_t i = 0; i < t->entries.len; i++) {
        const gw_dir_entry *const entry = &t->entries.at[i];
        if (entry->is_dir && gw_is_digit(entry->name[0]) && folder_holds(a, t, entry->name, name) &&
            (other == NULL || folder_holds(a, t, entry->name, other)))
            return gw_printf(a, "%s/%s", entry->name, other == NULL ? name : other);
    }
    return NULL;
}

/* A migration without a snapshot is one that was written by hand: it tells nothing where Prisma's own file does. */
static const char *
drizzle_claims(gw_arena *a, const gw_layout *l, const gw_tree *t)
{
    if (gw_tree_has_folder(t, "meta") && folder_holds(a, t, "meta", "_journal.json"))
        return NULL;
    return find_folder(a, t, up_of(l), gw_tree_has_file(t, lock_file) ? "snapshot.json" : NULL);
}

static const char *
prisma_claims(gw_arena *a, const gw_layout *l, const gw_tree *t)
{
    (void)a;
    (void)l;
    return gw_tree_has_file(t, lock_file) ? lock_file : NULL;
}

static const char *
diesel_claims(gw_arena *a, const gw_layout *l, const gw_tree *t)
{
    return find_folder(a, t, up_of(l), NULL);
}

/* ---- what is in it ---- */

/* What stands in a diesel's metadata.toml; a file that does not say it means that there is no transaction. */
static gw_rc
read_metadata(gw_arena *a, const gw_tree *t, const char *folder, gw_listed *out, gw_err *e)
{
    const char *const file = gw_printf(a, "%s/metadata.toml", folder);
    gw_str text;
    gw_keyfile metadata;
    bool is_in_transaction = false;
    GW_TRY(t->read(t, a, file, &text, e));
    GW_TRY(gw_keyfile_read(a, gw_path_join(a, t->path, file), text, &metadata, e));
    for (size_t i = 0; i < metadata.lines.len; i++) {
        const gw_keyline *const line = &metadata.lines.at[i];
        if (line->section.len > 0 || !gw_str_is(line->key, "run_in_transaction"))
            return gw_keyfile_fail(&metadata, line->key, e,
                                   "diesel has no '%.*s' here: run_in_transaction was expected", GW_STR_ARG(line->key));
        GW_TRY(gw_keyfile_switch(&metadata, line, &is_in_transaction, e));
    }
    out->tx = is_in_transaction ? GW_TX_AUTO : GW_TX_NONE;
    out->beside = file;
    return GODWIT_OK;
}

/* "20260326170903_name", diesel's "2026-03-26-170903_name": the reason why not, or NULL. */
static const char *
read_name(gw_arena *a, const gw_layout *l, const char *folder, gw_listed *out)
{
    const bool has_dashes = l == &gw_layout_diesel;
    gw_buf version = gw_buf_new(a);
    gw_str name;
    const gw_str number = gw_str_cut(gw_str_of(folder), '_', &name);
    for (size_t i = 0; i < number.len; i++)
        if (gw_is_digit(number.ptr[i]))
            gw_buf_putc(&version, number.ptr[i]);
        else if (!has_dashes || number.ptr[i] != '-')
            return "its name does not begin with a version number and '_'";
    if (version.len == 0 || name.len == 0)
        return "its name is to be a version number, '_' and a few words";
    out->version = gw_strdup(a, gw_buf_str(&version));
    out->name = gw_strdup(a, name);
    return NULL;
}

/* The same where a view of the version is enough. */
static gw_name
read_nested(gw_str path)
{
    static const struct {
        const char *file;
        gw_name_kind kind;
    } files[] = {{"migration.sql", GW_NAME_UP}, {"down.sql", GW_NAME_DOWN}, {"verify.sql", GW_NAME_VERIFY}};
    gw_str file, name;
    const gw_str version = gw_str_cut(gw_str_cut(path, '/', &file), '_', &name);
    for (size_t i = 0; i < version.len; i++)
        if (!gw_is_digit(version.ptr[i]))
            return (gw_name){.kind = GW_NAME_FOREIGN};
    for (size_t i = 0; version.len > 0 && name.len > 0 && i < sizeof(files) / sizeof(files[0]); i++)
        if (gw_str_is(file, files[i].file))
            return (gw_name){.kind = files[i].kind, .version = version, .name = name};
    return (gw_name){.kind = GW_NAME_FOREIGN};
}

static const struct {
    const char *file;
    gw_way way;
} other_ways[] = {{"down.sql", GW_WAY_DOWN}, {"verify.sql", GW_WAY_VERIFY}};

/* A file of a migration's folder. */
static gw_rc
list_file(gw_arena *a, const gw_layout *l, const gw_tree *t, const char *folder, const char *file,
          const gw_listed *like, gw_listing *out, gw_err *e)
{
    gw_listed one = *like;
    one.file = gw_printf(a, "%s/%s", folder, file);
    bool is_known = strcmp(file, up_of(l)) == 0;
    for (size_t i = 0; i < sizeof(other_ways) / sizeof(other_ways[0]); i++)
        if (strcmp(file, other_ways[i].file) == 0) {
            one.way = other_ways[i].way;
            is_known = true;
        }
    if (is_known)
        *gw_vec_push(a, out) = one;
    else if (gw_str_ends(gw_str_of(file), ".sql"))
        return gw_flat_fail(l, t, one.file, "the layout has no such file, and nobody would run it", e);
    return GODWIT_OK;
}

static gw_rc
list_folder(gw_arena *a, const gw_layout *l, const gw_tree *t, const char *folder, gw_listing *out, gw_err *e)
{
    gw_dir_entries entries = {0};
    gw_listed like = {0};
    GW_TRY(t->list(t, a, folder, &entries, e));
    const bool is_there = holds(&entries, up_of(l));
    if (!is_there && !gw_is_digit(folder[0]))
        return GODWIT_OK;
    const char *const reason = read_name(a, l, folder, &like);
    if (reason != NULL)
        return gw_flat_fail(l, t, folder, reason, e);
    if (!is_there)
        return gw_flat_fail(l, t, folder, gw_printf(a, "it holds no %s", up_of(l)), e);
    if (l == &gw_layout_diesel && holds(&entries, "metadata.toml"))
        GW_TRY(read_metadata(a, t, folder, &like, e));
    for (size_t i = 0; i < entries.len; i++)
        if (!entries.at[i].is_dir)
            GW_TRY(list_file(a, l, t, folder, entries.at[i].name, &like, out, e));
    return GODWIT_OK;
}

/* diesel compares versions as texts, where 20240306170000 comes before 20240313. */
static int
by_version_text(const void *left, const void *right)
{
    const gw_listed *const a = left;
    const gw_listed *const b = right;
    const int order = strcmp(a->version, b->version);
    return order != 0 ? order : strcmp(a->file, b->file);
}

/* The order is that of the names, as texts. */
static gw_rc
nested_list(gw_arena *a, const gw_layout *l, const gw_tree *t, gw_listing *out, gw_err *e)
{
    for (size_t i = 0; i < t->entries.len; i++) {
        const gw_dir_entry *const entry = &t->entries.at[i];
        if (entry->is_dir && entry->name[0] != '.')
            GW_TRY(list_folder(a, l, t, entry->name, out, e));
        else if (!entry->is_dir && entry->name[0] != '.' && gw_str_ends(gw_str_of(entry->name), ".sql"))
            return gw_flat_fail(l, t, entry->name, "in this layout each migration has a folder of its own", e);
    }
    if (l == &gw_layout_diesel)
        gw_sort(out->at, out->len, sizeof(*out->at), by_version_text);
    return GODWIT_OK;
}

/* ---- Prisma's lock file ---- */

static const struct {
    const char *provider;
    gw_dialect_kind dialect;
} providers[] = {{"postgresql", GW_DIALECT_POSTGRES},
                 {"postgres", GW_DIALECT_POSTGRES},
                 {"cockroachdb", GW_DIALECT_POSTGRES},
                 {"mysql", GW_DIALECT_MYSQL},
                 {"sqlite", GW_DIALECT_SQLITE}};

static gw_rc
prisma_fits(gw_arena *a, const gw_tree *t, gw_dialect_kind dialect, gw_err *e)
{
    gw_str text;
    gw_keyfile lock;
    if (!gw_tree_has_file(t, lock_file))
        return GODWIT_OK;
    GW_TRY(t->read(t, a, lock_file, &text, e));
    GW_TRY(gw_keyfile_read(a, gw_path_join(a, t->path, lock_file), text, &lock, e));
    const gw_keyline *const line = gw_keyfile_find(&lock, "", "provider");
    if (line == NULL)
        return gw_keyfile_fail(&lock, text, e, "a line 'provider = \"…\"' was expected");
    for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++)
        if (gw_str_is(line->value, providers[i].provider) && providers[i].dialect == dialect)
            return GODWIT_OK;
    (void)gw_keyfile_fail(&lock, line->value.len > 0 ? line->value : line->key, e,
                          "these migrations are written for %.*s, and the database is another",
                          GW_STR_ARG(line->value));
    return gw_err_hint(e, "name the database that they are for with --url, or another folder with --dir");
}

/* ---- what of a text is run ---- */

/* What `drizzle-kit pull` writes first: a schema that is there, in one block comment. */
static bool
is_one_comment(gw_str text)
{
    text = gw_str_trim(text);
    while (gw_str_starts(text, "--"))
        text = gw_str_cut(text, '\n', &text).ptr == NULL ? (gw_str){0} : gw_str_trim(text);
    if (text.len < 4 || !gw_str_starts(text, "/*") || text.ptr[2] == '!' || !gw_str_ends(text, "*/"))
        return false;
    return memmem(text.ptr, text.len - 2, "*/", 2) == NULL;
}

static const gw_str breakpoint = GW_STR_LIT("--> statement-breakpoint");

bool
gw_nested_is_mark(gw_str line)
{
    return memmem(line.ptr, line.len, breakpoint.ptr, breakpoint.len) != NULL;
}

const gw_dress gw_nested_dress = {.between = "--> statement-breakpoint"};

/* The mark ends a statement, and is none of SQL's: MySQL takes "-->" for two signs. */
gw_rc
gw_nested_frame(gw_arena *a, const gw_frame_params *p, gw_frame *out, gw_err *e)
{
    const gw_str mark = breakpoint;
    (void)e;
    *out = (gw_frame){.is_there = true, .text = p->text, .may_be_empty = is_one_comment(p->text)};
    char *copy = NULL;
    size_t at = 0;
    for (const char *hit; (hit = memmem(p->text.ptr + at, p->text.len - at, mark.ptr, mark.len)) != NULL;) {
        at = (size_t)(hit - p->text.ptr);
        copy = copy == NULL ? gw_strdup(a, p->text) : copy;
        memset(copy + at, ' ', mark.len);
        copy[at] = ';';
        at += mark.len;
    }
    if (copy != NULL)
        out->text.ptr = copy;
    return GODWIT_OK;
}

/* ---- a new one ---- */

static void
add_way(gw_arena *a, const gw_layout_new *p, const char *file, gw_way way, gw_layout_files *out)
{
    const gw_str texts[GW_WAY_COUNT] = {[GW_WAY_UP] = p->up, [GW_WAY_DOWN] = p->down, [GW_WAY_VERIFY] = p->verify};
    if (texts[way].ptr != NULL)
        *gw_vec_push(a, out) =
            (gw_layout_file){gw_printf(a, "%s_%s/%s", p->version, p->name, file), texts[way], false, way};
}

/* A way back is godwit's own. */
static gw_rc
make_migration(gw_arena *a, const gw_layout *l, const gw_layout_new *p, gw_layout_files *out, gw_err *e)
{
    (void)e;
    add_way(a, p, up_of(l), GW_WAY_UP, out);
    if (!p->is_draft)
        add_way(a, p, "down.sql", GW_WAY_DOWN, out);
    add_way(a, p, "verify.sql", GW_WAY_VERIFY, out);
    return GODWIT_OK;
}

/* As diesel names its own: the day and the time apart. */
static const char *
dashed(gw_arena *a, const char *version)
{
    if (strlen(version) != 14)
        return version;
    return gw_printf(a, "%.4s-%.2s-%.2s-%.6s", version, version + 4, version + 6, version + 8);
}

static gw_rc
make_diesel(gw_arena *a, const gw_layout *l, const gw_layout_new *p, gw_layout_files *out, gw_err *e)
{
    gw_layout_new dated = *p;
    dated.version = dashed(a, p->version);
    (void)e;
    add_way(a, &dated, up_of(l), GW_WAY_UP, out);
    add_way(a, &dated, "down.sql", GW_WAY_DOWN, out);
    add_way(a, &dated, "verify.sql", GW_WAY_VERIFY, out);
    if (p->tx[GW_WAY_UP] == GW_TX_NONE)
        *gw_vec_push(a, out) = (gw_layout_file){gw_printf(a, "%s_%s/metadata.toml", dated.version, p->name),
                                                GW_STR_LIT("run_in_transaction = false\n"), false, GW_WAY_UP};
    return GODWIT_OK;
}

static void
index_prisma(gw_arena *a, const gw_layout_index *p, gw_layout_files *out)
{
    const char *provider = NULL;
    for (size_t i = 0; provider == NULL; i++)
        provider = providers[i].dialect == p->dialect ? providers[i].provider : NULL;
    const char *const text = gw_printf(a, "provider = \"%s\"\n", provider);
    *gw_vec_push(a, out) = (gw_layout_file){lock_file, gw_str_of(text), false};
}

const gw_layout gw_layout_drizzle = {.name = "drizzle",
                                     .example = "20260326170903_create_users/migration.sql",
                                     .evidence = GW_KNOWN_BY_FOLDERS,
                                     .keeps_order = true,
                                     .has_folders = true,
                                     .has_gaps = true,
                                     .versions = GW_VERSIONS_TIMES,
                                     .parts = GW_PART_DOWN | GW_PART_VERIFY,
                                     .tx_mark = GW_TX_MARK_NONE,
                                     .dress = &gw_nested_dress,
                                     .is_mark = gw_nested_is_mark,
                                     .claims = drizzle_claims,
                                     .read_nested = read_nested,
                                     .list = nested_list,
                                     .frame = gw_nested_frame,
                                     .make = make_migration};

static const char *const prisma_indexes[] = {"migration_lock.toml", NULL};

const gw_layout gw_layout_prisma = {.name = "prisma",
                                    .example = "20260326170903_create_users/migration.sql",
                                    .evidence = GW_KNOWN_BY_FOLDERS,
                                    .keeps_order = true,
                                    .has_folders = true,
                                    .has_gaps = true,
                                    .parts = GW_PART_DOWN | GW_PART_VERIFY,
                                    .claims = prisma_claims,
                                    .fits = prisma_fits,
                                    .read_nested = read_nested,
                                    .list = nested_list,
                                    .indexes = prisma_indexes,
                                    .make = make_migration,
                                    .index = index_prisma};

const gw_layout gw_layout_diesel = {.name = "diesel",
                                    .example = "2026-03-26-170903_create_users/up.sql",
                                    .evidence = GW_KNOWN_BY_FOLDERS,
                                    .keeps_order = true,
                                    .has_folders = true,
                                    .has_gaps = true,
                                    .parts = GW_PART_DOWN | GW_PART_VERIFY,
                                    .tx_mark = GW_TX_MARK_BOTH,
                                    .claims = diesel_claims,
                                    .list = nested_list,
                                    .make = make_diesel};
