#include "migration/graphile.h"

#include <string.h>

#include "base/digest.h"
#include "migration/flat.h"
#include "migration/version.h"
#include "sql/lex.h"

static const char committed[] = "committed";
static const char none[] = "-"; /* before the first */

/* ---- names ---- */

static bool
is_word(char c)
{
    return gw_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* "000001.sql", "000001-create-users.sql" */
static gw_name
read_name(gw_str file)
{
    if (!gw_str_ends(file, ".sql"))
        return (gw_name){.kind = GW_NAME_FOREIGN};
    const gw_str stem = gw_str_slice(file, 0, file.len - 4);
    size_t digits = 0;
    while (digits < stem.len && gw_is_digit(stem.ptr[digits]))
        digits++;
    bool is_good = digits > 0 && (digits == stem.len || stem.ptr[digits] == '-');
    for (size_t i = digits; i < stem.len; i++)
        is_good = is_good && (is_word(stem.ptr[i]) || stem.ptr[i] == '-');
    if (!is_good)
        return gw_flat_wrong("a committed migration is called 000001.sql or 000001-some-words.sql");
    return (gw_name){.kind = GW_NAME_UP,
                     .version = gw_str_slice(stem, 0, digits),
                     .name = gw_str_slice(stem, digits + (digits < stem.len), stem.len)};
}

/* ---- headers ---- */

typedef struct header {
    gw_str previous, hash; /* views into the text; ptr NULL: not there */
    bool may_differ;       /* AllowInvalidHash */
    size_t end;            /* of its lines */
    gw_str body;
} header;

/* "--! Key: value", "--! Key": a capital begins it. */
static bool
take_header(gw_str line, gw_str *key, gw_str *value)
{
    static const char mark[] = "--! ";
    if (!gw_str_starts(line, mark) || line.len == strlen(mark) || line.ptr[strlen(mark)] < 'A' ||
        line.ptr[strlen(mark)] > 'Z')
        return false;
    const gw_str rest = gw_str_slice(line, strlen(mark), line.len);
    size_t end = 0;
    while (end < rest.len && is_word(rest.ptr[end]))
        end++;
    *key = gw_str_slice(rest, 0, end);
    *value = gw_str_trim(gw_str_slice(rest, end + (end < rest.len), rest.len));
    return end == rest.len || rest.ptr[end] == ':';
}

static gw_rc
fail_at(const char *path, gw_str text, size_t at, gw_err *e)
{
    return gw_err_at(e, path, text, at);
}

static gw_rc
fail_missing(const char *path, gw_str text, const header *h, const char *key, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "the line `--! %s: …` is missing in the head of a committed migration", key);
    (void)fail_at(path, text, h->end, e);
    return gw_err_hint(e, "graphile-migrate writes it: `graphile-migrate commit`");
}

static gw_rc
check_header(const char *path, gw_str text, const header *h, gw_err *e)
{
    if (h->previous.ptr == NULL)
        return fail_missing(path, text, h, "Previous", e);
    if (h->hash.ptr == NULL)
        return fail_missing(path, text, h, "Hash", e);
    if (h->end < text.len && text.ptr[h->end] == '\n')
        return GODWIT_OK;
    const bool is_cr = h->end < text.len && text.ptr[h->end] == '\r';
    (void)gw_fail(e, GODWIT_FOLDER, "%s",
                  is_cr ? "a line ends in CR LF, which the hash does not allow" : "an empty line must follow the head");
    (void)fail_at(path, text, h->end, e);
    return is_cr ? gw_err_hint(e, "git changed it: `committed/*.sql -text` in .gitattributes keeps it from that")
                 : e->rc;
}

