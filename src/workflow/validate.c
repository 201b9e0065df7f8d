#include <string.h>

#include "migration/phase.h"
#include "migration/squash.h"
#include "workflow/issue.h"
#include "workflow/lineage.h"
#include "workflow/migrations.h"
#include "workflow/report.h"
#include "workflow/snapshot.h"
#include "workflow/trust.h"
#include "workflow/workflow.h"

/* What a squash that was broken off left: its migrations are there twice. */
static gw_rc
check_squashed(gw_arena *a, const gw_folder *folder, gw_problems *out, gw_err *e)
{
    for (size_t i = 0; i < folder->files.len; i++) {
        GW_SCOPE(scratch);
        const gw_file *const file = &folder->files.at[i];
        gw_str text = file->text;
        if (text.ptr == NULL)
            GW_TRY(gw_file_read(scratch, file->path, GW_SQL_FILE_CAP, &text, e));
        const char *const self = gw_folder_below(folder, file->path);
        const char *const rest = gw_squash_rest(scratch, text, self, &folder->files);
        if (rest == NULL)
            continue;
        gw_err *const problem = gw_vec_push(a, out);
        *problem = (gw_err){0};
        (void)gw_fail(problem, GODWIT_FOLDER, "%s/%s was squashed into %s, and is there still", folder->path, rest,
                      self);
        gw_err_copy(problem->path, sizeof(problem->path), gw_str_of(gw_path_join(scratch, folder->path, rest)));
        (void)gw_err_hint(problem, "a squash was broken off: remove it, or restore the folder from version control");
    }
    return GODWIT_OK;
}

/* Every file must be readable and splittable. */
static gw_rc
check_scripts(gw_arena *a, gw_call *call, const gw_migrations *m, gw_dialect dialect, gw_problems *out, gw_err *e)
{
    for (size_t i = 0; i < m->folder.files.len; i++) {
        GW_SCOPE(scratch);
        const gw_file *const file = &m->folder.files.at[i];
        gw_script script;
        gw_err up = {0}, down = {0}, verify = {0};
        GW_TRY(gw_call_check(call, e));
        if (gw_migrations_up(scratch, m, file, dialect, &script, &up) != GODWIT_OK ||
            gw_phases_check(file, &script, &up) != GODWIT_OK)
            *gw_vec_push(a, out) = up;
        if (file->verify_path != NULL && gw_migrations_verify(scratch, m, file, dialect, &script, &verify) != GODWIT_OK)
            *gw_vec_push(a, out) = verify;
        if (file->down_path != NULL && gw_migrations_down(scratch, m, file, dialect, &script, &down) != GODWIT_OK)
            *gw_vec_push(a, out) = down;
    }
    return GODWIT_OK;
}

/* Whoever commits or pushes is not to wait for a secret store, nor to be refused for a variable that only a deploy has. */
static bool
is_url_at_hand(gw_call *call)
{
    const char *ignored;
    gw_err unset = {0};
    return call->config->values[GW_SETTING_URL].exec == NULL &&
           gw_config_text(call->config, GW_SETTING_URL, &ignored, &unset) == GODWIT_OK;
}

/* Which SQL the files are in is known by the URL alone; nobody connects. */
static gw_rc
check_sql(gw_arena *a, gw_call *call, const gw_migrations *m, bool is_snapshot, gw_problems *out, gw_err *e)
{
    const char *text = NULL;
    gw_url url;
    gw_err unfit = {0};
    const gw_engine *engine;
    if (!is_snapshot || is_url_at_hand(call))
        GW_TRY(gw_config_text(call->config, GW_SETTING_URL, &text, e));
    if (text == NULL || gw_url_parse(a, gw_str_of(text), &url, &unfit) != GODWIT_OK) {
        gw_tell_note(call,
                     "no database is configured, so that nobody knows which SQL the files are in: they were not split");
        return GODWIT_OK;
    }
    GW_TRY(gw_call_engine(call, &url, &engine, e));
    return check_scripts(a, call, m, (gw_dialect){.kind = engine->dialect}, out, e);
}

