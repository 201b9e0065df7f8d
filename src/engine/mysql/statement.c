#include "engine/mysql/statement.h"

#include "engine/mysql/literal.h"
#include "engine/mysql/remark.h"

#include "base/ban.h"

/* A COMMIT of the user's own: whether it happened is as unknown as with ours. */
static bool
is_commit(gw_str sql)
{
    return sql.len >= 6 && strncasecmp(sql.ptr, "COMMIT", 6) == 0;
}

gw_rc
gw_mysql_exec(gw_conn *head, gw_str sql, gw_err *e)
{
    gw_mysql_conn *const c = gw_mysql_of(head);
    gw_mysql_part part;
    const unsigned traits = gw_mysql_traits_now(c, sql);
    gw_mysql_session_note(&c->session, traits);
    const gw_rc rc = gw_mysql_send_users(c, sql, traits, &part, e);
    if (rc == GODWIT_OK && c->notice != NULL && part.warnings > 0)
        gw_mysql_remarks_tell(c, NULL);
    else if (rc == GODWIT_FAILED && !e->transient)
        gw_mysql_remarks_tell(c, e);
    else if (rc == GODWIT_CONNECT && is_commit(sql))
        e->transient = false;
    return rc;
}

gw_rc
gw_mysql_query(gw_conn *head, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx,
               gw_err *e)
{
    GW_SCOPE(scratch);
    gw_mysql_conn *const c = gw_mysql_of(head);
    gw_buf text = gw_buf_new(scratch);
    gw_mysql_literal_fill(&text, c->my, gw_str_of(sql), params, count);
    return gw_mysql_send(c, gw_buf_str(&text), fn, ctx, e);
}
