#include "migration/flyway.h"

#include <string.h>

#include "migration/flat.h"
#include "migration/keyfile.h"
#include "migration/version.h"

/* ---- names ---- */

static const struct {
    char letter;
    gw_way way;
    gw_file_kind kind;
} letters[] = {
    {'V', GW_WAY_UP, GW_FILE_VERSIONED},
    {'U', GW_WAY_DOWN, GW_FILE_VERSIONED},
    {'R', GW_WAY_UP, GW_FILE_REPEATABLE},
    {'B', GW_WAY_UP, GW_FILE_CHECKPOINT},
};

static gw_str
base_of(const char *file)
{
    const char *const slash = strrchr(file, '/');
    return gw_str_of(slash == NULL ? file : slash + 1);
}

/* "1_02_0" → "1.2": the reason why not, or NULL. */
static const char *
read_version(gw_arena *a, gw_str text, const char **out)
{
    gw_buf version = gw_buf_new(a);
    size_t counted = 0;
    for (size_t i = 0; i < text.len;) {
        size_t end = i;
        while (end < text.len && text.ptr[end] >= '0' && text.ptr[end] <= '9')
            end++;
        if (end == i || (end < text.len && text.ptr[end] != '.' && text.ptr[end] != '_') || end + 1 == text.len)
            return "its version is to be numbers with '.' or '_' between them";
        if (i > 0)
            gw_buf_putc(&version, '.');
        const gw_str part = gw_version_key(a, gw_str_slice(text, i, end));
        gw_buf_add(&version, part);
        counted = gw_str_is(part, "0") && i > 0 ? counted : version.len;
        i = end + 1;
    }
    if (counted == 0)
        return "a version is missing behind its first letter";
    *out = gw_strdup(a, gw_str_slice(gw_buf_str(&version), 0, counted));
    return NULL;
}

/* One that begins with a letter of Flyway's and has "__"; false: another. *reason: what is wrong with it; NULL nothing. */
static bool
read_name(gw_arena *a, const char *file, gw_listed *out, const char **reason)
{
    gw_str name = base_of(file);
    const char *version = NULL;
    size_t i = 0;
    if (!gw_flat_strip(&name, ".sql"))
        return false;
    while (i < sizeof(letters) / sizeof(letters[0]) && (name.len == 0 || letters[i].letter != name.ptr[0]))
        i++;
    const char *const separator = name.len == 0 ? NULL : memmem(name.ptr, name.len, "__", 2);
    if (i == sizeof(letters) / sizeof(letters[0]) || separator == NULL)
        return false;
    const gw_str number = {name.ptr + 1, (size_t)(separator - name.ptr - 1)};
    const bool is_repeatable = letters[i].kind == GW_FILE_REPEATABLE;
    *out = (gw_listed){.file = file, .way = letters[i].way, .kind = letters[i].kind};
    *reason = is_repeatable ? number.len > 0 ? "a repeatable migration has no version: R__name.sql" : NULL
                            : read_version(a, number, &version);
    out->name = gw_strdup(a, (gw_str){separator + 2, (size_t)(name.ptr + name.len - separator - 2)});
    if (*reason == NULL && out->name[0] == '\0')
        *reason = "a description is missing behind '__'";
    if (*reason != NULL)
        return true;
    out->version = is_repeatable                           ? gw_strdup(a, name)
                   : letters[i].kind == GW_FILE_CHECKPOINT ? gw_printf(a, "B%s", version)
                                                           : version;
    return true;
}

static const char *
claims_in(gw_arena *a, const gw_dir_entries *entries, const char *below)
{
    for (size_t i = 0; i < entries->len; i++) {
        gw_listed one;
        const char *reason;
        if (!entries->at[i].is_dir && read_name(a, entries->at[i].name, &one, &reason) && reason == NULL &&
            one.kind != GW_FILE_REPEATABLE && one.way == GW_WAY_UP)
            return gw_printf(a, "%s%s", below, entries->at[i].name);
    }
    return NULL;
}

/* Where SQL lies in the folder, that tells; else one floor down, and no further: it may be any folder. */
static const char *
claims(gw_arena *a, const gw_layout *l, const gw_tree *t)
{
    const char *found = claims_in(a, &t->entries, "");
    bool has_sql = false;
    (void)l;
    for (size_t i = 0; i < t->entries.len; i++)
        has_sql = has_sql || gw_str_ends(gw_str_of(t->entries.at[i].name), ".sql");
    for (size_t i = 0; found == NULL && !has_sql && i < t->entries.len; i++) {
        gw_dir_entries within = {0};
        gw_err ignored = {0};
        const gw_dir_entry *const entry = &t->entries.at[i];
        if (entry->is_dir && entry->name[0] != '.' && t->list(t, a, entry->name, &within, &ignored) == GODWIT_OK)
            found = claims_in(a, &within, gw_printf(a, "%s/", entry->name));
    }
    return found;
}

