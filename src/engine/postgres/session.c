#include "engine/postgres/session.h"

#include <limits.h>
#include <poll.h>

#include "engine/postgres/query.h"
#include "postgres_sql.h"

gw_pg *
gw_pg_of(gw_conn *c)
{
    return (gw_pg *)(void *)c;
}

/* A field of the server's report; NULL when it has none. */
static const char *
field(const PGresult *r, int code)
{
    const char *const text = PQresultErrorField(r, code);
    return text == NULL || text[0] == '\0' ? NULL : text;
}

void
gw_pg_hear(void *arg, const PGresult *notice)
{
    const gw_pg *const c = arg;
    const char *const text = field(notice, PG_DIAG_MESSAGE_PRIMARY);
    if (c->notice == NULL || c->quiet || text == NULL)
        return;
    GW_SCOPE(a);
    const char *const severity = field(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *const detail = field(notice, PG_DIAG_MESSAGE_DETAIL);
    gw_buf line = gw_buf_new(a);
    gw_buf_printf(&line, "%s: %s", severity == NULL ? "NOTICE" : severity, text);
    if (detail != NULL)
        gw_buf_printf(&line, " (%s)", detail);
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] == '\n')
            line.ptr[i] = ' ';
    c->notice(c->notice_ctx, gw_buf_text(&line));
}

static int
clamp_ms(int64_t ms)
{
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* By SET, not by the start-up packet's options: poolers refuse those. */
void
gw_pg_settings(gw_buf *out, const gw_pg *c)
{
    if (c->read_only)
        gw_buf_puts(out, "SET default_transaction_read_only = on;\n");
    if (c->lock_timeout_ms > 0)
        gw_buf_printf(out, "SET lock_timeout = %d;\n", clamp_ms(c->lock_timeout_ms));
}

gw_rc
gw_pg_reset(gw_conn *conn, gw_err *e)
{
    gw_pg *const c = gw_pg_of(conn);
    GW_SCOPE(a);
    gw_buf sql = gw_buf_new(a);
    if (gw_pg_in_transaction(conn))
        gw_pg_rollback(conn);
    gw_buf_puts(&sql, gw_sql_reset);
    gw_pg_settings(&sql, c);
    GW_TRY(gw_pg_own(c, gw_buf_text(&sql), e));
    c->may_be_other_role = false;
    return GODWIT_OK;
}

gw_rc
gw_pg_set_lock_timeout(gw_conn *conn, int64_t ms, gw_err *e)
{
    gw_pg *const c = gw_pg_of(conn);
    const int64_t wanted = ms > 0 ? ms : c->lock_timeout_ms;
    GW_SCOPE(a);
    return gw_pg_own(c, wanted > 0 ? gw_printf(a, "SET lock_timeout = %d", clamp_ms(wanted)) : "RESET lock_timeout", e);
}

bool
gw_pg_in_transaction(gw_conn *conn)
{
    switch (PQtransactionStatus(gw_pg_of(conn)->link)) {
    case PQTRANS_INTRANS:
    case PQTRANS_INERROR:
        return true;
    case PQTRANS_IDLE:
    case PQTRANS_ACTIVE: /* between statements nothing is active */
    case PQTRANS_UNKNOWN:
        break;
    }
    return false;
}

/* What lies unread in the socket tells: a last word of the server, or its end. */
bool
gw_pg_is_alive(gw_conn *conn)
{
    gw_pg *const c = gw_pg_of(conn);
    while (PQstatus(c->link) == CONNECTION_OK) {
        struct pollfd fd = {.fd = PQsocket(c->link), .events = POLLIN};
        if (poll(&fd, 1, 0) <= 0)
            return true;
        if (PQconsumeInput(c->link) == 0)
            return false;
        (void)PQisBusy(c->link); /* parses what came: notices go to gw_pg_hear */
    }
    return false;
}
