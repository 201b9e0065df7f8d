#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "db/predecessor_find.h"
#include "db/predecessor_lock.h"
#include "db/predecessor_read.h"
#include "migration/chain.h"
#include "migration/progress.h"
#include "migration/version.h"
#include "workflow/report.h"
#include "workflow/scene.h"
#include "workflow/workflow.h"

/* ---- whose history ---- */

static gw_rc
check_tool(const char *tool, gw_err *e)
{
    GW_SCOPE(scratch);
    const char **const names = gw_new_array(scratch, const char *, gw_predecessor_count);
    gw_buf all = gw_buf_new(scratch);
    for (size_t i = 0; i < gw_predecessor_count; i++) {
        names[i] = gw_predecessors[i].name;
        gw_buf_printf(&all, "%s%s", i == 0 ? "" : ", ", names[i]);
        if (tool == NULL || strcmp(tool, names[i]) == 0)
            return GODWIT_OK;
    }
    const char *const near = gw_str_nearest(gw_str_of(tool), names, gw_predecessor_count);
    (void)gw_fail(e, GODWIT_USAGE, "godwit does not know the history of '%s'", tool);
    if (near != NULL)
        return gw_err_hint(e, "did you mean '%s'? There are %s", near, gw_buf_text(&all));
    return gw_err_hint(e, "there are %s", gw_buf_text(&all));
}

static gw_rc
fail_none(const gw_session *s, const char *tool, gw_err *e)
{
    if (tool == NULL)
        (void)gw_fail(e, GODWIT_USAGE, "%s has no history of a tool that godwit knows", s->shown);
    else
        (void)gw_fail(e, GODWIT_USAGE, "%s has no history of %s", s->shown, tool);
    return gw_err_hint(e, "`godwit baseline` records what is there without one");
}

static gw_rc
fail_several(const gw_session *s, const gw_legacy_tables *found, gw_err *e)
{
    (void)gw_fail(e, GODWIT_USAGE, "%s has the history of more than one tool", s->shown);
    for (size_t i = 0; i < found->len; i++)
        (void)gw_err_note(e, "%s: table %s.%s", found->at[i].tool->name, found->at[i].schema, found->at[i].table);
    return gw_err_hint(e, "say which one: --from %s", found->at[0].tool->name);
}

/* The one of that name, or the only one. */
static gw_rc
choose(gw_arena *a, const gw_session *s, const char *tool, gw_legacy_table *out, gw_err *e)
{
    gw_legacy_tables all = {0}, found = {0};
    GW_TRY(check_tool(tool, e));
    GW_TRY(gw_predecessors_find(a, s->conn, &all, e));
    for (size_t i = 0; i < all.len; i++)
        if (tool == NULL || strcmp(all.at[i].tool->name, tool) == 0)
            *gw_vec_push(a, &found) = all.at[i];
    if (found.len == 0)
        return fail_none(s, tool, e);
    for (size_t i = 1; i < found.len && tool == NULL; i++)
        if (found.at[i].tool != found.at[0].tool)
            return fail_several(s, &found, e);
    *out = found.at[0];
    return GODWIT_OK;
}

/* ---- what its rows say ---- */

/* Whose changes these are, where one table has those of several projects. */
static gw_rc
find_project(gw_arena *a, const gw_folder *f, const char **out, gw_err *e)
{
    gw_tree t;
    *out = NULL;
    if (!f->exists || f->layout == NULL || f->layout->project == NULL)
        return GODWIT_OK;
    GW_TRY(gw_tree_open(a, f->path, &t, e));
    return f->layout->project(a, &t, out, e);
}

