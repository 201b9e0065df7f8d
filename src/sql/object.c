#include "sql/object.h"

typedef struct noun {
    const char *words;
    gw_object_kind kind;
} noun;

/* A noun that begins with another one's words stands before it. OTHER: an object whose kind or name nobody asks for. */
static const noun nouns[] = {
    {"TABLE", GW_OBJECT_TABLE},
    {"TABLES", GW_OBJECT_TABLE},
    {"INDEX", GW_OBJECT_INDEX},
    {"VIEW", GW_OBJECT_VIEW},
    {"FUNCTION", GW_OBJECT_FUNCTION},
    {"PROCEDURE", GW_OBJECT_PROCEDURE},
    {"TRIGGER", GW_OBJECT_TRIGGER},
    {"MATERIALIZED VIEW", GW_OBJECT_MATVIEW},
    {"TYPE", GW_OBJECT_TYPE},
    {"SEQUENCE", GW_OBJECT_SEQUENCE},
    {"SCHEMA", GW_OBJECT_SCHEMA},
    {"DATABASE", GW_OBJECT_DATABASE},
    {"EXTENSION", GW_OBJECT_EXTENSION},
    {"DOMAIN", GW_OBJECT_DOMAIN},
    {"POLICY", GW_OBJECT_POLICY},
    {"RULE", GW_OBJECT_RULE},
    {"ROUTINE", GW_OBJECT_FUNCTION},
    {"AGGREGATE", GW_OBJECT_AGGREGATE},
    {"EVENT TRIGGER", GW_OBJECT_TRIGGER},
    {"EVENT", GW_OBJECT_EVENT},
    {"ROLE", GW_OBJECT_ROLE},
    {"USER MAPPING", GW_OBJECT_OTHER},
    {"USER", GW_OBJECT_ROLE},
    {"GROUP", GW_OBJECT_ROLE},
    {"FOREIGN TABLE", GW_OBJECT_TABLE},
    {"FOREIGN DATA WRAPPER", GW_OBJECT_OTHER},
    {"VIRTUAL TABLE", GW_OBJECT_TABLE},
    {"CONSTRAINT TRIGGER", GW_OBJECT_TRIGGER},
    {"CONSTRAINT", GW_OBJECT_OTHER},
    {"COLUMN", GW_OBJECT_OTHER},
    {"COLLATION", GW_OBJECT_OTHER},
    {"CONVERSION", GW_OBJECT_OTHER},
    {"LANGUAGE", GW_OBJECT_OTHER},
    {"PACKAGE BODY", GW_OBJECT_OTHER},
    {"PACKAGE", GW_OBJECT_OTHER},
    {"PUBLICATION", GW_OBJECT_OTHER},
    {"SUBSCRIPTION", GW_OBJECT_SUBSCRIPTION},
    {"SERVER", GW_OBJECT_SERVER},
    {"STATISTICS", GW_OBJECT_OTHER},
    {"TABLESPACE", GW_OBJECT_TABLESPACE},
    {"ACCESS METHOD", GW_OBJECT_OTHER},
    {"LOGFILE GROUP", GW_OBJECT_OTHER},
    {"RESOURCE GROUP", GW_OBJECT_OTHER},
    {"TEXT SEARCH CONFIGURATION", GW_OBJECT_OTHER},
    {"TEXT SEARCH DICTIONARY", GW_OBJECT_OTHER},
    {"TEXT SEARCH PARSER", GW_OBJECT_OTHER},
    {"TEXT SEARCH TEMPLATE", GW_OBJECT_OTHER},
    {"OPERATOR CLASS", GW_OBJECT_OTHER},
    {"OPERATOR FAMILY", GW_OBJECT_OTHER},
};

/* Words that may stand before the noun. */
static const char *const modifiers[] = {
    "UNIQUE",
    "UNLOGGED",
    "RECURSIVE",
    "FULLTEXT",
    "SPATIAL",
    "GLOBAL",
    "LOCAL",
    "TRUSTED",
    "PROCEDURAL",
    "DEFAULT",
    "ONLINE",
    "OFFLINE",
    "IGNORE",
    "UNDO",
    "SQL SECURITY DEFINER",
    "SQL SECURITY INVOKER",
};

/* DEFINER = user, ALGORITHM = word: everything up to the next bare word that is not the value itself. */
static bool
accept_assignment(gw_cursor *c)
{
    if (!gw_cursor_accept(c, "DEFINER") && !gw_cursor_accept(c, "ALGORITHM"))
        return false;
    if (gw_cursor_sign(c, '='))
        gw_cursor_next(c);
    do
        gw_cursor_next(c);
    while (c->t.kind != GW_TOKEN_WORD && c->t.kind != GW_TOKEN_END);
    return true;
}

static bool
accept_modifier(gw_cursor *c, gw_object *o)
{
    if (gw_cursor_accept(c, "TEMPORARY") || gw_cursor_accept(c, "TEMP")) {
        o->temporary = true;
        return true;
    }
    if (gw_cursor_accept(c, "OR REPLACE")) {
        o->lenient = true;
        return true;
    }
    for (size_t i = 0; i < sizeof(modifiers) / sizeof(modifiers[0]); i++)
        if (gw_cursor_accept(c, modifiers[i]))
            return true;
    return accept_assignment(c);
}

