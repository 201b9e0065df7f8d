#include "migration/sqitch.h"

#include <string.h>
#include <time.h>

#include "base/map.h"
#include "migration/flat.h"
#include "migration/keyfile.h"
#include "migration/sqitch_plan.h"
#include "sql/lex.h"

static const char conf_name[] = "sqitch.conf";
static const char plan_name[] = "sqitch.plan";

/* What sqitch.conf says of the folder. */
typedef struct places {
    const char *plan, *extension;
    const char *folders[GW_WAY_COUNT];
    gw_keyfile conf; /* of no lines where there is none */
} places;

/* ---- sqitch.conf ---- */

/* A place that is said for one engine or target only. */
static gw_rc
check_elsewhere(const gw_keyfile *conf, gw_err *e)
{
    static const char *const keys[] = {"top_dir",    "plan_file",    "deploy_dir", "revert_dir",
                                       "verify_dir", "reworked_dir", "extension"};
    for (size_t i = 0; i < conf->lines.len; i++) {
        const gw_keyline *const line = &conf->lines.at[i];
        const bool is_read = gw_str_is_nocase(line->section, "core") && !gw_str_is_nocase(line->key, "reworked_dir");
        for (size_t k = 0; !is_read && k < sizeof(keys) / sizeof(keys[0]); k++)
            if (gw_str_is_nocase(line->key, keys[k]))
                return gw_keyfile_fail(conf, line->key, e, "godwit does not know %s of sqitch's [%.*s]", keys[k],
                                       GW_STR_ARG(line->section));
    }
    return GODWIT_OK;
}

static const char *
said(gw_arena *a, const gw_keyfile *conf, const char *key, const char *otherwise)
{
    const gw_keyline *const line = gw_keyfile_find(conf, "core", key);
    return line == NULL ? otherwise : gw_strdup(a, line->value);
}

/* "." is the folder itself. */
static const char *
within(gw_arena *a, const char *top, const char *name)
{
    return strcmp(top, ".") == 0 || top[0] == '\0' ? name : gw_printf(a, "%s/%s", top, name);
}

static gw_rc
read_places(gw_arena *a, const gw_tree *t, places *out, gw_err *e)
{
    gw_str text;
    *out = (places){0};
    if (gw_tree_has_file(t, conf_name)) {
        GW_TRY(t->read(t, a, conf_name, &text, e));
        GW_TRY(gw_keyfile_read(a, gw_path_join(a, t->path, conf_name), text, &out->conf, e));
    }
    GW_TRY(check_elsewhere(&out->conf, e));
    const char *const top = said(a, &out->conf, "top_dir", ".");
    out->plan = said(a, &out->conf, "plan_file", within(a, top, plan_name));
    out->extension = said(a, &out->conf, "extension", "sql");
    out->folders[GW_WAY_UP] = said(a, &out->conf, "deploy_dir", within(a, top, "deploy"));
    out->folders[GW_WAY_DOWN] = said(a, &out->conf, "revert_dir", within(a, top, "revert"));
    out->folders[GW_WAY_VERIFY] = said(a, &out->conf, "verify_dir", within(a, top, "verify"));
    return GODWIT_OK;
}

static const char *
claims(gw_arena *a, const gw_layout *l, const gw_tree *t)
{
    (void)a;
    (void)l;
    return gw_tree_has_file(t, plan_name) ? plan_name : gw_tree_has_file(t, conf_name) ? conf_name : NULL;
}

static gw_rc
fits(gw_arena *a, const gw_tree *t, gw_dialect_kind dialect, gw_err *e)
{
    static const struct {
        const char *engine;
        gw_dialect_kind dialect;
    } engines[] = {{"pg", GW_DIALECT_POSTGRES},
                   {"cockroach", GW_DIALECT_POSTGRES},
                   {"yugabyte", GW_DIALECT_POSTGRES},
                   {"mysql", GW_DIALECT_MYSQL},
                   {"sqlite", GW_DIALECT_SQLITE}};
    places where;
    GW_TRY(read_places(a, t, &where, e));
    const gw_keyline *const line = gw_keyfile_find(&where.conf, "core", "engine");
    for (size_t i = 0; line != NULL && i < sizeof(engines) / sizeof(engines[0]); i++)
        if (gw_str_is(line->value, engines[i].engine) && engines[i].dialect == dialect)
            return GODWIT_OK;
    if (line == NULL)
        return GODWIT_OK;
    (void)gw_keyfile_fail(&where.conf, line->value.len > 0 ? line->value : line->key, e,
                          "these changes are written for %.*s, and the database is another", GW_STR_ARG(line->value));
    return gw_err_hint(e, "name the database that they are for with --url, or another folder with --dir");
}

