#include "engine/postgres/tidy.h"

#include "engine/postgres/concurrent.h"
#include "engine/postgres/leftover.h"
#include "engine/postgres/resolve.h"
#include "engine/postgres/send.h"
#include "engine/postgres/transaction.h"
#include "postgres_sql.h"
#include "sql/quote.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { HAS_REINDEX_CONCURRENTLY = 120000, HAS_DETACH_CONCURRENTLY = 140000 };

static void
say(const gw_pg *c, const char *text)
{
    if (c->notice != NULL)
        c->notice(c->notice_ctx, text);
}

/* ---- CREATE INDEX CONCURRENTLY ---- */

/* An empty copy of the table, and the index on it by the same words. */
static gw_rc
make_copy(gw_arena *a, gw_pg *c, const gw_pg_concurrent *s, gw_err *e)
{
    const gw_dialect dialect = c->head.facts.dialect;
    gw_str parts[3];
    gw_buf copy = gw_buf_new(a);
    gw_buf_puts(&copy, "pg_temp.");
    gw_quote_name(&copy, parts[gw_name_parts(a, s->table, dialect, parts) - 1], dialect);
    GW_TRY(gw_pg_own(c, "BEGIN", e));
    GW_TRY(gw_pg_own(c, gw_printf(a, "CREATE TABLE %s (LIKE %.*s)", gw_buf_text(&copy), GW_STR_ARG(s->table)), e));
    return gw_pg_own(
        c,
        gw_printf(a, "CREATE %sINDEX ON %s %.*s", s->unique ? "UNIQUE " : "", gw_buf_text(&copy), GW_STR_ARG(s->rest)),
        e);
}

/* Those INVALID indexes of the table, whose number `oid` is, that the server would name and make like the one of the statement. */
static gw_rc
look_for_alike(gw_arena *a, gw_pg *c, const gw_pg_concurrent *s, const gw_pg_name *table, const char *oid,
               gw_pg_leftovers *out, gw_err *e)
{
    static const char own[] = "'{indexrelid,indrelid,indkey,indexprs,indpred,indisvalid,indisready,indislive,"
                              "indcheckxmin,indisclustered,indisreplident}'::pg_catalog.text[]";
    const gw_pg_mark marks[] = {{"{own}", own}, {"{name}", table->name}, {"{on}", oid}};
    c->quiet = true;
    gw_rc rc = make_copy(a, c, s, e);
    if (rc == GODWIT_OK)
        rc = gw_pg_leftovers_look(a, c, gw_pg_fill(a, gw_sql_leftovers_alike, marks, COUNT(marks)), out, e);
    gw_pg_rollback(&c->head);
    c->quiet = false;
    return rc;
}

/* The copy cannot be made: nobody can tell whose leftovers these are, so that they are only named. */
static gw_rc
name_leftovers(gw_arena *a, const gw_pg *c, const gw_pg_leftovers *l, const gw_err *failure, gw_err *e)
{
    if (failure->rc != GODWIT_FAILED || failure->transient) {
        *e = *failure;
        return e->rc;
    }
    for (size_t i = 0; i < l->items.len; i++)
        say(c, gw_printf(a, "the index %s is INVALID; if an earlier try left it: DROP INDEX CONCURRENTLY %s",
                         l->items.at[i].name, l->items.at[i].name));
    return GODWIT_OK;
}

/* The server chose the name: the same words on a copy, which is rolled back, show which one it chooses. */
static gw_rc
tidy_nameless(gw_arena *a, gw_pg *c, const gw_pg_concurrent *s, const gw_pg_name *table, gw_err *e)
{
    gw_pg_leftovers any, alike;
    gw_err failure = {0};
    gw_buf oids = gw_buf_new(a);
    GW_TRY(gw_pg_leftovers_look(a, c, gw_printf(a, "i.indrelid OPERATOR(pg_catalog.=) %s", gw_pg_relation(a, table)),
                                &any, e));
    if (any.items.len == 0)
        return GODWIT_OK;
    if (look_for_alike(a, c, s, table, any.items.at[0].table, &alike, &failure) != GODWIT_OK)
        return name_leftovers(a, c, &any, &failure, e);
    for (size_t i = 0; i < alike.items.len; i++)
        gw_buf_printf(&oids, "%s%s", i == 0 ? "" : ",", alike.items.at[i].oid);
    const char *const which = gw_printf(a, "(i.indexrelid OPERATOR(pg_catalog.=) ANY ('{%s}'::pg_catalog.oid[]) OR %s)",
                                        gw_buf_text(&oids), gw_pg_leftovers_aside(a, gw_pg_relation(a, table)));
    return gw_pg_leftovers_drop(a, c, which, false, e);
}

