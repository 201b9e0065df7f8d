#include "workflow/burst.h"

#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "db/history_group.h"
#include "workflow/doubt.h"
#include "workflow/execute.h"
#include "workflow/foresight.h"
#include "workflow/mark.h"
#include "workflow/renewal.h"
#include "workflow/session_open.h"

/* A batch is as large as what the one before it took allows; nothing is told before it ends, so that one of slow migrations is to be
 * small. A group also ends when its time is over: it may begin with many. */
enum {
    SIZE_FIRST = 128,
    SIZE_MOST = 512,
    FACTOR = 4,
    QUICK_MS = 1000,
    SIZE_OF_GROUP = 4096,
    GROUP_MS = 250,
    TEXT_MOST = 1 << 20
};

/* ---- what goes in ---- */

static bool
batches(const gw_session *s)
{
    return (s->engine->caps & GW_CAP_BATCH) != 0 && s->lock_method == GW_LOCK_SESSION;
}

static bool
groups(const gw_session *s)
{
    return (s->engine->caps & GW_CAP_GROUP) != 0;
}

gw_rc
gw_burst_open(gw_session *s, gw_burst *out, gw_err *e)
{
    const char *after_each;
    GW_TRY(gw_config_text(s->call->config, GW_SETTING_AFTER_EACH, &after_each, e));
    *out = (gw_burst){
        .session = s,
        .size = groups(s) ? SIZE_OF_GROUP : SIZE_FIRST,
        .is_needed_alone =
            (after_each != NULL && after_each[0] != '\0') || s->statement_timeout_ms != 0 || s->timeout_ms != 0,
    };
    return GODWIT_OK;
}

static bool
has_own_rules(const gw_script *script)
{
    if (script->file_rules.timeout_ms != 0 || script->file_rules.lock_timeout_ms != 0 ||
        script->file_rules.assertions.len > 0)
        return true;
    for (size_t i = 0; i < script->stmts.len; i++)
        if (script->rules[i].timeout_ms != 0 || script->rules[i].lock_timeout_ms != 0 || script->stmts.at[i].has_data)
            return true;
    return false;
}

static bool
is_ordinary(const gw_script *script, const gw_unit *unit)
{
    if (unit->own_begin != SIZE_MAX || unit->own_commit != SIZE_MAX || unit->enters || unit->count == 0)
        return false;
    return unit->transaction || (unit->count == 1 && !script->classes[unit->first].no_transaction &&
                                 !script->classes[unit->first].no_effect_inside);
}

bool
gw_burst_takes(const gw_burst *b, const gw_step *step, const gw_script *script)
{
    const gw_session *const s = b->session;
    const bool in_parts = batches(s) && s->history.sql[GW_SQL_BATCH_MARK][0] != '\0';
    if (b->is_needed_alone || (!batches(s) && !groups(s)) || step->action != GW_ACTION_RUN)
        return false;
    /* What is left in the session: after a failure that may pass it goes on in that, or stops; and the next one begins in another. */
    if (script->units.len == 0 || script->text.len > TEXT_MOST || has_own_rules(script) || gw_renewal_leaves(s, script))
        return false;
    for (size_t i = 0; i < script->units.len; i++)
        if (!is_ordinary(script, &script->units.at[i]))
            return false;
    return in_parts || gw_script_is_single(script);
}

/* The next group's size. One that ended early will do so again. */
static void
adapt_group(gw_burst *b, size_t count, const gw_burst_end *end)
{
    if (!end->alone && end->done > 0 && end->done < count)
        b->size = 2 * end->done;
    else
        b->size = 2 * b->size < SIZE_OF_GROUP ? 2 * b->size : SIZE_OF_GROUP;
}

/* The next batch's size, by the time that the server needed for this one: how long the way was, or how long this process had to wait for
 * its turn, would be no shorter with less. */
static void
adapt_batch(gw_burst *b, const gw_outcome *outcomes, size_t done)
{
    int64_t took_ms = 0;
    for (size_t i = 0; i < done; i++)
        took_ms += outcomes[i].duration_ms;
    if (took_ms < QUICK_MS)
        b->size = FACTOR * b->size < SIZE_MOST ? FACTOR * b->size : SIZE_MOST;
    else if (took_ms > (int64_t)FACTOR * QUICK_MS)
        b->size = b->size > FACTOR ? b->size / FACTOR : 1;
}

/* ---- a batch ---- */

/* The steps of one migration, and which statement each one is (SIZE_MAX: bookkeeping). */
typedef struct recipe {
    gw_arena *a;
    gw_application app; /* for its marks */
    gw_vec(gw_op) ops;
    gw_vec(size_t) statements;
} recipe;

