#include "workflow/checks.h"

/* Its own BEGIN and ROLLBACK, as sqitch has them, mean what is done anyway. */
static bool
is_frame(const gw_class *c)
{
    return c->kind == GW_CLASS_BEGIN || c->kind == GW_CLASS_COMMIT || c->kind == GW_CLASS_ROLLBACK;
}

static gw_rc
check_revocable(const gw_script *script, gw_err *e)
{
    for (size_t i = 0; i < script->stmts.len; i++) {
        const gw_class *const c = &script->classes[i];
        if (is_frame(c) || (!c->commits && !c->no_transaction && !script->stmts.at[i].has_data))
            continue;
        (void)gw_fail(e, GODWIT_FOLDER, "a verify script is rolled back, and this cannot be");
        (void)gw_err_at(e, script->path, script->text, script->stmts.at[i].offset);
        return gw_err_hint(e, "let it ask only");
    }
    return GODWIT_OK;
}

static gw_rc
run_statement(gw_session *s, const gw_script *script, size_t index, gw_err *e)
{
    if (is_frame(&script->classes[index]))
        return GODWIT_OK;
    GW_TRY(gw_watch_check(s->watch, e));
    gw_watch_deadline(s->watch, GW_DEADLINE_STATEMENT, s->statement_timeout_ms);
    gw_watch_enter(s->watch, s->conn);
    const gw_rc rc = gw_watch_leave(s->watch, s->engine->exec(s->conn, gw_script_statement(script, index), e), e);
    gw_watch_deadline(s->watch, GW_DEADLINE_STATEMENT, 0);
    return rc;
}

/* Where the script, or what it is about, is not as it should be. */
static gw_rc
place(const gw_session *s, const gw_item *item, const gw_script *script, size_t index, gw_err *e)
{
    const size_t within = e->offset > 0 ? e->offset - 1 : 0;
    (void)gw_err_at(e, script->path, script->text, script->stmts.at[index].offset + within);
    return gw_err_note(e, "while verifying %s %s, statement %zu of %zu, on %s", item->version, item->name, index + 1,
                       script->stmts.len, s->shown);
}

static gw_rc
run_script(gw_session *s, const gw_item *item, const gw_script *script, gw_err *e)
{
    const gw_str no_text = {"", 0};
    gw_rc rc = GODWIT_OK;
    GW_TRY(check_revocable(script, e));
    GW_TRY(s->engine->reset(s->conn, e));
    GW_TRY(s->engine->begin(s->conn, no_text, e));
    for (size_t i = 0; rc == GODWIT_OK && i < script->stmts.len; i++) {
        rc = run_statement(s, script, i, e);
        if (rc == GODWIT_FAILED)
            (void)place(s, item, script, i, e);
    }
    if (s->engine->is_alive(s->conn))
        s->engine->rollback(s->conn);
    return rc;
}

static gw_rc
check_item(gw_scene *scene, const gw_item *item, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_script script;
    GW_TRY(gw_migrations_verify(scratch, &scene->migrations, item->file, gw_scene_dialect(scene), &script, e));
    return run_script(&scene->session, item, &script, e);
}

gw_rc
gw_checks_run(gw_arena *a, gw_scene *scene, gw_problems *out, size_t *count, gw_err *e)
{
    *count = 0;
    for (size_t i = 0; i < scene->items.len && scene->session.conn != NULL; i++) {
        const gw_item *const item = &scene->items.at[i];
        gw_err failure = {0};
        if (item->file == NULL || item->file->verify_path == NULL || item->state != GODWIT_APPLIED)
            continue;
        ++*count;
        const gw_rc rc = check_item(scene, item, &failure);
        if (rc == GODWIT_OK)
            continue;
        if (rc != GODWIT_FAILED && rc != GODWIT_FOLDER) {
            *e = failure;
            return rc;
        }
        *gw_vec_push(a, out) = failure;
    }
    return GODWIT_OK;
}
