#include "engine/postgres/copy.h"

#include <poll.h>

#include "engine/postgres/error.h"
#include "engine/postgres/query.h"
#include "engine/postgres/wire.h"

enum { PIECE = 64 * 1024 };

/* false: the statement is over, by cancel or by loss; its result says why. */
static bool
put_piece(gw_pg *c, gw_str piece)
{
    for (;;) {
        const int put = PQputCopyData(c->link, piece.ptr, (int)piece.len);
        if (put < 0 || c->cancelling || c->gave_up)
            return false;
        gw_pg_wire_flush(c); /* what the server does not take yet would pile up in memory */
        if (put > 0)
            return !c->cancelling && PQstatus(c->link) == CONNECTION_OK;
    }
}

static void
put_data(gw_pg *c, gw_str data)
{
    bool well = true;
    for (size_t at = 0; well && at < data.len; at += PIECE)
        well = put_piece(c, gw_str_slice(data, at, data.len - at > PIECE ? at + PIECE : data.len));
    (void)PQputCopyEnd(c->link, well ? NULL : "the rest of the data was not sent");
    gw_pg_wire_flush(c);
}

/* The first result: the server is ready for data, or says why not. */
static gw_rc
expect_copy(gw_pg *c, gw_str sql, gw_err *e)
{
    PGresult *const r = gw_pg_wire_next(c);
    const ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_FATAL_ERROR || r == NULL)
        (void)gw_pg_fail(c, r, sql, e);
    else if (status == PGRES_COPY_OUT)
        gw_pg_wire_drain(c);
    if (status != PGRES_COPY_IN && e->rc == GODWIT_OK)
        gw_fail(e, GODWIT_FAILED, "the statement takes no data");
    PQclear(r);
    return e->rc;
}

static gw_rc
hear_end(gw_pg *c, gw_str sql, gw_err *e)
{
    for (PGresult *r; (r = gw_pg_wire_next(c)) != NULL; PQclear(r))
        if (PQresultStatus(r) == PGRES_FATAL_ERROR && e->rc == GODWIT_OK)
            (void)gw_pg_fail(c, r, sql, e);
    if (e->rc == GODWIT_OK && PQstatus(c->link) != CONNECTION_OK)
        return gw_pg_fail(c, NULL, sql, e);
    return e->rc;
}

gw_rc
gw_pg_copy_in(gw_conn *conn, gw_str sql, gw_str data, gw_err *e)
{
    gw_pg *const c = gw_pg_of(conn);
    GW_SCOPE(a);
    gw_pg_wire_clear(c);
    if (PQsendQuery(c->link, gw_strdup(a, sql)) == 0)
        return gw_pg_fail(c, NULL, sql, e);
    gw_pg_wire_flush(c);
    if (expect_copy(c, sql, e) == GODWIT_OK)
        put_data(c, data);
    return hear_end(c, sql, e);
}