static gw_rc
fail_part(const gw_script *script, const gw_record *r, const char *tool, size_t changed, gw_err *e)
{
    if (changed == SIZE_MAX) {
        (void)gw_fail(e, GODWIT_FOLDER, "%s kept no hashes of the %zu statements of %s that it applied", tool, r->done,
                      r->version);
        gw_err_copy(e->path, sizeof(e->path), gw_str_of(script->path));
        return gw_err_hint(e, "see that they are the first of the file; --edited takes them as such");
    }
    if (changed >= script->stmts.len) {
        (void)gw_fail(e, GODWIT_FOLDER, "%s applied %zu statements of %s, and the file has %zu", tool, r->done,
                      r->version, script->stmts.len);
        gw_err_copy(e->path, sizeof(e->path), gw_str_of(script->path));
    } else {
        (void)gw_fail(e, GODWIT_FOLDER, "statement %zu of %s is not what %s applied", changed + 1, r->version, tool);
        (void)gw_expanded_at(e, script->path, script->expanded, script->text, script->stmts.at[changed].offset);
    }
    return gw_err_hint(e, "restore what ran from version control, and mend what follows it");
}

/* Is what ran still what the file begins with? Then godwit goes on behind it, as behind statements of its own. */
static gw_rc
complete_part(gw_arena *a, const gw_scene *scene, const gw_adoption_params *p, const gw_adoption_part *part,
              gw_adoption *taken, gw_err *e)
{
    gw_script script;
    gw_prefix prefix = {0};
    bool kept;
    gw_record *const r = &taken->records.at[part->record];
    const bool is_known = r->state == GODWIT_FAILED_STATE;
    GW_TRY(gw_migrations_up(a, &scene->migrations, part->file, gw_scene_dialect(scene), &script, e));
    const size_t changed = gw_chain_changed(part->chain, &script, r->done, &kept);
    const bool is_short = r->done > script.stmts.len;
    if (is_short || (!p->any_content && (!kept || changed != SIZE_MAX)))
        return fail_part(&script, r, p->tool, is_short ? script.stmts.len : changed, e);
    r->statements = script.stmts.len;
    if (r->done > 0 || !is_known)
        r->fingerprint = gw_progress_text(a, &script, &prefix, r->done, !is_known);
    taken->proved += kept && r->done > 0 && changed == SIZE_MAX;
    *gw_vec_push(a, &taken->assumed) =
        gw_printf(a, "%s stopped in %s behind statement %zu of %zu: %s", p->tool, r->version, r->done, r->statements,
                  is_known ? "`godwit up` goes on there" : "whether the next one happened is not known");
    return GODWIT_OK;
}

static gw_rc
judge(gw_arena *a, const gw_scene *scene, const gw_predecessor *tool, const gw_legacies *rows, bool edited,
      gw_adoption *out, gw_err *e)
{
    gw_adoption_params params = {.tool = tool->name,
                                 .folder = &scene->migrations.folder,
                                 .rows = rows,
                                 .proof = tool->proof,
                                 .any_content = edited};
    GW_TRY(find_project(a, params.folder, &params.project, e));
    GW_TRY(gw_adoption_judge(a, &params, out, e));
    for (size_t i = 0; i < out->parts.len; i++)
        GW_TRY(complete_part(a, scene, &params, &out->parts.at[i], out, e));
    return GODWIT_OK;
}

/* ---- into ours ---- */

/* Every version that the history has, by its key. */
static gw_map *
recorded(gw_arena *a, const gw_scene *scene)
{
    gw_map *const out = gw_map_new(a);
    for (size_t i = 0; i < scene->items.len; i++)
        if (scene->items.at[i].record != NULL)
            gw_map_put(out, gw_version_key(a, gw_str_of(scene->items.at[i].version)), out);
    return out;
}

/* What godwit's history does not know yet. */
static gw_rc
record_new(gw_scene *scene, const gw_legacy_table *from, const gw_records *records, size_t *count, gw_err *e)
{
    GW_SCOPE(a);
    const gw_session *const s = &scene->session;
    const char *const now = gw_clock_utc(a);
    const gw_map *const known = recorded(a, scene);
    *count = 0;
    for (size_t i = 0; i < records->len; i++) {
        gw_record r = records->at[i];
        if (gw_map_has(known, gw_version_key(a, gw_str_of(r.version))))
            continue;
        if (r.started_at == NULL)
            r.started_at = now;
        r.finished_at = r.state == GODWIT_RUNNING ? NULL : r.started_at;
        r.applied_by = from->tool->name;
        r.run_id = s->run_id;
        r.tool = GW_VERSION;
        GW_TRY(gw_history_add(&s->history, &r, NULL, NULL, e));
        ++*count;
    }
    return GODWIT_OK;
}

