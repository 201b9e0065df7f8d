#include "migration/liquibase.h"

#include <string.h>

#include "base/map.h"
#include "migration/flat.h"

/* ---- lines ---- */

typedef struct text_line {
    gw_str text;     /* without its end */
    size_t from, to; /* in the file, its end included */
} text_line;

static bool
next_line(gw_str text, text_line *l)
{
    if (l->to >= text.len)
        return false;
    const char *const end = memchr(text.ptr + l->to, '\n', text.len - l->to);
    l->from = l->to;
    l->to = end == NULL ? text.len : (size_t)(end - text.ptr) + 1;
    l->text = gw_str_slice(text, l->from, end == NULL ? l->to : l->to - 1);
    return true;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Take a word off, in any case, and the blanks behind it. */
static bool
take_word(gw_str *s, const char *word)
{
    const size_t len = strlen(word);
    if (s->len < len || !gw_str_is_nocase(gw_str_slice(*s, 0, len), word))
        return false;
    *s = gw_str_slice(*s, len, s->len);
    while (s->len > 0 && is_blank(s->ptr[0]))
        *s = gw_str_slice(*s, 1, s->len);
    return true;
}

/* "-- word …": what follows the word. */
static bool
is_mark(gw_str line, const char *word, gw_str *rest)
{
    const size_t len = strlen(word);
    *rest = gw_str_trim(line);
    if (!take_word(rest, "--"))
        return false;
    const bool is_whole = rest->len <= len || is_blank(rest->ptr[len]) || strchr(":-", word[len - 1]) != NULL;
    return is_whole && take_word(rest, word);
}

static bool
is_head(gw_str line)
{
    gw_str rest;
    if (gw_str_starts(line, "\xEF\xBB\xBF"))
        line = gw_str_slice(line, 3, line.len);
    return is_mark(line, "liquibase", &rest) && take_word(&rest, "formatted");
}

/* ---- attributes ---- */

typedef struct changeset {
    gw_str author, id, path; /* path: of `logicalFilePath`; ptr NULL: not said */
    gw_str dbms, delimiter;
    size_t line, from, to; /* its line; its text, to the next one */
    bool no_tx, no_split;
} changeset;
typedef gw_vec(changeset) changesets;

typedef struct reading {
    gw_arena *arena;
    const char *path;
    gw_str text;
} reading;

static gw_rc
fail_at(const reading *r, gw_str where, gw_err *e)
{
    return gw_err_at(e, r->path, r->text, (size_t)(where.ptr - r->text.ptr));
}

typedef enum attribute_use {
    USE_NOTHING, /* it changes nothing here */
    USE_FALSE,   /* only where it is false */
    USE_TRUE,    /* only where it is true */
    USE_TX,
    USE_SPLIT,
    USE_DELIMITER,
    USE_DBMS,
    USE_PATH,
    USE_NEVER
} attribute_use;

static const struct {
    const char *name;
    attribute_use use;
} attributes[] = {
    {"stripComments", USE_NOTHING},
    {"splitStatements", USE_SPLIT},
    {"endDelimiter", USE_DELIMITER},
    {"runInTransaction", USE_TX},
    {"dbms", USE_DBMS},
    {"logicalFilePath", USE_PATH},
    {"objectQuotingStrategy", USE_NOTHING},
    {"created", USE_NOTHING},
    {"failOnError", USE_TRUE},
    {"rollbackSplitStatements", USE_TRUE},
    {"runOnChange", USE_FALSE},
    {"runAlways", USE_FALSE},
    {"ignore", USE_FALSE},
    {"context", USE_NEVER},
    {"contextFilter", USE_NEVER},
    {"labels", USE_NEVER},
    {"runOrder", USE_NEVER},
    {"runWith", USE_NEVER},
    {"runWithSpoolFile", USE_NEVER},
    {"rollbackEndDelimiter", USE_NEVER},
};

static gw_rc
fail_attribute(const reading *r, gw_str name, gw_str value, bool is_known, gw_err *e)
{
    if (!is_known)
        (void)gw_fail(e, GODWIT_FOLDER, "there is no attribute '%.*s' of a changeset", GW_STR_ARG(name));
    else
        (void)gw_fail(e, GODWIT_FOLDER, "%.*s:%.*s is what Liquibase carries out, and godwit does not",
                      GW_STR_ARG(name), GW_STR_ARG(value));
    (void)fail_at(r, name, e);
    return is_known
               ? gw_err_hint(e, "take it out; where a file runs is said by `-- godwit:only-on` in a file of its own")
               : e->rc;
}

static gw_rc
take_attribute(const reading *r, gw_str name, gw_str value, changeset *out, gw_err *e)
{
    attribute_use use = USE_NEVER;
    bool is_known = false;
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
        if (gw_str_is_nocase(name, attributes[i].name)) {
            use = attributes[i].use;
            is_known = true;
        }
    const bool is_true = gw_str_is_nocase(value, "true");
    const bool is_false = gw_str_is_nocase(value, "false");
    const bool is_switch = use == USE_TX || use == USE_SPLIT;
    if (use == USE_NEVER || (use == USE_TRUE && !is_true) || (use == USE_FALSE && !is_false) ||
        (is_switch && !is_true && !is_false))
        return fail_attribute(r, name, value, is_known, e);
    out->no_tx = out->no_tx || (use == USE_TX && is_false);
    out->no_split = out->no_split || (use == USE_SPLIT && is_false);
    out->delimiter = use == USE_DELIMITER ? value : out->delimiter;
    out->dbms = use == USE_DBMS ? value : out->dbms;
    out->path = use == USE_PATH ? value : out->path;
    return GODWIT_OK;
}

/* A word, or what stands in double quotes; `ends` are the characters that end a word. */
static gw_str
take_value(gw_str *s, const char *ends)
{
    size_t end = 0;
    if (s->len > 0 && s->ptr[0] == '"') {
        const char *const close = memchr(s->ptr + 1, '"', s->len - 1);
        if (close != NULL) {
            const gw_str value = gw_str_slice(*s, 1, (size_t)(close - s->ptr));
            *s = gw_str_slice(*s, value.len + 2, s->len);
            return value;
        }
    }
    while (end < s->len && strchr(ends, s->ptr[end]) == NULL)
        end++;
    const gw_str value = gw_str_slice(*s, 0, end);
    *s = gw_str_slice(*s, end, s->len);
    return value;
}

static gw_rc
read_attributes(const reading *r, gw_str rest, changeset *out, gw_err *e)
{
    for (rest = gw_str_trim(rest); rest.len > 0; rest = gw_str_trim(rest)) {
        const gw_str name = take_value(&rest, ": \t\r");
        if (!gw_str_starts(rest, ":")) {
            (void)gw_fail(e, GODWIT_FOLDER, "'%.*s' is no attribute of a changeset: they read name:value",
                          GW_STR_ARG(name));
            return fail_at(r, name, e);
        }
        rest = gw_str_slice(rest, 1, rest.len);
        const gw_str value = take_value(&rest, " \t\r");
        GW_TRY(take_attribute(r, name, value, out, e));
    }
    return GODWIT_OK;
}

/* Behind "--changeset". */
static gw_rc
read_changeset(const reading *r, const text_line *l, gw_str rest, changeset *out, gw_err *e)
{
    *out = (changeset){.line = l->from, .from = l->to, .to = r->text.len};
    out->author = take_value(&rest, ":");
    rest = gw_str_starts(rest, ":") ? gw_str_slice(rest, 1, rest.len) : (gw_str){"", 0};
    out->id = take_value(&rest, " \t\r");
    if (out->author.len > 0 && out->id.len > 0)
        return read_attributes(r, rest, out, e);
    (void)gw_fail(e, GODWIT_FOLDER, "a changeset reads `--changeset author:id`");
    return gw_err_at(e, r->path, r->text, l->from);
}

/* ---- a file ---- */

/* What decides or fills in at the time of a run. */
static gw_rc
refuse_marks(const reading *r, const text_line *l, gw_err *e)
{
    static const char *const words[] = {"preconditions", "precondition-", "property", "ignoreLines:"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        gw_str rest;
        if (!is_mark(l->text, words[i], &rest))
            continue;
        (void)gw_fail(e, GODWIT_FOLDER, "`--%s` is what Liquibase carries out, and godwit does not", words[i]);
        (void)gw_err_at(e, r->path, r->text, l->from);
        return gw_err_hint(e, "a condition can be said by `-- godwit:assert`, a value by `-- godwit:envsub on`");
    }
    const char *const hit = memmem(l->text.ptr, l->text.len, "${", 2);
    if (hit == NULL || gw_str_starts(gw_str_trim(l->text), "--"))
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_FOLDER, "this is a property, which Liquibase fills in and godwit does not");
    return gw_err_at(e, r->path, r->text, (size_t)(hit - r->text.ptr));
}

