#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/scratch.h"
#include "migration/content.h"
#include "migration/equivalence.h"
#include "migration/integrity.h"
#include "migration/layouts.h"
#include "migration/sum_signature.h"
#include "workflow/migrations.h"
#include "workflow/report.h"
#include "workflow/snapshot.h"
#include "workflow/workflow.h"

/* ---- what is asked for ---- */

static gw_rc
check_parts(const char *list, unsigned *out, gw_err *e)
{
    gw_str wrong;
    *out = gw_conversion_parts(gw_str_of(list), &wrong);
    if (wrong.ptr == NULL)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_USAGE, "'%.*s' cannot be left out", GW_STR_ARG(wrong));
    return gw_err_hint(e, "there are %s", gw_conversion_part_names);
}

static gw_rc
read_params(const godwit_convert_params *p, gw_conversion_params *out, gw_err *e)
{
    if (p->folder == NULL || *p->folder == '\0')
        return gw_fail(e, GODWIT_USAGE, "the name of the new folder is missing");
    if (p->to == NULL || *p->to == '\0') {
        (void)gw_fail(e, GODWIT_USAGE, "the layout of the new folder is missing");
        return gw_err_hint(e, "say it: --to goose");
    }
    GW_TRY(gw_layout_choose(p->to, "", &out->to, e));
    return check_parts(p->without, &out->without, e);
}

/* "db/new", without slashes at its end. */
static const char *
plain(gw_arena *a, const char *path)
{
    gw_str s = gw_str_of(path);
    while (s.len > 1 && gw_str_ends(s, "/"))
        s.len--;
    return gw_strdup(a, s);
}

static const char *
place_of(gw_arena *a, const char *path)
{
    const char *const slash = strrchr(path, '/');
    return slash == NULL ? "." : slash == path ? "/" : gw_strdup(a, (gw_str){path, (size_t)(slash - path)});
}

/* Is the new one in the old one? What is not there yet is where its parents would be. */
static bool
is_within(gw_arena *a, const char *folder, const char *new)
{
    char outer[PATH_MAX], inner[PATH_MAX] = "";
    const char *place = place_of(a, new);
    if (realpath(folder, outer) == NULL)
        return false;
    while (realpath(place, inner) == NULL && strcmp(place, ".") != 0 && strcmp(place, "/") != 0)
        place = place_of(a, place);
    const size_t len = strlen(outer);
    return strncmp(inner, outer, len) == 0 && (inner[len] == '/' || inner[len] == '\0');
}

static gw_rc
check_place(gw_arena *a, const char *folder, const char *new, gw_err *e)
{
    gw_dir_entries entries = {0};
    const gw_path_kind kind = gw_path_is(new);
    gw_rc rc = GODWIT_OK;
    if (kind == GW_PATH_DIR)
        GW_TRY(gw_dir_list(a, new, &entries, e));
    if (kind != GW_PATH_NONE && (kind != GW_PATH_DIR || entries.len > 0))
        rc = gw_fail(e, GODWIT_IO, "%s is there already", new);
    else if (is_within(a, folder, new))
        rc = gw_fail(e, GODWIT_IO, "%s would be within %s, and one of its files", new, folder);
    if (rc == GODWIT_OK)
        return rc;
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(new));
    return gw_err_hint(e, "name a folder that is yet to be made");
}

static gw_rc
check_source(gw_folder *folder, const gw_layout *to, gw_err *e)
{
    assert(to != NULL);
    if (folder->layout == to) {
        (void)gw_fail(e, GODWIT_USAGE, "%s has the layout %s already", folder->path, to->name);
        return gw_err_hint(e, "if it is another, say which: --layout NAME");
    }
    if (folder->files.len == 0) {
        (void)gw_fail(e, GODWIT_FOLDER, "there is no migration in %s", folder->path);
        return gw_err_hint(e, "name the folder that holds the migrations with --dir");
    }
    return gw_integrity_check(folder, e);
}

/* ---- writing ---- */

static gw_rc
write_files(gw_call *call, const gw_conversion *c, const char *folder, gw_err *e)
{
    GW_TRY(gw_dir_make(folder, e));
    for (size_t i = 0; i < c->files.len; i++) {
        GW_SCOPE(a);
        GW_TRY(gw_call_check(call, e));
        GW_TRY(gw_scratch_put(gw_path_join(a, folder, c->files.at[i].file), c->files.at[i].text, e));
    }
    return GODWIT_OK;
}

/* Where the old one has one, and where the layout is known by it. */
static gw_rc
write_sum(gw_arena *a, const gw_conversion_params *p, const char *folder, const char **name, gw_err *e)
{
    const gw_folder new = {.path = folder, .layout = p->to};
    const char *path;
    char *text;
    *name = NULL;
    if (p->from.folder->covered.sum == NULL && p->to->evidence != GW_KNOWN_BY_SUM)
        return GODWIT_OK;
    GW_TRY(gw_integrity_sum(a, &new, &path, &text, e));
    *name = strrchr(path, '/') + 1;
    return gw_scratch_put(path, gw_str_of(text), e);
}

