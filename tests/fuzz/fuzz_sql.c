/* The first byte chooses dialect and modes, the second the delimiter; the rest is the file. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "split_property.h"
#include "sql/classify.h"
#include "sql/effect.h"
#include "sql/quote.h"
#include "sql/reliance.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
demand(const char *wrong)
{
    if (wrong == NULL)
        return;
    fprintf(stderr, "%s\n", wrong);
    abort();
}

static bool
within(gw_str inner, gw_str outer)
{
    return inner.len == 0 || (inner.ptr >= outer.ptr && inner.ptr + inner.len <= outer.ptr + outer.len);
}

/* A name or a string that was quoted is one token, and reads back as it was. */
static void
check_quoting(gw_arena *a, gw_str text, gw_dialect dialect)
{
    gw_buf name = gw_buf_new(a), string = gw_buf_new(a);
    gw_str parts[3];
    gw_quote_name(&name, text, dialect);
    gw_quote_string(&string, text, dialect);
    if (gw_name_parts(a, gw_buf_str(&name), dialect, parts) != 1 || !gw_str_eq(parts[0], text))
        demand("a quoted name that reads back as another");
    gw_lexer l = gw_lex(gw_buf_str(&string), dialect);
    const gw_token t = gw_lex_next(&l);
    if (t.kind != GW_TOKEN_STRING || t.unterminated || l.at != string.len)
        demand("a quoted string that is not one string");
}

/* A part of a table that every table calls the same. */
static bool
is_constant(const gw_target *t)
{
    return t->kind == GW_OBJECT_OPTION || (t->kind == GW_OBJECT_INDEX && gw_str_is(t->name, "PRIMARY"));
}

/* What it is about stands in its text; it is about nothing when it may be said twice. */
static void
check_effect(gw_arena *a, gw_str statement, gw_dialect dialect)
{
    gw_effect effect;
    gw_effect_read(a, statement, dialect, &effect);
    if (effect.repeatable && effect.targets.len > 0)
        demand("targets of a repeatable statement");
    for (size_t i = 0; i < effect.targets.len; i++) {
        const gw_target *const t = &effect.targets.at[i];
        if ((!within(t->name, statement) && !is_constant(t)) || !within(t->on, statement))
            demand("a target from elsewhere");
        if (t->name.len == 0 && (t->on.len == 0 || t->kind == GW_OBJECT_TABLE || t->role == GW_TARGET_DROPPED))
            demand("a target without a name");
        if (t->again && !t->vague)
            demand("a target that may be set again, and is certain");
        if (t->kind == GW_OBJECT_NONE || t->kind == GW_OBJECT_OTHER)
            demand("a target of no kind");
    }
}

/* What it leaves in its session stands in its text, is the same as itself, and can be shown and asked for. */
static void
check_memory(gw_arena *a, gw_str statement, gw_dialect dialect)
{
    gw_memory memory;
    gw_memory_read(a, statement, dialect, &memory);
    for (size_t i = 0; i < memory.items.len; i++) {
        const gw_memory_item *const item = &memory.items.at[i];
        if (!within(item->name, statement))
            demand("a name from elsewhere that a session keeps");
        if (!gw_memory_is_same(item, item) || gw_memory_show(a, item) == NULL)
            demand("something that a session keeps, and that is not itself");
        (void)gw_reliance_on(&memory, item);
    }
}

static void
check_statement(gw_arena *a, gw_str statement, gw_dialect dialect)
{
    const gw_class c = gw_classify(statement, dialect);
    if (!within(c.verb, statement) || !within(c.name, statement))
        demand("a verb or name from elsewhere");
    check_effect(a, statement, dialect);
    check_memory(a, statement, dialect);
    gw_buf qualified = gw_buf_new(a);
    gw_quote_qualified(&qualified, c.name, dialect);
    if (c.name.len > 0 && qualified.len == 0)
        demand("a name without parts");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const delimiters[] = {NULL, "//", "$$", "\n\n", "\nGO", ";;", "END", "-- end"};
    if (size < 2)
        return 0;
    GW_SCOPE(a);
    const gw_str text = {(const char *)data + 2, size - 2};
    const unsigned modes = data[0] / 3;
    const gw_dialect dialect = {.kind = (gw_dialect_kind)(data[0] % 3),
                                .ansi_quotes = (modes & 1) != 0,
                                .no_backslash_escapes = (modes & 2) != 0,
                                .backslash_in_strings = (modes & 4) != 0};
    const gw_split_params p = {.path = "fuzz.sql",
                               .text = text,
                               .dialect = dialect,
                               .delimiter = delimiters[data[1] % 8],
                               .any_bytes = (modes & 8) != 0};
    gw_stmts stmts = {0};
    gw_err e = {0};
    demand(lex_property(text, dialect));
    check_quoting(a, text, dialect);
    check_statement(a, text, dialect);
    if (gw_split(a, &p, &stmts, &e) != GODWIT_OK) {
        if (e.rc != GODWIT_FOLDER || e.message[0] == '\0' || (e.line == 0 && text.len <= GW_SQL_FILE_CAP))
            demand("an error without a message or a position");
        return 0;
    }
    demand(split_property(&p, &stmts));
    for (size_t i = 0; i < stmts.len; i++)
        check_statement(a, gw_str_slice(text, stmts.at[i].offset, (size_t)stmts.at[i].offset + stmts.at[i].length),
                        dialect);
    return 0;
}
