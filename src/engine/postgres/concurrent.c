#include "engine/postgres/concurrent.h"

#include "sql/object.h"

static gw_str
read_table(gw_cursor *c)
{
    (void)gw_cursor_accept(c, "ONLY");
    return gw_object_read_name(c, false);
}

/* [UNIQUE] INDEX CONCURRENTLY [[IF NOT EXISTS] name] ON [ONLY] table rest */
static bool
read_create(gw_cursor *c, gw_pg_concurrent *out)
{
    const char *const end = c->lex.text.ptr + c->lex.text.len;
    out->unique = gw_cursor_accept(c, "UNIQUE");
    if (!gw_cursor_accept(c, "INDEX") || !gw_cursor_accept(c, "CONCURRENTLY"))
        return false;
    (void)gw_cursor_accept(c, "IF NOT EXISTS");
    out->kind = GW_PG_CREATE_INDEX;
    out->name = gw_object_read_name(c, false);
    if (!gw_cursor_accept(c, "ON"))
        return false;
    out->table = read_table(c);
    out->rest = (gw_str){c->t.text.ptr, (size_t)(end - c->t.text.ptr)};
    return out->table.len > 0 && c->t.kind != GW_TOKEN_END;
}

/* [(… CONCURRENTLY …)] [VERBOSE] INDEX | TABLE | SCHEMA | DATABASE [CONCURRENTLY] [name] */
static bool
read_reindex(gw_cursor *c, gw_pg_concurrent *out)
{
    static const struct {
        const char *word;
        gw_pg_concurrent_kind kind;
    } nouns[] = {
        {"INDEX", GW_PG_REINDEX_INDEX},
        {"TABLE", GW_PG_REINDEX_TABLE},
        {"SCHEMA", GW_PG_REINDEX_SCHEMA},
        {"DATABASE", GW_PG_REINDEX_DATABASE},
    };
    bool concurrently = false;
    if (c->t.kind == GW_TOKEN_OPEN)
        for (; c->t.kind != GW_TOKEN_CLOSE && c->t.kind != GW_TOKEN_END; gw_cursor_next(c))
            concurrently |= gw_cursor_is(c, "CONCURRENTLY");
    if (c->t.kind == GW_TOKEN_CLOSE)
        gw_cursor_next(c);
    (void)gw_cursor_accept(c, "VERBOSE");
    for (size_t i = 0; i < sizeof(nouns) / sizeof(nouns[0]) && out->kind == GW_PG_CONCURRENT_NONE; i++)
        if (gw_cursor_accept(c, nouns[i].word))
            out->kind = nouns[i].kind;
    concurrently |= gw_cursor_accept(c, "CONCURRENTLY");
    out->name = gw_object_read_name(c, false);
    return concurrently && (out->name.len > 0 || out->kind == GW_PG_REINDEX_DATABASE);
}

/* TABLE [IF EXISTS] [ONLY] parent DETACH PARTITION partition CONCURRENTLY */
static bool
read_alter(gw_cursor *c, gw_pg_concurrent *out)
{
    if (!gw_cursor_accept(c, "TABLE"))
        return false;
    (void)gw_cursor_accept(c, "IF EXISTS");
    out->kind = GW_PG_DETACH;
    out->table = read_table(c);
    if (gw_cursor_sign(c, '*'))
        gw_cursor_next(c);
    if (!gw_cursor_accept(c, "DETACH PARTITION"))
        return false;
    out->name = gw_object_read_name(c, false);
    return out->table.len > 0 && out->name.len > 0 && gw_cursor_accept(c, "CONCURRENTLY");
}

void
gw_pg_concurrent_read(gw_str statement, gw_dialect dialect, gw_pg_concurrent *out)
{
    gw_cursor c = gw_cursor_at(statement, dialect);
    bool found = false;
    *out = (gw_pg_concurrent){0};
    if (gw_cursor_accept(&c, "CREATE"))
        found = read_create(&c, out);
    else if (gw_cursor_accept(&c, "REINDEX"))
        found = read_reindex(&c, out);
    else if (gw_cursor_accept(&c, "ALTER"))
        found = read_alter(&c, out);
    if (!found)
        *out = (gw_pg_concurrent){0};
}