static void
add_text(recipe *r, gw_str sql, size_t statement)
{
    *gw_vec_push(r->a, &r->ops) = (gw_op){.sql = sql};
    *gw_vec_push(r->a, &r->statements) = statement;
}

static void
add_op(recipe *r, gw_op op)
{
    *gw_vec_push(r->a, &r->ops) = op;
    *gw_vec_push(r->a, &r->statements) = SIZE_MAX;
}

static gw_record
final_record(const recipe *r)
{
    gw_record record = r->app.record;
    record.state = r->app.p->step->down ? GODWIT_REVERTED : GODWIT_APPLIED;
    record.done = r->app.script->stmts.len;
    record.fingerprint = NULL;
    return record;
}

static void
add_statements(recipe *r, const gw_unit *unit)
{
    for (size_t i = unit->first; i < unit->first + unit->count; i++)
        add_text(r, gw_script_statement(r->app.script, i), i);
}

static void
add_mark(recipe *r, size_t end)
{
    const gw_history *const h = &r->app.session->history;
    if (end == r->app.script->stmts.len) {
        const gw_record record = final_record(r);
        add_op(r, gw_history_op_end(r->a, h, &record));
        return;
    }
    const gw_mark mark = gw_mark_of(&r->app, end);
    add_op(r, gw_history_op_mark(r->a, h, &mark));
}

static void
cook_whole(recipe *r)
{
    const gw_record record = final_record(r);
    add_statements(r, &r->app.script->units.at[0]);
    add_op(r, gw_history_op_add(r->a, &r->app.session->history, &record, NULL));
}

/* As workflow/entry does it one by one. */
static void
cook_parts(recipe *r)
{
    const gw_mark mark = gw_mark_of(&r->app, 0);
    gw_record record = r->app.record;
    record.fingerprint = mark.fingerprint;
    add_op(r, gw_history_op_add(r->a, &r->app.session->history, &record, mark.states));
    for (size_t i = 0; i < r->app.script->units.len; i++) {
        const gw_unit *const unit = &r->app.script->units.at[i];
        if (unit->transaction)
            add_text(r, GW_STR_LIT("START TRANSACTION"), SIZE_MAX);
        add_statements(r, unit);
        add_mark(r, unit->first + unit->count);
        if (unit->transaction)
            add_text(r, GW_STR_LIT("COMMIT"), SIZE_MAX);
    }
}

static recipe *
cook(gw_arena *a, gw_session *s, const gw_apply_params *params, size_t count, gw_batch_item *items)
{
    recipe *const recipes = gw_new_array(a, recipe, count);
    for (size_t i = 0; i < count; i++) {
        recipe *const r = &recipes[i];
        const bool is_whole = gw_script_is_single(params[i].script);
        r->a = a;
        r->app = (gw_application){.session = s, .p = &params[i], .script = params[i].script, .arena = a};
        r->app.prefix = gw_new(a, gw_prefix);
        r->app.record = gw_apply_record(s, &params[i]);
        if (is_whole)
            cook_whole(r);
        else
            cook_parts(r);
        items[i] = (gw_batch_item){.ops = r->ops.at, .count = r->ops.len, .transaction = is_whole};
    }
    return recipes;
}

static void
tell_begin(const gw_session *s, const gw_apply_params *p)
{
    gw_tell(s->call, &(godwit_event){
                         .kind = GODWIT_EVENT_MIGRATION_BEGIN,
                         .version = p->step->item->version,
                         .name = p->step->item->name,
                         .direction = p->step->down ? "down" : "up",
                         .index = p->index,
                         .total = p->total,
                     });
}

void
gw_burst_tell(const gw_burst *b, const gw_apply_params *p, bool is_first, bool is_done)
{
    const gw_execute_params told = {.script = p->script,
                                    .version = p->step->item->version,
                                    .name = p->step->item->name,
                                    .direction = p->step->down ? "down" : "up"};
    if (groups(b->session))
        return;
    if (!is_first)
        tell_begin(b->session, p);
    for (size_t i = 0; i < p->script->stmts.len && is_done; i++)
        gw_execute_tell(b->session, &told, i, 0);
}

/* Of the migrations from *done on: which did the history see? Where it was not a statement of theirs that failed. */
static gw_rc
look_further(gw_session *s, const gw_apply_params *params, size_t count, size_t *done, gw_err *e)
{
    for (; *done < count; ++*done) {
        GW_SCOPE(a);
        gw_record newest = {0};
        bool found;
        const gw_step *const step = params[*done].step;
        GW_TRY(gw_doubt_newest(a, s, step->item->version, &newest, &found, e));
        if (!found || newest.run_id == NULL || strcmp(newest.run_id, s->run_id) != 0 ||
            newest.state != (step->down ? GODWIT_REVERTED : GODWIT_APPLIED))
            break;
    }
    return GODWIT_OK;
}

