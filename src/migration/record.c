#include "migration/record.h"

const char *
gw_state_name(godwit_state state)
{
    static const char *const names[] = {
        [GODWIT_PENDING] = "pending",     [GODWIT_APPLIED] = "applied",   [GODWIT_RUNNING] = "running",
        [GODWIT_FAILED_STATE] = "failed", [GODWIT_REVERTED] = "reverted", [GODWIT_SKIPPED] = "skipped",
        [GODWIT_DEFERRED] = "deferred",
    };
    return (size_t)state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}

bool
gw_state_is_pending(godwit_state state)
{
    return state == GODWIT_PENDING || state == GODWIT_DEFERRED;
}

bool
gw_record_puts_off(const gw_record *newest, const gw_record *next)
{
    if (newest == NULL || next->state != GODWIT_FAILED_STATE || next->done > 0)
        return false;
    return newest->state == GODWIT_SKIPPED || newest->state == GODWIT_DEFERRED || newest->was_put_off;
}
