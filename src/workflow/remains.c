#include "workflow/remains.h"

#include <stdint.h>

#include "workflow/mark.h"

/* ---- the file ---- */

static gw_rc
fail_changed(const gw_script *script, const gw_record *r, size_t changed, gw_err *e)
{
    if (changed >= script->stmts.len && r->done > script->stmts.len)
        (void)gw_fail(e, GODWIT_FOLDER, "%s has %zu statements now, and %zu of it are already applied", script->path,
                      script->stmts.len, r->done);
    else if (changed < r->done)
        (void)gw_fail(e, GODWIT_FOLDER, "statement %zu of %s was changed, and it is already applied", changed + 1,
                      script->path);
    else
        (void)gw_fail(e, GODWIT_FOLDER, "%s was changed within the %zu statements that are already applied",
                      script->path, r->done);
    if (changed < script->stmts.len && changed < r->done)
        (void)gw_expanded_at(e, script->path, script->expanded, script->text, script->stmts.at[changed].offset);
    else
        gw_err_copy(e->path, sizeof(e->path), gw_str_of(script->path));
    return gw_err_hint(e,
                       "restore what is applied; the statements after it may be mended. Or settle it by hand: `godwit "
                       "resolve %s`",
                       r->version);
}

/* ---- the objects ---- */

typedef struct states {
    gw_arena *a;
    gw_vec(gw_str) at;
} states;

static bool
take_states(void *ctx, size_t columns, const char *const *values)
{
    states *const s = ctx;
    for (size_t i = 0; i < columns; i++)
        *gw_vec_push(s->a, &s->at) = gw_str_of(gw_text(s->a, values[i] == NULL ? "absent" : values[i]));
    return false;
}

/* *can_tell false: some object has no state that could be asked for. */
static gw_rc
ask_states(gw_arena *a, gw_session *s, const gw_effect *effect, states *out, bool *can_tell, gw_err *e)
{
    gw_buf sql = gw_buf_new(a);
    *out = (states){.a = a};
    *can_tell = (s->engine->caps & GW_CAP_STATE) != 0 && effect->targets.len > 0;
    for (size_t i = 0; i < effect->targets.len && *can_tell; i++) {
        const char *const state = s->engine->state(a, s->conn, &effect->targets.at[i]);
        *can_tell = state != NULL;
        gw_buf_printf(&sql, "%s%s", i == 0 ? "SELECT " : ", ", state == NULL ? "" : state);
    }
    if (!*can_tell)
        return GODWIT_OK;
    gw_watch_enter(s->watch, s->conn);
    return gw_watch_leave(s->watch, s->engine->query(s->conn, gw_buf_text(&sql), NULL, 0, take_states, out, e), e);
}

static const char *
shown_state(gw_arena *a, gw_str state)
{
    enum { DIGITS = 12 };
    return gw_printf(a, "%.*s", state.len > DIGITS ? DIGITS : (int)state.len, state.ptr);
}

static const char *
describe(gw_arena *a, const gw_effect *effect, const gw_progress *p, const states *now)
{
    gw_buf out = gw_buf_new(a);
    for (size_t i = 0; i < effect->targets.len && i < now->at.len; i++) {
        const gw_target *const t = &effect->targets.at[i];
        gw_buf_printf(&out, "%s%s", i == 0 ? "" : "; ", gw_object_kind_name(t->kind));
        if (t->name.len > 0)
            gw_buf_printf(&out, " %.*s", GW_STR_ARG(t->name));
        if (t->on.len > 0)
            gw_buf_printf(&out, " of %.*s", GW_STR_ARG(t->on));
        gw_buf_printf(&out, ": %s before, %s now", i < p->before.len ? shown_state(a, p->before.at[i]) : "not recorded",
                      shown_state(a, now->at.at[i]));
    }
    return out.len == 0 ? NULL : gw_buf_text(&out);
}

static gw_rc
judge(gw_arena *a, gw_session *s, const gw_effect *effect, gw_remains *m, gw_err *e)
{
    states now;
    bool can_tell;
    size_t odd;
    GW_TRY(ask_states(a, s, effect, &now, &can_tell, e));
    const bool is_known = can_tell && now.at.len == effect->targets.len;
    const gw_verdict_params p = {
        .effect = effect,
        .before = m->progress.before.at,
        .now = now.at.at,
        .count = is_known ? m->progress.before.len : 0,
        .atomic_ddl = s->conn->facts.atomic_ddl,
    };
    m->verdict = gw_verdict_of(&p, &odd);
    if (is_known)
        m->finding = describe(a, effect, &m->progress, &now);
    else if (m->verdict == GW_VERDICT_UNKNOWN)
        m->finding = "nothing in the database would tell";
    return GODWIT_OK;
}

