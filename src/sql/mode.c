#include "sql/mode.h"

#include <stdlib.h>

#include "base/err.h"
#include "sql/cursor.h"

enum { ANSI_QUOTES = 1u << 2, NO_BACKSLASH_ESCAPES = 1u << 20 }; /* their bits in a numeric sql_mode */

/* The modes that matter here, and those that contain one of them (MySQL before 8, MariaDB). */
static const struct {
    const char *name;
    unsigned bits;
} mode_names[] = {
    {"ANSI_QUOTES", ANSI_QUOTES}, {"NO_BACKSLASH_ESCAPES", NO_BACKSLASH_ESCAPES},
    {"ANSI", ANSI_QUOTES},        {"DB2", ANSI_QUOTES},
    {"MAXDB", ANSI_QUOTES},       {"MSSQL", ANSI_QUOTES},
    {"ORACLE", ANSI_QUOTES},      {"POSTGRESQL", ANSI_QUOTES},
};

static unsigned
named_bits(gw_str list)
{
    unsigned bits = 0;
    while (list.ptr != NULL) {
        gw_str rest;
        const gw_str name = gw_str_trim(gw_str_cut(list, ',', &rest));
        for (size_t i = 0; i < sizeof(mode_names) / sizeof(mode_names[0]); i++)
            if (gw_str_is_nocase(name, mode_names[i].name))
                bits |= mode_names[i].bits;
        list = rest;
    }
    return bits;
}

/* Decimal or 0x…; digits that are none end it. */
static unsigned
number_bits(gw_str digits)
{
    char text[32];
    gw_err_copy(text, sizeof(text), digits);
    return (unsigned)strtoull(text, NULL, gw_str_starts(digits, "0x") ? 16 : 10) & (ANSI_QUOTES | NO_BACKSLASH_ESCAPES);
}

static unsigned
bits_of(gw_dialect d)
{
    return (d.ansi_quotes ? ANSI_QUOTES : 0u) | (d.no_backslash_escapes ? NO_BACKSLASH_ESCAPES : 0u);
}

static void
set_bits(gw_dialect *d, unsigned bits)
{
    d->ansi_quotes = (bits & ANSI_QUOTES) != 0;
    d->no_backslash_escapes = (bits & NO_BACKSLASH_ESCAPES) != 0;
}

/* An expression, up to the comma or the end. */
static unsigned
read_bits(gw_cursor *c, unsigned initial, unsigned now)
{
    unsigned named = 0;
    bool from_now = false, from_saved = false, removes = false;
    size_t depth = 0;
    for (; c->t.kind != GW_TOKEN_END && (depth > 0 || !gw_cursor_sign(c, ',')); gw_cursor_next(c)) {
        depth += c->t.kind == GW_TOKEN_OPEN;
        depth -= c->t.kind == GW_TOKEN_CLOSE && depth > 0;
        if (c->t.kind == GW_TOKEN_NUMBER)
            named |= number_bits(c->t.text);
        else if (c->t.kind == GW_TOKEN_PARAMETER && gw_str_starts(c->t.text, "@@"))
            from_now = true;
        else if (c->t.kind == GW_TOKEN_PARAMETER || gw_cursor_is(c, "DEFAULT"))
            from_saved = true;
        else if (gw_cursor_is(c, "REPLACE") || gw_cursor_is(c, "list_drop"))
            removes = true;
        else
            named |= named_bits(gw_cursor_value(c));
    }
    const unsigned base = from_now ? now : from_saved ? initial : 0;
    return removes ? base & ~named : base | named;
}

/* What is global does not concern this session; the name of the variable may say its scope itself. */
static bool
is_session_mode(gw_str variable, bool global)
{
    static const char *const names[] = {"@@sql_mode", "@@session.sql_mode", "@@local.sql_mode"};
    if (gw_str_is_nocase(variable, "sql_mode"))
        return !global;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (gw_str_is_nocase(variable, names[i]))
            return true;
    return false;
}