static gw_rc
fail_head(const reading *r, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "the first line must be `--liquibase formatted sql`");
    (void)gw_err_at(e, r->path, r->text, 0);
    return gw_err_hint(e, "the layout of the folder is liquibase: each of its files begins so");
}

static gw_rc
read_file(const reading *r, changesets *out, gw_err *e)
{
    text_line l = {0};
    changeset head = {0};
    *out = (changesets){0};
    if (!next_line(r->text, &l) || !is_head(l.text))
        return fail_head(r, e);
    const char *const attribute = memmem(l.text.ptr, l.text.len, "logicalFilePath:", 16);
    if (attribute != NULL)
        GW_TRY(read_attributes(r, gw_str_slice(l.text, (size_t)(attribute - l.text.ptr), l.text.len), &head, e));
    while (next_line(r->text, &l)) {
        gw_str rest;
        GW_TRY(refuse_marks(r, &l, e));
        if (is_mark(l.text, "changeset", &rest)) {
            if (out->len > 0)
                out->at[out->len - 1].to = l.from;
            changeset *const one = gw_vec_push(r->arena, out);
            GW_TRY(read_changeset(r, &l, rest, one, e));
            one->path = one->path.ptr == NULL ? head.path : one->path;
        } else if (out->len == 0 && gw_str_trim(l.text).len > 0 && !gw_str_starts(gw_str_trim(l.text), "--")) {
            (void)gw_fail(e, GODWIT_FOLDER, "this stands above all changesets, and belongs to none");
            return gw_err_at(e, r->path, r->text, l.from);
        }
    }
    return GODWIT_OK;
}