/* ---- the whole ---- */

gw_rc
gw_remains_read(gw_arena *a, const gw_script *script, const gw_record *r, gw_remains *out, gw_err *e)
{
    *out = (gw_remains){.done = r->done, .recorded = r->done, .verdict = GW_VERDICT_UNKNOWN};
    gw_progress_read(a, r->fingerprint, &out->progress);
    if (r->done > 0) {
        const size_t changed = gw_progress_changed(a, &out->progress, script, r->done);
        if (changed != SIZE_MAX)
            return fail_changed(script, r, changed, e);
    }
    out->was_under_way = out->progress.next.len > 0;
    if (out->progress.entered)
        out->finding = "it had begun, and committed something by itself";
    else if (out->was_under_way && !gw_progress_is_next(a, &out->progress, script, r->done))
        out->finding = "it was changed since, or is gone from the file";
    else if (out->was_under_way && gw_mark_is_locked(gw_mark_unit(script, r->done)))
        out->finding = "nothing is recorded between LOCK TABLES and UNLOCK TABLES";
    return GODWIT_OK;
}

gw_rc
gw_remains_judge(gw_arena *a, gw_session *s, const gw_script *script, gw_remains *m, gw_err *e)
{
    gw_effect effect;
    if (!m->was_under_way || m->finding != NULL || s->conn == NULL)
        return GODWIT_OK;
    gw_effect_read(a, gw_script_statement(script, m->recorded), gw_mark_dialect(script, m->recorded), &effect);
    if (effect.repeatable)
        m->verdict = GW_VERDICT_NOT_DONE;
    else
        GW_TRY(judge(a, s, &effect, m, e));
    m->done = m->recorded + (m->verdict == GW_VERDICT_DONE);
    return GODWIT_OK;
}

gw_rc
gw_remains_check(const gw_remains *m, const gw_script *script, const gw_record *r, gw_err *e)
{
    if (!m->was_under_way || m->verdict != GW_VERDICT_UNKNOWN)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_FAILED,
                  "statement %zu of %s %s was under way when its runner ended, and whether it "
                  "happened is not known",
                  m->recorded + 1, r->version, r->name);
    if (m->recorded < script->stmts.len)
        (void)gw_expanded_at(e, script->path, script->expanded, script->text, script->stmts.at[m->recorded].offset);
    if (m->finding != NULL)
        (void)gw_err_note(e, "%s", m->finding);
    return gw_err_hint(e,
                       "look at the database, then say where to go on: `godwit resolve %s --retry --done %zu` if it "
                       "did not happen, `--done %zu` if it did",
                       r->version, m->recorded, m->recorded + 1);
}

/* What the kept statements said to the session would have to be said again before the objects could be named: a look says nothing. */
static bool
needs_session(const gw_script *script, size_t done)
{
    for (size_t i = 0; i < done && i < script->stmts.len; i++)
        if (script->classes[i].kind == GW_CLASS_SESSION && !gw_mark_is_moot(script, i, done))
            return true;
    return false;
}

gw_rc
gw_remains_report(gw_arena *a, gw_session *s, const gw_script *script, const gw_record *r, gw_err *e)
{
    static const char *const verdicts[] = {
        [GW_VERDICT_NOT_DONE] = "was under way, and did not happen",
        [GW_VERDICT_DONE] = "was under way, and happened",
        [GW_VERDICT_UNKNOWN] = "was under way; whether it happened is not known",
    };
    gw_remains m;
    gw_err changed = {0};
    if (gw_remains_read(a, script, r, &m, &changed) != GODWIT_OK) {
        gw_tell_note(s->call, "%s", changed.message);
        return GODWIT_OK;
    }
    if (!m.was_under_way || m.recorded >= s->call->answer.statements.len)
        return GODWIT_OK;
    if (needs_session(script, m.recorded))
        m.finding = "`--retry` finds out";
    GW_TRY(gw_remains_judge(a, s, script, &m, e));
    s->call->answer.statements.at[m.recorded].note =
        gw_printf(s->call->arena, "%s%s%s%s", verdicts[m.verdict], m.finding == NULL ? "" : " (",
                  m.finding == NULL ? "" : m.finding, m.finding == NULL ? "" : ")");
    return GODWIT_OK;
}
