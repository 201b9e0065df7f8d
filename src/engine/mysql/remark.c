#include "engine/mysql/remark.h"

#include "base/ban.h"

enum { SHOWN = 20 };

/* sql_select_limit may be 0; this is what max_error_count may be at most. */
const char gw_mysql_remarks_query[] = "SHOW WARNINGS LIMIT 65535";

bool
gw_mysql_remarks_take(void *remarks, size_t columns, const char *const *values)
{
    gw_mysql_remarks *const r = remarks;
    if (columns < 3 || values[0] == NULL || values[1] == NULL || values[2] == NULL)
        return false;
    if (r->e != NULL) {
        /* The error itself is among them. */
        if (strcmp(values[1], r->e->code) != 0)
            (void)gw_err_note(r->e, "the server says: %s [%s]", values[2], values[1]);
        return true;
    }
    if (r->count++ < SHOWN) {
        GW_SCOPE(scratch);
        r->c->notice(r->c->notice_ctx, gw_printf(scratch, "%s: %s [%s]", values[0], values[2], values[1]));
    }
    return true;
}

void
gw_mysql_remarks_end(const gw_mysql_remarks *r)
{
    GW_SCOPE(scratch);
    if (r->count > SHOWN)
        r->c->notice(r->c->notice_ctx, gw_printf(scratch, "and %zu more warnings", r->count - SHOWN));
}

void
gw_mysql_remarks_tell(gw_mysql_conn *c, gw_err *e)
{
    gw_mysql_remarks r = {.c = c, .e = e};
    gw_err ignored = {0};
    if (gw_mysql_send(c, gw_str_of(gw_mysql_remarks_query), gw_mysql_remarks_take, &r, &ignored) == GODWIT_OK)
        gw_mysql_remarks_end(&r);
}
