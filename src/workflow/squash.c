#include <string.h>

#include "migration/integrity.h"
#include "migration/items.h"
#include "migration/version.h"
#include "workflow/draft.h"
#include "workflow/exchange.h"
#include "workflow/git.h"
#include "workflow/merge.h"
#include "workflow/report.h"
#include "workflow/scene.h"
#include "workflow/seal.h"
#include "workflow/workflow.h"

static const char usual_base[] = "origin/main";

typedef struct squashing {
    gw_arena *arena;
    gw_call *call;
    const godwit_squash_params *p;
    gw_migrations migrations;
    gw_growth_params growth;
    bool has_base;   /* git knows what is on the base branch */
    size_t from, to; /* files of the folder, the last not included */
} squashing;

static const gw_file *
file_at(const squashing *s, size_t at)
{
    return &s->migrations.folder.files.at[at];
}

static const char *
name_at(const squashing *s, size_t at)
{
    return gw_folder_below(&s->migrations.folder, file_at(s, at)->path);
}

static bool
is_own(const squashing *s, size_t at)
{
    return gw_growth_is_own(&s->growth, name_at(s, at));
}

/* ---- which ---- */

/* Those with a version; repeatable ones stand behind them. */
static size_t
count_versioned(const gw_files *files)
{
    size_t count = files->len;
    while (count > 0 && files->at[count - 1].kind == GW_FILE_REPEATABLE)
        count--;
    return count;
}

static gw_rc
find_operand(squashing *s, const char *text, size_t *out, gw_err *e)
{
    gw_items items;
    gw_items_of(s->arena, &s->migrations.folder, &(gw_records){0}, &items);
    GW_TRY(gw_plan_find(&items, text, out, e));
    if (file_at(s, *out)->kind != GW_FILE_REPEATABLE)
        return GODWIT_OK;
    return gw_fail(e, GODWIT_USAGE, "%s is repeatable: it has no place among the others", name_at(s, *out));
}

/* What the branch added; nothing of the base's may stand between. */
static gw_rc
choose_own(squashing *s, gw_err *e)
{
    const size_t count = count_versioned(&s->migrations.folder.files);
    size_t first = 0;
    while (first < count && !is_own(s, first))
        first++;
    s->from = first;
    s->to = count;
    while (s->to > first && !is_own(s, s->to - 1))
        s->to--;
    for (size_t i = s->from; i < s->to; i++)
        if (!is_own(s, i)) {
            (void)gw_fail(e, GODWIT_REFUSED, "%s, which is on %s, stands between those of this branch", name_at(s, i),
                          s->growth.base);
            return gw_err_hint(e, "`godwit rebase` puts this branch's migrations behind it");
        }
    return GODWIT_OK;
}

static gw_rc
choose(squashing *s, gw_err *e)
{
    if (s->p->from == NULL)
        return choose_own(s, e);
    GW_TRY(find_operand(s, s->p->from, &s->from, e));
    s->to = count_versioned(&s->migrations.folder.files);
    if (s->p->to != NULL) {
        GW_TRY(find_operand(s, s->p->to, &s->to, e));
        s->to++;
    }
    if (s->from < s->to)
        return GODWIT_OK;
    return gw_fail(e, GODWIT_USAGE, "%s comes behind %s", name_at(s, s->from), name_at(s, s->to - 1));
}

/* ---- may they go? ---- */

/* Without operands the base decides what is meant; with a range it only protects, where there is one. */
static gw_rc
look_at_base(squashing *s, gw_err *e)
{
    const char *const base = s->p->base == NULL ? usual_base : s->p->base;
    gw_err failure = {0};
    const gw_rc rc =
        gw_git_growth(s->arena, s->call, &s->migrations.folder, &(gw_git_branch){.base = base}, &s->growth, &failure);
    s->has_base = rc == GODWIT_OK;
    if (rc == GODWIT_OK)
        return GODWIT_OK;
    if (s->p->base != NULL || s->p->from == NULL || (rc != GODWIT_USAGE && rc != GODWIT_IO)) {
        *e = failure;
        return rc;
    }
    gw_tell_note(s->call, "nobody looked at what is on a base branch: %s", failure.message);
    return GODWIT_OK;
}