static gw_rc
read_header(const char *path, gw_str text, header *out, gw_err *e)
{
    *out = (header){0};
    for (gw_str rest = text; rest.ptr != NULL;) {
        gw_str key, value;
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        if (!take_header(line, &key, &value))
            break;
        gw_str *const kept = gw_str_is(key, "Previous") ? &out->previous : gw_str_is(key, "Hash") ? &out->hash : NULL;
        if (kept != NULL && kept->ptr != NULL) {
            (void)gw_fail(e, GODWIT_FOLDER, "`--! %.*s` comes a second time", GW_STR_ARG(key));
            return fail_at(path, text, (size_t)(line.ptr - text.ptr), e);
        }
        if (kept != NULL)
            *kept = value;
        out->may_differ = out->may_differ || gw_str_is(key, "AllowInvalidHash");
        out->end = rest.ptr == NULL ? text.len : (size_t)(rest.ptr - text.ptr);
    }
    out->body = gw_str_trim(gw_str_slice(text, out->end, text.len));
    return check_header(path, text, out, e);
}

static char *
hash_of(gw_arena *a, gw_str previous, gw_str body)
{
    const gw_str before = gw_str_is(previous, none) ? (gw_str){"", 0} : previous;
    const gw_str both = gw_str_trim(gw_str_of(gw_printf(a, "%.*s\n%.*s", GW_STR_ARG(before), GW_STR_ARG(body))));
    return gw_printf(a, "sha1:%s", gw_sha1_hex(a, gw_str_of(gw_printf(a, "%.*s\n", GW_STR_ARG(both)))));
}

/* ---- a folder ---- */

/* Where the files are: "committed/", or "" in that folder itself. */
static gw_rc
list_files(gw_arena *a, const gw_tree *t, const char **below, gw_dir_entries *out, gw_err *e)
{
    const bool is_parent = gw_tree_has_folder(t, committed);
    *below = is_parent ? "committed/" : "";
    *out = (gw_dir_entries){0};
    if (is_parent)
        return t->list(t, a, committed, out, e);
    *out = t->entries;
    return GODWIT_OK;
}

static const char *
claims_graphile(gw_arena *a, const gw_layout *l, const gw_tree *t)
{
    gw_err unsaid = {0};
    const char *below;
    gw_dir_entries entries = {0};
    (void)l;
    if (t->read == NULL || list_files(a, t, &below, &entries, &unsaid) != GODWIT_OK)
        return NULL;
    for (size_t i = 0; i < entries.len; i++) {
        gw_str text;
        const char *const file = gw_printf(a, "%s%s", below, entries.at[i].name);
        if (entries.at[i].is_dir || read_name(gw_str_of(entries.at[i].name)).kind != GW_NAME_UP)
            continue;
        /* Of all files the first tells: each has the line. */
        return t->read(t, a, file, &text, &unsaid) == GODWIT_OK && gw_str_starts(text, "--! Previous:") ? file : NULL;
    }
    return NULL;
}

static int
by_number(const void *left, const void *right)
{
    return gw_version_compare(gw_str_of(((const gw_listed *)left)->version),
                              gw_str_of(((const gw_listed *)right)->version));
}

static gw_rc
fail_previous(const char *path, gw_str text, const header *h, gw_str before, const char *its, gw_err *e)
{
    if (its == NULL)
        (void)gw_fail(e, GODWIT_FOLDER, "this follows %.*s, and no migration is before it", GW_STR_ARG(h->previous));
    else
        (void)gw_fail(e, GODWIT_FOLDER, "this follows %.*s, and the hash of %s before it is %.*s",
                      GW_STR_ARG(h->previous), its, GW_STR_ARG(before));
    (void)fail_at(path, text, (size_t)(h->previous.ptr - text.ptr), e);
    return gw_err_hint(
        e, "a migration is missing, or two were committed at the same time: uncommit one, and commit it again");
}

/* *before is the hash of the one before it. */
static gw_rc
check_link(gw_arena *a, const gw_tree *t, const gw_listed *one, const char *its, gw_str *before, gw_err *e)
{
    header h;
    gw_str text;
    const char *const path = gw_path_join(a, t->path, one->file);
    GW_TRY(t->read(t, a, one->file, &text, e));
    GW_TRY(read_header(path, text, &h, e));
    if (!gw_str_eq(h.previous, *before))
        return fail_previous(path, text, &h, *before, its, e);
    const char *const hash = hash_of(a, h.previous, h.body);
    if (!gw_str_is(h.hash, hash) && !h.may_differ) {
        (void)gw_fail(e, GODWIT_FOLDER, "the text of %s has the hash %s, and its head says %.*s", one->file, hash,
                      GW_STR_ARG(h.hash));
        (void)fail_at(path, text, (size_t)(h.hash.ptr - text.ptr), e);
        return gw_err_hint(
            e, "it was edited after it was committed: restore it, or say `--! AllowInvalidHash` below the hash");
    }
    *before = h.hash;
    return GODWIT_OK;
}