/* When the time is over. What is not there may still come. */
static gw_rc
look_last(gw_session *s, const gw_apply_params *params, size_t count, size_t *done, gw_err *e)
{
    gw_rc rc = gw_doubt_look(s, e);
    if (rc == GODWIT_OK)
        rc = look_further(s, params, count, done, e);
    gw_watch_extend(s->watch, 0);
    if (rc == GODWIT_OK && *done < count)
        return gw_fail(e, GODWIT_CONNECT, "there was no more time to wait for the end of the lost session");
    return rc;
}

static gw_rc
connect_again(gw_session *s, const gw_apply_params *params, size_t count, gw_outcome *outcomes, gw_burst_end *end,
              const gw_err *lost, gw_err *e)
{
    gw_err failure = {0};
    gw_tell_note(s->call, "the connection was lost: connecting again, and looking what was kept");
    gw_rc rc = gw_session_reopen(s, lost, &failure);
    if (rc == GODWIT_OK)
        rc = look_further(s, params, count, &end->done, &failure);
    gw_err over = {0};
    if (rc != GODWIT_OK && gw_watch_check(s->watch, &over) != GODWIT_OK) {
        failure = (gw_err){0};
        rc = look_last(s, params, count, &end->done, &failure);
    }
    end->alone = end->done < count;
    if (rc == GODWIT_OK)
        return rc;
    outcomes[end->done].state = GODWIT_RUNNING;
    if (s->engine->is_ended_session(&failure)) { /* and the server still runs */
        *e = failure;
        return e->rc;
    }
    *e = *lost;
    const gw_rc lost_rc = gw_err_note(e, "godwit could not look what was kept: %s", failure.message);
    if (gw_watch_leave(s->watch, lost_rc, e) != GODWIT_OK)
        e->hint[0] = '\0';
    return gw_err_hint(e, "look before you go on: `godwit status` tells, as soon as the server answers");
}

static gw_rc
settle_failure(gw_burst *b, const gw_apply_params *params, size_t count, const recipe *recipes,
               const gw_batch_end *stop, gw_outcome *outcomes, gw_burst_end *end, gw_err *failure, gw_err *e)
{
    gw_session *const s = b->session;
    if (stop->done == count) /* nothing is left that could have failed */
        return GODWIT_OK;
    const recipe *const r = &recipes[stop->done];
    const size_t statement = stop->op < r->statements.len ? r->statements.at[stop->op] : SIZE_MAX;
    if (!gw_session_is_alive(s))
        return connect_again(s, params, count, outcomes, end, failure, e);
    gw_err unsaid = {0}; /* whoever goes on with the next one asks again */
    if (statement == SIZE_MAX && look_further(s, params, count, &end->done, &unsaid) == GODWIT_OK && end->done == count)
        return GODWIT_OK;
    const bool is_interrupted = failure->rc == GODWIT_INTERRUPTED;
    const bool lost_lock = statement == SIZE_MAX && gw_history_explain(&s->history, failure) == GODWIT_LOCKED;
    if (!is_interrupted && !lost_lock &&
        (failure->rc != GODWIT_FAILED || statement == SIZE_MAX || failure->transient)) {
        end->alone = true;
        return GODWIT_OK;
    }
    *e = *failure;
    return gw_apply_failed(s, &params[end->done], statement, &outcomes[end->done], e);
}

static gw_rc
run_batch(gw_burst *b, const gw_apply_params *params, size_t count, gw_outcome *outcomes, gw_burst_end *end, gw_err *e)
{
    GW_SCOPE(a);
    gw_session *const s = b->session;
    gw_batch_item *const items = gw_new_array(a, gw_batch_item, count);
    gw_foresight_begin(s, params, count);
    const recipe *const recipes = cook(a, s, params, count, items);
    gw_foresight_end(s);
    gw_batch_end stop = {0};
    gw_err failure = {0};
    tell_begin(s, &params[0]);
    if (GW_FAULT("before_batch"))
        return gw_fail(e, GODWIT_FAILED, "fault: before_batch");
    gw_observer_enter(s->observer, s->conn->facts.session);
    gw_watch_enter(s->watch, s->conn);
    const gw_rc rc = gw_watch_leave(s->watch, s->engine->batch(s->conn, items, count, &stop, &failure), &failure);
    gw_observer_leave(s->observer);
    if (GW_FAULT("after_batch"))
        return gw_fail(e, GODWIT_FAILED, "fault: after_batch");
    end->done = stop.done;
    const gw_rc settled =
        rc == GODWIT_OK ? rc : settle_failure(b, params, count, recipes, &stop, outcomes, end, &failure, e);
    for (size_t i = 0; i < end->done; i++)
        outcomes[i] = (gw_outcome){
            .state = params[i].step->down ? GODWIT_REVERTED : GODWIT_APPLIED,
            .done = params[i].script->stmts.len,
            .duration_ms = i < stop.done ? items[i].duration_ms : 0,
        };
    return settled;
}