static gw_object_kind
read_noun(gw_cursor *c)
{
    const gw_dialect_kind dialect = c->lex.dialect.kind;
    for (size_t i = 0; i < sizeof(nouns) / sizeof(nouns[0]); i++) {
        if (!gw_cursor_accept(c, nouns[i].words))
            continue;
        if (dialect == GW_DIALECT_MYSQL && nouns[i].kind == GW_OBJECT_SCHEMA)
            return GW_OBJECT_DATABASE;
        if (dialect == GW_DIALECT_MYSQL && nouns[i].kind == GW_OBJECT_AGGREGATE)
            return read_noun(c); /* AGGREGATE FUNCTION */
        return nouns[i].kind;
    }
    return GW_OBJECT_NONE;
}

static bool
at_name(const gw_cursor *c, bool user)
{
    static const char *const no_names[] = {"ON", "FOR", "AUTHORIZATION", "USING"};
    if (c->t.kind == GW_TOKEN_QUOTED)
        return true;
    if (c->t.kind == GW_TOKEN_STRING)
        return user || c->lex.dialect.kind == GW_DIALECT_SQLITE;
    for (size_t i = 0; i < sizeof(no_names) / sizeof(no_names[0]); i++)
        if (gw_cursor_is(c, no_names[i]))
            return false;
    return c->t.kind == GW_TOKEN_WORD;
}

gw_str
gw_object_read_name(gw_cursor *c, bool user)
{
    if (!at_name(c, user))
        return (gw_str){"", 0};
    const char *const begin = c->t.text.ptr;
    const char *end = begin + c->t.text.len;
    gw_cursor_next(c);
    while (gw_cursor_sign(c, '.') || (user && c->t.kind == GW_TOKEN_PARAMETER)) {
        const bool host = c->t.kind == GW_TOKEN_PARAMETER && c->t.text.len > 1; /* user@host in one piece */
        if (!host)
            gw_cursor_next(c);
        end = c->t.text.ptr + c->t.text.len;
        gw_cursor_next(c);
    }
    return (gw_str){begin, (size_t)(end - begin)};
}

gw_object
gw_object_read(gw_cursor *c)
{
    gw_object o = {.kind = read_noun(c), .name = {"", 0}};
    while (o.kind == GW_OBJECT_NONE) {
        if (!accept_modifier(c, &o)) {
            o.kind = GW_OBJECT_OTHER;
            return o;
        }
        o.kind = read_noun(c);
    }
    const bool postgres = c->lex.dialect.kind == GW_DIALECT_POSTGRES;
    o.concurrently = postgres && gw_cursor_accept(c, "CONCURRENTLY");
    o.lenient |= gw_cursor_accept(c, "IF NOT EXISTS") || gw_cursor_accept(c, "IF EXISTS");
    if (postgres)
        (void)gw_cursor_accept(c, "ONLY");
    o.name = gw_object_read_name(c, c->lex.dialect.kind == GW_DIALECT_MYSQL && o.kind == GW_OBJECT_ROLE);
    return o;
}

const char *
gw_object_kind_name(gw_object_kind kind)
{
    static const char *const names[] = {
        [GW_OBJECT_NONE] = "nothing",
        [GW_OBJECT_TABLE] = "table",
        [GW_OBJECT_INDEX] = "index",
        [GW_OBJECT_VIEW] = "view",
        [GW_OBJECT_MATVIEW] = "materialized view",
        [GW_OBJECT_SEQUENCE] = "sequence",
        [GW_OBJECT_TYPE] = "type",
        [GW_OBJECT_DOMAIN] = "domain",
        [GW_OBJECT_FUNCTION] = "function",
        [GW_OBJECT_PROCEDURE] = "procedure",
        [GW_OBJECT_AGGREGATE] = "aggregate",
        [GW_OBJECT_TRIGGER] = "trigger",
        [GW_OBJECT_EVENT] = "event",
        [GW_OBJECT_RULE] = "rule",
        [GW_OBJECT_POLICY] = "policy",
        [GW_OBJECT_SCHEMA] = "schema",
        [GW_OBJECT_DATABASE] = "database",
        [GW_OBJECT_EXTENSION] = "extension",
        [GW_OBJECT_ROLE] = "role",
        [GW_OBJECT_TABLESPACE] = "tablespace",
        [GW_OBJECT_SUBSCRIPTION] = "subscription",
        [GW_OBJECT_SERVER] = "server",
        [GW_OBJECT_COLUMN] = "column",
        [GW_OBJECT_FOREIGN_KEY] = "foreign key",
        [GW_OBJECT_CHECK] = "check",
        [GW_OBJECT_CONSTRAINT] = "constraint",
        [GW_OBJECT_PARTITION] = "partition",
        [GW_OBJECT_OPTION] = "option",
        [GW_OBJECT_LABEL] = "value",
        [GW_OBJECT_OTHER] = "object",
    };
    return names[kind];
}
