#include "workflow/gap.h"

#include <string.h>

#include "migration/items.h"
#include "migration/version.h"
#include "workflow/session_open.h"

static void
end(void *gap)
{
    const gw_gap *const g = gap;
    if (g->arena != NULL)
        gw_arena_free(g->arena);
}

gw_gap *
gw_gap_new(gw_arena *a, gw_scene *scene, const gw_plan *plan)
{
    gw_gap *const g = gw_new(a, gw_gap);
    *g = (gw_gap){
        .scene = scene,
        .plan = plan,
        .reopened = scene->session.reopened,
        .known = &scene->items,
        .is_elsewhere = gw_new_array(a, bool, plan->len),
    };
    gw_defer(a, end, g);
    return g;
}

/* ---- what others did ---- */

typedef struct look {
    gw_gap *gap;
    gw_arena *arena;
    gw_map *steps; /* version → gw_step, of those to come, and of those that wait */
    gw_records records;
} look;

static bool
is_as_known(const gw_record *now, const gw_item *known)
{
    const gw_record *const then = known == NULL ? NULL : known->record;
    return then != NULL && now->id == then->id && now->state == then->state && now->done == then->done;
}

/* Another runner did what the step is to do, or as good as nothing. */
static bool
is_fine(const gw_step *step, const gw_record *now)
{
    if (strcmp(now->direction, step->down ? "down" : "up") != 0)
        return false;
    if (step->action == GW_ACTION_DEFER && now->state == GODWIT_DEFERRED)
        return true;
    return now->state == (step->down ? GODWIT_REVERTED : GODWIT_APPLIED) || now->state == GODWIT_SKIPPED ||
           (now->state == GODWIT_FAILED_STATE && now->done == 0);
}

static gw_rc
judge(const look *l, const gw_item *now, const gw_item *known, gw_err *e)
{
    const gw_session *const s = &l->gap->scene->session;
    const gw_record *const r = now->record;
    if (r == NULL || (r->run_id != NULL && strcmp(r->run_id, s->run_id) == 0) || is_as_known(r, known))
        return GODWIT_OK;
    const gw_step *const step = gw_map_get(l->steps, gw_str_of(now->version));
    if (step != NULL && is_fine(step, r)) {
        l->gap->is_elsewhere[step - l->gap->plan->at] = true;
        return GODWIT_OK;
    }
    (void)gw_fail(e, GODWIT_LOCKED, "another runner was here while this one had no lock: %s %s is %s now", now->version,
                  now->name, gw_state_name(r->state));
    return gw_err_hint(e, "run godwit again: it plans anew");
}

/* What others did may have put what has no file somewhere else. */
static gw_rc
compare_all(const look *l, const gw_items *now, const gw_items *known, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_map *const by_key = gw_map_new(scratch);
    for (size_t i = 0; i < known->len; i++)
        gw_map_put(by_key, gw_version_key(scratch, gw_str_of(known->at[i].version)), &known->at[i]);
    for (size_t i = 0; i < now->len; i++)
        GW_TRY(judge(l, &now->at[i], gw_map_get(by_key, gw_version_key(scratch, gw_str_of(now->at[i].version))), e));
    return GODWIT_OK;
}

static gw_rc
read_records(void *ctx, gw_err *e)
{
    look *const l = ctx;
    return gw_session_records(l->arena, &l->gap->scene->session, &l->records, e);
}

static gw_rc
read_and_compare(gw_gap *g, size_t next, gw_arena *a, gw_items *now, gw_err *e)
{
    look l = {.gap = g, .arena = a, .steps = gw_map_new(a)};
    GW_TRY(gw_session_retry(&g->scene->session, read_records, &l, e));
    for (size_t i = 0; i < g->plan->len; i++)
        if (i >= next || g->plan->at[i].action == GW_ACTION_DEFER)
            gw_map_put(l.steps, gw_str_of(g->plan->at[i].item->version), &g->plan->at[i]);
    gw_items_of(a, &g->scene->migrations.folder, &l.records, now);
    return compare_all(&l, now, g->known, e);
}

static gw_rc
look_again(gw_gap *g, size_t next, gw_err *e)
{
    gw_arena *const a = gw_arena_new();
    gw_items *const now = gw_new(a, gw_items);
    const gw_rc rc = read_and_compare(g, next, a, now, e);
    end(g);
    g->arena = a;
    g->known = now;
    return rc;
}

/* ---- the whole ---- */

static gw_rc
begin_anew(void *ctx, gw_err *e)
{
    gw_session *const s = ctx;
    if (!s->is_littered)
        return GODWIT_OK;
    s->lease_token = NULL; /* given back, not lost: whoever takes it meanwhile may */
    return gw_session_reopen(s, NULL, e);
}

gw_rc
gw_gap_pass(gw_gap *g, size_t next, gw_err *e)
{
    gw_session *const s = &g->scene->session;
    if (s->is_littered)
        GW_TRY(gw_session_retry(s, begin_anew, s, e));
    while (s->reopened != g->reopened) {
        g->reopened = s->reopened;
        GW_TRY(look_again(g, next, e));
    }
    return GODWIT_OK;
}