/* ---- a folder ---- */

static gw_name
read_liquibase(gw_str file)
{
    if (gw_str_starts(file, ".") || !gw_str_ends(file, ".sql"))
        return (gw_name){.kind = GW_NAME_FOREIGN};
    const gw_str stem = gw_str_slice(file, 0, file.len - 4);
    return (gw_name){.kind = GW_NAME_UP, .version = stem, .name = stem};
}

static const char *
claims_liquibase(gw_arena *a, const gw_layout *l, const gw_tree *t)
{
    (void)a;
    (void)l;
    for (size_t i = 0; i < t->heads.len; i++) {
        gw_str rest;
        if (is_head(gw_str_cut(t->heads.at[i].text, '\n', &rest)))
            return t->heads.at[i].name;
    }
    return NULL;
}

/* A changelog in another form would say which files there are, and their order. */
static gw_rc
refuse_changelogs(gw_arena *a, const gw_tree *t, gw_err *e)
{
    static const char *const forms[] = {".xml", ".yaml", ".yml", ".json"};
    for (size_t i = 0; i < t->entries.len; i++)
        for (size_t k = 0; k < sizeof(forms) / sizeof(forms[0]); k++) {
            gw_str text;
            const char *const name = t->entries.at[i].name;
            if (t->entries.at[i].is_dir || !gw_str_ends(gw_str_of(name), forms[k]))
                continue;
            GW_TRY(t->read(t, a, name, &text, e));
            const char *const hit = memmem(text.ptr, text.len, "databaseChangeLog", 17);
            if (hit == NULL)
                continue;
            (void)gw_fail(e, GODWIT_FOLDER, "%s is a changelog of Liquibase, and godwit reads those in SQL only", name);
            (void)gw_err_at(e, gw_path_join(a, t->path, name), text, (size_t)(hit - text.ptr));
            return gw_err_hint(e, "name the folder of the .sql files with --dir: they run in the order of their names");
        }
    return GODWIT_OK;
}