static bool
at_assignment(const gw_cursor *c)
{
    return gw_cursor_sign(c, '=') || gw_cursor_sign(c, ':');
}

/* SET [scope] variable = value, …; a scope holds for the assignments behind it too. */
static bool
follow_mysql(gw_cursor *c, gw_dialect initial, gw_dialect *d)
{
    bool changes = false, global = false;
    while (c->t.kind != GW_TOKEN_END && !gw_cursor_is(c, "STATEMENT")) {
        if (gw_cursor_is(c, "GLOBAL") || gw_cursor_is(c, "PERSIST") || gw_cursor_is(c, "PERSIST_ONLY"))
            global = true;
        else if (gw_cursor_is(c, "SESSION") || gw_cursor_is(c, "LOCAL"))
            global = false;
        const bool mode = is_session_mode(gw_cursor_value(c), global);
        gw_cursor_next(c);
        if (!at_assignment(c))
            continue;
        while (at_assignment(c))
            gw_cursor_next(c);
        const unsigned bits = read_bits(c, bits_of(initial), bits_of(*d));
        if (mode)
            set_bits(d, bits);
        changes |= mode;
        gw_cursor_next(c);
    }
    return changes;
}

/* PostgreSQL takes any beginning of "false" and "no", and "of" too. */
static bool
is_off(gw_str value)
{
    static const char *const words[] = {"off", "of", "0", "false", "fals", "fal", "fa", "f", "no", "n"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (gw_str_is_nocase(value, words[i]))
            return true;
    return false;
}

static bool
at_setting(const gw_cursor *c)
{
    return gw_str_is_nocase(gw_cursor_value(c), "standard_conforming_strings");
}

/* SET [SESSION | LOCAL] setting {= | TO} value */
static bool
follow_set(gw_cursor *c, gw_dialect initial, gw_dialect *d)
{
    if (!gw_cursor_accept(c, "SESSION"))
        (void)gw_cursor_accept(c, "LOCAL");
    if (!at_setting(c))
        return false;
    gw_cursor_next(c);
    if (!gw_cursor_sign(c, '=') && !gw_cursor_is(c, "TO"))
        return false;
    gw_cursor_next(c);
    d->backslash_in_strings = gw_cursor_is(c, "DEFAULT") ? initial.backslash_in_strings : is_off(gw_cursor_value(c));
    return true;
}

static bool
follow_reset(const gw_cursor *c, gw_dialect initial, gw_dialect *d)
{
    if (!gw_cursor_is(c, "ALL") && !at_setting(c))
        return false;
    d->backslash_in_strings = initial.backslash_in_strings;
    return true;
}

/* SELECT [pg_catalog.]set_config('setting', 'value', …), as pg_dump calls it. */
static bool
follow_set_config(gw_cursor *c, gw_dialect *d)
{
    if (gw_cursor_accept(c, "pg_catalog"))
        gw_cursor_next(c);
    if (!gw_cursor_accept(c, "set_config") || c->t.kind != GW_TOKEN_OPEN)
        return false;
    gw_cursor_next(c);
    if (!at_setting(c))
        return false;
    gw_cursor_next(c);
    gw_cursor_next(c);
    d->backslash_in_strings = is_off(gw_cursor_value(c));
    return true;
}

bool
gw_mode_follow(gw_str statement, gw_dialect initial, gw_dialect *dialect)
{
    gw_cursor c = gw_cursor_at(statement, *dialect);
    if (dialect->kind == GW_DIALECT_MYSQL)
        return gw_cursor_accept(&c, "SET") && follow_mysql(&c, initial, dialect);
    if (dialect->kind != GW_DIALECT_POSTGRES)
        return false;
    if (gw_cursor_accept(&c, "SET"))
        return follow_set(&c, initial, dialect);
    if (gw_cursor_accept(&c, "RESET") || gw_cursor_accept(&c, "DISCARD"))
        return follow_reset(&c, initial, dialect);
    return gw_cursor_accept(&c, "SELECT") && follow_set_config(&c, dialect);
}
