#include "engine/postgres/session.h"

#include <poll.h>

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