static gw_rc
tidy_create(gw_arena *a, gw_pg *c, const gw_pg_concurrent *s, gw_err *e)
{
    gw_pg_name table, name;
    if (!gw_pg_name_read(a, c, s->table, &table))
        return GODWIT_OK;
    if (s->name.len == 0)
        return tidy_nameless(a, c, s, &table, e);
    if (!gw_pg_name_read(a, c, s->name, &name))
        return GODWIT_OK;
    const char *const on = gw_pg_relation(a, &table);
    const char *const which = gw_printf(a, "(i.indexrelid OPERATOR(pg_catalog.=) ANY (ARRAY(%s)) OR %s)",
                                        gw_pg_find(a, gw_sql_find_index, &name, on), gw_pg_leftovers_aside(a, on));
    return gw_pg_leftovers_drop(a, c, which, false, e);
}

/* ---- REINDEX … CONCURRENTLY ---- */

/* {tables} of leftovers_reindex_tables.sql. */
static const char *
tables_of(const gw_pg_concurrent *s)
{
    if (s->kind == GW_PG_REINDEX_TABLE)
        return "t.oid OPERATOR(pg_catalog.=) {oid} OR t.oid OPERATOR(pg_catalog.=) ANY (ARRAY("
               "SELECT p.relid::pg_catalog.oid FROM pg_catalog.pg_partition_tree({oid}) p))";
    return s->kind == GW_PG_REINDEX_SCHEMA ? "o.nspname OPERATOR(pg_catalog.=) {name}" : "true";
}

static gw_rc
tidy_reindex(gw_arena *a, gw_pg *c, const gw_pg_concurrent *s, gw_err *e)
{
    gw_pg_name name = {"", ""};
    if (PQserverVersion(c->link) < HAS_REINDEX_CONCURRENTLY ||
        (s->name.len > 0 && !gw_pg_name_read(a, c, s->name, &name)))
        return GODWIT_OK;
    const gw_pg_mark marks[] = {{"{oid}", gw_pg_relation(a, &name)}, {"{name}", name.name}};
    const char *const tables = gw_pg_fill(a, tables_of(s), marks, COUNT(marks));
    const char *const which = s->kind == GW_PG_REINDEX_INDEX ? gw_pg_fill(a, gw_sql_leftovers_reindex_index, marks, 1)
                                                             : gw_pg_fill(a, gw_sql_leftovers_reindex_tables,
                                                                          (gw_pg_mark[]){{"{tables}", tables}}, 1);
    return gw_pg_leftovers_drop(a, c, which, true, e);
}

/* ---- DETACH PARTITION … CONCURRENTLY ---- */

typedef struct pending {
    gw_arena *arena;
    const char *parent, *child;
} pending;

static bool
take_pending(void *ctx, size_t columns, const char *const *values)
{
    pending *const p = ctx;
    (void)columns;
    p->parent = gw_text(p->arena, values[0]);
    p->child = gw_text(p->arena, values[1]);
    return false;
}

static gw_rc
finish_detach(gw_arena *a, gw_pg *c, const gw_pg_concurrent *s, bool *completed, gw_err *e)
{
    gw_pg_name parent, child;
    pending p = {.arena = a};
    if (PQserverVersion(c->link) < HAS_DETACH_CONCURRENTLY || !gw_pg_name_read(a, c, s->table, &parent) ||
        !gw_pg_name_read(a, c, s->name, &child))
        return GODWIT_OK;
    const gw_pg_mark marks[] = {{"{parent}", gw_pg_relation(a, &parent)}, {"{child}", gw_pg_relation(a, &child)}};
    GW_TRY(gw_pg_ask(c, gw_pg_fill(a, gw_sql_detach_pending, marks, COUNT(marks)), take_pending, &p, e));
    if (p.child == NULL)
        return GODWIT_OK;
    if (gw_pg_own(c, gw_printf(a, "ALTER TABLE %s DETACH PARTITION %s FINALIZE", p.parent, p.child), e) != GODWIT_OK)
        return gw_err_note(e, "while finishing what an earlier try began: partition %s is half detached", p.child);
    *completed = true;
    say(c, gw_printf(a, "finished detaching the partition %s of %s, which an earlier try began", p.child, p.parent));
    return GODWIT_OK;
}

/* ---- all of them ---- */

gw_rc
gw_pg_tidy(gw_conn *conn, gw_str sql, bool *completed, gw_err *e)
{
    gw_pg *const c = gw_pg_of(conn);
    gw_pg_concurrent s;
    *completed = false;
    gw_pg_concurrent_read(sql, conn->facts.dialect, &s);
    if (s.kind == GW_PG_CONCURRENT_NONE || gw_pg_in_transaction(conn))
        return GODWIT_OK;
    GW_SCOPE(a);
    if (s.kind == GW_PG_DETACH)
        return finish_detach(a, c, &s, completed, e);
    return s.kind == GW_PG_CREATE_INDEX ? tidy_create(a, c, &s, e) : tidy_reindex(a, c, &s, e);
}