/* ---- what is in the folder ---- */

typedef struct lister {
    gw_arena *a;
    const gw_layout *layout;
    const gw_tree *tree;
    places where;
    gw_sqitch_plan plan;
    gw_tree_files files[GW_WAY_COUNT];
    gw_map *known; /* file → itself */
    gw_map *used;
    gw_listing *out;
} lister;

static gw_rc
read_plan(gw_arena *a, const gw_tree *t, const places *where, gw_sqitch_plan *out, gw_err *e)
{
    gw_str text;
    GW_TRY(t->read(t, a, where->plan, &text, e));
    return gw_sqitch_plan_read(a, gw_path_join(a, t->path, where->plan), text, out, e);
}

static gw_rc
read_files(lister *l, gw_err *e)
{
    for (size_t way = 0; way < GW_WAY_COUNT; way++) {
        gw_err missing = {0};
        gw_tree_files *const files = &l->files[way];
        if (gw_tree_walk(l->a, l->tree, l->where.folders[way], files, &missing) == GODWIT_FOLDER) {
            *e = missing;
            return e->rc;
        }
        for (size_t i = 0; i < files->len; i++)
            gw_map_put(l->known, gw_str_of(files->at[i]), (void *)(uintptr_t)files->at[i]);
    }
    return GODWIT_OK;
}

/* A change that was reworked has its script under the name of a tag between. NULL: there is none. */
static const char *
file_of(const lister *l, size_t index, gw_way way)
{
    const gw_sqitch_change *const change = &l->plan.changes.at[index];
    const char *const folder = l->where.folders[way];
    if (change->next == SIZE_MAX)
        return gw_map_get(l->known, gw_str_of(gw_printf(l->a, "%s/%s.%s", folder, change->name, l->where.extension)));
    for (size_t i = index; i < change->next; i++)
        for (size_t k = 0; k < l->plan.changes.at[i].tags.len; k++) {
            const char *const name = gw_printf(l->a, "%s/%s@%s.%s", folder, change->name,
                                               l->plan.changes.at[i].tags.at[k], l->where.extension);
            const char *const found = gw_map_get(l->known, gw_str_of(name));
            if (found != NULL)
                return found;
        }
    return NULL;
}

static gw_rc
fail_missing(const lister *l, const gw_sqitch_change *change, gw_err *e)
{
    const char *const at = change->next == SIZE_MAX ? "" : "@TAG";
    (void)gw_fail(e, GODWIT_FOLDER, "the plan has %s, and there is no %s/%s/%s%s.%s", change->name, l->tree->path,
                  l->where.folders[GW_WAY_UP], change->name, at, l->where.extension);
    (void)gw_err_at(e, l->plan.path, l->plan.text, change->offset);
    return gw_err_hint(e, "restore the script from version control");
}

static gw_rc
list_change(lister *l, size_t index, gw_err *e)
{
    const gw_sqitch_change *const change = &l->plan.changes.at[index];
    const char *const version =
        change->instance == 1 ? change->name : gw_printf(l->a, "%s#%zu", change->name, change->instance);
    for (size_t way = 0; way < GW_WAY_COUNT; way++) {
        const char *const file = file_of(l, index, (gw_way)way);
        if (file == NULL && way == GW_WAY_UP)
            return fail_missing(l, change, e);
        if (file == NULL)
            continue;
        gw_map_put(l->used, gw_str_of(file), l);
        *gw_vec_push(l->a, l->out) = (gw_listed){.file = file,
                                                 .version = version,
                                                 .name = change->note[0] == '\0' ? "change" : change->note,
                                                 .way = (gw_way)way};
    }
    return GODWIT_OK;
}

/* sqitch would not deploy it, and nobody would notice. */
static gw_rc
check_strays(const lister *l, gw_err *e)
{
    for (size_t i = 0; i < l->files[GW_WAY_UP].len; i++) {
        const char *const file = l->files[GW_WAY_UP].at[i];
        if (!gw_map_has(l->used, gw_str_of(file)) &&
            gw_str_ends(gw_str_of(file), gw_printf(l->a, ".%s", l->where.extension)))
            return gw_flat_fail(l->layout, l->tree, file, gw_printf(l->a, "%s does not list it", l->where.plan), e);
    }
    return GODWIT_OK;
}