static gw_rc
check_base(const squashing *s, gw_err *e)
{
    for (size_t i = s->from; s->has_base && i < s->to; i++) {
        if (is_own(s, i))
            continue;
        (void)gw_fail(e, GODWIT_REFUSED, "%s is on %s: it may be applied somewhere, so it stays as it is",
                      name_at(s, i), s->growth.base);
        gw_err_copy(e->path, sizeof(e->path), gw_str_of(file_at(s, i)->path));
        return gw_err_hint(e, "squash what comes behind: `godwit squash` takes what this branch added");
    }
    return GODWIT_OK;
}

/* The history of the environment, where there is one. */
static gw_rc
check_applied(const squashing *s, gw_err *e)
{
    const char *url;
    if (s->p->offline)
        return GODWIT_OK;
    GW_TRY(gw_config_text(s->call->config, GW_SETTING_URL, &url, e));
    if (url == NULL)
        return GODWIT_OK;
    GW_SCOPE(a);
    gw_scene *const scene = gw_new(a, gw_scene);
    if (gw_scene_open(a, s->call, GW_ACCESS_LOOK, false, scene, e) != GODWIT_OK)
        return e->rc != GODWIT_CONNECT ? e->rc
                                       : gw_err_note(e, "while asking what is applied there; --offline does not ask");
    for (size_t i = s->from; i < s->to; i++) {
        const gw_item *const item = gw_scene_find(scene, file_at(s, i)->version);
        if (item == NULL || !gw_item_is_there(item))
            continue;
        (void)gw_fail(e, GODWIT_REFUSED, "%s is %s on %s, so it stays as it is", name_at(s, i),
                      item->state == GODWIT_APPLIED ? "applied" : "begun", scene->session.shown);
        gw_err_copy(e->path, sizeof(e->path), gw_str_of(file_at(s, i)->path));
        return gw_err_hint(e, "where that is a database of yours alone: `godwit down` to before it, then again");
    }
    return GODWIT_OK;
}

static gw_rc
check_kinds(const squashing *s, gw_err *e)
{
    for (size_t i = s->from; i < s->to; i++) {
        const gw_file *const file = file_at(s, i);
        if (file->kind == GW_FILE_VERSIONED && file->beside == NULL)
            continue;
        if (file->beside != NULL)
            (void)gw_fail(e, GODWIT_REFUSED, "%s is read as %s says: that stays a file of its own", name_at(s, i),
                          file->beside);
        else
            (void)gw_fail(e, GODWIT_REFUSED, "%s is a checkpoint, which stands for all before it", name_at(s, i));
        gw_err_copy(e->path, sizeof(e->path), gw_str_of(file->path));
        return gw_err_hint(e, "squash what comes before it, or behind it: `godwit squash FROM TO`");
    }
    return GODWIT_OK;
}

/* What a migration's own folder holds besides is another tool's, drizzle-kit's snapshots say, and would be left behind. */
static gw_rc
check_folders(const squashing *s, gw_err *e)
{
    for (size_t i = s->from; i < s->to && s->migrations.folder.layout->has_folders; i++) {
        const gw_file *const file = file_at(s, i);
        const char *const folder =
            gw_strdup(s->arena, (gw_str){file->path, (size_t)(strrchr(file->path, '/') - file->path)});
        gw_dir_entries entries;
        GW_TRY(gw_dir_list(s->arena, folder, &entries, e));
        for (size_t k = 0; k < entries.len; k++) {
            if (gw_str_ends(gw_str_of(entries.at[k].name), ".sql"))
                continue;
            (void)gw_fail(e, GODWIT_REFUSED, "%s/%s belongs to its migration, and has no place beside another", folder,
                          entries.at[k].name);
            gw_err_copy(e->path, sizeof(e->path), gw_str_of(gw_path_join(s->arena, folder, entries.at[k].name)));
            return gw_err_hint(e, "squash with the tool that wrote it, or remove it where that does not need it");
        }
    }
    return GODWIT_OK;
}

/* ---- the version that stays ---- */

/* The last one's, so that it stands where they stood for everybody else; in numbers without gaps the first one's, which leaves none only
 * where nothing comes behind. */
