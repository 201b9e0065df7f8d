#include "migration/plan.h"

#include <string.h>

#include "migration/version.h"

enum { NOTED = 5, LISTED = 3 };
static const size_t nowhere = SIZE_MAX;

/* ---- refusals ---- */

/* Several errors as one: the first, then others as its notes. */
typedef struct refusal {
    gw_err *e;
    size_t count;
} refusal;

typedef gw_rc fail_fn(const gw_item *item, gw_err *e);

static void
refuse(refusal *r, const gw_item *item, fail_fn *fail)
{
    if (++r->count == 1) {
        (void)fail(item, r->e);
        return;
    }
    if (r->count > NOTED + 1)
        return;
    gw_err other = {0};
    (void)fail(item, &other);
    (void)gw_err_note(r->e, "also: %s", other.message);
}

static gw_rc
refused(const refusal *r)
{
    if (r->count > NOTED + 1)
        (void)gw_err_note(r->e, "and %zu more", r->count - NOTED - 1);
    return r->e->rc;
}

static gw_rc
fail_problem(const gw_item *item, gw_err *e)
{
    return gw_item_fail(item, gw_item_problem(item), e);
}

/* `problems`: bits of 1 << gw_problem. */
static gw_rc
check(const gw_items *items, unsigned problems, gw_err *e)
{
    refusal r = {.e = e};
    for (size_t i = 0; i < items->len; i++)
        if ((problems & 1u << gw_item_problem(&items->at[i])) != 0)
            refuse(&r, &items->at[i], fail_problem);
    return refused(&r);
}

/* What was begun the other way has to be ended that way. */
static gw_rc
check_half(const gw_items *items, bool down, gw_err *e)
{
    refusal r = {.e = e};
    for (size_t i = 0; i < items->len; i++)
        if (gw_item_is_half(&items->at[i], down))
            refuse(&r, &items->at[i], fail_problem);
    return refused(&r);
}

static gw_step
step_of(const gw_item *item, bool down)
{
    gw_step step = {.item = item, .down = down, .action = GW_ACTION_RUN};
    if (gw_item_is_half(item, down)) {
        step.action = GW_ACTION_RESUME;
        step.from = item->record->done;
        step.was_running = item->state == GODWIT_RUNNING;
    }
    return step;
}

/* ---- the target ---- */

static bool
is_version(const gw_item *item, gw_str text)
{
    return gw_version_compare(text, gw_str_of(item->version)) == 0;
}

/* "db/0002_b.sql": its file, as a user would write it, or the end of that. */
static bool
is_file(const gw_item *item, gw_str target)
{
    if (item->file == NULL || item->file->section > 0)
        return false;
    const gw_str path = gw_str_of(item->file->path);
    if (target.len > path.len || memcmp(path.ptr + path.len - target.len, target.ptr, target.len) != 0)
        return false;
    return target.len == path.len || path.ptr[path.len - target.len - 1] == '/';
}

/* Is `target` its version, or its file's name: "0002", "2", "0002_b", "0002_b.up.sql", "20260101_b/migration.sql"? Where versions are
 * words, they may hold what stands between version and name elsewhere. */
static bool
is_called(const gw_item *item, gw_str target)
{
    static const char *const suffixes[] = {".sql", ".up"};
    if (is_version(item, target) || is_file(item, target))
        return true;
    const char *const slash = memrchr(target.ptr, '/', target.len);
    if (slash != NULL)
        target = gw_str_slice(target, (size_t)(slash - target.ptr) + 1, target.len);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (gw_str_ends(target, suffixes[i]))
            target.len -= strlen(suffixes[i]);
    gw_str name;
    const gw_str version = gw_str_cut(target, '_', &name);
    return is_version(item, version) && (name.ptr == NULL || gw_str_is(name, item->name));
}

static gw_rc
fail_target(const gw_items *items, const char *target, gw_err *e)
{
    GW_SCOPE(scratch);
    const char **const names = gw_new_array(scratch, const char *, items->len);
    for (size_t i = 0; i < items->len; i++)
        names[i] = gw_printf(scratch, "%s_%s", items->at[i].version, items->at[i].name);
    gw_buf newest = gw_buf_new(scratch);
    for (size_t i = items->len > LISTED ? items->len - LISTED : 0; i < items->len; i++)
        gw_buf_printf(&newest, "%s%s", newest.len == 0 ? "" : ", ", names[i]);
    const char *const near = gw_str_nearest(gw_str_of(target), names, items->len);
    (void)gw_fail(e, GODWIT_USAGE, "there is no migration %s", target);
    if (items->len == 0)
        return gw_err_hint(e, "there are none at all");
    if (near != NULL)
        return gw_err_hint(e, "did you mean %s? The newest are %s", near, gw_buf_text(&newest));
    return gw_err_hint(e, "the newest are %s", gw_buf_text(&newest));
}