static gw_rc
record_all(gw_scene *scene, const gw_legacy_table *from, const gw_records *records, gw_err *e)
{
    const gw_history *const h = &scene->session.history;
    size_t count;
    GW_TRY(gw_scene_read(scene, e));
    GW_TRY(record_new(scene, from, records, &count, e));
    if (count == 0)
        return gw_fail(e, GODWIT_USAGE, "nothing to adopt: all that %s applied is in godwit's history already",
                       from->tool->name);
    if (scene->session.engine->commit(h->conn, e) == GODWIT_CONNECT)
        return gw_err_hint(e, "`godwit status` tells whether it was kept");
    return e->rc;
}

static gw_rc
write_down(gw_scene *scene, const gw_legacy_table *from, const gw_records *records, gw_err *e)
{
    const gw_session *const s = &scene->session;
    GW_TRY(gw_scene_create_history(scene, e));
    GW_TRY(s->engine->begin(s->conn, (gw_str){"", 0}, e));
    if (record_all(scene, from, records, e) != GODWIT_OK) {
        s->engine->rollback(s->conn);
        return e->rc;
    }
    return gw_scene_read(scene, e);
}

/* ---- what it did ---- */

static void
tell(gw_call *call, const gw_legacy_table *from, const gw_adoption *taken, bool pretend)
{
    gw_tell_note(call, "%s %zu migration%s of %s (table %s.%s)", pretend ? "would take over" : "took over",
                 taken->records.len, taken->records.len == 1 ? "" : "s", from->tool->name, from->schema, from->table);
    if (from->tool->rule != NULL)
        gw_tell_note(call, "%s is %s's: %s", from->table, from->tool->name, from->tool->rule);
    if (from->tool->proof != GW_PROOF_NONE)
        gw_tell_note(call, "%zu of them have the content that %s kept a hash of", taken->proved, from->tool->name);
    else
        gw_tell_note(call, "%s keeps no hash that godwit can compare: that the files are what was applied is assumed",
                     from->tool->name);
    for (size_t i = 0; i < taken->assumed.len; i++)
        gw_tell_note(call, "%s", taken->assumed.at[i]);
}

static godwit_migration
report_of(gw_call *call, const gw_record *r)
{
    return (godwit_migration){.version = gw_text(call->arena, r->version),
                              .name = gw_text(call->arena, r->name),
                              .kind = "adopted",
                              .direction = "up",
                              .state = r->state,
                              .checksum = gw_text(call->arena, r->checksum),
                              .started_at = gw_text(call->arena, r->started_at)};
}

gw_rc
gw_adopt(gw_call *call, const godwit_adopt_params *p, gw_err *e)
{
    GW_SCOPE(a);
    gw_scene *const scene = gw_new(a, gw_scene);
    gw_legacy_table from = {0};
    gw_legacies rows = {0};
    gw_adoption taken;
    call->report.pretend = p->pretend;
    GW_TRY(gw_scene_open(a, call, p->pretend ? GW_ACCESS_LOOK : GW_ACCESS_WRITE, !p->pretend, scene, e));
    GW_TRY(choose(a, &scene->session, p->from, &from, e));
    assert(from.tool != NULL);
    GW_TRY(gw_predecessor_lock(a, scene->session.conn, &from, !p->pretend, e));
    GW_TRY(gw_predecessor_read(a, scene->session.conn, &from, &rows, e));
    GW_TRY(judge(a, scene, from.tool, &rows, p->edited, &taken, e));
    if (!p->pretend)
        GW_TRY(write_down(scene, &from, &taken.records, e));
    for (size_t i = 0; i < taken.records.len; i++)
        *gw_vec_push(call->arena, &call->answer.migrations) = report_of(call, &taken.records.at[i]);
    tell(call, &from, &taken, p->pretend);
    return GODWIT_OK;
}
