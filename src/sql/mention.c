#include "sql/mention.h"

#include "sql/call.h"
#include "sql/cursor.h"
#include "sql/effect.h"
#include "sql/memory.h"
#include "sql/quote.h"

/* ---- sets of names ---- */

enum { KEY_MOST = 256 }; /* longer than any name: what begins the same is the same */

static gw_str
key_of(char buffer[KEY_MOST], gw_str name)
{
    const size_t len = name.len < KEY_MOST ? name.len : KEY_MOST;
    for (size_t i = 0; i < len; i++) {
        const char c = name.ptr[i];
        buffer[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    return (gw_str){buffer, len};
}

bool
gw_mentions_has(const gw_mentions *names, gw_str name)
{
    char buffer[KEY_MOST];
    return names->names != NULL && gw_map_has(names->names, key_of(buffer, name));
}

void
gw_mentions_add(gw_arena *a, gw_mentions *names, gw_str name)
{
    char buffer[KEY_MOST];
    if (names->names == NULL)
        names->names = gw_map_new(a);
    if (name.len > 0)
        gw_map_put(names->names, key_of(buffer, name), NULL);
}

/* ---- every name ---- */

typedef bool name_fn(void *ctx, gw_str name); /* false: that is enough */

static bool
visit(gw_str text, gw_dialect dialect, unsigned depth, name_fn *fn, void *ctx)
{
    for (gw_cursor c = gw_cursor_at(text, dialect); c.t.kind != GW_TOKEN_END; gw_cursor_next(&c)) {
        const bool is_name = c.t.kind == GW_TOKEN_WORD || c.t.kind == GW_TOKEN_QUOTED;
        if (is_name && !fn(ctx, gw_cursor_value(&c)))
            return false;
        if (c.t.kind == GW_TOKEN_STRING && depth > 0 &&
            !visit(gw_quote_body(gw_cursor_value(&c)), dialect, depth - 1, fn, ctx))
            return false;
    }
    return true;
}

enum { WITHIN = 4 }; /* a string in a body in a body … */

typedef struct search {
    const gw_mentions *names;
    gw_str found;
} search;

static bool
compare(void *ctx, gw_str name)
{
    search *const s = ctx;
    if (gw_mentions_has(s->names, name))
        s->found = name;
    return s->found.len == 0;
}

gw_str
gw_mention_find(gw_str statement, gw_dialect dialect, const gw_class *class, const gw_mentions *names)
{
    search s = {.names = names, .found = {"", 0}};
    (void)visit(statement, dialect, class->kind == GW_CLASS_DML ? 0 : WITHIN, compare, &s);
    return s.found;
}

typedef struct list {
    gw_arena *a;
    gw_mentions *out;
} list;

static bool
keep(void *ctx, gw_str name)
{
    const list *const l = ctx;
    gw_mentions_add(l->a, l->out, name);
    return true;
}

void
gw_mention_all(gw_arena *a, gw_str statement, gw_dialect dialect, gw_mentions *out)
{
    list l = {a, out};
    (void)visit(statement, dialect, WITHIN, keep, &l);
}

/* ---- the objects that it works on ---- */

/* Known by its table alone. */
static bool
is_part(const gw_target *t)
{
    return t->on.len > 0 && t->kind >= GW_OBJECT_COLUMN && t->kind <= GW_OBJECT_LABEL;
}

/* Words that the name of a table may follow. A name may also follow the first of two such words: TRUNCATE TABLE t, TRUNCATE t. */
static const char *const introductions[] = {
    "ANALYZE",  "ANALYSE", "CLUSTER",  "COPY",      "DELETE",  "FROM",   "INSERT",  "INTO",  "JOIN",
    "LOCK",     "MERGE",   "OPTIMIZE", "PROCEDURE", "REINDEX", "REPAIR", "REPLACE", "TABLE", "TABLES",
    "TRUNCATE", "UPDATE",  "USING",    "VACUUM",    "VIEW",    "INDEX",  "ONLY",    "CALL",  "SEQUENCE",
};
/* And here nothing but privileges and remarks say of what they are by ON. */
static const char *const subjects[] = {"GRANT", "REVOKE", "COMMENT", "SECURITY"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Behind a name: [AS] alias, and a comma behind which comes another. */
static bool
accept_next(gw_cursor *c)
{
    gw_cursor at = *c;
    (void)gw_cursor_accept(&at, "AS");
    if (at.t.kind == GW_TOKEN_WORD || at.t.kind == GW_TOKEN_QUOTED)
        gw_cursor_next(&at);
    if (!gw_cursor_sign(&at, ','))
        at = *c;
    if (!gw_cursor_sign(&at, ','))
        return false;
    gw_cursor_next(&at);
    *c = at;
    return true;
}

static void
add_tables(gw_arena *a, gw_str statement, gw_dialect dialect, gw_mentions *out)
{
    gw_cursor c = gw_cursor_at(statement, dialect);
    const bool has_subject = gw_cursor_accept_any(&c, subjects, COUNT(subjects));
    while (c.t.kind != GW_TOKEN_END) {
        const bool is_here = gw_cursor_accept_any(&c, introductions, COUNT(introductions)) ||
                             (has_subject && gw_cursor_accept(&c, "ON"));
        if (!is_here) {
            gw_cursor_next(&c);
            continue;
        }
        while (gw_cursor_accept_any(&c, introductions, COUNT(introductions)))
            ;
        do
            gw_mentions_add(a, out, gw_name_last(a, gw_object_read_name(&c, false), dialect));
        while (accept_next(&c));
    }
}

void
gw_mention_objects(gw_arena *a, gw_str statement, gw_dialect dialect, gw_mentions *out)
{
    gw_effect effect;
    gw_effect_read(a, statement, dialect, &effect);
    for (size_t i = 0; i < effect.targets.len; i++) {
        const gw_target *const t = &effect.targets.at[i];
        if (!is_part(t))
            gw_mentions_add(a, out, gw_name_last(a, t->name, dialect));
        gw_mentions_add(a, out, gw_name_last(a, t->on, dialect));
    }
    if (effect.targets.len == 0)
        add_tables(a, statement, dialect, out);
}

bool
gw_mention_is_hidden(gw_str statement, gw_dialect dialect, const gw_class *class)
{
    GW_SCOPE(scratch);
    gw_memory m;
    if (class->kind == GW_CLASS_QUERY && gw_call_classify(statement, dialect) == GW_CALL_ACTS)
        return true;
    gw_memory_read(scratch, statement, dialect, &m);
    return m.executes;
}
