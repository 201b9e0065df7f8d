#include "sql/memory.h"

#include "sql/call.h"
#include "sql/object.h"
#include "sql/variable.h"

enum { POSTGRES = 1 << GW_DIALECT_POSTGRES, MYSQL = 1 << GW_DIALECT_MYSQL, SQLITE = 1 << GW_DIALECT_SQLITE };

typedef struct reading {
    gw_arena *a;
    gw_cursor c;
    gw_memory *out;
} reading;

typedef void read_fn(reading *r);

static const gw_str no_name = {"", 0};

static bool
is_mysql(const reading *r)
{
    return r->out->dialect.kind == GW_DIALECT_MYSQL;
}

static void
add(reading *r, gw_memory_item item)
{
    *gw_vec_push(r->a, &r->out->items) = item;
}

static bool
is_quoted_by(gw_str text, char quote)
{
    return text.len > 1 && text.ptr[0] == quote && text.ptr[text.len - 1] == quote;
}

/* Without its qualifiers and quotes. */
static gw_str
last_part(gw_str name)
{
    gw_str part = name;
    char quote = '\0';
    for (size_t i = 0; i < name.len; i++) {
        if (quote != '\0')
            quote = name.ptr[i] == quote ? '\0' : quote;
        else if (name.ptr[i] == '"' || name.ptr[i] == '`')
            quote = name.ptr[i];
        else if (name.ptr[i] == '.')
            part = gw_str_slice(name, i + 1, name.len);
    }
    part = gw_str_trim(part);
    return is_quoted_by(part, '"') || is_quoted_by(part, '`') ? gw_str_slice(part, 1, part.len - 1) : part;
}

/* ---- temporary objects ---- */

static bool
is_qualified_temporary(const reading *r, gw_str name)
{
    gw_str rest;
    const gw_str qualifier = gw_str_cut(name, '.', &rest);
    if (rest.ptr == NULL || is_mysql(r))
        return false;
    return gw_str_is_nocase(last_part(qualifier), "pg_temp") || gw_str_is_nocase(last_part(qualifier), "temp");
}

/* Words between CREATE and the noun that do not belong to the object; those of gw_object_read follow. */
static void
read_create(reading *r)
{
    const bool replaces = gw_cursor_accept(&r->c, "OR REPLACE");
    const gw_object o = gw_object_read(&r->c);
    if (o.name.len == 0 || !(o.temporary || is_qualified_temporary(r, o.name)))
        return;
    gw_cursor rest = r->c;
    if (r->out->dialect.kind == GW_DIALECT_POSTGRES && gw_cursor_find(&rest, "ON COMMIT DROP"))
        return;
    add(r, (gw_memory_item){
               .kind = GW_MEMORY_TEMPORARY, .name = last_part(o.name), .object = o.kind, .refuses = !replaces});
}

static void
read_drop(reading *r)
{
    const gw_object o = gw_object_read(&r->c);
    const bool is_safe = o.lenient && o.temporary;
    for (gw_str name = o.name; name.len > 0; name = gw_object_read_name(&r->c, false)) {
        add(r, (gw_memory_item){.kind = GW_MEMORY_TEMPORARY,
                                .act = GW_MEMORY_ENDS,
                                .name = last_part(name),
                                .object = o.kind,
                                .refuses = !is_safe});
        gw_cursor_skip_group(&r->c); /* a function's arguments */
        if (!gw_cursor_sign(&r->c, ','))
            break;
        gw_cursor_next(&r->c);
    }
}

/* ---- settings ---- */

static void
add_setting(reading *r, gw_str name, bool is_global)
{
    add(r, (gw_memory_item){.kind = is_global ? GW_MEMORY_GLOBAL : GW_MEMORY_SETTING, .name = name});
}

/* To the next comma outside parentheses, and behind it. */
static void
skip_assignment(gw_cursor *c)
{
    while (c->t.kind != GW_TOKEN_END && !gw_cursor_sign(c, ',')) {
        if (c->t.kind == GW_TOKEN_OPEN)
            gw_cursor_skip_group(c);
        else
            gw_cursor_next(c);
    }
    gw_cursor_next(c);
}

/* A scope that stands here; it holds for what follows without one. */
static void
accept_scope(gw_cursor *c, bool *is_global)
{
    static const struct {
        const char *word;
        bool is_global;
    } scopes[] = {{"GLOBAL", true}, {"PERSIST", true}, {"PERSIST_ONLY", true}, {"SESSION", false}, {"LOCAL", false}};
    for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
        if (gw_cursor_accept(c, scopes[i].word))
            *is_global = scopes[i].is_global;
}

