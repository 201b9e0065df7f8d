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