static gw_rc
list_file(gw_arena *a, const gw_tree *t, const char *file, gw_map *known, gw_listing *out, gw_err *e)
{
    reading r = {.arena = a, .path = gw_path_join(a, t->path, file)};
    changesets all;
    GW_TRY(t->read(t, a, file, &r.text, e));
    GW_TRY(read_file(&r, &all, e));
    for (size_t i = 0; i < all.len; i++) {
        const changeset *const c = &all.at[i];
        const gw_str path = c->path.ptr == NULL ? gw_str_of(file) : c->path;
        const char *const version =
            gw_printf(a, "%.*s::%.*s::%.*s", GW_STR_ARG(path), GW_STR_ARG(c->id), GW_STR_ARG(c->author));
        if (gw_map_has(known, gw_str_of(version))) {
            (void)gw_fail(e, GODWIT_FOLDER, "the changeset %.*s:%.*s is there twice", GW_STR_ARG(c->author),
                          GW_STR_ARG(c->id));
            return gw_err_at(e, r.path, r.text, c->line);
        }
        gw_map_put(known, gw_str_of(version), out);
        *gw_vec_push(a, out) =
            (gw_listed){.file = file, .version = version, .name = gw_strdup(a, c->id), .way = GW_WAY_UP, .section = i};
    }
    return GODWIT_OK;
}

static gw_rc
list_liquibase(gw_arena *a, const gw_layout *l, const gw_tree *t, gw_listing *out, gw_err *e)
{
    gw_listing files = {0};
    gw_map *const known = gw_map_new(a);
    GW_TRY(refuse_changelogs(a, t, e));
    GW_TRY(gw_flat_list(a, l, t, &files, e));
    for (size_t i = 0; i < files.len; i++)
        GW_TRY(list_file(a, t, files.at[i].file, known, out, e));
    return GODWIT_OK;
}

/* "postgresql", "mysql,mariadb", "!oracle" */
static bool
is_for(gw_str dbms, gw_dialect_kind dialect)
{
    static const struct {
        const char *name;
        gw_dialect_kind dialect;
    } names[] = {{"postgresql", GW_DIALECT_POSTGRES},
                 {"mysql", GW_DIALECT_MYSQL},
                 {"mariadb", GW_DIALECT_MYSQL},
                 {"sqlite", GW_DIALECT_SQLITE}};
    bool is_named = dbms.ptr == NULL, is_only_not = true;
    for (gw_str rest = dbms; rest.len > 0;) {
        gw_str one = gw_str_trim(gw_str_cut(rest, ',', &rest));
        const bool is_not = gw_str_starts(one, "!");
        one = is_not ? gw_str_slice(one, 1, one.len) : one;
        is_only_not = is_only_not && is_not;
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            if (gw_str_is_nocase(one, names[i].name) && names[i].dialect == dialect) {
                if (is_not)
                    return false;
                is_named = true;
            }
        is_named = is_named || gw_str_is_nocase(one, "all");
    }
    return is_named || is_only_not;
}

static gw_rc
fits_liquibase(gw_arena *a, const gw_tree *t, gw_dialect_kind dialect, gw_err *e)
{
    for (size_t i = 0; i < t->entries.len; i++) {
        changesets all;
        const char *const name = t->entries.at[i].name;
        reading r = {.arena = a, .path = gw_path_join(a, t->path, name)};
        if (t->entries.at[i].is_dir || read_liquibase(gw_str_of(name)).kind != GW_NAME_UP)
            continue;
        GW_TRY(t->read(t, a, name, &r.text, e));
        GW_TRY(read_file(&r, &all, e));
        for (size_t k = 0; k < all.len; k++) {
            if (is_for(all.at[k].dbms, dialect))
                continue;
            (void)gw_fail(e, GODWIT_FOLDER, "this changeset is for %.*s, and the database is another",
                          GW_STR_ARG(all.at[k].dbms));
            (void)fail_at(&r, all.at[k].dbms, e);
            return gw_err_hint(e, "Liquibase would pass over it; keep a folder for each kind of database");
        }
    }
    return GODWIT_OK;
}

