#include "workflow/precondition.h"

#include "migration/assertion.h"
#include "workflow/retry.h"

static gw_rc
place(const gw_application *app, gw_str where, size_t within, gw_err *e)
{
    const gw_script *const script = app->script;
    (void)gw_expanded_at(e, script->path, script->expanded, script->text,
                         (size_t)(where.ptr - script->text.ptr) + within);
    return gw_err_note(e, "before %s %s %s, on %s", app->p->step->down ? "reverting" : "applying", app->record.version,
                       app->record.name, app->session->shown);
}

static gw_rc
ask(gw_session *s, const char *query, gw_assertion_answer *out, gw_err *e)
{
    gw_watch_deadline(s->watch, GW_DEADLINE_STATEMENT, s->statement_timeout_ms);
    gw_rc rc = gw_watch_check(s->watch, e);
    if (rc == GODWIT_OK) {
        gw_observer_enter(s->observer, s->conn->facts.session);
        gw_watch_enter(s->watch, s->conn);
        rc = gw_watch_leave(s->watch, s->engine->query(s->conn, query, NULL, 0, gw_assertion_take, out, e), e);
        gw_observer_leave(s->observer);
    }
    if (rc == GODWIT_OK)
        rc = gw_watch_check(s->watch, e);
    gw_watch_deadline(s->watch, GW_DEADLINE_STATEMENT, 0);
    return rc;
}

/* How long it may wait for locks says the file, as of its statements. */
static gw_rc
ask_patiently(const gw_application *app, const char *query, gw_assertion_answer *out, gw_err *e)
{
    gw_session *const s = app->session;
    const int64_t own_ms = app->script->file_rules.lock_timeout_ms;
    if (own_ms == 0)
        return ask(s, query, out, e);
    GW_TRY(s->engine->set_lock_timeout(s->conn, gw_retry_queue_ms(own_ms), e));
    GW_TRY(ask(s, query, out, e));
    return s->engine->set_lock_timeout(s->conn, 0, e);
}

static gw_rc
fail_untrue(const gw_application *app, const gw_assertion *assertion, const gw_assertion_answer *answer, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FAILED, "what this migration asserts does not hold");
    (void)place(app, assertion->name, 0, e);
    (void)gw_err_note(e, "%s: %s", answer->rows > 1 ? "it returned more than one row, the first" : "it returned",
                      answer->first);
    return gw_err_hint(e, "nothing of this migration was run; mend what the query finds, then run `godwit %s` again",
                       app->record.direction);
}

gw_rc
gw_precondition_check(const gw_application *app, gw_err *e)
{
    const gw_assertions *const all = &app->script->file_rules.assertions;
    for (size_t i = 0; i < all->len; i++) {
        GW_SCOPE(a);
        gw_assertion_answer answer = {0};
        if (ask_patiently(app, gw_strdup(a, all->at[i].query), &answer, e) != GODWIT_OK)
            return place(app, all->at[i].query, e->offset > 0 ? e->offset - 1 : 0, e);
        if (!gw_assertion_holds(&answer))
            return fail_untrue(app, &all->at[i], &answer, e);
    }
    return GODWIT_OK;
}
