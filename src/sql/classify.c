#include "sql/classify.h"

#include "sql/mode.h"

#define ACCEPT_ANY(cursor, words) gw_cursor_accept_any((cursor), (words), sizeof(words) / sizeof((words)[0]))

static void
take_object(gw_cursor *c, gw_class *out)
{
    const gw_object o = gw_object_read(c);
    out->object = o.kind;
    out->name = o.name;
    out->no_transaction |= o.concurrently && o.kind == GW_OBJECT_INDEX;
    out->commits &=
        !(o.temporary && o.kind == GW_OBJECT_TABLE); /* MySQL's temporary tables are nobody else's business */
}

/* The object of a row whose words name its kind already. */
static void
take_name(gw_cursor *c, gw_class *out, gw_object_kind kind)
{
    (void)gw_cursor_accept(c, "IF EXISTS");
    (void)gw_cursor_accept(c, "ONLY");
    out->object = kind;
    out->name = gw_object_read_name(c, false);
}

/* INSERT [LOW_PRIORITY] [IGNORE] [INTO] t, INSERT OR REPLACE INTO t, DELETE FROM ONLY t, TRUNCATE TABLE t … */
static void
take_table(gw_cursor *c, gw_class *out)
{
    static const char *const between[] = {"INTO",          "FROM",        "TABLE",    "ONLY",    "LOW_PRIORITY",
                                          "HIGH_PRIORITY", "DELAYED",     "QUICK",    "IGNORE",  "BINARY",
                                          "OR REPLACE",    "OR ROLLBACK", "OR ABORT", "OR FAIL", "OR IGNORE"};
    while (ACCEPT_ANY(c, between))
        continue;
    take_name(c, out, GW_OBJECT_TABLE);
}

static void
take_select(gw_cursor *c, gw_class *out)
{
    static const char *const between[] = {"TEMPORARY", "TEMP", "UNLOGGED", "TABLE"};
    if (!gw_cursor_find(c, "INTO"))
        return;
    while (ACCEPT_ANY(c, between))
        continue;
    out->kind = GW_CLASS_DDL;
    take_name(c, out, GW_OBJECT_TABLE);
}

/* Does a WITH list hold a query that writes? The parentheses of one begin here. */
static bool
group_writes(gw_cursor *c)
{
    static const char *const verbs[] = {"INSERT", "UPDATE", "DELETE", "MERGE"};
    gw_cursor inner = *c;
    gw_cursor_next(&inner);
    return ACCEPT_ANY(&inner, verbs);
}

static void take_rest(gw_cursor *c, const gw_opening *o, gw_class *out);

/* WITH [RECURSIVE] name [(columns)] AS (query), … verb: the first verb outside parentheses is the statement's. */
static void
take_with(gw_cursor *c, gw_class *out)
{
    static const char *const verbs[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "VALUES", "TABLE"};
    bool writes = false;
    for (; c->t.kind != GW_TOKEN_END; gw_cursor_next(c)) {
        while (c->t.kind == GW_TOKEN_OPEN) {
            writes |= group_writes(c);
            gw_cursor_skip_group(c);
        }
        gw_cursor verb = *c;
        if (!ACCEPT_ANY(&verb, verbs))
            continue;
        const gw_opening *const o = gw_opening_find(c);
        if (o != NULL) {
            out->kind = o->kind;
            take_rest(c, o, out);
        }
        break;
    }
    if (writes && out->kind == GW_CLASS_QUERY)
        out->kind = GW_CLASS_DML;
}

/* One that runs another statement, which is none of the same. */
static bool
runs_another(const gw_opening *o)
{
    return o->rest == GW_REST_EXPLAIN || o->rest == GW_REST_ANALYZE || o->rest == GW_REST_SET;
}

/* What EXPLAIN ANALYZE or SET STATEMENT … FOR runs has its own class. */
static void
take_run(gw_cursor *c, gw_class *out)
{
    gw_class run = {.kind = GW_CLASS_QUERY, .name = {"", 0}};
    const gw_opening *const o = gw_opening_find(c);
    if (o == NULL || runs_another(o))
        return;
    run.kind = o->kind;
    run.commits = (o->flags & GW_OPENING_COMMITS) != 0;
    take_rest(c, o, &run);
    out->kind = run.kind;
    out->object = run.object;
    out->name = run.name;
    out->commits = run.commits;
}

