#include "sql/traceless.h"

#include "sql/cursor.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- pieces ---- */

static bool
accept_sign(gw_cursor *c, char sign)
{
    if (!gw_cursor_sign(c, sign))
        return false;
    gw_cursor_next(c);
    return true;
}

static bool
accept_token(gw_cursor *c, gw_token_kind kind)
{
    if (c->t.kind != kind)
        return false;
    gw_cursor_next(c);
    return true;
}

/* One part of a name, in no other than plain quotes. */
static bool
read_word(gw_cursor *c)
{
    const bool is_quoted = c->t.kind == GW_TOKEN_QUOTED && c->t.text.ptr[0] == '"';
    return (is_quoted || c->t.kind == GW_TOKEN_WORD) && accept_token(c, c->t.kind);
}

/* [[a.]b.]c. What is the server's own, or temporary, has a qualifier that begins with pg_. */
static bool
read_name(gw_cursor *c)
{
    const gw_str first = gw_cursor_value(c);
    if (first.len >= 3 && gw_str_is_nocase(gw_str_slice(first, 0, 3), "pg_"))
        return false;
    do
        if (!read_word(c))
            return false;
    while (accept_sign(c, '.'));
    return true;
}

static bool
read_list(gw_cursor *c, bool (*read)(gw_cursor *))
{
    do
        if (!read(c))
            return false;
    while (accept_sign(c, ','));
    return true;
}

static bool
read_group(gw_cursor *c, bool (*read)(gw_cursor *))
{
    return accept_token(c, GW_TOKEN_OPEN) && read_list(c, read) && accept_token(c, GW_TOKEN_CLOSE);
}

static bool
is_plain_string(const gw_cursor *c)
{
    return c->t.kind == GW_TOKEN_STRING && c->t.text.ptr[0] == '\'' && !c->t.unterminated;
}

static bool
read_string(gw_cursor *c)
{
    return is_plain_string(c) && accept_token(c, GW_TOKEN_STRING);
}

/* ---- types ---- */

/* FOREIGN: of the user's making, perhaps with checks of its own. */
typedef enum family { NONE, FOREIGN, NUMBER, BOOLEAN, OTHER } family;

/* A row that begins with another one's words stands before it. */
static const struct {
    const char *words;
    family family;
} types[] = {
    {"smallint", NUMBER},
    {"integer", NUMBER},
    {"int", NUMBER},
    {"bigint", NUMBER},
    {"int2", NUMBER},
    {"int4", NUMBER},
    {"int8", NUMBER},
    {"numeric", NUMBER},
    {"decimal", NUMBER},
    {"real", NUMBER},
    {"double precision", NUMBER},
    {"float4", NUMBER},
    {"float8", NUMBER},
    {"boolean", BOOLEAN},
    {"bool", BOOLEAN},
    {"text", OTHER},
    {"character varying", OTHER},
    {"varchar", OTHER},
    {"character", OTHER},
    {"char", OTHER},
    {"uuid", OTHER},
    {"jsonb", OTHER},
    {"json", OTHER},
    {"bytea", OTHER},
    {"timestamptz", OTHER},
    {"timestamp", OTHER},
    {"timetz", OTHER},
    {"time", OTHER},
    {"date", OTHER},
    {"interval", OTHER},
    {"inet", OTHER},
    {"cidr", OTHER},
    {"macaddr", OTHER},
};

static bool
read_number(gw_cursor *c)
{
    return accept_token(c, GW_TOKEN_NUMBER);
}

/* Behind the name: (10, 2) with time zone [] [3]. false: something else stands there. */
static bool
read_modifiers(gw_cursor *c, family *f)
{
    static const char *const zones[] = {"with time zone", "without time zone"};
    if (c->t.kind == GW_TOKEN_OPEN && !read_group(c, read_number))
        return false;
    (void)gw_cursor_accept_any(c, zones, COUNT(zones));
    while (accept_sign(c, '[')) {
        (void)read_number(c);
        if (!accept_sign(c, ']'))
            return false;
        *f = OTHER;
    }
    return true;
}

static family
read_own_type(gw_cursor *c)
{
    for (size_t i = 0; i < COUNT(types); i++) {
        family f = types[i].family;
        if (gw_cursor_accept(c, types[i].words))
            return !gw_cursor_sign(c, '.') && read_modifiers(c, &f) ? f : NONE;
    }
    return NONE;
}

/* Of a new table. A column of a serial type has a default, which nobody computes. */
static family
read_type(gw_cursor *c)
{
    static const char *const serials[] = {"serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"};
    const gw_cursor before = *c;
    if (gw_cursor_accept_any(c, serials, COUNT(serials)))
        return NUMBER;
    const family own = read_own_type(c);
    if (own != NONE)
        return own;
    *c = before;
    return read_name(c) ? FOREIGN : NONE;
}

/* ---- defaults ---- */

/* 'text' [:: type] */
static bool
read_text(gw_cursor *c)
{
    if (!read_string(c))
        return false;
    return !accept_sign(c, ':') || (accept_sign(c, ':') && read_own_type(c) != NONE);
}

