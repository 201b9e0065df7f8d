#include "engine/postgres/send.h"

#include <string.h>

#include "engine/postgres/error.h"
#include "engine/postgres/wire.h"

/* Where the rows of a statement go. */
typedef struct sink {
    gw_arena *arena;
    gw_row_fn *fn; /* NULL: nowhere */
    void *ctx;
    bool stopped;
    bool wants_id; /* of a row that is inserted: the first column, if that is called so */
    const char **values;
    int columns;
} sink;

static void
take_rows(sink *s, const PGresult *r)
{
    const int columns = PQnfields(r);
    if (s->fn == NULL || PQntuples(r) == 0)
        return;
    if (columns > s->columns || s->values == NULL) {
        s->values = gw_new_array(s->arena, const char *, (size_t)columns + 1);
        s->columns = columns;
    }
    for (int row = 0; row < PQntuples(r) && !s->stopped; row++) {
        for (int i = 0; i < columns; i++)
            s->values[i] = PQgetisnull(r, row, i) ? NULL : PQgetvalue(r, row, i);
        s->stopped = !s->fn(s->ctx, (size_t)columns, s->values);
    }
}

/* INSERT … RETURNING id: the table says itself which one, whatever sequences and triggers there are. */
static void
take_id(gw_pg *c, const PGresult *r, sink *s)
{
    if (!s->wants_id || PQntuples(r) == 0 || PQnfields(r) == 0)
        return;
    s->wants_id = false;
    if (strcmp(PQfname(r, 0), "id") == 0 && !PQgetisnull(r, 0, 0))
        c->head.inserted = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
}

/* A statement is over. */
static void
take_end(gw_pg *c, PGresult *r)
{
    gw_err_copy(c->tag, sizeof(c->tag), gw_str_of(PQcmdStatus(r)));
    c->head.affected = strtoll(PQcmdTuples(r), NULL, 10);
    if (strncmp(c->tag, "INSERT", 6) != 0)
        c->head.inserted = 0;
}

/* A COPY … FROM STDIN without data: refused towards the server, and said to the user. */
static gw_rc
refuse_copy(gw_pg *c, gw_err *e)
{
    (void)PQputCopyEnd(c->link, "no data");
    gw_pg_wire_flush(c);
    gw_fail(e, GODWIT_FAILED, "COPY ... FROM STDIN has no data");
    return gw_err_hint(e, "put its lines behind the statement, and a line with \\. after the last");
}

/* One result. The first failure of a statement is the one that counts, not what libpq adds when the connection goes. */
static gw_rc
take_result(gw_pg *c, PGresult *r, gw_str sql, sink *s, gw_err *e)
{
    switch (PQresultStatus(r)) {
    case PGRES_SINGLE_TUPLE:
        take_rows(s, r);
        take_id(c, r, s);
        return e->rc;
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        take_rows(s, r);
        take_end(c, r);
        return e->rc;
    case PGRES_COPY_OUT:
        gw_pg_wire_drain(c);
        return e->rc;
    case PGRES_COPY_IN:
        return e->rc == GODWIT_OK ? refuse_copy(c, e) : e->rc;
    case PGRES_EMPTY_QUERY:
    case PGRES_NONFATAL_ERROR:
        return e->rc;
    case PGRES_BAD_RESPONSE:
    case PGRES_FATAL_ERROR:
    case PGRES_COPY_BOTH:
    case PGRES_PIPELINE_SYNC:
    case PGRES_PIPELINE_ABORTED:
        break;
    }
    return e->rc == GODWIT_OK ? gw_pg_fail(c, r, sql, e) : e->rc;
}

/* Hear the statement out. A COPY that the connection's end broke off would be answered for ever. */
static gw_rc
hear_out(gw_pg *c, gw_str sql, sink *s, gw_err *e)
{
    c->tag[0] = '\0';
    c->head.inserted = 0;
    gw_pg_wire_flush(c);
    for (PGresult *r; (r = gw_pg_wire_next(c)) != NULL;) {
        const ExecStatusType status = PQresultStatus(r);
        (void)take_result(c, r, sql, s, e);
        PQclear(r);
        if ((status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) &&
            PQstatus(c->link) != CONNECTION_OK)
            break;
    }
    if (e->rc == GODWIT_OK && (c->gave_up || PQstatus(c->link) != CONNECTION_OK))
        return gw_pg_fail(c, NULL, sql, e);
    return e->rc;
}

static gw_rc
run(gw_pg *c, const char *sql, sink *s, gw_err *e)
{
    gw_pg_wire_clear(c);
    if (PQsendQuery(c->link, sql) == 0)
        return gw_pg_fail(c, NULL, gw_str_of(sql), e);
    (void)PQsetSingleRowMode(c->link);
    return hear_out(c, gw_str_of(sql), s, e);
}

/* Nothing is allocated for statements without rows. */
gw_rc
gw_pg_own(gw_pg *c, const char *sql, gw_err *e)
{
    return run(c, sql, &(sink){0}, e);
}

gw_rc
gw_pg_ask(gw_pg *c, const char *sql, gw_row_fn *fn, void *ctx, gw_err *e)
{
    GW_SCOPE(a);
    return run(c, sql, &(sink){.arena = a, .fn = fn, .ctx = ctx}, e);
}

gw_rc
gw_pg_send(gw_pg *c, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx, gw_err *e)
{
    GW_SCOPE(a);
    sink s = {.arena = a, .fn = fn, .ctx = ctx, .wants_id = true};
    const char **const values = gw_new_array(a, const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        values[i] = params[i].text;
    gw_pg_wire_clear(c);
    if (PQsendQueryParams(c->link, sql, (int)count, NULL, values, NULL, NULL, 0) == 0)
        return gw_pg_fail(c, NULL, gw_str_of(sql), e);
    (void)PQsetSingleRowMode(c->link);
    const bool quiet = c->quiet;
    c->quiet = true; /* what is there already, a lock that is lost: the answer says what matters of it */
    const gw_rc rc = hear_out(c, gw_str_of(sql), &s, e);
    c->quiet = quiet;
    return rc;
}