static void
take_explain(gw_cursor *c, gw_class *out)
{
    static const char *const options[] = {"VERBOSE", "EXTENDED", "PARTITIONS"};
    gw_cursor group = *c;
    bool runs = gw_cursor_accept(c, "ANALYZE");
    if (c->t.kind == GW_TOKEN_OPEN) {
        for (gw_cursor_skip_group(c); group.t.text.ptr < c->t.text.ptr; gw_cursor_next(&group))
            runs |= gw_cursor_is(&group, "ANALYZE");
    }
    while (ACCEPT_ANY(c, options))
        continue;
    if (runs && c->lex.dialect.kind == GW_DIALECT_POSTGRES)
        take_run(c, out);
}

/* ANALYZE TABLE gathers statistics; MariaDB's ANALYZE [FORMAT = JSON] statement runs it. */
static void
take_analyze(gw_cursor *c, gw_class *out)
{
    static const char *const about_table[] = {"NO_WRITE_TO_BINLOG", "LOCAL"};
    (void)ACCEPT_ANY(c, about_table);
    if (gw_cursor_accept(c, "TABLE")) {
        take_name(c, out, GW_OBJECT_TABLE);
        return;
    }
    if (gw_cursor_accept(c, "FORMAT")) {
        gw_cursor_next(c);
        gw_cursor_next(c);
    }
    out->commits = false;
    take_run(c, out);
}

static void
take_copy(gw_cursor *c, gw_class *out)
{
    if (c->t.kind == GW_TOKEN_OPEN) {
        out->kind = GW_CLASS_QUERY; /* of a query there is only COPY … TO */
        return;
    }
    take_table(c, out);
    gw_cursor_skip_group(c);
    if (gw_cursor_is(c, "TO"))
        out->kind = GW_CLASS_QUERY;
}

static void
take_rollback(gw_cursor *c, gw_class *out)
{
    if (!gw_cursor_accept(c, "WORK"))
        (void)gw_cursor_accept(c, "TRANSACTION");
    if (gw_cursor_is(c, "TO"))
        out->kind = GW_CLASS_SAVEPOINT;
}

static void
take_set(gw_cursor *c, gw_class *out)
{
    if (gw_cursor_accept(c, "STATEMENT")) {
        if (gw_cursor_find(c, "FOR")) { /* MariaDB: SET STATEMENT … FOR statement */
            out->kind = GW_CLASS_OTHER;
            take_run(c, out);
        }
        return;
    }
    if (gw_cursor_is(c, "PASSWORD") || gw_cursor_accept(c, "DEFAULT ROLE")) {
        out->kind = GW_CLASS_DDL;
        out->commits = true;
        return;
    }
    if (!gw_cursor_accept(c, "SESSION"))
        (void)gw_cursor_accept(c, "LOCAL");
    const gw_str name = c->t.text;
    const bool autocommit = gw_str_is_nocase(name, "autocommit") || gw_str_is_nocase(name, "@@autocommit") ||
                            gw_str_is_nocase(name, "@@session.autocommit");
    do
        gw_cursor_next(c);
    while (gw_cursor_sign(c, '=') || gw_cursor_sign(c, ':'));
    const bool on = gw_str_is(c->t.text, "1") || gw_cursor_is(c, "ON") || gw_cursor_is(c, "TRUE");
    out->commits = autocommit && on;
}

static void
take_pragma(gw_cursor *c, gw_class *out)
{
    static const char *const outside_only[] = {"foreign_keys", "journal_mode", "synchronous"};
    gw_cursor schema = *c;
    gw_cursor_next(&schema);
    if (gw_cursor_sign(&schema, '.')) {
        gw_cursor_next(&schema);
        *c = schema;
    }
    if (ACCEPT_ANY(c, outside_only))
        out->no_effect_inside = gw_cursor_sign(c, '=') || c->t.kind == GW_TOKEN_OPEN;
}

static void
take_cluster(gw_cursor *c, gw_class *out)
{
    gw_cursor_skip_group(c);
    (void)gw_cursor_accept(c, "VERBOSE");
    if (c->t.kind == GW_TOKEN_END)
        out->no_transaction = true;
    else
        take_name(c, out, GW_OBJECT_TABLE);
}

