#include "db/history_row.h"

#include <assert.h>

const char *
gw_history_number(gw_arena *a, int64_t n)
{
    char text[24];
    char *at = text + sizeof(text) - 1;
    uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;
    *at = '\0';
    do
        *--at = (char)('0' + left % 10);
    while ((left /= 10) != 0);
    if (n < 0)
        *--at = '-';
    return gw_text(a, at);
}

void
gw_history_row_put(gw_arena *a, const gw_record *r, gw_param *params)
{
    params[GW_COLUMN_VERSION - GW_COLUMN_VERSION].text = r->version;
    params[GW_COLUMN_NAME - GW_COLUMN_VERSION].text = r->name;
    params[GW_COLUMN_KIND - GW_COLUMN_VERSION].text = r->kind;
    params[GW_COLUMN_DIRECTION - GW_COLUMN_VERSION].text = r->direction;
    params[GW_COLUMN_STATE - GW_COLUMN_VERSION].text = gw_state_name(r->state);
    params[GW_COLUMN_CHECKSUM - GW_COLUMN_VERSION].text = r->checksum;
    params[GW_COLUMN_STATEMENTS - GW_COLUMN_VERSION].text = gw_history_number(a, (int64_t)r->statements);
    params[GW_COLUMN_DONE - GW_COLUMN_VERSION].text = gw_history_number(a, (int64_t)r->done);
    params[GW_COLUMN_FINGERPRINT - GW_COLUMN_VERSION].text = r->fingerprint;
    params[GW_COLUMN_STARTED_AT - GW_COLUMN_VERSION].text = r->started_at;
    params[GW_COLUMN_FINISHED_AT - GW_COLUMN_VERSION].text = r->finished_at;
    params[GW_COLUMN_DURATION_MS - GW_COLUMN_VERSION].text = gw_history_number(a, r->duration_ms);
    params[GW_COLUMN_APPLIED_BY - GW_COLUMN_VERSION].text = r->applied_by;
    params[GW_COLUMN_RUN_ID - GW_COLUMN_VERSION].text = r->run_id;
    params[GW_COLUMN_TOOL - GW_COLUMN_VERSION].text = r->tool;
    params[GW_COLUMN_ERROR - GW_COLUMN_VERSION].text = r->error;
    params[GW_COLUMN_DOWN - GW_COLUMN_VERSION].text = r->down;
    assert(r->state != GODWIT_PENDING); /* what is pending has no row */
}

gw_rc
gw_history_fail_lost(const gw_history *h, gw_err *e)
{
    (void)gw_fail(e, GODWIT_LOCKED,
                  "nothing was written to the history table %s: this run no longer holds the lock, or its row is gone",
                  h->shown);
    return gw_err_hint(
        e, "a migration must not release godwit's lock or touch its table; `godwit status` tells what is recorded");
}