gw_rc
gw_plan_find(const gw_items *items, const char *target, size_t *out, gw_err *e)
{
    for (*out = 0; *out < items->len; ++*out)
        if (is_called(&items->at[*out], gw_str_of(target)))
            return GODWIT_OK;
    return fail_target(items, target, e);
}

/* ---- up ---- */

/* The checkpoint that a database begins with in which nothing was run; SIZE_MAX: none before `last`. */
static size_t
find_checkpoint(const gw_items *items, size_t last)
{
    for (size_t i = 0; i < items->len; i++)
        if (gw_item_is_there(&items->at[i]))
            return nowhere;
    while (last > 0 && (items->at[last - 1].kind != GW_FILE_CHECKPOINT || items->at[last - 1].file == NULL))
        last--;
    return last > 0 ? last - 1 : nowhere;
}

gw_rc
gw_plan_up(gw_arena *a, const gw_items *items, const gw_plan_params *p, gw_plan *out, gw_err *e)
{
    const unsigned order = p->out_of_order ? 0 : 1u << GW_PROBLEM_OUT_OF_ORDER;
    *out = (gw_plan){0};
    GW_TRY(check(items, 1u << GW_PROBLEM_EDITED | 1u << GW_PROBLEM_GONE | order, e));
    GW_TRY(check_half(items, true, e));
    size_t last = items->len;
    if (p->target != NULL) {
        GW_TRY(gw_plan_find(items, p->target, &last, e));
        last++;
    }
    size_t counted = 0;
    const size_t checkpoint = find_checkpoint(items, last);
    for (size_t i = 0; i < last; i++) {
        const gw_item *const item = &items->at[i];
        const bool is_work = gw_state_is_pending(item->state) || gw_item_is_half(item, false);
        if (item->file == NULL || item->is_passed || (!is_work && item->state != GODWIT_SKIPPED))
            continue;
        if (checkpoint != nowhere && i < checkpoint) {
            *gw_vec_push(a, out) = (gw_step){.item = item, .action = GW_ACTION_COVER};
            continue;
        }
        if (is_work && p->steps > 0 && counted == p->steps)
            break;
        counted += is_work;
        *gw_vec_push(a, out) = step_of(item, false);
    }
    return GODWIT_OK;
}

/* ---- down ---- */

static gw_rc
fail_baseline(const gw_item *item, gw_err *e)
{
    const bool is_covered = strcmp(item->applied->kind, GW_RECORD_COVERED) == 0;
    (void)gw_fail(e, GODWIT_REFUSED, "%s %s %s: it was recorded and never run, so it cannot be reverted", item->version,
                  item->name, is_covered ? "is covered by a checkpoint" : "is a baseline");
    return gw_err_hint(e, "stop above it: `godwit down %s`", item->version);
}

static gw_rc
fail_no_down(const gw_item *item, gw_err *e)
{
    (void)gw_fail(e, GODWIT_REFUSED, "no down text is known for %s %s, neither in a file nor in the history",
                  item->version, item->name);
    if (item->file != NULL)
        gw_err_copy(e->path, sizeof(e->path), gw_str_of(item->file->path));
    return gw_err_hint(e, "write its down file, or a new migration that undoes it");
}

static bool
has_down(const gw_item *item)
{
    return (item->file != NULL && item->file->down_path != NULL) || (item->applied != NULL && item->applied->has_down);
}

static gw_rc
find_floor(const gw_items *items, const char *target, size_t *out, gw_err *e)
{
    *out = nowhere;
    if (target == NULL || strcmp(target, "0") == 0)
        return GODWIT_OK;
    GW_TRY(gw_plan_find(items, target, out, e));
    if (items->at[*out].state == GODWIT_APPLIED)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_USAGE, "%s %s is not applied, so there is no way down to it", items->at[*out].version,
                  items->at[*out].name);
    return gw_err_hint(e, "`godwit status` shows what is applied; `godwit down 0` reverts everything");
}

gw_rc
gw_plan_down(gw_arena *a, const gw_items *items, const gw_plan_params *p, gw_plan *out, gw_err *e)
{
    const size_t steps = p->target == NULL && p->steps == 0 ? 1 : p->steps;
    size_t floor;
    refusal r = {.e = e};
    *out = (gw_plan){0};
    GW_TRY(check_half(items, false, e));
    GW_TRY(find_floor(items, p->target, &floor, e));
    for (size_t i = items->len; i-- > 0 && i != floor && (steps == 0 || out->len < steps);) {
        const gw_item *const item = &items->at[i];
        if (item->kind == GW_FILE_REPEATABLE || (item->state != GODWIT_APPLIED && !gw_item_is_half(item, true)))
            continue;
        *gw_vec_push(a, out) = step_of(item, true);
        if (gw_item_is_baseline(item))
            refuse(&r, item, fail_baseline);
        else if (!has_down(item))
            refuse(&r, item, fail_no_down);
    }
    return refused(&r);
}