static gw_rc
list_graphile(gw_arena *a, const gw_layout *l, const gw_tree *t, gw_listing *out, gw_err *e)
{
    const char *below;
    gw_dir_entries entries = {0};
    gw_str before = GW_STR_LIT("-");
    GW_TRY(list_files(a, t, &below, &entries, e));
    gw_tree inner = *t;
    inner.entries = entries;
    gw_listing found = {0};
    GW_TRY(gw_flat_list(a, l, &inner, &found, e));
    for (size_t i = 0; i < found.len; i++)
        found.at[i].file = gw_printf(a, "%s%s", below, found.at[i].file);
    gw_sort(found.at, found.len, sizeof(*found.at), by_number);
    for (size_t i = 0; i < found.len; i++)
        GW_TRY(check_link(a, t, &found.at[i], i == 0 ? NULL : found.at[i - 1].file, &before, e));
    *out = found;
    return GODWIT_OK;
}

/* ---- a text ---- */

/* At ':' behind something else than a name, a number or another ':': a slice and a cast are none. */
static bool
is_placeholder(gw_str text, size_t at)
{
    const bool follows = at > 0 && (is_word(text.ptr[at - 1]) || strchr(":)]", text.ptr[at - 1]) != NULL);
    size_t end = at + 1;
    while (end < text.len && is_word(text.ptr[end]) && (text.ptr[end] < 'a' || text.ptr[end] > 'z'))
        end++;
    return !follows && end > at + 2 && !gw_is_digit(text.ptr[at + 1]) && text.ptr[at + 1] != '_' &&
           (end == text.len || !is_word(text.ptr[end]));
}

/* In a string only those that are always there: "HH:MI" is none. */
static size_t
find_in_string(gw_str s)
{
    static const char *const known[] = {":DATABASE_NAME", ":DATABASE_OWNER"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const char *const hit = memmem(s.ptr, s.len, known[i], strlen(known[i]));
        if (hit != NULL)
            return (size_t)(hit - s.ptr);
    }
    return SIZE_MAX;
}

static gw_rc
check_placeholders(const gw_frame_params *p, gw_err *e)
{
    gw_lexer lexer = gw_lex(p->text, (gw_dialect){.kind = GW_DIALECT_POSTGRES});
    for (gw_token t = gw_lex_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lex_next(&lexer)) {
        const size_t from = (size_t)(t.text.ptr - p->text.ptr);
        const bool is_string = t.kind == GW_TOKEN_STRING || t.kind == GW_TOKEN_QUOTED;
        const size_t within = is_string ? find_in_string(t.text) : SIZE_MAX;
        const bool is_one = t.kind != GW_TOKEN_COMMENT && t.text.ptr[0] == ':' && is_placeholder(p->text, from);
        if (within == SIZE_MAX && !is_one)
            continue;
        (void)gw_fail(e, GODWIT_FOLDER, "this is a placeholder, which graphile-migrate fills in and godwit does not");
        (void)fail_at(p->path, p->text, from + (is_one ? 0 : within), e);
        return gw_err_hint(e, "write what it stands for, and `--! AllowInvalidHash` in the head");
    }
    return GODWIT_OK;
}

/* The first line behind the head. */
static bool
says_no_transaction(gw_str body)
{
    static const char words[] = "no-transaction";
    if (!gw_str_starts(body, "--!"))
        return false;
    const gw_str rest = gw_str_trim(gw_str_slice(body, 3, body.len));
    return gw_str_starts(rest, words) && (rest.len == strlen(words) || !is_word(rest.ptr[strlen(words)]));
}

