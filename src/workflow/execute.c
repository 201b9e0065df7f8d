#include "workflow/execute.h"

#include "base/clock.h"
#include "workflow/report.h"
#include "workflow/retry.h"

/* Time-outs that stand above this statement alone; those of the file are the migration's. */
static int64_t
own_timeout(const gw_script *script, size_t index)
{
    const int64_t ms = script->rules[index].timeout_ms;
    return ms == script->file_rules.timeout_ms ? 0 : ms;
}

static gw_rc
send_statement(gw_session *s, const gw_script *script, size_t index, gw_err *e)
{
    const gw_str text = gw_script_statement(script, index);
    if (!script->stmts.at[index].has_data)
        return s->engine->exec(s->conn, text, e);
    if ((s->engine->caps & GW_CAP_COPY) == 0)
        return gw_fail(e, GODWIT_FOLDER, "COPY with data is not a statement of %s", s->conn->facts.product);
    return s->engine->copy_in(s->conn, text, gw_script_data(script, index), e);
}

/* As send_statement, but it ends when a time-out passes or the user interrupts, with an error that says which. */
static gw_rc
send_watched(gw_session *s, const gw_execute_params *p, size_t index, gw_err *e)
{
    const int64_t own_ms = own_timeout(p->script, index);
    gw_watch_deadline(s->watch, GW_DEADLINE_STATEMENT, own_ms != 0 ? own_ms : s->statement_timeout_ms);
    gw_rc rc = gw_watch_check(s->watch, e);
    if (rc == GODWIT_OK) {
        gw_observer_enter(s->observer, s->conn->facts.session);
        gw_watch_enter(s->watch, s->conn);
        rc = gw_watch_leave(s->watch, send_statement(s, p->script, index, e), e);
        gw_observer_leave(s->observer);
    }
    if (rc == GODWIT_OK && p->revocable)
        rc = gw_watch_check(s->watch, e);
    gw_watch_deadline(s->watch, GW_DEADLINE_STATEMENT, 0);
    return rc;
}

/* ---- what commits in parts ---- */

/* Outside a transaction these may have committed a part before they failed. Then nothing tries them again by itself: what they kept would
 * be done twice. NULL: it is none of them. */
static const char *
wrap_of(const gw_script *script, size_t index)
{
    static const char *const wraps[] = {"CALL", "EXECUTE", "DO"};
    for (size_t i = 0; i < sizeof(wraps) / sizeof(wraps[0]); i++)
        if (gw_str_is_nocase(script->classes[index].verb, wraps[i]))
            return wraps[i];
    return NULL;
}

static void
note_remains(const gw_execute_params *p, size_t index, gw_err *e)
{
    const char *const wrap = wrap_of(p->script, index);
    const gw_kept kept = p->kept == NULL ? GW_KEPT_UNKNOWN : *p->kept;
    if (wrap == NULL || kept == GW_KEPT_NOTHING)
        return;
    (void)gw_err_note(e, "what this %s %s", wrap,
                      kept == GW_KEPT_PART ? "had committed by itself before it failed is kept"
                                           : "did before it failed may have been kept");
    e->transient = e->transient && e->rc != GODWIT_FAILED;
}

/* Is there something to find out, and how? */
static bool
is_counted(const gw_session *s, const gw_execute_params *p, size_t index)
{
    return p->kept != NULL && !p->revocable && (s->engine->caps & GW_CAP_COUNTS) != 0 &&
           wrap_of(p->script, index) != NULL;
}

/* -1: nobody can tell. */
static int64_t
count_transactions(const gw_session *s)
{
    int64_t count;
    gw_err ignored = {0};
    return gw_session_is_alive(s) && s->engine->transactions(s->conn, &count, &ignored) == GODWIT_OK ? count : -1;
}

/* Between two counts: the statement itself, and the second question. */
static gw_kept
compare_counts(int64_t before, int64_t after)
{
    if (before < 0 || after < before)
        return GW_KEPT_UNKNOWN;
    return after - before > 2 ? GW_KEPT_PART : GW_KEPT_NOTHING;
}

static void
note_blocker(const gw_session *s, gw_err *e)
{
    GW_SCOPE(a);
    const char *const seen = gw_observer_seen(a, s->observer);
    if (seen != NULL)
        (void)gw_err_note(e, "the lock was held by %s", seen);
}

gw_rc
gw_execute_place(const gw_session *s, const gw_execute_params *p, size_t index, gw_err *e)
{
    const gw_script *const script = p->script;
    const size_t within = e->offset > 0 ? e->offset - 1 : 0;
    (void)gw_expanded_at(e, script->path, script->expanded, script->text, script->stmts.at[index].offset + within);
    (void)gw_err_note(e, "while %s %s %s, statement %zu of %zu, on %s",
                      p->direction[0] == 'u' ? "applying" : "reverting", p->version, p->name, index + 1,
                      script->stmts.len, s->shown);
    if (e->lock_wait)
        note_blocker(s, e);
    if (!p->revocable)
        note_remains(p, index, e);
    return e->rc;
}

void
gw_execute_tell(const gw_session *s, const gw_execute_params *p, size_t index, int64_t elapsed_ms)
{
    if (s->call->on_event == NULL)
        return;
    GW_SCOPE(a);
    gw_tell(s->call, &(godwit_event){
                         .kind = GODWIT_EVENT_STATEMENT,
                         .version = p->version,
                         .name = p->name,
                         .direction = p->direction,
                         .text = gw_report_first_line(a, p->script, index),
                         .index = index + 1,
                         .total = p->script->stmts.len,
                         .elapsed_ms = elapsed_ms,
                     });
}

/* How long it may wait for locks: what the file says of it. Nothing was executed when this fails. */
static gw_rc
set_own_lock_timeout(gw_session *s, const gw_execute_params *p, size_t index, gw_err *e)
{
    gw_kept nothing = GW_KEPT_NOTHING;
    gw_execute_params unsent = *p;
    const int64_t own_ms = p->script->rules[index].lock_timeout_ms;
    if (own_ms == 0 || s->engine->set_lock_timeout(s->conn, gw_retry_queue_ms(own_ms), e) == GODWIT_OK)
        return GODWIT_OK;
    unsent.kept = &nothing;
    return gw_execute_place(s, &unsent, index, e);
}

gw_rc
gw_execute_statement(gw_session *s, const gw_execute_params *p, size_t index, gw_err *e)
{
    const int64_t began_ms = gw_clock_ms();
    const bool counts = is_counted(s, p, index);
    GW_TRY(set_own_lock_timeout(s, p, index, e));
    const int64_t before = counts ? count_transactions(s) : -1;
    const gw_rc rc = send_watched(s, p, index, e);
    if (rc != GODWIT_OK && counts)
        *p->kept = compare_counts(before, count_transactions(s));
    if (rc != GODWIT_OK)
        return gw_execute_place(s, p, index, e);
    if (p->script->rules[index].lock_timeout_ms != 0)
        GW_TRY(s->engine->set_lock_timeout(s->conn, 0, e));
    gw_execute_tell(s, p, index, gw_clock_ms() - began_ms);
    return GODWIT_OK;
}