/* SET [scope] name = value, … */
static void
read_set_mysql(reading *r)
{
    gw_cursor *const c = &r->c;
    for (bool is_global = false; c->t.kind != GW_TOKEN_END; skip_assignment(c)) {
        accept_scope(c, &is_global);
        bool is_this_global = is_global;
        gw_str name = no_name;
        if (c->t.kind == GW_TOKEN_PARAMETER && gw_str_starts(c->t.text, "@@")) {
            name = gw_variable_system(c->t.text, &is_this_global);
            gw_cursor_next(c);
        } else if (c->t.kind != GW_TOKEN_PARAMETER) {
            name = last_part(gw_object_read_name(c, false));
        }
        if (name.len > 0 && (gw_cursor_sign(c, '=') || gw_cursor_sign(c, ':')))
            add_setting(r, name, is_this_global);
    }
}

/* Of one transaction. */
static void
read_set_once(reading *r)
{
    r->out->source = GW_MEMORY_MOMENT;
}

/* SET [SESSION] name {= | TO} value, RESET name */
static void
read_set_postgres(reading *r)
{
    (void)gw_cursor_accept(&r->c, "SESSION");
    if (gw_cursor_accept(&r->c, "ALL"))
        add(r, (gw_memory_item){.kind = GW_MEMORY_SETTING, .act = GW_MEMORY_ENDS, .name = no_name});
    const gw_cursor at = r->c;
    const gw_str name = gw_object_read_name(&r->c, false); /* of a parameter of the user's: two parts */
    const bool is_qualified = name.len > at.t.text.len;
    if (name.len > 0)
        add_setting(r, is_qualified ? name : last_part(name), false);
}

static void
read_discard(reading *r)
{
    static const gw_memory_kind all[] = {GW_MEMORY_TEMPORARY, GW_MEMORY_PREPARED, GW_MEMORY_CURSOR, GW_MEMORY_SETTING};
    const bool is_all = gw_cursor_is(&r->c, "ALL");
    const bool is_temporary = gw_cursor_is(&r->c, "TEMP") || gw_cursor_is(&r->c, "TEMPORARY");
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (is_all || (is_temporary && all[i] == GW_MEMORY_TEMPORARY))
            add(r, (gw_memory_item){.kind = all[i], .act = GW_MEMORY_ENDS, .name = no_name});
}

/* set_config(name, value, is_local): of the transaction alone if it says so. */
static void
read_set_config(reading *r)
{
    gw_cursor c = r->c;
    gw_cursor_next(&c);
    const gw_str name = c.t.kind == GW_TOKEN_STRING ? gw_cursor_value(&c) : no_name;
    bool is_local = false;
    size_t depth = 1;
    for (; depth > 0 && c.t.kind != GW_TOKEN_END; gw_cursor_next(&c)) {
        depth += c.t.kind == GW_TOKEN_OPEN;
        depth -= c.t.kind == GW_TOKEN_CLOSE;
        is_local = depth > 0 ? gw_cursor_is(&c, "true") : is_local;
    }
    if (!is_local)
        add_setting(r, name, false);
}

static void
find_set_config(reading *r)
{
    reading at = *r;
    at.c = gw_cursor_at(r->out->text, r->out->dialect);
    while (at.c.t.kind != GW_TOKEN_END)
        if (!gw_cursor_accept(&at.c, "set_config"))
            gw_cursor_next(&at.c);
        else if (at.c.t.kind == GW_TOKEN_OPEN)
            read_set_config(&at);
}

/* ---- statements and cursors ---- */

static void
add_named(reading *r, gw_memory_kind kind, gw_memory_act act, bool refuses)
{
    gw_memory_item item = {.kind = kind, .act = act, .name = no_name, .refuses = refuses};
    if (act == GW_MEMORY_ENDS && gw_cursor_is(&r->c, "ALL"))
        item.refuses = false;
    else
        item.name = last_part(gw_object_read_name(&r->c, false));
    if (item.name.len > 0 || act == GW_MEMORY_ENDS)
        add(r, item);
}

/* PostgreSQL refuses a name that is taken; MySQL forgets what had it. */
static void
read_prepare(reading *r)
{
    add_named(r, GW_MEMORY_PREPARED, GW_MEMORY_SETS, !is_mysql(r));
}

static void
read_deallocate(reading *r)
{
    (void)gw_cursor_accept(&r->c, "PREPARE");
    add_named(r, GW_MEMORY_PREPARED, GW_MEMORY_ENDS, true);
}

