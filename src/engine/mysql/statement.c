#include "engine/mysql/statement.h"

#include "engine/mysql/connection.h"
#include "engine/mysql/literal.h"

#include "base/ban.h"

enum { REMARKS_SHOWN = 20 };

/* Where the rows of SHOW WARNINGS go: to the connection's listener, or as notes to an error. */
typedef struct remarks {
    const gw_mysql_conn *c;
    gw_err *e; /* NULL: listener */
    size_t count;
} remarks;

static bool
take_remark(void *ctx, size_t columns, const char *const *values)
{
    remarks *const r = ctx;
    if (columns < 3 || values[0] == NULL || values[1] == NULL || values[2] == NULL)
        return false;
    if (r->e != NULL) {
        /* The error itself is among them. */
        if (strcmp(values[1], r->e->code) != 0)
            (void)gw_err_note(r->e, "the server says: %s [%s]", values[2], values[1]);
        return true;
    }
    if (r->count++ < REMARKS_SHOWN) {
        GW_SCOPE(scratch);
        r->c->notice(r->c->notice_ctx, gw_printf(scratch, "%s: %s [%s]", values[0], values[2], values[1]));
    }
    return true;
}

static void
tell_remarks(gw_mysql_conn *c, gw_err *e)
{
    GW_SCOPE(scratch);
    remarks r = {.c = c, .e = e};
    gw_err ignored = {0};
    if (gw_mysql_send(c, GW_STR_LIT("SHOW WARNINGS"), take_remark, &r, &ignored) == GODWIT_OK &&
        r.count > REMARKS_SHOWN)
        c->notice(c->notice_ctx, gw_printf(scratch, "and %zu more warnings", r.count - REMARKS_SHOWN));
}

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
    gw_mysql_session_note(&c->session, sql);
    const gw_rc rc = gw_mysql_send(c, sql, NULL, NULL, e);
    if (rc == GODWIT_OK && c->notice != NULL && mysql_warning_count(c->my) > 0)
        tell_remarks(c, NULL);
    else if (rc == GODWIT_FAILED && !e->transient)
        tell_remarks(c, e);
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
