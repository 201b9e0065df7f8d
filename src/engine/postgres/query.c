#include "engine/postgres/query.h"

#include <string.h>

#include "engine/postgres/error.h"
#include "engine/postgres/transaction.h"
#include "engine/postgres/wire.h"
#include "postgres_sql.h"
#include "sql/classify.h"
#include "sql/cursor.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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

/* ---- the user's statements ---- */

static bool
holds(gw_str text, const char *word)
{
    const size_t len = strlen(word);
    for (size_t at = 0; at + len <= text.len; at++)
        if (strncasecmp(text.ptr + at, word, len) == 0)
            return true;
    return false;
}

unsigned
gw_pg_may_change(gw_str verb, gw_str sql)
{
    static const char *const verbs[] = {"SET",     "RESET",   "SELECT",     "WITH",    "DO",    "CALL",
                                        "EXECUTE", "PREPARE", "DEALLOCATE", "DISCARD", "BEGIN", "START"};
    static const struct {
        const char *word;
        gw_pg_change change;
        const char *verb; /* only there; NULL: behind all of them */
    } words[] = {
        {"role", GW_PG_ROLE, NULL},         {"authorization", GW_PG_ROLE, NULL},  {"encoding", GW_PG_ENCODING, NULL},
        {"names", GW_PG_ENCODING, "SET"},   {"prepare", GW_PG_PREPARED, NULL},    {"deallocate", GW_PG_PREPARED, NULL},
        {"discard", GW_PG_PREPARED, NULL},  {"read_only", GW_PG_READ_ONLY, NULL}, {"only", GW_PG_READ_ONLY, "SET"},
        {"only", GW_PG_READ_ONLY, "BEGIN"}, {"only", GW_PG_READ_ONLY, "START"},
    };
    unsigned changes = gw_str_is_nocase(verb, "EXECUTE") ? GW_PG_PREPARED : 0;
    bool speaks = false; /* to the session: names in DDL and data do not count */
    for (size_t i = 0; i < COUNT(verbs) && !speaks; i++)
        speaks = gw_str_is_nocase(verb, verbs[i]);
    for (size_t i = 0; speaks && i < COUNT(words); i++)
        if ((words[i].verb == NULL || gw_str_is_nocase(verb, words[i].verb)) && holds(sql, words[i].word))
            changes |= words[i].change;
    return changes;
}

static bool
creates_temporary(gw_str sql, gw_dialect dialect)
{
    gw_cursor at = gw_cursor_at(sql, dialect);
    if (!gw_cursor_accept(&at, "CREATE"))
        return false;
    if (!gw_cursor_accept(&at, "LOCAL"))
        (void)gw_cursor_accept(&at, "GLOBAL");
    return gw_cursor_is(&at, "TEMPORARY") || gw_cursor_is(&at, "TEMP");
}

/* Behind a pooler, outside a transaction: the next statement may run in another session, and this one serves others. */
static gw_rc
check_lasting(const gw_pg *c, gw_str sql, gw_err *e)
{
    const gw_class class = gw_classify(sql, c->head.facts.dialect);
    const bool is_temporary = creates_temporary(sql, c->head.facts.dialect);
    if (class.kind != GW_CLASS_SESSION && !is_temporary)
        return GODWIT_OK;
    gw_fail(e, GODWIT_REFUSED,
            "%.*s%s outside a transaction has no lasting effect behind a connection pooler: the next statement may run "
            "in another session",
            GW_STR_ARG(class.verb), is_temporary ? " TEMPORARY" : "");
    return gw_err_hint(e, "connect to the server itself, or let the whole file run in one transaction");
}

static gw_rc
exec(gw_pg *c, gw_str sql, gw_err *e)
{
    gw_str rest;
    GW_SCOPE(a);
    GW_TRY(run(c, gw_strdup(a, sql), &(sink){.arena = a}, e));
    const unsigned changes = gw_pg_may_change(gw_str_cut(gw_str_of(c->tag), ' ', &rest), sql);
    c->may_be_other_role |= (changes & GW_PG_ROLE) != 0;
    c->may_have_prepared |= (changes & GW_PG_PREPARED) != 0;
    if ((changes & GW_PG_READ_ONLY) != 0)
        gw_err_copy(c->read_only_by, sizeof(c->read_only_by), sql);
    return GODWIT_OK;
}