static void
read_declare(reading *r)
{
    gw_cursor rest = r->c;
    if (gw_cursor_find(&rest, "WITH HOLD"))
        add_named(r, GW_MEMORY_CURSOR, GW_MEMORY_SETS, true);
}

static void
read_close(reading *r)
{
    add_named(r, GW_MEMORY_CURSOR, GW_MEMORY_ENDS, true);
}

/* SELECT … INTO TEMP t */
static void
read_select(reading *r)
{
    if (!gw_cursor_find(&r->c, "INTO"))
        return;
    if (!gw_cursor_accept(&r->c, "TEMP") && !gw_cursor_accept(&r->c, "TEMPORARY"))
        return;
    (void)gw_cursor_accept(&r->c, "TABLE");
    add(r, (gw_memory_item){.kind = GW_MEMORY_TEMPORARY,
                            .name = last_part(gw_object_read_name(&r->c, false)),
                            .object = GW_OBJECT_TABLE,
                            .refuses = true});
}

/* ---- what is executed ---- */

static void
read_run(reading *r)
{
    r->out->executes = true;
    add(r, (gw_memory_item){.kind = GW_MEMORY_LAST_ID, .act = GW_MEMORY_MAY_SET, .name = no_name});
}

/* So that it is last asked about it, whatever number it gave. */
static void
read_insert(reading *r)
{
    add(r, (gw_memory_item){.kind = GW_MEMORY_LAST_ID, .name = no_name});
}

static void
read_once_only(reading *r)
{
    (void)r;
}

/* A row that begins with another one's words stands before it. */
static const struct {
    const char *words;
    unsigned dialects;
    read_fn *read;
} openings[] = {
    {"CREATE", POSTGRES | MYSQL | SQLITE, read_create},
    {"DROP PREPARE", MYSQL, read_deallocate},
    {"DROP", POSTGRES | MYSQL | SQLITE, read_drop},
    {"SET STATEMENT", MYSQL, read_once_only},
    {"SET TRANSACTION", POSTGRES | MYSQL, read_set_once},
    {"SET CONSTRAINTS", POSTGRES, read_set_once},
    {"SET LOCAL", POSTGRES, read_set_once},
    {"SET", MYSQL, read_set_mysql},
    {"SET", POSTGRES, read_set_postgres},
    {"RESET", POSTGRES, read_set_postgres},
    {"DISCARD", POSTGRES, read_discard},
    {"PREPARE TRANSACTION", POSTGRES, read_once_only},
    {"PREPARE", POSTGRES | MYSQL, read_prepare},
    {"DEALLOCATE", POSTGRES | MYSQL, read_deallocate},
    {"DECLARE", POSTGRES, read_declare},
    {"CLOSE", POSTGRES, read_close},
    {"SELECT", POSTGRES, read_select},
    {"WITH", POSTGRES, read_select},
    {"INSERT", POSTGRES | MYSQL | SQLITE, read_insert},
    {"REPLACE", MYSQL | SQLITE, read_insert},
    {"LOAD", MYSQL, read_insert},
    {"COPY", POSTGRES, read_insert},
    {"MERGE", POSTGRES, read_insert},
    {"CALL", POSTGRES | MYSQL, read_run},
    {"EXECUTE", POSTGRES | MYSQL, read_run},
    {"DO", POSTGRES, read_run},
    {"BEGIN NOT ATOMIC", MYSQL, read_run},
    {"IF", MYSQL, read_run},
    {"CASE", MYSQL, read_run},
    {"LOOP", MYSQL, read_run},
    {"WHILE", MYSQL, read_run},
    {"FOR", MYSQL, read_run},
    {"REPEAT", MYSQL, read_run},
};

/* ---- variables ---- */

static bool
is_verb(const gw_memory *m, const char *verb)
{
    return gw_str_is_nocase(m->class.verb, verb);
}

static void
take_variable(void *ctx, gw_str name, gw_variable_use use, bool is_told)
{
    reading *const r = ctx;
    gw_memory_act act = use == GW_VARIABLE_SET ? GW_MEMORY_SETS : GW_MEMORY_MAY_SET;
    const bool is_parameter = !is_told && (is_verb(r->out, "CALL") || is_verb(r->out, "LOAD"));
    if (use == GW_VARIABLE_READ && !is_parameter)
        return;
    if (is_told)
        act = GW_MEMORY_TELLS;
    add(r, (gw_memory_item){.kind = GW_MEMORY_VARIABLE, .act = act, .name = name});
}