/* Of what is wrong in a single file its own reader may have told. */
static bool
is_told(const gw_problems *problems, const gw_err *e)
{
    size_t i = 0;
    while (i < problems->len && (problems->at[i].line != e->line || strcmp(problems->at[i].path, e->path) != 0 ||
                                 strcmp(problems->at[i].message, e->message) != 0))
        i++;
    return i < problems->len;
}

/* The shims, and their issues: whoever commits or pushes does not wait for a tracker either. */
static gw_rc
check_phases(gw_arena *a, gw_call *call, const gw_folder *folder, bool is_snapshot, gw_problems *out, gw_err *e)
{
    gw_phases phases;
    gw_err failure = {0};
    gw_phases_of(a, folder, &phases);
    for (size_t i = 0; i < phases.problems.len; i++)
        if (!is_told(out, &phases.problems.at[i].e))
            *gw_vec_push(a, out) = phases.problems.at[i].e;
    const gw_rc rc = is_snapshot ? GODWIT_OK : gw_issues_check(a, call, &phases, out, &failure);
    if (rc == GODWIT_OK)
        return rc;
    if (rc != GODWIT_IO || out->len == 0) {
        *e = failure;
        return rc;
    }
    *gw_vec_push(a, out) = failure; /* what else was found counts more */
    return GODWIT_OK;
}

/* Of the work tree, or of a snapshot. */
static gw_rc
check(gw_arena *a, gw_call *call, const char *base, const gw_snapshot *s, gw_problems *out, gw_err *e)
{
    gw_migrations migrations = {0};
    const gw_folder *const folder = &migrations.folder;
    const gw_git_branch branch = {.folder = s->shown, .base = base, .head = s->head, .tree = s->tree};
    GW_TRY(gw_migrations_open(a, call, GW_MIGRATIONS_TO_RUN, &migrations, e));
    GW_TRY(gw_trust_problems(a, call, folder, out, e));
    GW_TRY(check_squashed(a, folder, out, e));
    GW_TRY(check_sql(a, call, &migrations, s->path != NULL, out, e));
    if (base != NULL)
        GW_TRY(gw_lineage_check(a, call, folder, &branch, out, e));
    GW_TRY(check_phases(a, call, folder, s->path != NULL, out, e));
    if (folder->covered.sum == NULL)
        gw_tell_note(call, "%s has no sum file: `godwit hash` writes one", s->path == NULL ? folder->path : s->shown);
    return GODWIT_OK;
}

/* Every problem is one of the answer's, the first is the error. */
static gw_rc
tell_problems(gw_call *call, const gw_snapshot *s, gw_problems *problems, gw_err *e)
{
    for (size_t i = 0; i < problems->len; i++) {
        gw_snapshot_name(s, &problems->at[i]);
        *gw_vec_push(call->arena, &call->answer.errors) = problems->at[i];
    }
    if (problems->len == 0)
        return GODWIT_OK;
    *e = problems->at[0];
    e->rc = GODWIT_FOLDER;
    return e->rc;
}

gw_rc
gw_validate(gw_call *call, const godwit_validate_params *p, gw_err *e)
{
    GW_SCOPE(a);
    gw_snapshot snapshot = {0};
    gw_problems problems = {0};
    const bool is_snapshot = p->staged || p->commit != NULL;
    if (p->staged && p->commit != NULL)
        return gw_fail(e, GODWIT_USAGE, "either what is staged, or what a commit has");
    if (is_snapshot)
        GW_TRY(gw_snapshot_take(a, call, p->commit, &snapshot, e));
    if (is_snapshot && snapshot.path == NULL) {
        gw_tell_note(call, "git has nothing of %s there: nothing was checked", snapshot.shown);
        return GODWIT_OK;
    }
    if (check(a, call, p->base, &snapshot, &problems, e) != GODWIT_OK) {
        gw_snapshot_name(&snapshot, e);
        return e->rc;
    }
    return tell_problems(call, &snapshot, &problems, e);
}
