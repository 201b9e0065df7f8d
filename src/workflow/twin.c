#include "workflow/twin.h"

#include "base/clock.h"

static gw_rc
find(gw_arena *a, gw_session *s, gw_str sql, gw_lock_holder *out, gw_err *e)
{
    gw_watch_enter(s->watch, s->conn);
    return gw_watch_leave(s->watch, s->engine->twin(a, s->conn, sql, out, e), e);
}

static gw_rc
fail(const gw_lock_holder *twin, const gw_script *script, size_t index, gw_err *e)
{
    (void)gw_fail(e, GODWIT_LOCKED, "statement %zu is still being carried out by %s", index + 1, twin->who);
    (void)gw_err_at(e, script->path, script->text, script->stmts.at[index].offset);
    return gw_err_hint(e, "wait for it: --lock-wait says how long; or end that session on the server");
}

gw_rc
gw_twin_await(gw_session *s, const gw_script *script, size_t index, gw_err *e)
{
    int64_t wait_ms, poll_ms;
    if ((s->engine->caps & GW_CAP_TWIN) == 0 || index >= script->stmts.len)
        return GODWIT_OK;
    GW_TRY(gw_config_ms(s->call->config, GW_SETTING_LOCK_WAIT, &wait_ms, e));
    GW_TRY(gw_config_ms(s->call->config, GW_SETTING_LOCK_POLL, &poll_ms, e));
    for (const int64_t until = gw_clock_ms() + wait_ms;;) {
        GW_SCOPE(a);
        gw_lock_holder twin = {0};
        GW_TRY(find(a, s, gw_script_statement(script, index), &twin, e));
        if (twin.who == NULL)
            return GODWIT_OK;
        const int64_t left = until - gw_clock_ms();
        if (left <= 0)
            return fail(&twin, script, index, e);
        gw_tell(s->call, &(godwit_event){.kind = GODWIT_EVENT_WAITING,
                                         .text = gw_printf(a, "statement %zu of %s is still being carried out by %s",
                                                           index + 1, script->path, twin.who),
                                         .elapsed_ms = wait_ms - left});
        gw_interrupt_sleep(s->call->interrupt, poll_ms < left ? poll_ms : left);
        GW_TRY(gw_watch_check(s->watch, e));
    }
}