static gw_rc
exec_pooled(gw_pg *c, gw_str sql, gw_err *e)
{
    GW_TRY(check_lasting(c, sql, e));
    if (!c->read_only)
        return exec(c, sql, e);
    GW_TRY(gw_pg_begin(&c->head, (gw_str){0}, e)); /* says READ ONLY */
    const gw_rc rc = exec(c, sql, e);
    gw_pg_rollback(&c->head);
    return rc;
}

gw_rc
gw_pg_exec(gw_conn *conn, gw_str sql, gw_err *e)
{
    gw_pg *const c = gw_pg_of(conn);
    if (sql.len > 0 && memchr(sql.ptr, '\0', sql.len) != NULL)
        return gw_fail(e, GODWIT_FAILED, "the statement holds a NUL byte");
    return conn->facts.pooled && !gw_pg_in_transaction(conn) ? exec_pooled(c, sql, e) : exec(c, sql, e);
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
    const bool quiet = c->quiet;
    c->quiet = true; /* what is there already, a lock that is lost: the answer says what matters of it */
    const gw_rc rc = hear_out(c, gw_str_of(sql), s, e);
    c->quiet = quiet;
    return rc;
}

/* ---- … also where the file made the session, or its transaction, read only ---- */

static bool
is_read_only(const gw_err *e)
{
    return gw_str_is(gw_str_of(e->code), "25006");
}

/* The server takes a transaction for good at its word, once it has looked at the data. */
static gw_rc
fail_read_only(const gw_pg *c, gw_err *e)
{
    *e = (gw_err){0};
    gw_fail(e, GODWIT_FAILED, "the file made its transaction read only, and godwit's own row belongs into it");
    gw_err_copy(e->code, sizeof(e->code), GW_STR_LIT("25006"));
    if (c->read_only_by[0] != '\0')
        (void)gw_err_note(e, "by: %s", c->read_only_by);
    return gw_err_hint(e, "take READ ONLY out of the file: SET TRANSACTION, transaction_read_only");
}

/* The session is read only: this once it is not. */
static gw_rc
write_all_the_same(gw_pg *c, const char *sql, const gw_param *params, size_t count, sink *s, gw_err *e)
{
    const gw_err before = *e;
    gw_err failure = {0};
    if (gw_pg_own(c, "BEGIN READ WRITE", &failure) != GODWIT_OK) { /* the server recovers: it said why */
        *e = before;
        return e->rc;
    }
    *e = (gw_err){0};
    const gw_rc rc = query(c, sql, params, count, s, e);
    const int64_t affected = c->head.affected, inserted = c->head.inserted;
    if (rc != GODWIT_OK) {
        gw_pg_rollback(&c->head);
        return rc;
    }
    GW_TRY(gw_pg_own(c, "COMMIT", e));
    c->head.affected = affected;
    c->head.inserted = inserted;
    return GODWIT_OK;
}

static gw_rc
query_writing(gw_pg *c, const char *sql, const gw_param *params, size_t count, sink *s, gw_err *e)
{
    const bool in_transaction = gw_pg_in_transaction(&c->head);
    const bool may_differ = !c->head.facts.read_only && !c->read_only;
    gw_err refused = {0};
    if (may_differ && in_transaction && c->read_only_by[0] != '\0' &&
        gw_pg_own(c, "SET TRANSACTION READ WRITE", &refused) != GODWIT_OK && refused.rc == GODWIT_FAILED)
        return fail_read_only(c, e);
    const gw_rc rc = query(c, sql, params, count, s, e);
    if (rc != GODWIT_FAILED || !is_read_only(e) || !may_differ)
        return rc;
    return in_transaction ? fail_read_only(c, e) : write_all_the_same(c, sql, params, count, s, e);
}

gw_rc
gw_pg_query(gw_conn *conn, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx, gw_err *e)
{
    gw_pg *const c = gw_pg_of(conn);
    GW_SCOPE(a);
    sink s = {.arena = a, .fn = fn, .ctx = ctx, .wants_id = true};
    if (!c->may_be_other_role && PQclientEncoding(c->link) == c->encoding)
        return query_writing(c, sql, params, count, &s, e);

    GW_TRY(gw_pg_own(c, gw_sql_aside, e));
    const gw_rc rc = query_writing(c, sql, params, count, &s, e);
    const int64_t affected = conn->affected, inserted = conn->inserted;
    gw_err back = {0};
    /* In a transaction that failed this fails too, and the rollback puts back what `aside` changed. */
    if (gw_pg_own(c, gw_sql_back, &back) != GODWIT_OK && rc == GODWIT_OK)
        *e = back;
    conn->affected = affected;
    conn->inserted = inserted;
    return e->rc;
}
