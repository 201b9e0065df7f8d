#include <string.h>

#include "base/clock.h"
#include "migration/version.h"
#include "workflow/report.h"
#include "workflow/scene.h"
#include "workflow/workflow.h"

static const gw_file *
find_file(const gw_folder *folder, const char *version)
{
    for (size_t i = 0; i < folder->files.len; i++)
        if (gw_version_compare(gw_str_of(folder->files.at[i].version), gw_str_of(version)) == 0)
            return &folder->files.at[i];
    return NULL;
}

static gw_rc
check_version(const gw_folder *folder, const char *version, gw_err *e)
{
    const size_t count = folder->files.len;
    if (version == NULL && count == 0) {
        (void)gw_fail(e, GODWIT_USAGE, "there are no files in %s: say from which version on the database is known",
                      folder->path);
        return gw_err_hint(e, "godwit baseline VERSION");
    }
    if (version == NULL || count == 0 || find_file(folder, version) != NULL)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_USAGE, "%s has no migration %s", folder->path, version);
    return gw_err_hint(e, "the newest is %s", folder->files.at[count - 1].version);
}

/* How many items from the first on are covered: up to this version, where it stands; in an empty folder what is older. */
static size_t
count_within(const gw_scene *scene, const char *version)
{
    const gw_item *const last = version == NULL ? NULL : gw_scene_find(scene, version);
    size_t count = 0;
    if (version == NULL)
        return scene->items.len;
    if (last != NULL)
        return (size_t)(last - scene->items.at) + 1;
    while (count < scene->items.len &&
           gw_version_compare(gw_str_of(scene->items.at[count].version), gw_str_of(version)) < 0)
        count++;
    return count;
}

/* What stopped halfway is neither there nor not there: nobody can call it known. */
static gw_rc
check_settled(const gw_scene *scene, const char *version, gw_err *e)
{
    const size_t count = count_within(scene, version);
    for (size_t i = 0; i < count; i++) {
        const gw_item *const item = &scene->items.at[i];
        if (item->state == GODWIT_RUNNING || item->state == GODWIT_FAILED_STATE)
            return gw_item_fail(item, gw_item_problem(item), e);
    }
    return GODWIT_OK;
}

/* What the baseline covers: what is pending, also after an attempt that kept nothing; and in an empty folder the version
 * itself. */
static gw_rc
collect(gw_arena *a, const gw_scene *scene, const char *version, gw_records *out, gw_err *e)
{
    const char *const now = gw_clock_utc(a);
    const gw_record like = {
        .kind = "baseline",
        .direction = "up",
        .state = GODWIT_APPLIED,
        .started_at = now,
        .finished_at = now,
        .applied_by = scene->session.applied_by,
        .run_id = scene->session.run_id,
        .tool = GW_VERSION,
    };
    const size_t count = count_within(scene, version);
    for (size_t i = 0; i < count; i++) {
        const gw_item *const item = &scene->items.at[i];
        if (!gw_state_is_pending(item->state) || item->kind == GW_FILE_REPEATABLE)
            continue;
        gw_record *const r = gw_vec_push(a, out);
        *r = like;
        r->version = item->version;
        r->name = item->name;
        r->checksum = item->file->checksum;
    }
    if (scene->migrations.folder.files.len == 0 && gw_scene_find(scene, version) == NULL) {
        gw_record *const r = gw_vec_push(a, out);
        *r = like;
        r->version = version;
        r->name = "baseline";
    }
    if (out->len > 0)
        return GODWIT_OK;
    return gw_fail(e, GODWIT_USAGE, "nothing to record: every migration up to there is in the history already");
}

/* Read and written in one transaction: where that is the lock, nobody comes between. */
static gw_rc
record_all(gw_arena *a, gw_scene *scene, const char *version, gw_err *e)
{
    const gw_history *const h = &scene->session.history;
    gw_records records = {0};
    GW_TRY(gw_scene_read(scene, e));
    GW_TRY(check_settled(scene, version, e));
    GW_TRY(collect(a, scene, version, &records, e));
    for (size_t i = 0; i < records.len; i++)
        GW_TRY(gw_history_add(h, &records.at[i], NULL, NULL, e));
    if (scene->session.engine->commit(h->conn, e) == GODWIT_CONNECT)
        return gw_err_hint(e, "`godwit status` tells whether it was kept");
    return e->rc;
}

static void
report_recorded(const gw_scene *scene)
{
    gw_call *const call = scene->call;
    for (size_t i = 0; i < scene->items.len; i++) {
        const gw_record *const r = scene->items.at[i].record;
        if (r != NULL && r->run_id != NULL && strcmp(r->run_id, scene->session.run_id) == 0)
            *gw_vec_push(call->arena, &call->answer.migrations) = gw_report_item(call, &scene->items.at[i]);
    }
}

gw_rc
gw_baseline(gw_call *call, const char *version, gw_err *e)
{
    GW_SCOPE(a);
    gw_scene *const scene = gw_new(a, gw_scene);
    GW_TRY(gw_scene_open(a, call, GW_ACCESS_WRITE, true, scene, e));
    const gw_session *const s = &scene->session;
    GW_TRY(check_version(&scene->migrations.folder, version, e));
    GW_TRY(gw_scene_create_history(scene, e));
    GW_TRY(s->engine->begin(s->conn, (gw_str){"", 0}, e));
    if (record_all(a, scene, version, e) != GODWIT_OK) {
        s->engine->rollback(s->conn);
        return e->rc;
    }
    GW_TRY(gw_scene_read(scene, e));
    report_recorded(scene);
    return GODWIT_OK;
}
