#include "engine/postgres/query.h"

#include <string.h>

#include "engine/postgres/error.h"
#include "engine/postgres/wire.h"
#include "postgres_sql.h"
#include "sql/classify.h"

/* Where the rows of a statement go. */
typedef struct sink {
    gw_arena *arena;
    gw_row_fn *fn; /* NULL: nowhere */
    void *ctx;
    bool stopped;
    const char **values;
    int columns;
} sink;

static void
take_rows(sink *s, const PGresult *r)
{
    const int columns = PQnfields(r);
    if (s->fn == NULL)
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
        return e->rc;
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        take_rows(s, r);
        gw_err_copy(c->tag, sizeof(c->tag), gw_str_of(PQcmdStatus(r)));
        c->head.affected = strtoll(PQcmdTuples(r), NULL, 10);
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
run(gw_pg *c, const char *sql, gw_row_fn *fn, void *ctx, gw_err *e)
{
    GW_SCOPE(a);
    sink s = {.arena = a, .fn = fn, .ctx = ctx};
    gw_pg_wire_clear(c);
    if (PQsendQuery(c->link, sql) == 0)
        return gw_pg_fail(c, NULL, gw_str_of(sql), e);
    (void)PQsetSingleRowMode(c->link);
    return hear_out(c, gw_str_of(sql), &s, e);
}

gw_rc
gw_pg_own(gw_pg *c, const char *sql, gw_err *e)
{
    return run(c, sql, NULL, NULL, e);
}

gw_rc
gw_pg_ask(gw_pg *c, const char *sql, gw_row_fn *fn, void *ctx, gw_err *e)
{
    return run(c, sql, fn, ctx, e);
}

/* ---- the user's statements ---- */

/* SET ROLE, set_config('role', …), SET SESSION AUTHORIZATION, or what calls them. Names in DDL and data do not count. */
static bool
may_change_role(const char *tag, const char *sql)
{
    static const char *const verbs[] = {"SET", "SELECT", "DO", "CALL", "RESET"};
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        const size_t len = strlen(verbs[i]);
        if (strncmp(tag, verbs[i], len) == 0 && (tag[len] == '\0' || tag[len] == ' '))
            return strcasestr(sql, "role") != NULL || strcasestr(sql, "authorization") != NULL;
    }
    return false;
}

/* CREATE INDEX CONCURRENTLY that failed leaves its index behind. */
static gw_rc
note_unfinished(gw_str sql, gw_dialect dialect, gw_err *e)
{
    const gw_class c = gw_classify(sql, dialect);
    if (!c.no_transaction || c.object != GW_OBJECT_INDEX || !gw_str_is_nocase(c.verb, "CREATE"))
        return e->rc;
    return gw_err_note(e, "an index that could not be finished stays, INVALID: DROP INDEX CONCURRENTLY IF EXISTS %.*s",
                       GW_STR_ARG(c.name));
}

gw_rc
gw_pg_exec(gw_conn *conn, gw_str sql, gw_err *e)
{
    gw_pg *const c = gw_pg_of(conn);
    if (sql.len > 0 && memchr(sql.ptr, '\0', sql.len) != NULL)
        return gw_fail(e, GODWIT_FAILED, "the statement holds a NUL byte");
    GW_SCOPE(a);
    const char *const text = gw_strdup(a, sql);
    if (run(c, text, NULL, NULL, e) != GODWIT_OK)
        return note_unfinished(sql, conn->facts.dialect, e);
    c->may_be_other_role |= may_change_role(c->tag, text);
    return GODWIT_OK;
}

/* ---- godwit's statements ---- */

static gw_rc
query(gw_pg *c, const char *sql, const gw_param *params, size_t count, sink *s, gw_err *e)
{
    const char **const values = gw_new_array(s->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        values[i] = params[i].text;
    gw_pg_wire_clear(c);
    if (PQsendQueryParams(c->link, sql, (int)count, NULL, values, NULL, NULL, 0) == 0)
        return gw_pg_fail(c, NULL, gw_str_of(sql), e);
    (void)PQsetSingleRowMode(c->link);
    return hear_out(c, gw_str_of(sql), s, e);
}

gw_rc
gw_pg_query(gw_conn *conn, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx, gw_err *e)
{
    gw_pg *const c = gw_pg_of(conn);
    GW_SCOPE(a);
    sink s = {.arena = a, .fn = fn, .ctx = ctx};
    if (!c->may_be_other_role && PQclientEncoding(c->link) == c->encoding)
        return query(c, sql, params, count, &s, e);

    GW_TRY(gw_pg_own(c, gw_sql_aside, e));
    const gw_rc rc = query(c, sql, params, count, &s, e);
    gw_err back = {0};
    /* In a transaction that failed this fails too, and the rollback puts back what `aside` changed. */
    if (gw_pg_own(c, gw_sql_back, &back) != GODWIT_OK && rc == GODWIT_OK)
        *e = back;
    return e->rc;
}

/* ---- transactions ---- */

gw_rc
gw_pg_begin(gw_conn *conn, gw_str own, gw_err *e)
{
    return gw_pg_exec(conn, own.len > 0 ? own : GW_STR_LIT("BEGIN"), e);
}

gw_rc
gw_pg_commit(gw_conn *conn, gw_err *e)
{
    gw_pg *const c = gw_pg_of(conn);
    gw_err failure = {0};
    if (!gw_pg_is_alive(conn)) {
        gw_fail(e, GODWIT_CONNECT, "the connection was lost before COMMIT: nothing was kept");
        e->transient = true;
        return e->rc;
    }
    const gw_rc rc = run(c, "COMMIT", NULL, NULL, &failure);
    if (rc == GODWIT_CONNECT || (rc != GODWIT_OK && c->gave_up)) {
        gw_fail(e, GODWIT_CONNECT, "the connection was lost during COMMIT: nobody knows yet whether it was kept");
        return gw_err_note(e, "%s", failure.message);
    }
    *e = failure;
    if (rc == GODWIT_OK && strcmp(c->tag, "ROLLBACK") == 0)
        gw_fail(e, GODWIT_FAILED, "COMMIT kept nothing: a statement of the transaction had failed");
    return e->rc;
}

void
gw_pg_rollback(gw_conn *conn)
{
    gw_err failure = {0}; /* a rollback fails only with the connection, and that undoes the transaction too */
    if (gw_pg_in_transaction(conn) && gw_pg_own(gw_pg_of(conn), "ROLLBACK", &failure) != GODWIT_OK)
        return;
}
