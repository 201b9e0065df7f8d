#include "workflow/twin.h"

#include "workflow/polling.h"

typedef struct search {
    gw_session *session;
    const gw_script *script;
    size_t index;
} search;

static gw_rc
find(gw_arena *a, void *ctx, const char **in_the_way, gw_err *e)
{
    const search *const w = ctx;
    const gw_session *const s = w->session;
    gw_lock_holder twin = {0};
    gw_watch_enter(s->watch, s->conn);
    GW_TRY(
        gw_watch_leave(s->watch, s->engine->twin(a, s->conn, gw_script_statement(w->script, w->index), &twin, e), e));
    if (twin.who != NULL)
        *in_the_way = gw_printf(a, "statement %zu of %s is still being carried out by %s", w->index + 1,
                                w->script->path, twin.who);
    return GODWIT_OK;
}

gw_rc
gw_twin_await(gw_session *s, const gw_script *script, size_t index, gw_err *e)
{
    search w = {s, script, index};
    if ((s->engine->caps & GW_CAP_TWIN) == 0 || index >= script->stmts.len)
        return GODWIT_OK;
    if (gw_poll(s, find, &w, e) != GODWIT_LOCKED)
        return e->rc;
    (void)gw_expanded_at(e, script->path, script->expanded, script->text, script->stmts.at[index].offset);
    return gw_err_hint(e, "wait for it: --lock-wait says how long; or end that session on the server");
}