static gw_rc
frame_graphile(gw_arena *a, const gw_frame_params *p, gw_frame *out, gw_err *e)
{
    header h;
    (void)a;
    *out = (gw_frame){.is_there = true, .text = p->text};
    GW_TRY(read_header(p->path, p->text, &h, e));
    out->tx = says_no_transaction(h.body) ? GW_TX_NONE : GW_TX_AUTO;
    return check_placeholders(p, e);
}

/* ---- what `new` writes ---- */

static gw_rc
last_hash(gw_arena *a, const gw_layout *l, const gw_tree *t, gw_str *out, gw_err *e)
{
    gw_listing all = {0};
    gw_str text;
    header h;
    *out = GW_STR_LIT("-");
    GW_TRY(list_graphile(a, l, t, &all, e));
    if (all.len == 0)
        return GODWIT_OK;
    const char *const file = all.at[all.len - 1].file;
    GW_TRY(t->read(t, a, file, &text, e));
    GW_TRY(read_header(gw_path_join(a, t->path, file), text, &h, e));
    *out = h.hash;
    return GODWIT_OK;
}

/* In a new folder, where the text is what it will be. */
static gw_rc
make_committed(gw_arena *a, const gw_layout_new *p, gw_layout_files *out, gw_err *e)
{
    header h = {.hash = GW_STR_LIT("-")};
    if (p->before != NULL)
        GW_TRY(read_header(p->before->file, p->before->text, &h, e));
    const char *const tx = p->tx[GW_WAY_UP] == GW_TX_NONE ? "--! no-transaction\n" : "";
    const char *const body = gw_printf(a, "%s%.*s", tx, GW_STR_ARG(p->up));
    const char *const hash = hash_of(a, h.hash, gw_str_trim(gw_str_of(body)));
    const char *const text = gw_printf(a, "--! Previous: %.*s\n--! Hash: %s\n--! Message: %s\n\n%s", GW_STR_ARG(h.hash),
                                       hash, p->name, body);
    const char *const file = gw_printf(a, "committed/%s-%s.sql", p->version, p->name);
    *gw_vec_push(a, out) = (gw_layout_file){file, gw_str_of(text), false};
    return GODWIT_OK;
}

/* The hash cannot be that of what will be written into it: the file says so, as graphile-migrate wants it said. */
static gw_rc
make_graphile(gw_arena *a, const gw_layout *l, const gw_layout_new *p, gw_layout_files *out, gw_err *e)
{
    gw_str before;
    if (p->tree == NULL)
        return make_committed(a, p, out, e);
    GW_TRY(last_hash(a, l, p->tree, &before, e));
    char *const message = gw_text(a, p->name);
    for (char *c = message; *c != '\0'; c++)
        *c = *c == '_' ? ' ' : *c;
    const bool is_parent = gw_tree_has_folder(p->tree, committed) || gw_tree_has_file(p->tree, "current.sql");
    const char *const file = gw_printf(a, "%s%s-%s.sql", is_parent ? "committed/" : "", p->version, p->name);
    const char *const hash = hash_of(a, before, p->up);
    const char *const text =
        gw_printf(a, "--! Previous: %.*s\n--! Hash: %s\n--! Message: %s\n--! AllowInvalidHash\n\n%.*s",
                  GW_STR_ARG(before), hash, message, GW_STR_ARG(p->up));
    *gw_vec_push(a, out) = (gw_layout_file){file, gw_str_of(text), false};
    return GODWIT_OK;
}

static bool
is_mark(gw_str line)
{
    return gw_str_starts(line, "--!");
}

const gw_layout gw_layout_graphile = {.name = "graphile-migrate",
                                      .example = "committed/000001-create-users.sql",
                                      .evidence = GW_KNOWN_BY_MARKS,
                                      .first = "000001",
                                      .versions = GW_VERSIONS_FROM_ONE,
                                      .tx_mark = GW_TX_MARK_WAY,
                                      .is_mark = is_mark,
                                      .read = read_name,
                                      .is_linked = true,
                                      .claims = claims_graphile,
                                      .list = list_graphile,
                                      .frame = frame_graphile,
                                      .make = make_graphile};