static void
take_reindex(gw_cursor *c, gw_class *out)
{
    static const char *const many[] = {"SCHEMA", "DATABASE", "SYSTEM"};
    gw_cursor group = *c;
    gw_cursor_skip_group(c);
    for (; group.t.text.ptr < c->t.text.ptr; gw_cursor_next(&group))
        out->no_transaction |= gw_cursor_is(&group, "CONCURRENTLY");
    (void)gw_cursor_accept(c, "VERBOSE");
    out->object = GW_OBJECT_OTHER;
    if (ACCEPT_ANY(c, many)) {
        out->no_transaction = true;
        return;
    }
    const gw_object o = gw_object_read(c);
    out->object = o.kind;
    out->name = o.name;
    out->no_transaction |= o.concurrently;
}

static void
take_database(gw_cursor *c, gw_class *out)
{
    take_name(c, out, GW_OBJECT_DATABASE);
    out->no_transaction |= gw_cursor_find(c, "SET TABLESPACE");
}

/* WITH (connect = false) and WITH (create_slot = false) keep CREATE SUBSCRIPTION from talking to the other server. */
static bool
stays_local(gw_cursor *c)
{
    for (; c->t.kind != GW_TOKEN_END; gw_cursor_next(c)) {
        if (!gw_cursor_accept(c, "connect") && !gw_cursor_accept(c, "create_slot"))
            continue;
        if (gw_cursor_sign(c, '='))
            gw_cursor_next(c);
        const gw_str value = gw_cursor_value(c);
        if (gw_str_is_nocase(value, "false") || gw_str_is_nocase(value, "off") || gw_str_is(value, "0"))
            return true;
    }
    return false;
}

static void
take_subscription(gw_cursor *c, gw_class *out)
{
    take_name(c, out, GW_OBJECT_SUBSCRIPTION);
    if (gw_str_is_nocase(out->verb, "CREATE"))
        out->no_transaction = !stays_local(c);
    else if (gw_str_is_nocase(out->verb, "ALTER"))
        out->no_transaction = gw_cursor_find(c, "PUBLICATION");
}

static void
take_detach(gw_cursor *c, gw_class *out)
{
    take_name(c, out, GW_OBJECT_TABLE);
    out->no_transaction = gw_cursor_find(c, "DETACH PARTITION") && gw_cursor_find(c, "CONCURRENTLY");
}

static void
take_rest(gw_cursor *c, const gw_opening *o, gw_class *out)
{
    static void (*const readers[])(gw_cursor *, gw_class *) = {
        [GW_REST_OBJECT] = take_object,     [GW_REST_TABLE] = take_table,
        [GW_REST_SELECT] = take_select,     [GW_REST_WITH] = take_with,
        [GW_REST_EXPLAIN] = take_explain,   [GW_REST_ANALYZE] = take_analyze,
        [GW_REST_COPY] = take_copy,         [GW_REST_ROLLBACK] = take_rollback,
        [GW_REST_SET] = take_set,           [GW_REST_PRAGMA] = take_pragma,
        [GW_REST_CLUSTER] = take_cluster,   [GW_REST_REINDEX] = take_reindex,
        [GW_REST_DATABASE] = take_database, [GW_REST_SUBSCRIPTION] = take_subscription,
        [GW_REST_DETACH] = take_detach,
    };
    if (o->rest != GW_REST_NONE)
        readers[o->rest](c, out);
}

gw_class
gw_classify(gw_str statement, gw_dialect dialect)
{
    gw_cursor c = gw_cursor_at(statement, dialect);
    while (c.t.kind == GW_TOKEN_OPEN) /* (SELECT …) UNION … */
        gw_cursor_next(&c);
    gw_class out = {.kind = GW_CLASS_OTHER, .verb = c.t.text, .name = {"", 0}};
    const gw_opening *const o = gw_opening_find(&c);
    if (o == NULL)
        return out;
    out.kind = o->kind;
    out.no_transaction = (o->flags & GW_OPENING_NO_TRANSACTION) != 0;
    out.commits = (o->flags & GW_OPENING_COMMITS) != 0;
    take_rest(&c, o, &out);
    if (out.kind == GW_CLASS_SESSION || out.kind == GW_CLASS_QUERY)
        out.changes_reading = gw_mode_follow(statement, dialect, &dialect);
    return out;
}
