#include "sql/reliance.h"

#include "sql/call.h"
#include "sql/cursor.h"
#include "sql/quote.h"
#include "sql/variable.h"

typedef struct search {
    const gw_memory_item *what;
    bool is_found;
} search;

static void
search_variable(void *ctx, gw_str name, gw_variable_use use, bool is_told)
{
    search *const s = ctx;
    (void)is_told;
    s->is_found |= use == GW_VARIABLE_READ && name.len == s->what->name.len &&
                   gw_memory_is_same(s->what, &(gw_memory_item){.kind = GW_MEMORY_VARIABLE, .name = name});
}

static bool
uses_variable(const gw_memory *m, const gw_memory_item *what)
{
    search s = {.what = what};
    gw_variable_visit(m->text, m->dialect, search_variable, &s);
    return s.is_found;
}

static bool
same_name(gw_str a, gw_str b)
{
    return gw_memory_is_same(&(gw_memory_item){.name = a}, &(gw_memory_item){.name = b});
}

/* Words of a text that is SQL itself: a body, a text for PREPARE. One word alone is a value. */
static size_t
count_in_text(gw_str text, gw_dialect dialect, gw_str name)
{
    size_t count = 0, tokens = 0;
    for (gw_cursor c = gw_cursor_at(text, dialect); c.t.kind != GW_TOKEN_END; gw_cursor_next(&c), tokens++)
        count += (c.t.kind == GW_TOKEN_WORD || c.t.kind == GW_TOKEN_QUOTED) && same_name(gw_cursor_value(&c), name);
    return tokens > 1 ? count : 0;
}

static size_t
count_mentions(const gw_memory *m, gw_str name)
{
    size_t count = 0;
    for (gw_cursor c = gw_cursor_at(m->text, m->dialect); c.t.kind != GW_TOKEN_END; gw_cursor_next(&c))
        if (c.t.kind == GW_TOKEN_STRING)
            count += count_in_text(gw_quote_body(gw_cursor_value(&c)), m->dialect, name);
        else if (c.t.kind == GW_TOKEN_WORD || c.t.kind == GW_TOKEN_QUOTED)
            count += same_name(gw_cursor_value(&c), name);
    return count;
}

/* Making it anew, or dropping it where it need not be there, does not depend on it. */
static size_t
count_own(const gw_memory *m, const gw_memory_item *what)
{
    for (size_t i = 0; i < m->items.len; i++) {
        const gw_memory_item *const own = &m->items.at[i];
        if (gw_memory_is_same(own, what) && (own->act == GW_MEMORY_SETS || !own->refuses))
            return 1;
    }
    return 0;
}

static bool
uses_temporary(const gw_memory *m, const gw_memory_item *what)
{
    if (what->object == GW_OBJECT_TRIGGER) /* it fires */
        return m->class.kind == GW_CLASS_DML || m->class.kind == GW_CLASS_OTHER;
    return count_mentions(m, what->name) > count_own(m, what);
}

static bool
uses_prepared(const gw_memory *m, const gw_memory_item *what)
{
    for (gw_cursor c = gw_cursor_at(m->text, m->dialect); c.t.kind != GW_TOKEN_END;)
        if (!gw_cursor_accept(&c, "EXECUTE"))
            gw_cursor_next(&c);
        else if (same_name(gw_cursor_value(&c), what->name))
            return true;
    return false;
}

static bool
uses_cursor(const gw_memory *m, const gw_memory_item *what)
{
    return count_mentions(m, what->name) > count_own(m, what);
}

/* A setting may mean something to whatever is executed. */
static bool
uses_setting(const gw_memory *m, const gw_memory_item *what)
{
    (void)what;
    switch (m->class.kind) {
    case GW_CLASS_DDL:
    case GW_CLASS_DML:
    case GW_CLASS_OTHER:
        return true;
    case GW_CLASS_QUERY:
        return m->source != GW_MEMORY_SAME;
    case GW_CLASS_SESSION:
    case GW_CLASS_BEGIN:
    case GW_CLASS_COMMIT:
    case GW_CLASS_ROLLBACK:
    case GW_CLASS_SAVEPOINT:
        break;
    }
    return false;
}

static bool
uses_global(const gw_memory *m, const gw_memory_item *what)
{
    for (gw_cursor c = gw_cursor_at(m->text, m->dialect); c.t.kind != GW_TOKEN_END; gw_cursor_next(&c)) {
        bool is_global;
        if (c.t.kind == GW_TOKEN_PARAMETER && gw_str_starts(c.t.text, "@@") &&
            same_name(gw_variable_system(c.t.text, &is_global), what->name))
            return true;
    }
    return false;
}

static bool
uses_last_id(const gw_memory *m, const gw_memory_item *what)
{
    (void)what;
    return gw_call_asks(m->text, m->dialect, GW_CALL_LAST_ID);
}

static bool
uses_row_count(const gw_memory *m, const gw_memory_item *what)
{
    (void)what;
    return gw_call_asks(m->text, m->dialect, GW_CALL_ROW_COUNT);
}

bool
gw_reliance_on(const gw_memory *m, const gw_memory_item *what)
{
    static bool (*const readers[])(const gw_memory *, const gw_memory_item *) = {
        [GW_MEMORY_VARIABLE] = uses_variable, [GW_MEMORY_TEMPORARY] = uses_temporary,
        [GW_MEMORY_PREPARED] = uses_prepared, [GW_MEMORY_CURSOR] = uses_cursor,
        [GW_MEMORY_SETTING] = uses_setting,   [GW_MEMORY_GLOBAL] = uses_global,
        [GW_MEMORY_LAST_ID] = uses_last_id,   [GW_MEMORY_ROW_COUNT] = uses_row_count,
    };
    if (m->is_definition && what->kind != GW_MEMORY_SETTING)
        return false;
    return readers[what->kind](m, what);
}
