#include "workflow/retry.h"

#include "base/clock.h"

enum { QUEUES = 5, QUEUE_MIN_MS = 100, PAUSE_MIN_MS = 50, PAUSE_MAX_MS = 5000, DOUBLINGS = 16, LOOK_AGAIN_MS = 250 };

int64_t
gw_retry_queue_ms(int64_t lock_timeout_ms)
{
    const int64_t share = lock_timeout_ms / QUEUES;
    if (lock_timeout_ms <= QUEUE_MIN_MS)
        return lock_timeout_ms;
    return share < QUEUE_MIN_MS ? QUEUE_MIN_MS : share;
}

/* Maintenance has no watch. */
static gw_rc
check(const gw_session *s, gw_err *e)
{
    return s->watch == NULL ? gw_call_check(s->call, e) : gw_watch_check(s->watch, e);
}

gw_rc
gw_retry_sleep(const gw_session *s, int64_t ms, gw_err *e)
{
    const int64_t until = gw_clock_ms() + ms;
    const gw_interrupt *const i = s->call->interrupt;
    for (int64_t left = ms; left > 0; left = until - gw_clock_ms()) {
        gw_interrupt_sleep(gw_interrupt_is_asked(i) ? NULL : i, left < LOOK_AGAIN_MS ? left : LOOK_AGAIN_MS);
        GW_TRY(check(s, e));
    }
    return check(s, e);
}

/* As long as the queue was, at most: half of the time nobody has to wait behind us. */
static int64_t
pause_after(const gw_retry *r, int64_t queue_ms)
{
    int64_t pause = PAUSE_MIN_MS << (r->tries < DOUBLINGS ? r->tries : DOUBLINGS);
    pause = pause < queue_ms ? pause : queue_ms;
    return pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS;
}

static gw_rc
pause_for_lock(gw_retry *r, bool *again, gw_err *e)
{
    const int64_t queue_ms = gw_retry_queue_ms(r->lock_timeout_ms);
    const int64_t pause_ms = pause_after(r, queue_ms);
    r->tries++;
    r->queued_ms += queue_ms;
    if (r->queued_ms + pause_ms >= r->lock_timeout_ms)
        return GODWIT_OK;
    r->queued_ms += pause_ms;
    *again = true;
    return gw_retry_sleep(r->session, pause_ms, e);
}

gw_rc
gw_retry_wait(gw_retry *r, const gw_err *failure, bool *again, gw_err *e)
{
    size_t retries;
    int64_t backoff_ms;
    gw_config *const config = r->session->call->config;
    *again = false;
    if (!failure->transient)
        return GODWIT_OK;
    GW_TRY(check(r->session, e));
    if (failure->lock_wait && r->lock_timeout_ms > 0)
        return pause_for_lock(r, again, e);
    GW_TRY(gw_config_count(config, GW_SETTING_RETRIES, &retries, e));
    GW_TRY(gw_config_ms(config, GW_SETTING_RETRY_BACKOFF, &backoff_ms, e));
    if (r->tries >= retries)
        return GODWIT_OK;
    GW_SCOPE(a);
    const int64_t wait_ms = backoff_ms << (r->tries < DOUBLINGS ? r->tries : DOUBLINGS);
    r->tries++;
    *again = true;
    gw_tell(r->session->call,
            &(godwit_event){
                .kind = GODWIT_EVENT_WAITING,
                .text = gw_printf(a, "%s; trying again in %s", failure->message, gw_duration_text(a, wait_ms)),
            });
    return gw_retry_sleep(r->session, wait_ms, e);
}