/* ---- a text ---- */

typedef struct framing {
    const reading *r;
    const changeset *c;
    char *text; /* the frame: blank, and filled with what is run */
    gw_spans blocks;
    bool down, has_rollback, is_empty_meant;
    bool is_in_rollback; /* a comment of several lines */
} framing;

static void
keep(framing *f, size_t from, size_t to)
{
    memcpy(f->text + from, f->r->text.ptr + from, to - from);
}

static gw_rc
take_rollback(framing *f, gw_str rest, gw_err *e)
{
    f->has_rollback = true;
    if (gw_str_is_nocase(gw_str_trim(rest), "empty") || gw_str_is_nocase(gw_str_trim(rest), "not required")) {
        f->is_empty_meant = true;
        return GODWIT_OK;
    }
    gw_str words = rest;
    if (take_word(&words, "changesetId:") || take_word(&words, "changesetAuthor:")) {
        (void)gw_fail(e, GODWIT_FOLDER,
                      "a way back that is another changeset is what Liquibase carries out, and godwit does not");
        (void)fail_at(f->r, rest, e);
        return gw_err_hint(e, "write its statements here");
    }
    const size_t from = (size_t)(rest.ptr - f->r->text.ptr);
    if (f->down && rest.len > 0)
        keep(f, from, from + rest.len);
    return GODWIT_OK;
}

/* Between "liquibase rollback" in a comment and its end. */
static void
take_comment(framing *f, const text_line *l)
{
    const char *const close = memmem(l->text.ptr, l->text.len, "*/", 2);
    const size_t to = close == NULL ? l->from + l->text.len : (size_t)(close - f->r->text.ptr);
    f->is_in_rollback = close == NULL;
    if (f->down)
        keep(f, l->from, to);
}

static gw_rc
take_line(framing *f, const text_line *l, gw_err *e)
{
    gw_str rest = gw_str_trim(l->text);
    if (f->is_in_rollback) {
        take_comment(f, l);
        return GODWIT_OK;
    }
    if (take_word(&rest, "/*") && take_word(&rest, "liquibase") && take_word(&rest, "rollback") && rest.len == 0) {
        f->is_in_rollback = f->has_rollback = true;
        return GODWIT_OK;
    }
    if (is_mark(l->text, "rollback", &rest))
        return take_rollback(f, rest, e);
    if (!f->down)
        keep(f, l->from, l->from + l->text.len);
    return GODWIT_OK;
}

/* Statements end where a line ends in the delimiter: a semicolon there, and all before it is one. */
static void
split(gw_arena *a, framing *f)
{
    const gw_str mark = f->c->delimiter;
    size_t begin = f->c->from;
    text_line l = {.to = f->c->from};
    while (mark.len > 0 && !f->c->no_split && next_line(f->r->text, &l) && l.from < f->c->to) {
        gw_str line = l.text;
        while (line.len > 0 && is_blank(line.ptr[line.len - 1]))
            line.len--;
        if (line.len < mark.len || !gw_str_eq(gw_str_slice(line, line.len - mark.len, line.len), mark))
            continue;
        const size_t at = l.from + line.len - mark.len;
        memset(f->text + at, ' ', mark.len);
        f->text[at] = ';';
        *gw_vec_push(a, &f->blocks) = (gw_span){begin, at};
        begin = l.to;
    }
    *gw_vec_push(a, &f->blocks) = (gw_span){begin, f->c->to};
}

