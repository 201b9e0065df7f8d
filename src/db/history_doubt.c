#include "db/history_doubt.h"

#include <string.h>

#include "db/column.h"

const char *
gw_history_doubt(size_t columns, const char *const *values)
{
    return columns > GW_COLUMN__COUNT ? values[GW_COLUMN__COUNT] : NULL;
}

gw_rc
gw_history_believe(const gw_conn *c, const char *shown, const char *doubt, gw_err *e)
{
    if (doubt == NULL)
        return GODWIT_OK;
    if (strcmp(doubt, GW_DOUBT_HIDES) == 0) {
        (void)gw_fail(e, GODWIT_REFUSED, "row-level security hides rows of the history table %s from the user '%s'",
                      shown, c->facts.user);
        return gw_err_hint(e,
                           "let the owner of the table run godwit, or turn it off: ALTER TABLE %s DISABLE ROW LEVEL "
                           "SECURITY",
                           shown);
    }
    if (c->facts.read_only)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_REFUSED,
                  "the history %s was read from another server than the one that writes: from a standby, which may be "
                  "behind (a load balancer?)",
                  shown);
    return gw_err_hint(e, "connect to the server that writes itself: DATABASE_URL_MIGRATION with a direct connection");
}
