#include "migration/item.h"

#include <assert.h>
#include <string.h>

#include "migration/version.h"

/* ---- files and records together ---- */

static bool
is_down(const gw_record *r)
{
    return strcmp(r->direction, "down") == 0;
}

static bool
is_baseline(const gw_record *r)
{
    return strcmp(r->kind, "baseline") == 0;
}

/* Of what was there before godwit came a file need not exist. */
static bool
needs_file(const gw_record *r)
{
    return !is_baseline(r) && strcmp(r->kind, "adopted") != 0;
}

static int
compare_versions(const char *a, const char *b)
{
    return gw_version_compare(gw_str_of(a), gw_str_of(b));
}

/* By version, then by age: the records lie in one array, oldest first. */
static int
by_version_and_age(const void *left, const void *right)
{
    const gw_record *const a = *(const gw_record *const *)left;
    const gw_record *const b = *(const gw_record *const *)right;
    const int order = compare_versions(a->version, b->version);
    return order != 0 ? order : (a > b) - (a < b);
}

static bool
has_kept_nothing(const gw_record *r)
{
    return r->state == GODWIT_FAILED_STATE && r->done == 0;
}

static godwit_state
state_after_up(const gw_record *r)
{
    static const godwit_state states[] = {
        [GODWIT_PENDING] = GODWIT_PENDING,           [GODWIT_APPLIED] = GODWIT_APPLIED,
        [GODWIT_RUNNING] = GODWIT_RUNNING,           [GODWIT_REVERTED] = GODWIT_PENDING,
        [GODWIT_FAILED_STATE] = GODWIT_FAILED_STATE, [GODWIT_SKIPPED] = GODWIT_SKIPPED,
        [GODWIT_DEFERRED] = GODWIT_DEFERRED,
    };
    return has_kept_nothing(r) ? GODWIT_PENDING : states[r->state];
}

static godwit_state
state_after_down(const gw_record *r, const gw_record *applied)
{
    if (r->state == GODWIT_RUNNING)
        return GODWIT_RUNNING;
    if (r->state != GODWIT_FAILED_STATE)
        return GODWIT_PENDING;
    if (r->done > 0)
        return GODWIT_FAILED_STATE;
    return applied != NULL ? GODWIT_APPLIED : GODWIT_PENDING;
}

/* The item of a file, a record or both; `applied` only with a record. */
static gw_item
item_of(const gw_file *file, const gw_record *newest, const gw_record *applied, bool folder_exists)
{
    assert(file != NULL || newest != NULL);
    gw_item item = {.version = file != NULL ? file->version : newest->version,
                    .name = file != NULL ? file->name : newest->name,
                    .file = file,
                    .record = newest,
                    .applied = applied,
                    .state = GODWIT_PENDING};
    if (newest != NULL)
        item.state = is_down(newest) ? state_after_down(newest, applied) : state_after_up(newest);
    if (file == NULL && item.state == GODWIT_PENDING)
        item.state = GODWIT_REVERTED;
    if (item.state != GODWIT_APPLIED)
        return item;
    assert(applied != NULL);
    item.missing = file == NULL && folder_exists && needs_file(applied);
    item.edited = file != NULL && file->checksum != NULL && applied->checksum != NULL &&
                  strcmp(file->checksum, applied->checksum) != 0;
    return item;
}

static void
mark_out_of_order(gw_items *items)
{
    const gw_record *newest = NULL;
    for (size_t i = items->len; i-- > 0;) {
        gw_item *const item = &items->at[i];
        const bool is_there =
            item->state == GODWIT_APPLIED || item->state == GODWIT_RUNNING || item->state == GODWIT_FAILED_STATE;
        if (is_there && newest == NULL)
            newest = item->record;
        item->out_of_order = item->state == GODWIT_PENDING && newest != NULL;
        item->newer = item->out_of_order ? newest : NULL;
    }
}

void
gw_items_of(gw_arena *a, const gw_folder *files, const gw_records *records, gw_items *out)
{
    GW_SCOPE(scratch);
    const gw_record **const sorted = gw_new_array(scratch, const gw_record *, records->len);
    for (size_t i = 0; i < records->len; i++)
        sorted[i] = &records->at[i];
    gw_sort(sorted, records->len, sizeof(void *), by_version_and_age);

    *out = (gw_items){0};
    size_t f = 0;
    size_t r = 0;
    while (f < files->files.len || r < records->len) {
        const gw_file *const file = f < files->files.len ? &files->files.at[f] : NULL;
        const char *const version = r < records->len ? sorted[r]->version : NULL;
        const int order = file == NULL ? 1 : version == NULL ? -1 : compare_versions(file->version, version);
        const gw_record *newest = NULL;
        const gw_record *applied = NULL;
        for (; order >= 0 && r < records->len && compare_versions(sorted[r]->version, version) == 0; r++) {
            newest = sorted[r];
            if (!is_down(newest) && newest->state == GODWIT_APPLIED)
                applied = newest;
        }
        if (order <= 0 || applied != NULL || newest == NULL || !has_kept_nothing(newest))
            *gw_vec_push(a, out) = item_of(order <= 0 ? file : NULL, newest, applied, files->exists);
        f += order <= 0;
    }
    mark_out_of_order(out);
}