static gw_rc
frame_liquibase(gw_arena *a, const gw_frame_params *p, gw_frame *out, gw_err *e)
{
    const reading r = {.arena = a, .path = p->path, .text = p->text};
    changesets all;
    *out = (gw_frame){.is_part = true};
    GW_TRY(read_file(&r, &all, e));
    if (p->section >= all.len)
        return gw_fail(e, GODWIT_FOLDER, "%s was changed while it was read", p->path);
    const changeset *const c = &all.at[p->section];
    const gw_spans nothing = {0};
    framing f = {.r = &r, .c = c, .down = p->down, .text = (char *)(uintptr_t)gw_frame_mask(a, p->text, &nothing).ptr};
    text_line l = {.to = c->from};
    while (l.to < c->to && next_line(p->text, &l))
        GW_TRY(take_line(&f, &l, e));
    const bool is_semicolon = gw_str_is(c->delimiter, ";") || c->delimiter.len == 0;
    if (!p->down && (c->no_split || !is_semicolon))
        split(a, &f);
    out->is_there = !p->down || f.has_rollback;
    out->may_be_empty = p->down && f.is_empty_meant;
    out->text = (gw_str){f.text, p->text.len};
    out->tx = c->no_tx ? GW_TX_NONE : GW_TX_AUTO;
    out->blocks = f.blocks;
    return GODWIT_OK;
}

/* ---- what `new` writes ---- */

static void
add_changeset(gw_buf *text, const gw_layout_new *p)
{
    gw_buf_printf(text, "\n--changeset godwit:%s", p->name);
    if (p->tx[GW_WAY_UP] == GW_TX_NONE)
        gw_buf_puts(text, " runInTransaction:false");
    if (p->delimiter != NULL)
        gw_buf_printf(text, " endDelimiter:%s", p->delimiter);
    gw_buf_putc(text, '\n');
    gw_buf_add(text, p->up);
    if (p->tree == NULL && p->down.len > 0 && memmem(p->down.ptr, p->down.len, "*/", 2) == NULL) {
        gw_buf_printf(text, "/* liquibase rollback\n%.*s*/\n", GW_STR_ARG(p->down)); /* its lines stay what they are */
        return;
    }
    for (gw_str rest = p->down; rest.len > 0;) {
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        if (gw_str_trim(line).len > 0)
            gw_buf_printf(text, "--rollback %.*s\n", GW_STR_ARG(line));
    }
}

/* A file behind all others, or where its name would not be that, another changeset in the last. */
static gw_rc
make_liquibase(gw_arena *a, const gw_layout *l, const gw_layout_new *p, gw_layout_files *out, gw_err *e)
{
    gw_listing files = {0};
    gw_buf text = gw_buf_new(a);
    if (p->tree != NULL)
        GW_TRY(gw_flat_list(a, l, p->tree, &files, e));
    const char *const file = gw_printf(a, "%s_%s.sql", p->version, p->name);
    const char *const last = files.len == 0 ? NULL : files.at[files.len - 1].file;
    const bool extends = last != NULL && strcmp(last, file) > 0;
    if (extends) {
        gw_str before;
        GW_TRY(p->tree->read(p->tree, a, last, &before, e));
        gw_buf_add(&text, before);
    } else {
        gw_buf_puts(&text, "--liquibase formatted sql\n");
    }
    add_changeset(&text, p);
    *gw_vec_push(a, out) = (gw_layout_file){extends ? last : file, gw_buf_str(&text), extends};
    return GODWIT_OK;
}

static bool
is_mark_of(gw_str line)
{
    static const char *const words[] = {"changeset",     "rollback", "preconditions",
                                        "precondition-", "property", "ignoreLines:"};
    gw_str rest = gw_str_trim(line);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (is_mark(line, words[i], &rest))
            return true;
    return take_word(&rest, "/*") && take_word(&rest, "liquibase") && take_word(&rest, "rollback");
}

static const gw_dress dress = {.has_delimiter = true};

const gw_layout gw_layout_liquibase = {.name = "liquibase",
                                       .example = "20260326170903_create_users.sql",
                                       .evidence = GW_KNOWN_BY_MARKS,
                                       .keeps_order = true,
                                       .parts = GW_PART_DOWN,
                                       .tx_mark = GW_TX_MARK_BOTH,
                                       .dress = &dress,
                                       .is_mark = is_mark_of,
                                       .both_ways = true,
                                       .has_several = true,
                                       .read = read_liquibase,
                                       .is_linked = true,
                                       .claims = claims_liquibase,
                                       .fits = fits_liquibase,
                                       .list = list_liquibase,
                                       .frame = frame_liquibase,
                                       .make = make_liquibase};
