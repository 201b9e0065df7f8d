#include "workflow/polling.h"

#include "base/clock.h"

gw_rc
gw_poll(gw_session *s, gw_poll_fn *ask, void *ctx, gw_err *e)
{
    int64_t wait_ms, poll_ms;
    GW_TRY(gw_config_ms(s->call->config, GW_SETTING_LOCK_WAIT, &wait_ms, e));
    GW_TRY(gw_config_ms(s->call->config, GW_SETTING_LOCK_POLL, &poll_ms, e));
    for (const int64_t until = gw_clock_ms() + wait_ms;;) {
        GW_SCOPE(a);
        const char *in_the_way = NULL;
        GW_TRY(ask(a, ctx, &in_the_way, e));
        const int64_t left = until - gw_clock_ms();
        if (in_the_way == NULL)
            return GODWIT_OK;
        if (left <= 0)
            return gw_fail(e, GODWIT_LOCKED, "%s", in_the_way);
        gw_tell(s->call,
                &(godwit_event){.kind = GODWIT_EVENT_WAITING, .text = in_the_way, .elapsed_ms = wait_ms - left});
        gw_interrupt_sleep(s->call->interrupt, poll_ms < left ? poll_ms : left);
        GW_TRY(gw_watch_check(s->watch, e));
    }
}