/* Computed when the column is added. Its type takes the constant by itself, or by a conversion that nobody can put another one for. */
static bool
read_constant(gw_cursor *c, family f)
{
    if (gw_cursor_accept(c, "NULL"))
        return true;
    if (gw_cursor_is(c, "TRUE") || gw_cursor_is(c, "FALSE"))
        return f == BOOLEAN && accept_token(c, GW_TOKEN_WORD);
    if (c->t.kind == GW_TOKEN_STRING)
        return f != FOREIGN && read_string(c);
    (void)accept_sign(c, '-');
    return f == NUMBER && read_number(c);
}

/* Of a new table: only what is made of the text at once counts, which is a string. */
static bool
read_default(gw_cursor *c, family f)
{
    static const char *const moments[] = {
        "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "LOCALTIMESTAMP", "LOCALTIME",
        "CURRENT_USER",      "SESSION_USER", "NULL",         "TRUE",           "FALSE"};
    if (c->t.kind == GW_TOKEN_STRING)
        return f != FOREIGN && read_text(c);
    if (gw_cursor_sign(c, '-') || c->t.kind == GW_TOKEN_NUMBER) {
        (void)accept_sign(c, '-');
        return read_number(c);
    }
    if (gw_cursor_accept_any(c, moments, COUNT(moments)))
        return true;
    return read_name(c) && accept_token(c, GW_TOKEN_OPEN) && accept_token(c, GW_TOKEN_CLOSE); /* now() */
}

/* ---- tables ---- */

static bool
read_references(gw_cursor *c)
{
    return read_name(c) && (c->t.kind != GW_TOKEN_OPEN || read_group(c, read_word));
}

/* Words that stand for themselves; in what order the server knows. */
static bool
accept_phrase(gw_cursor *c)
{
    static const char *const phrases[] = {
        "NOT NULL",
        "NULL",
        "PRIMARY KEY",
        "UNIQUE",
        "NOT DEFERRABLE",
        "DEFERRABLE",
        "INITIALLY DEFERRED",
        "INITIALLY IMMEDIATE",
        "GENERATED ALWAYS AS IDENTITY",
        "GENERATED BY DEFAULT AS IDENTITY",
        "MATCH FULL",
        "MATCH SIMPLE",
        "ON DELETE CASCADE",
        "ON DELETE RESTRICT",
        "ON DELETE NO ACTION",
        "ON DELETE SET NULL",
        "ON DELETE SET DEFAULT",
        "ON UPDATE CASCADE",
        "ON UPDATE RESTRICT",
        "ON UPDATE NO ACTION",
        "ON UPDATE SET NULL",
        "ON UPDATE SET DEFAULT",
    };
    return gw_cursor_accept_any(c, phrases, COUNT(phrases));
}

static bool
is_next(const gw_cursor *c)
{
    return gw_cursor_sign(c, ',') || c->t.kind == GW_TOKEN_CLOSE || c->t.kind == GW_TOKEN_END;
}

static bool
read_column(gw_cursor *c)
{
    if (!read_word(c))
        return false;
    const family f = read_type(c);
    bool is_sure = f != NONE;
    while (is_sure && !is_next(c))
        if (gw_cursor_accept(c, "CONSTRAINT"))
            is_sure = read_word(c);
        else if (gw_cursor_accept(c, "DEFAULT"))
            is_sure = read_default(c, f);
        else if (gw_cursor_accept(c, "REFERENCES"))
            is_sure = read_references(c);
        else
            is_sure = accept_phrase(c);
    return is_sure;
}

static bool
read_element(gw_cursor *c)
{
    static const char *const others[] = {"CHECK", "EXCLUDE", "LIKE"};
    for (size_t i = 0; i < COUNT(others); i++)
        if (gw_cursor_is(c, others[i]))
            return false;
    const bool is_named = gw_cursor_accept(c, "CONSTRAINT");
    if (is_named && !read_word(c))
        return false;
    if (gw_cursor_accept(c, "FOREIGN KEY")) {
        if (!read_group(c, read_word) || !gw_cursor_accept(c, "REFERENCES") || !read_references(c))
            return false;
    } else if (gw_cursor_accept(c, "PRIMARY KEY") || gw_cursor_accept(c, "UNIQUE")) {
        if (!read_group(c, read_word))
            return false;
    } else {
        return !is_named && read_column(c);
    }
    while (!is_next(c))
        if (!accept_phrase(c))
            return false;
    return true;
}

static bool
read_table(gw_cursor *c)
{
    (void)gw_cursor_accept(c, "IF NOT EXISTS");
    return read_name(c) && read_group(c, read_element);
}

/* ---- ALTER TABLE ---- */

static bool
read_added(gw_cursor *c)
{
    (void)gw_cursor_accept(c, "COLUMN");
    (void)gw_cursor_accept(c, "IF NOT EXISTS");
    if (!read_word(c))
        return false;
    const family f = read_own_type(c);
    bool is_sure = f != NONE;
    while (is_sure && !is_next(c))
        is_sure = gw_cursor_accept(c, "NULL") || (gw_cursor_accept(c, "DEFAULT") && read_constant(c, f));
    return is_sure;
}