static gw_rc
list(gw_arena *a, const gw_layout *layout, const gw_tree *t, gw_listing *out, gw_err *e)
{
    lister l = {.a = a, .layout = layout, .tree = t, .known = gw_map_new(a), .used = gw_map_new(a), .out = out};
    GW_TRY(read_places(a, t, &l.where, e));
    GW_TRY(read_plan(a, t, &l.where, &l.plan, e));
    GW_TRY(read_files(&l, e));
    for (size_t i = 0; i < l.plan.changes.len; i++)
        GW_TRY(list_change(&l, i, e));
    return check_strays(&l, e);
}

/* ---- what of a text is run ---- */

/* May a variable of psql stand behind this? A slice, "a[1:n]", has a colon too, and "::" is a cast. */
static bool
may_precede(const gw_token *t)
{
    const char last = t->text.len == 0 ? ' ' : t->text.ptr[t->text.len - 1];
    return t->kind == GW_TOKEN_SPACE || t->kind == GW_TOKEN_COMMENT || t->kind == GW_TOKEN_OPEN ||
           t->kind == GW_TOKEN_END || (t->kind == GW_TOKEN_OPERATOR && last != ':' && last != '[' && last != ']');
}

/* psql puts values in for ":name", ":'name'" and ":\"name\"" outside of texts; nobody else knows them. */
static gw_rc
refuse_variables(const gw_frame_params *p, gw_err *e)
{
    gw_lexer l = gw_lex(p->text, *p->dialect);
    gw_token before = {0}, colon = {0};
    for (gw_token t = gw_lex_next(&l); t.kind != GW_TOKEN_END; t = gw_lex_next(&l)) {
        const bool is_name = t.kind == GW_TOKEN_WORD || t.kind == GW_TOKEN_QUOTED ||
                             (t.kind == GW_TOKEN_STRING && t.text.ptr[0] == '\'');
        const bool is_one = t.kind == GW_TOKEN_PARAMETER && t.text.len > 1 && t.text.ptr[0] == ':';
        const gw_str at = is_one ? t.text : colon.text;
        if (is_one ? may_precede(&colon) : is_name && gw_str_is(colon.text, ":") && may_precede(&before)) {
            (void)gw_fail(e, GODWIT_FOLDER, "%.*s%.*s is a variable of psql, whose value godwit does not know",
                          is_one ? 0 : 1, ":", GW_STR_ARG(t.text));
            (void)gw_err_at(e, p->path, p->text, (size_t)(at.ptr - p->text.ptr));
            return gw_err_hint(e, "write the value, or set it on the server and ask current_setting()");
        }
        before = colon;
        colon = t;
    }
    return GODWIT_OK;
}

static gw_rc
frame(gw_arena *a, const gw_frame_params *p, gw_frame *out, gw_err *e)
{
    (void)a;
    *out = (gw_frame){.is_there = true, .text = p->text};
    const bool is_for_psql = p->dialect != NULL && p->dialect->kind == GW_DIALECT_POSTGRES;
    return is_for_psql ? refuse_variables(p, e) : GODWIT_OK;
}

static gw_rc
project(gw_arena *a, const gw_tree *t, const char **out, gw_err *e)
{
    places where;
    gw_sqitch_plan plan = {0};
    GW_TRY(read_places(a, t, &where, e));
    GW_TRY(read_plan(a, t, &where, &plan, e));
    *out = plan.project;
    return GODWIT_OK;
}

/* ---- a new one ---- */

static gw_rc
fail_new(const char *name, const char *why, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "godwit cannot plan %s: %s", name, why);
    return gw_err_hint(e, "`sqitch init PROJECT` begins a plan; `sqitch rework %s` changes what is planned already",
                       name);
}

