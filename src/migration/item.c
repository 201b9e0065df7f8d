#include "migration/item.h"

#include <assert.h>
#include <string.h>

static bool
is_down(const gw_record *r)
{
    return strcmp(r->direction, "down") == 0;
}

const char *
gw_item_kind(const gw_item *item)
{
    static const char *const names[] = {
        [GW_FILE_VERSIONED] = "versioned", [GW_FILE_REPEATABLE] = "repeatable", [GW_FILE_CHECKPOINT] = "checkpoint"};
    return names[item->kind];
}

bool
gw_item_is_there(const gw_item *item)
{
    return item->state == GODWIT_APPLIED || item->state == GODWIT_RUNNING || item->state == GODWIT_FAILED_STATE;
}

bool
gw_item_is_half(const gw_item *item, bool down)
{
    return (item->state == GODWIT_RUNNING || item->state == GODWIT_FAILED_STATE) && is_down(item->record) == down;
}

bool
gw_item_is_baseline(const gw_item *item)
{
    return item->applied != NULL &&
           (strcmp(item->applied->kind, "baseline") == 0 || strcmp(item->applied->kind, GW_RECORD_COVERED) == 0);
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