static bool
read_end(gw_cursor *c)
{
    (void)(gw_cursor_accept(c, "CASCADE") || gw_cursor_accept(c, "RESTRICT"));
    return is_next(c);
}

static bool
read_action(gw_cursor *c)
{
    static const char *const loosened[] = {"DROP DEFAULT", "DROP NOT NULL"};
    if (gw_cursor_accept(c, "ADD"))
        return read_added(c);
    if (gw_cursor_accept(c, "DROP")) {
        (void)(gw_cursor_accept(c, "COLUMN") || gw_cursor_accept(c, "CONSTRAINT"));
        (void)gw_cursor_accept(c, "IF EXISTS");
        return read_word(c) && read_end(c);
    }
    if (!gw_cursor_accept(c, "ALTER"))
        return false;
    (void)gw_cursor_accept(c, "COLUMN");
    return read_word(c) && gw_cursor_accept_any(c, loosened, COUNT(loosened));
}

static bool
read_rename(gw_cursor *c)
{
    if (gw_cursor_accept(c, "TO"))
        return read_word(c);
    (void)(gw_cursor_accept(c, "COLUMN") || gw_cursor_accept(c, "CONSTRAINT"));
    return read_word(c) && gw_cursor_accept(c, "TO") && read_word(c);
}

static bool
read_alter(gw_cursor *c)
{
    (void)gw_cursor_accept(c, "IF EXISTS");
    (void)gw_cursor_accept(c, "ONLY");
    return read_name(c) && (gw_cursor_accept(c, "RENAME") ? read_rename(c) : read_list(c, read_action));
}

/* ---- the others ---- */

static bool
read_key(gw_cursor *c)
{
    if (!read_word(c))
        return false;
    (void)(gw_cursor_accept(c, "ASC") || gw_cursor_accept(c, "DESC"));
    (void)(gw_cursor_accept(c, "NULLS FIRST") || gw_cursor_accept(c, "NULLS LAST"));
    return true;
}

static bool
read_index(gw_cursor *c)
{
    static const char *const methods[] = {"btree", "hash", "gin", "gist", "brin"};
    (void)gw_cursor_accept(c, "IF NOT EXISTS");
    if (gw_cursor_is(c, "CONCURRENTLY") || (!gw_cursor_is(c, "ON") && !read_word(c)))
        return false;
    if (!gw_cursor_accept(c, "ON"))
        return false;
    (void)gw_cursor_accept(c, "ONLY");
    return read_name(c) && (!gw_cursor_accept(c, "USING") || gw_cursor_accept_any(c, methods, COUNT(methods))) &&
           read_group(c, read_key);
}

static bool
read_enum(gw_cursor *c)
{
    return read_name(c) && gw_cursor_accept(c, "AS ENUM") && read_group(c, read_string);
}

static bool
read_schema(gw_cursor *c)
{
    (void)gw_cursor_accept(c, "IF NOT EXISTS");
    return read_name(c);
}

static bool
read_drop(gw_cursor *c)
{
    (void)gw_cursor_accept(c, "IF EXISTS");
    return read_list(c, read_name) && read_end(c);
}

static bool
read_comment(gw_cursor *c)
{
    return read_name(c) && gw_cursor_accept(c, "IS") && (gw_cursor_accept(c, "NULL") || read_string(c));
}

static const struct {
    const char *words;
    bool (*read)(gw_cursor *c);
} openings[] = {
    {"CREATE TABLE", read_table},
    {"CREATE UNLOGGED TABLE", read_table},
    {"CREATE INDEX", read_index},
    {"CREATE UNIQUE INDEX", read_index},
    {"CREATE TYPE", read_enum},
    {"CREATE SCHEMA", read_schema},
    {"ALTER TABLE", read_alter},
    {"DROP TABLE", read_drop},
    {"DROP INDEX", read_drop},
    {"DROP VIEW", read_drop},
    {"DROP MATERIALIZED VIEW", read_drop},
    {"DROP SEQUENCE", read_drop},
    {"DROP TYPE", read_drop},
    {"DROP SCHEMA", read_drop},
    {"COMMENT ON TABLE", read_comment},
    {"COMMENT ON COLUMN", read_comment},
    {"COMMENT ON INDEX", read_comment},
    {"COMMENT ON VIEW", read_comment},
    {"COMMENT ON TYPE", read_comment},
    {"COMMENT ON SCHEMA", read_comment},
};

bool
gw_traceless_is_sure(gw_str statement, gw_dialect dialect)
{
    if (dialect.kind != GW_DIALECT_POSTGRES)
        return false;
    gw_cursor c = gw_cursor_at(statement, dialect);
    for (size_t i = 0; i < COUNT(openings); i++)
        if (gw_cursor_accept(&c, openings[i].words))
            return openings[i].read(&c) && c.t.kind == GW_TOKEN_END;
    return false;
}