static char *
time_of(gw_arena *a, int64_t ms)
{
    struct tm tm = {0};
    char text[32] = "";
    const time_t seconds = (time_t)(ms / 1000);
    if (gmtime_r(&seconds, &tm) == NULL || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        return gw_text(a, "1970-01-01T00:00:00Z");
    return gw_text(a, text);
}

/* As `sqitch add` would write it; who plans it is said by sqitch.conf, or it is godwit. */
static gw_str
plan_with(gw_arena *a, const places *where, const gw_sqitch_plan *plan, const gw_layout_new *p)
{
    const gw_keyline *const name = gw_keyfile_find(&where->conf, "user", "name");
    const gw_keyline *const email = gw_keyfile_find(&where->conf, "user", "email");
    const gw_str who = name == NULL ? GW_STR_LIT("godwit") : name->value;
    const gw_str mail = email == NULL ? GW_STR_LIT("godwit@localhost") : email->value;
    gw_buf text = gw_buf_new(a);
    gw_buf_add(&text, plan->text);
    if (plan->text.len > 0 && !gw_str_ends(plan->text, "\n"))
        gw_buf_putc(&text, '\n');
    gw_buf_printf(&text, "%s %s %.*s <%.*s> # %s\n", p->name, time_of(a, p->now_ms), GW_STR_ARG(who), GW_STR_ARG(mail),
                  p->name);
    return gw_buf_str(&text);
}

/* In a folder where all is as sqitch has it of itself. */
static gw_rc
make_in_new(gw_arena *a, const gw_layout_new *p, gw_layout_files *out)
{
    static const char *const folders[GW_WAY_COUNT] = {
        [GW_WAY_UP] = "deploy", [GW_WAY_DOWN] = "revert", [GW_WAY_VERIFY] = "verify"};
    const gw_str texts[GW_WAY_COUNT] = {[GW_WAY_UP] = p->up, [GW_WAY_DOWN] = p->down, [GW_WAY_VERIFY] = p->verify};
    for (size_t way = 0; way < GW_WAY_COUNT; way++)
        if (texts[way].ptr != NULL)
            *gw_vec_push(a, out) =
                (gw_layout_file){gw_printf(a, "%s/%s.sql", folders[way], p->name), texts[way], false};
    return GODWIT_OK;
}

static void
make_index(gw_arena *a, const gw_layout_index *p, gw_layout_files *out)
{
    static const char *const engine_names[] = {
        [GW_DIALECT_POSTGRES] = "pg", [GW_DIALECT_MYSQL] = "mysql", [GW_DIALECT_SQLITE] = "sqlite"};
    const char *const conf = gw_printf(a, "[core]\n\tengine = %s\n", engine_names[p->dialect]);
    gw_buf plan = gw_buf_new(a);
    gw_buf_printf(&plan, "%%syntax-version=1.0.0\n%%project=%s\n\n", p->project);
    for (size_t i = 0; i < p->count; i++)
        gw_buf_printf(&plan, "%s %s godwit <godwit@localhost> # %s\n", p->all[i].name, time_of(a, p->all[i].now_ms),
                      p->all[i].name);
    *gw_vec_push(a, out) = (gw_layout_file){conf_name, gw_str_of(conf), false};
    *gw_vec_push(a, out) = (gw_layout_file){plan_name, gw_buf_str(&plan), false};
}

static gw_rc
make(gw_arena *a, const gw_layout *l, const gw_layout_new *p, gw_layout_files *out, gw_err *e)
{
    places where;
    gw_sqitch_plan plan;
    if (p->tree == NULL)
        return make_in_new(a, p, out);
    GW_TRY(read_places(a, p->tree, &where, e));
    if (claims(a, l, p->tree) == NULL)
        return fail_new(p->name, "there is no sqitch.plan", e);
    GW_TRY(read_plan(a, p->tree, &where, &plan, e));
    for (size_t i = 0; i < plan.changes.len; i++)
        if (strcmp(plan.changes.at[i].name, p->name) == 0)
            return fail_new(p->name, "it is in the plan", e);
    if (plan.project == NULL)
        return fail_new(p->name, "the plan names no project", e);
    const gw_str texts[GW_WAY_COUNT] = {[GW_WAY_UP] = p->up,
                                        [GW_WAY_DOWN] = p->down,
                                        [GW_WAY_VERIFY] = gw_str_of(gw_printf(a, "-- verify: %s\n", p->name))};
    for (size_t way = 0; way < GW_WAY_COUNT; way++)
        if (texts[way].ptr != NULL)
            *gw_vec_push(a, out) = (gw_layout_file){
                gw_printf(a, "%s/%s.%s", where.folders[way], p->name, where.extension), texts[way], false};
    *gw_vec_push(a, out) = (gw_layout_file){where.plan, plan_with(a, &where, &plan, p), true};
    return GODWIT_OK;
}

static const gw_dress dress = {.has_client_delimiter = true};

static const char *const indexes[] = {"sqitch.conf", "sqitch.plan", NULL};

const gw_layout gw_layout_sqitch = {.name = "sqitch",
                                    .example = "deploy/create_users.sql",
                                    .evidence = GW_KNOWN_BY_FOLDERS,
                                    .keeps_order = true,
                                    .versions = GW_VERSIONS_NAMES,
                                    .parts = GW_PART_DOWN | GW_PART_VERIFY,
                                    .opens_none = true,
                                    .dress = &dress,
                                    .is_linked = true,
                                    .claims = claims,
                                    .project = project,
                                    .indexes = indexes,
                                    .is_listed = true,
                                    .fits = fits,
                                    .list = list,
                                    .frame = frame,
                                    .make = make,
                                    .index = make_index};