/* The bodies of routines, triggers and events run at another time. */
static bool
is_definition(const gw_memory *m)
{
    static const gw_object_kind kinds[] = {GW_OBJECT_FUNCTION, GW_OBJECT_PROCEDURE, GW_OBJECT_TRIGGER, GW_OBJECT_EVENT,
                                           GW_OBJECT_OTHER};
    if (m->class.kind != GW_CLASS_DDL || !(is_verb(m, "CREATE") || is_verb(m, "ALTER")))
        return false;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (m->class.object == kinds[i])
            return true;
    return false;
}

/* ---- the whole ---- */

/* What is a query, or a SET of MySQL's, says what its functions give. */
static gw_memory_source
source_of(const gw_memory *m)
{
    const bool is_assignment = m->dialect.kind == GW_DIALECT_MYSQL && is_verb(m, "SET");
    switch (m->class.kind) {
    case GW_CLASS_SESSION:
        return is_assignment ? (gw_memory_source)gw_call_classify(m->text, m->dialect) : GW_MEMORY_SAME;
    case GW_CLASS_QUERY:
        return (gw_memory_source)gw_call_classify(m->text, m->dialect);
    case GW_CLASS_BEGIN:
    case GW_CLASS_COMMIT:
        return GW_MEMORY_SAME;
    case GW_CLASS_OTHER:
    case GW_CLASS_DDL:
    case GW_CLASS_DML:
    case GW_CLASS_ROLLBACK:
    case GW_CLASS_SAVEPOINT:
        break;
    }
    return GW_MEMORY_ACTS;
}

void
gw_memory_read(gw_arena *a, gw_str statement, gw_dialect dialect, gw_memory *out)
{
    reading r = {.a = a, .c = gw_cursor_at(statement, dialect), .out = out};
    *out = (gw_memory){.text = statement, .dialect = dialect, .class = gw_classify(statement, dialect)};
    out->source = source_of(out);
    for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++)
        if ((openings[i].dialects & 1U << dialect.kind) != 0 && gw_cursor_accept(&r.c, openings[i].words)) {
            openings[i].read(&r);
            break;
        }
    out->is_definition = is_definition(out);
    if (out->is_definition)
        return;
    gw_variable_visit(statement, dialect, take_variable, &r);
    if (dialect.kind == GW_DIALECT_POSTGRES)
        find_set_config(&r);
    if (gw_call_sets_last_id(statement, dialect))
        read_insert(&r);
}

/* ---- items ---- */

/* What is known of each kind. */
static const struct {
    unsigned survives; /* dialects whose rollback leaves it */
    const char *noun;
} kinds[] = {
    [GW_MEMORY_VARIABLE] = {MYSQL, "@"},
    [GW_MEMORY_TEMPORARY] = {MYSQL, "the temporary "},
    [GW_MEMORY_PREPARED] = {MYSQL | POSTGRES, "the prepared statement "},
    [GW_MEMORY_CURSOR] = {0, "the cursor "},
    [GW_MEMORY_SETTING] = {MYSQL, "the setting "},
    [GW_MEMORY_GLOBAL] = {MYSQL, "the global setting "},
    [GW_MEMORY_LAST_ID] = {MYSQL | POSTGRES | SQLITE, "the last insert id"},
    [GW_MEMORY_ROW_COUNT] = {0, "the count of rows"},
};

bool
gw_memory_is_same(const gw_memory_item *a, const gw_memory_item *b)
{
    if (a->kind != b->kind || a->name.len != b->name.len)
        return false;
    for (size_t i = 0; i < a->name.len; i++) {
        const unsigned char x = (unsigned char)a->name.ptr[i], y = (unsigned char)b->name.ptr[i];
        const bool is_letter = (x | 0x20) >= 'a' && (x | 0x20) <= 'z';
        if (x != y && !(is_letter && (x | 0x20) == (y | 0x20)))
            return false;
    }
    return true;
}

bool
gw_memory_survives(gw_memory_kind kind, gw_dialect_kind dialect)
{
    return (kinds[kind].survives & 1U << dialect) != 0;
}

const char *
gw_memory_show(gw_arena *a, const gw_memory_item *item)
{
    const char *const object =
        item->kind == GW_MEMORY_TEMPORARY ? gw_printf(a, "%s ", gw_object_kind_name(item->object)) : "";
    if (item->kind == GW_MEMORY_SETTING && item->name.len == 0)
        return "a setting";
    return gw_printf(a, "%s%s%.*s", kinds[item->kind].noun, object, GW_STR_ARG(item->name));
}