/* As `up` would read it. */
static gw_rc
check(gw_arena *a, const gw_conversion_params *p, const gw_conversion *c, const char *folder, const gw_layout **known,
      gw_err *e)
{
    gw_tree made;
    gw_folder new;
    gw_err unsaid = {0};
    const gw_folder_params fp = {.path = folder, .layout = p->to->name, .allow_gaps = p->allow_gaps};
    GW_TRY(gw_tree_open(a, folder, &made, e));
    GW_TRY(gw_equivalence_check(a, p, c, &made, e));
    GW_TRY(gw_folder_open(a, &fp, &new, e));
    new.prefixes = p->from.prefixes;
    GW_TRY(gw_content_read(a, &new, e));
    GW_TRY(gw_integrity_check(&new, e));
    if (gw_layout_detect(&made, known, &unsaid) != GODWIT_OK)
        *known = NULL;
    return GODWIT_OK;
}

static void
tell(gw_call *call, const gw_conversion_params *p, const gw_conversion *c, const char *folder, const char *sum,
     const gw_layout *known)
{
    GW_SCOPE(a);
    for (size_t i = 0; i < c->files.len; i++)
        gw_report_path(call, gw_path_join(a, folder, c->files.at[i].file));
    if (sum != NULL)
        gw_report_path(call, gw_path_join(a, folder, sum));
    for (size_t i = 0; i < c->notes.len; i++)
        gw_tell_note(call, "%s", c->notes.at[i]);
    if (known != p->to)
        gw_tell_note(call, "by itself the folder does not look like it: say `layout: %s`", p->to->name);
    const char *const old = p->from.folder->covered.sum;
    const char *const signature =
        old == NULL ? NULL : gw_sum_signature_path(a, gw_path_join(a, p->from.folder->path, old));
    if (signature != NULL && gw_path_is(signature) != GW_PATH_NONE)
        gw_tell_note(call, "%s is not of the new folder: `godwit hash --sign KEY` signs it", signature);
}

static const char *
project_of(gw_arena *a, const char *folder)
{
    const char *const slash = strrchr(folder, '/');
    char *const out = gw_text(a, slash == NULL ? folder : slash + 1);
    for (char *c = out; *c != '\0'; c++)
        *c = strchr("@:#[]\\. \t", *c) != NULL ? '_' : *c;
    return out;
}

static gw_rc
write_folder(gw_arena *a, gw_call *call, const gw_conversion_params *p, const char *folder, gw_err *e)
{
    gw_conversion c;
    const char *place, *sum;
    const gw_layout *known;
    GW_TRY(gw_conversion_make(a, p, &c, e));
    GW_TRY(gw_dir_make(place_of(a, folder), e));
    GW_TRY(gw_scratch_make_beside(a, folder, &place, e));
    const char *const made = gw_path_join(a, place, "made");
    const gw_snapshot named = {.shown = folder, .path = made};
    gw_rc rc = write_files(call, &c, made, e);
    rc = rc != GODWIT_OK ? rc : write_sum(a, p, made, &sum, e);
    rc = rc != GODWIT_OK ? rc : check(a, p, &c, made, &known, e);
    if (rc != GODWIT_OK) {
        gw_snapshot_name(&named, e);
        return rc;
    }
    GW_TRY(gw_scratch_keep(made, folder, e));
    tell(call, p, &c, folder, sum, known);
    return GODWIT_OK;
}

gw_rc
gw_convert(gw_call *call, const godwit_convert_params *params, gw_err *e)
{
    GW_SCOPE(a);
    gw_tree tree;
    gw_migrations migrations = {0};
    gw_conversion_params p = {.from = {.tree = &tree, .folder = &migrations.folder}};
    GW_TRY(read_params(params, &p, e));
    const char *const new = plain(a, params->folder);
    GW_TRY(gw_migrations_open(a, call, GW_MIGRATIONS_TO_RUN, &migrations, e));
    GW_TRY(check_source(&migrations.folder, p.to, e));
    GW_TRY(check_place(a, migrations.folder.path, new, e));
    GW_TRY(gw_migrations_dialect(call, "which SQL the files are in the kind of database tells; nobody connects",
                                 &p.from.dialect.kind, e));
    GW_TRY(gw_config_switch(call->config, GW_SETTING_GAPS, &p.allow_gaps, e));
    GW_TRY(gw_tree_open(a, migrations.folder.path, &tree, e));
    p.from.prefixes = migrations.prefixes;
    p.from.any_bytes = migrations.any_bytes;
    p.project = project_of(a, new);
    p.now_ms = (int64_t)time(NULL) * 1000;
    return write_folder(a, call, &p, new, e);
}