bool
gw_item_is_half(const gw_item *item, bool down)
{
    return (item->state == GODWIT_RUNNING || item->state == GODWIT_FAILED_STATE) && is_down(item->record) == down;
}

bool
gw_item_is_baseline(const gw_item *item)
{
    return item->applied != NULL && is_baseline(item->applied);
}

/* ---- what is wrong ---- */

gw_problem
gw_item_problem(const gw_item *item)
{
    if (item->edited)
        return GW_PROBLEM_EDITED;
    if (item->missing)
        return GW_PROBLEM_GONE;
    if (item->out_of_order)
        return GW_PROBLEM_OUT_OF_ORDER;
    const bool is_running = item->state == GODWIT_RUNNING;
    if (!is_running && item->state != GODWIT_FAILED_STATE)
        return GW_PROBLEM_NONE;
    if (item->file == NULL && !is_down(item->record))
        return GW_PROBLEM_GONE;
    if (is_running)
        return GW_PROBLEM_RUNNING;
    return is_down(item->record) ? GW_PROBLEM_HALF_UNDONE : GW_PROBLEM_HALF_DONE;
}

static const char *
time_of(const char *time)
{
    return time == NULL ? "an unknown time" : time;
}

static gw_rc
fail_edited(const gw_item *item, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "%s was edited after it was applied", item->file->path);
    (void)gw_err_note(e, "recorded  %s", item->applied->checksum);
    (void)gw_err_note(e, "the file  %s", item->file->checksum);
    return gw_err_hint(e, "restore it from version control, and write a new migration for the change");
}

static gw_rc
fail_gone(const gw_item *item, gw_err *e)
{
    if (item->state == GODWIT_APPLIED)
        (void)gw_fail(e, GODWIT_FOLDER, "the file of %s %s is gone, and it was applied at %s", item->version,
                      item->name, time_of(item->applied->started_at));
    else
        (void)gw_fail(e, GODWIT_FOLDER, "the file of %s %s is gone, and %zu of its %zu statements are applied",
                      item->version, item->name, item->record->done, item->record->statements);
    return gw_err_hint(e, "restore it from version control, or name the right folder with --dir");
}

static gw_rc
fail_out_of_order(const gw_item *item, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "%s is pending, and older than %s %s, which was run before", item->file->path,
                  item->newer->version, item->newer->name);
    return gw_err_hint(e, "give it a newer version, or allow it: --out-of-order");
}

static gw_rc
fail_running(const gw_item *item, gw_err *e)
{
    const gw_record *const r = item->record;
    (void)gw_fail(e, GODWIT_FAILED,
                  "%s %s is recorded as %s since %s: %zu of %zu statements are done, and its end is not known",
                  item->version, item->name, is_down(r) ? "being reverted" : "running", time_of(r->started_at), r->done,
                  r->statements);
    if (r->applied_by != NULL)
        (void)gw_err_note(e, "started by %s", r->applied_by);
    return gw_err_hint(e, "`godwit resolve %s` shows what is done, and settles it", item->version);
}

static gw_rc
fail_half(const gw_item *item, gw_err *e)
{
    const gw_record *const r = item->record;
    (void)gw_fail(e, GODWIT_FAILED, "%s %s %s after %zu of %zu statements", item->version, item->name,
                  is_down(r) ? "was being reverted and stopped" : "stopped", r->done, r->statements);
    if (r->error != NULL)
        (void)gw_err_note(e, "because: %s", r->error);
    return gw_err_hint(e, "`godwit %s` goes on with it; `godwit resolve %s` shows what is done, and settles it",
                       is_down(r) ? "down" : "up", item->version);
}

gw_rc
gw_item_fail(const gw_item *item, gw_problem problem, gw_err *e)
{
    static gw_rc (*const by_problem[])(const gw_item *item, gw_err *e) = {
        [GW_PROBLEM_EDITED] = fail_edited,
        [GW_PROBLEM_GONE] = fail_gone,
        [GW_PROBLEM_OUT_OF_ORDER] = fail_out_of_order,
        [GW_PROBLEM_RUNNING] = fail_running,
        [GW_PROBLEM_HALF_DONE] = fail_half,
        [GW_PROBLEM_HALF_UNDONE] = fail_half,
    };
    assert(problem != GW_PROBLEM_NONE);
    (void)by_problem[problem](item, e);
    if (item->file != NULL)
        gw_err_copy(e->path, sizeof(e->path), gw_str_of(item->file->path));
    return e->rc;
}

void
gw_items_problems(gw_arena *a, const gw_items *items, gw_problems *out)
{
    *out = (gw_problems){0};
    for (size_t i = 0; i < items->len; i++) {
        const gw_problem problem = gw_item_problem(&items->at[i]);
        if (problem != GW_PROBLEM_NONE)
            (void)gw_item_fail(&items->at[i], problem, gw_vec_push(a, out));
    }
}