static gw_rc
choose_keeper(const squashing *s, size_t *out, gw_err *e)
{
    const gw_folder *const folder = &s->migrations.folder;
    const gw_file *const last = file_at(s, s->to - 1);
    bool gaps;
    GW_TRY(gw_config_switch(s->call->config, GW_SETTING_GAPS, &gaps, e));
    const bool is_counted = !gaps && !folder->layout->has_gaps && !folder->layout->keeps_order &&
                            gw_version_is_sequence(gw_str_of(last->version));
    *out = is_counted ? s->from : s->to - 1;
    if (!is_counted || s->to == count_versioned(&folder->files))
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_REFUSED, "numbers would be missing before %s", name_at(s, s->to));
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(file_at(s, s->to)->path));
    return gw_err_hint(e, "squash up to the newest, or allow gaps: `gaps: true` in godwit.yaml, or --gaps");
}

/* Where all of a file's name is its version (sql-migrate), the number that it begins with. */
static gw_rc
number_of(const squashing *s, size_t keeper, const char **out, gw_err *e)
{
    const char *const version = file_at(s, keeper)->version;
    const gw_str file = gw_str_of(name_at(s, keeper));
    const size_t digits = strspn(version, "0123456789");
    *out = version;
    if (s->migrations.folder.layout->read == NULL || file.len != strlen(version) + strlen(".sql"))
        return GODWIT_OK;
    *out = gw_strdup(s->arena, (gw_str){version, digits});
    if (digits > 0)
        return GODWIT_OK;
    return gw_fail(e, GODWIT_REFUSED, "%.*s begins with no number that the new file could have", GW_STR_ARG(file));
}

static gw_rc
choose_name(const squashing *s, const char *version, const char **out, gw_err *e)
{
    if (s->p->name != NULL) {
        GW_TRY(gw_draft_name(s->arena, s->p->name, out, e));
        return gw_draft_check_name(s->arena, s->migrations.folder.layout, version, *out, e);
    }
    *out = file_at(s, s->to - 1)->name;
    return GODWIT_OK;
}

static gw_rc
carry_out(squashing *s, gw_err *e)
{
    const gw_folder *const folder = &s->migrations.folder;
    gw_layout_files files;
    size_t keeper;
    gw_merge_params mp = {.migrations = &s->migrations, .from = s->from, .to = s->to, .no_down = s->p->no_down};
    bool changed;
    GW_TRY(choose_keeper(s, &keeper, e));
    GW_TRY(number_of(s, keeper, &mp.version, e));
    GW_TRY(choose_name(s, mp.version, &mp.name, e));
    GW_TRY(gw_merge(s->arena, s->call, &mp, &files, e));
    const gw_exchange_params xp = {folder, s->from, s->to, keeper, &files};
    GW_TRY(gw_exchange(s->call, &xp, e));
    return folder->covered.sum == NULL ? GODWIT_OK : gw_seal(s->call, folder, &changed, e);
}

gw_rc
gw_squash_migrations(gw_call *call, const godwit_squash_params *p, gw_err *e)
{
    GW_SCOPE(a);
    squashing s = {.arena = a, .call = call, .p = p};
    const gw_folder *const folder = &s.migrations.folder;
    GW_TRY(gw_migrations_open(a, call, GW_MIGRATIONS_TO_RUN, &s.migrations, e));
    if (folder->layout->is_linked) {
        (void)gw_fail(e, GODWIT_REFUSED, "godwit does not squash migrations of the layout %s", folder->layout->name);
        return gw_err_hint(e, "what links them is another tool's: squash with that, or by hand");
    }
    GW_TRY(gw_integrity_check(folder, e));
    GW_TRY(look_at_base(&s, e));
    GW_TRY(choose(&s, e));
    if (s.to - s.from < 2) {
        gw_tell_note(call, "nothing to squash: %s",
                     s.to == s.from ? "this branch added no migration" : "it is one already");
        return GODWIT_OK;
    }
    GW_TRY(check_kinds(&s, e));
    GW_TRY(check_folders(&s, e));
    GW_TRY(check_base(&s, e));
    GW_TRY(check_applied(&s, e));
    return carry_out(&s, e);
}
