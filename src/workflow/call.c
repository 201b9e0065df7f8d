#include "workflow/call.h"

#include <stdio.h>

void
gw_tell(const gw_call *call, const godwit_event *event)
{
    if (call->on_event == NULL)
        return;
    if (call->telling != NULL)
        pthread_mutex_lock(call->telling);
    call->on_event(event, call->event_context);
    if (call->telling != NULL)
        pthread_mutex_unlock(call->telling);
}

void
gw_tell_note(const gw_call *call, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    gw_tell(call, &(godwit_event){.kind = GODWIT_EVENT_NOTE, .text = text});
}

gw_rc
gw_call_check(const gw_call *call, gw_err *e)
{
    return gw_interrupt_is_asked(call->interrupt) ? gw_fail(e, GODWIT_INTERRUPTED, "interrupted") : GODWIT_OK;
}

static bool
speaks(const gw_engine *engine, const char *scheme)
{
    for (const char *const *s = engine->schemes; *s != NULL; s++)
        if (gw_str_is(gw_str_of(*s), scheme))
            return true;
    return false;
}

gw_rc
gw_call_engine(const gw_call *call, const gw_url *url, const gw_engine **out, gw_err *e)
{
    GW_SCOPE(a);
    gw_buf known = gw_buf_new(a);
    for (const gw_engine *const *engine = call->engines; *engine != NULL; engine++) {
        if (speaks(*engine, url->scheme)) {
            *out = *engine;
            return GODWIT_OK;
        }
        for (const char *const *s = (*engine)->schemes; *s != NULL; s++)
            gw_buf_printf(&known, "%s%s:", known.len == 0 ? "" : ", ", *s);
    }
    (void)gw_fail(e, GODWIT_USAGE, "unknown database scheme '%s' in the URL", url->scheme);
    return gw_err_hint(e, "this build speaks %s", gw_buf_text(&known));
}