/* ---- what Flyway does, and godwit does not ---- */

static bool
is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* "beforeMigrate.sql", "afterEachMigrate__grants.sql", "createSchema.sql" */
static bool
is_callback(gw_str name)
{
    static const char *const begins[] = {"before", "after", "create"};
    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
        if (gw_str_starts(name, begins[i]) && name.len > strlen(begins[i]) && is_upper(name.ptr[strlen(begins[i])]))
            return true;
    return false;
}

/* Scripts and classes: "V2__x.java", "R__x.py". */
static bool
is_program(gw_str name)
{
    static const char *const suffixes[] = {".java", ".class", ".kt", ".py", ".sh", ".bash", ".ps1", ".bat", ".cmd"};
    const bool has_letter =
        name.len > 1 && strchr("VURB", name.ptr[0]) != NULL && memmem(name.ptr, name.len, "__", 2) != NULL;
    for (size_t i = 0; has_letter && i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (gw_str_ends(name, suffixes[i]))
            return true;
    return false;
}

/* The reason why a file that is no migration cannot stay; NULL: it is foreign, and harmless. */
static const char *
refused_as(const char *file)
{
    const gw_str name = base_of(file);
    const bool is_sql = gw_str_ends(name, ".sql");
    if (is_program(name))
        return "it is a program of Flyway's, and godwit runs SQL";
    if (is_sql && is_callback(name))
        return "it is a callback of Flyway, which godwit does not run: hooks and R__ files do such things here";
    return is_sql ? "its name is not V1__name.sql, U1__name.sql, R__name.sql or B1__name.sql" : NULL;
}

/* ---- V1__x.sql.conf ---- */

static gw_rc
read_line(const gw_keyfile *conf, const gw_keyline *line, gw_listed *out, gw_err *e)
{
    bool is_on = true;
    if (gw_str_is(line->key, "executeInTransaction")) {
        GW_TRY(gw_keyfile_switch(conf, line, &is_on, e));
        out->tx = is_on ? GW_TX_AUTO : GW_TX_NONE;
        return GODWIT_OK;
    }
    if (gw_str_is(line->key, "placeholderReplacement")) {
        GW_TRY(gw_keyfile_switch(conf, line, &is_on, e));
        out->is_literal = !is_on;
        return GODWIT_OK;
    }
    if (gw_str_is(line->key, "encoding") &&
        (gw_str_is_nocase(line->value, "utf-8") || gw_str_is_nocase(line->value, "utf8")))
        return GODWIT_OK;
    (void)gw_keyfile_fail(conf, line->key, e, "godwit does not carry out Flyway's '%.*s = %.*s'", GW_STR_ARG(line->key),
                          GW_STR_ARG(line->value));
    return gw_err_hint(e, "it knows executeInTransaction, placeholderReplacement, and encoding = UTF-8");
}

static gw_rc
read_conf(gw_arena *a, const gw_tree *t, gw_listed *out, gw_err *e)
{
    gw_str text;
    gw_keyfile conf;
    const char *const file = gw_printf(a, "%s.conf", out->file);
    GW_TRY(t->read(t, a, file, &text, e));
    GW_TRY(gw_keyfile_read(a, gw_path_join(a, t->path, file), text, &conf, e));
    out->beside = file;
    for (size_t i = 0; i < conf.lines.len; i++)
        GW_TRY(read_line(&conf, &conf.lines.at[i], out, e));
    return GODWIT_OK;
}

/* ---- what is in the folder ---- */

static gw_str
number_of(const gw_listed *l)
{
    return gw_str_of(l->version + (l->kind == GW_FILE_CHECKPOINT));
}

/* A checkpoint comes behind what it stands for, repeatable ones behind all. */
static int
by_version(const void *left, const void *right)
{
    const gw_listed *const a = left;
    const gw_listed *const b = right;
    const bool one_is = a->kind == GW_FILE_REPEATABLE, other_is = b->kind == GW_FILE_REPEATABLE;
    if (one_is || other_is)
        return one_is && other_is ? strcmp(a->name, b->name) : one_is - other_is;
    const int order = gw_version_compare(number_of(a), number_of(b));
    if (order != 0)
        return order;
    return a->kind != b->kind ? (a->kind > b->kind) - (a->kind < b->kind) : strcmp(a->file, b->file);
}

static gw_rc
list(gw_arena *a, const gw_layout *l, const gw_tree *t, gw_listing *out, gw_err *e)
{
    gw_tree_files files = {0};
    GW_TRY(gw_tree_walk(a, t, "", &files, e));
    for (size_t i = 0; i < files.len; i++) {
        gw_listed one;
        const char *reason = NULL;
        const bool is_one = read_name(a, files.at[i], &one, &reason);
        reason = is_one ? reason : refused_as(files.at[i]);
        if (reason != NULL)
            return gw_flat_fail(l, t, files.at[i], reason, e);
        if (!is_one)
            continue;
        if (i + 1 < files.len && strcmp(files.at[i + 1], gw_printf(a, "%s.conf", files.at[i])) == 0)
            GW_TRY(read_conf(a, t, &one, e));
        *gw_vec_push(a, out) = one;
    }
    gw_sort(out->at, out->len, sizeof(*out->at), by_version);
    return GODWIT_OK;
}

/* ---- what of a text is run ---- */

static bool
is_word(char c)
{
    return (c >= 'a' && c <= 'z') || is_upper(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' ||
           c == ':';
}

/* Flyway replaces them everywhere, also in comments and texts. */
static gw_rc
frame(gw_arena *a, const gw_frame_params *p, gw_frame *out, gw_err *e)
{
    (void)a;
    *out = (gw_frame){.is_there = true, .text = p->text};
    for (size_t at = 0; !p->is_literal && at + 2 < p->text.len; at++) {
        if (p->text.ptr[at] != '$' || p->text.ptr[at + 1] != '{')
            continue;
        size_t end = at + 2;
        while (end < p->text.len && is_word(p->text.ptr[end]))
            end++;
        if (end == at + 2 || end == p->text.len || p->text.ptr[end] != '}')
            continue;
        (void)gw_fail(e, GODWIT_FOLDER, "%.*s is a placeholder of Flyway, whose value godwit does not know",
                      GW_STR_ARG(gw_str_slice(p->text, at, end + 1)));
        (void)gw_err_at(e, p->path, p->text, at);
        return gw_err_hint(e, "write the value; where it is meant as it stands, say placeholderReplacement=false in a "
                              "file of the same name and .conf, as Flyway wants it too");
    }
    return GODWIT_OK;
}

/* ---- a new one ---- */

static char
letter_of(gw_file_kind kind)
{
    size_t i = 0;
    while (letters[i].kind != kind)
        i++;
    return letters[i].letter;
}

static bool
has_placeholder(gw_str text)
{
    return text.len > 0 && memmem(text.ptr, text.len, "${", 2) != NULL;
}

/* What looks like a placeholder in a text that comes from elsewhere is none. */
static void
add_file(gw_arena *a, const gw_layout_new *p, const char *file, gw_way way, gw_layout_files *out)
{
    const bool is_literal = p->tree == NULL && (has_placeholder(p->up) || has_placeholder(p->down));
    const char *const tx = p->tx[GW_WAY_UP] == GW_TX_NONE ? "executeInTransaction=false\n" : "";
    const gw_str conf = gw_str_of(gw_printf(a, "%s%s", tx, is_literal ? "placeholderReplacement=false\n" : ""));
    *gw_vec_push(a, out) = (gw_layout_file){file, way == GW_WAY_UP ? p->up : p->down, false, way};
    if (conf.len > 0)
        *gw_vec_push(a, out) = (gw_layout_file){gw_printf(a, "%s.conf", file), conf, false};
}

static gw_rc
make(gw_arena *a, const gw_layout *l, const gw_layout_new *p, gw_layout_files *out, gw_err *e)
{
    (void)l;
    (void)e;
    const char *const version = p->kind == GW_FILE_REPEATABLE ? "" : p->version;
    add_file(a, p, gw_printf(a, "%c%s__%s.sql", letter_of(p->kind), version, p->name), GW_WAY_UP, out);
    if (p->down.ptr != NULL)
        add_file(a, p, gw_printf(a, "U%s__%s.sql", version, p->name), GW_WAY_DOWN, out);
    return GODWIT_OK;
}

static const gw_dress dress = {.has_client_delimiter = true, .names_checkpoint = true};

const gw_layout gw_layout_flyway = {.name = "flyway",
                                    .example = "V1__create_users.sql",
                                    .evidence = GW_KNOWN_BY_MARKS,
                                    .keeps_order = true,
                                    .versions = GW_VERSIONS_DOTTED,
                                    .parts = GW_PART_DOWN | GW_PART_REPEATABLE | GW_PART_CHECKPOINT,
                                    .tx_mark = GW_TX_MARK_BOTH,
                                    .dress = &dress,
                                    .claims = claims,
                                    .list = list,
                                    .frame = frame,
                                    .make = make};