/* ---- a group ---- */

/* Does the history say of this one what it said when the plan was made? */
static bool
is_as_seen(const gw_session *s, const gw_apply_params *p)
{
    GW_SCOPE(a);
    gw_record newest = {0};
    gw_err ignored = {0}; /* it is run alone, and asks again */
    bool found;
    const gw_record *const seen = p->step->item->record;
    if (gw_history_newest(a, &s->history, p->step->item->version, &newest, &found, &ignored) != GODWIT_OK)
        return false;
    if (!found || seen == NULL)
        return !found && seen == NULL;
    return newest.id == seen->id && newest.state == seen->state && newest.done == seen->done;
}

/* With the lock that the group holds nobody else writes the history until it ends, so that one look is enough; and before the first
 * statement of the users, since each that changes the schema makes SQLite compile ours anew. None where nobody wrote anything since the
 * connection was made on which the history was read. */
static size_t
count_as_seen(const gw_session *s, const gw_apply_params *params, size_t count, bool untouched)
{
    size_t n = untouched && s->reopened == 0 ? count : 0;
    while (n < count && is_as_seen(s, &params[n]))
        n++;
    return n;
}

/* What is in a group is durable, and told, when the group ends: it is not kept waiting for long. */
static gw_rc
run_members(gw_session *s, const gw_apply_params *params, size_t count, gw_outcome *outcomes, size_t *done)
{
    const int64_t until_ms = gw_clock_ms() + GROUP_MS;
    gw_rc rc = GODWIT_OK;
    for (*done = 0; *done < count && rc == GODWIT_OK; *done += rc == GODWIT_OK) {
        const size_t rows = s->group->len;
        gw_err ignored = {0}; /* it is run again, alone, and fails there or not */
        rc = gw_apply(s, &params[*done], &outcomes[*done], &ignored);
        if (rc != GODWIT_OK)
            s->group->len = rows;
        else if (!s->engine->is_clean(s->conn) || gw_clock_ms() >= until_ms) {
            ++*done;
            break;
        }
    }
    return rc;
}

/* The rows go in together: each statement of ours would be compiled anew after one of the user's that changes the schema. */
static gw_rc
end_group(gw_session *s, const gw_records *rows, gw_err *e)
{
    GW_TRY(gw_history_add_group(&s->history, rows, e));
    return s->engine->group_end(s->conn, e);
}

/* The first rows bring their table along: one commit for both. */
static gw_rc
create_history(gw_session *s, gw_err *e)
{
    const gw_rc rc = gw_history_create(&s->history, e);
    if (rc != GODWIT_OK)
        s->engine->group_drop(s->conn);
    return rc;
}

static gw_rc
run_group(gw_burst *b, const gw_apply_params *params, size_t count, gw_outcome *outcomes, gw_burst_end *end, gw_err *e)
{
    gw_session *const s = b->session;
    gw_records rows = {0};
    gw_err lost = {0};
    bool untouched = false;
    const bool existed = s->history.exists;
    GW_TRY(s->engine->reset(s->conn, e)); /* what the migration before left, which the group would begin with */
    gw_watch_enter(s->watch, s->conn);
    GW_TRY(gw_watch_leave(s->watch, s->engine->group_begin(s->conn, &untouched, e), e));
    if (!existed)
        GW_TRY(create_history(s, e));
    const size_t unchanged = count_as_seen(s, params, count, untouched);
    s->group = &rows;
    const gw_rc rc = run_members(s, params, unchanged, outcomes, &end->done);
    s->group = NULL;
    end->alone = rc != GODWIT_OK || unchanged == 0;
    if (end_group(s, &rows, &lost) == GODWIT_OK)
        return GODWIT_OK;
    s->engine->group_drop(s->conn);
    s->history.exists = existed;
    if (end->done > 1)
        gw_tell_note(s->call, "%zu migrations could not be committed together, so each is committed alone: %s",
                     end->done, lost.message);
    b->is_needed_alone = true;
    end->done = 0;
    end->alone = true;
    return GODWIT_OK;
}

gw_rc
gw_burst_run(gw_burst *b, const gw_apply_params *params, size_t count, gw_outcome *outcomes, gw_burst_end *end,
             gw_err *e)
{
    *end = (gw_burst_end){0};
    if (groups(b->session)) {
        GW_TRY(run_group(b, params, count, outcomes, end, e));
        adapt_group(b, count, end);
        return GODWIT_OK;
    }
    const gw_rc rc = run_batch(b, params, count, outcomes, end, e);
    adapt_batch(b, outcomes, end->done);
    return rc;
}
