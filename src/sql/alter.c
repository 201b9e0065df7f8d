#include "sql/alter.h"

#include "sql/action.h"
#include "sql/object.h"
#include "sql/option.h"
#include "sql/part.h"
#include "sql/rename.h"

typedef struct reading {
    gw_arena *a;
    gw_cursor *c;
    gw_str table;
    gw_parts parts;
    gw_alter *out;
} reading;

/* `kind` is that of the row. */
typedef void read_fn(reading *r, gw_object_kind kind);

static const gw_str nameless = {"", 0};

/* ---- what is found ---- */

static gw_part *
add(reading *r, gw_target_role role, gw_object_kind kind, gw_str name)
{
    return gw_parts_add(r->a, &r->parts, (gw_target){.role = role, .kind = kind, .name = name, .on = r->table});
}

/* A name that is not there is an action that we do not understand. */
static gw_part *
add_named(reading *r, gw_target_role role, gw_object_kind kind, bool lenient)
{
    const gw_str name = gw_object_read_name(r->c, false);
    if (name.len == 0) {
        r->out->whole = true;
        return NULL;
    }
    gw_part *const p = add(r, role, kind, name);
    p->t.lenient = lenient;
    return p;
}

/* It is set to something: what it is afterwards does not depend on how often that was said. */
static void
add_set(gw_part *p)
{
    if (p != NULL)
        p->t.vague = p->t.again = true;
}

static void
skip_all(gw_cursor *c)
{
    while (c->t.kind != GW_TOKEN_END)
        gw_cursor_next(c);
}

static bool
accept_missing(gw_cursor *c)
{
    return gw_cursor_accept(c, "IF NOT EXISTS");
}

static bool
accept_there(gw_cursor *c)
{
    return gw_cursor_accept(c, "IF EXISTS");
}

/* The next ( … ) of this action, as written; empty: it is more than columns, or does not come. */
static gw_str
read_columns(reading *r)
{
    gw_cursor *const c = r->c;
    gw_names ignored;
    while (!gw_action_is_over(c) && c->t.kind != GW_TOKEN_OPEN)
        gw_cursor_next(c);
    const char *const begin = c->t.text.ptr;
    const char *end = begin;
    for (size_t depth = 0; c->t.kind != GW_TOKEN_END; gw_cursor_next(c)) {
        depth += c->t.kind == GW_TOKEN_OPEN;
        depth -= c->t.kind == GW_TOKEN_CLOSE && depth > 0;
        end = c->t.text.ptr + c->t.text.len;
        if (depth == 0)
            break;
    }
    const gw_str list = {begin, (size_t)(end - begin)};
    if (c->t.kind != GW_TOKEN_CLOSE || list.len < 2)
        return nameless;
    gw_cursor_next(c);
    return gw_part_columns(r->a, list, c->lex.dialect, &ignored) ? list : nameless;
}

/* ---- ADD ---- */

/* What [CONSTRAINT [symbol]] stands before. */
typedef struct symbol {
    gw_str name;
    bool lenient;
} symbol;

typedef void add_fn(reading *r, const symbol *s);

static void
add_primary_key(reading *r, const symbol *s)
{
    add(r, GW_TARGET_CREATED, GW_OBJECT_INDEX, GW_STR_LIT("PRIMARY"))->t.lenient = s->lenient;
}

static void
add_index(reading *r, const symbol *s)
{
    if (!gw_cursor_accept(r->c, "INDEX"))
        (void)gw_cursor_accept(r->c, "KEY");
    const bool lenient = accept_missing(r->c) || s->lenient;
    gw_str name = gw_object_read_name(r->c, false);
    if (name.len == 0)
        name = s->name.len > 0 ? s->name : read_columns(r);
    add(r, GW_TARGET_CREATED, GW_OBJECT_INDEX, name)->t.lenient = lenient;
}

/* The name behind the words is that of an index, on some servers. */
static void
add_foreign_key(reading *r, const symbol *s)
{
    const bool lenient = accept_missing(r->c) || s->lenient;
    const gw_str name = s->name.len > 0 ? s->name : read_columns(r);
    add(r, GW_TARGET_CREATED, GW_OBJECT_FOREIGN_KEY, name)->t.lenient = lenient;
}

static void
add_check(reading *r, const symbol *s)
{
    add(r, GW_TARGET_CREATED, GW_OBJECT_CHECK, s->name)->t.lenient = s->lenient;
}

static const struct {
    const char *words;
    add_fn *add;
} elements[] = {
    {"PRIMARY KEY", add_primary_key}, {"UNIQUE", add_index},     {"FULLTEXT", add_index}, {"SPATIAL", add_index},
    {"VECTOR INDEX", add_index},      {"VECTOR KEY", add_index}, {"INDEX", add_index},    {"KEY", add_index},
    {"FOREIGN KEY", add_foreign_key}, {"CHECK", add_check},
};
enum { ELEMENTS = sizeof(elements) / sizeof(elements[0]) };

/* The index of the element whose words are accepted; ELEMENTS: none. */
static size_t
accept_element(gw_cursor *c)
{
    size_t i = 0;
    while (i < ELEMENTS && !gw_cursor_accept(c, elements[i].words))
        i++;
    return i;
}

/* The one that was there may have gone with its column. */
static void
add_primary_key_within(reading *r, bool lenient)
{
    if (!gw_action_makes_primary_key(*r->c))
        return;
    gw_part *const p = add(r, GW_TARGET_CREATED, GW_OBJECT_INDEX, GW_STR_LIT("PRIMARY"));
    p->t.lenient = lenient;
    p->t.vague = true;
}

static void
add_column(reading *r, bool lenient)
{
    gw_part *const p = add_named(r, GW_TARGET_CREATED, GW_OBJECT_COLUMN, lenient);
    if (p == NULL)
        return;
    p->t.definition = gw_action_definition(*r->c);
    add_primary_key_within(r, lenient);
}

/* A column, an index or a constraint. */
static void
read_element(reading *r, bool lenient)
{
    gw_cursor *const c = r->c;
    symbol s = {nameless, lenient};
    const bool is_constraint = gw_cursor_accept(c, "CONSTRAINT");
    s.lenient |= is_constraint && accept_missing(c);
    gw_cursor ahead = *c;
    if (is_constraint && accept_element(&ahead) == ELEMENTS)
        s.name = gw_object_read_name(c, false);
    const size_t i = accept_element(c);
    if (i < ELEMENTS)
        elements[i].add(r, &s);
    else if (is_constraint)
        r->out->whole = true;
    else
        add_column(r, lenient);
}

/* … or several in parentheses. */
static void
read_add(reading *r, gw_object_kind kind)
{
    gw_cursor *const c = r->c;
    const bool lenient = accept_missing(c);
    (void)kind;
    if (c->t.kind != GW_TOKEN_OPEN) {
        read_element(r, lenient);
        return;
    }
    do {
        gw_cursor_next(c);
        read_element(r, lenient);
        gw_action_skip(c);
    } while (gw_cursor_sign(c, ','));
    gw_cursor_next(c);
}

/* ---- DROP, ALTER, RENAME, of what has a name ---- */

static void
read_drop(reading *r, gw_object_kind kind)
{
    const bool lenient = accept_there(r->c);
    (void)add_named(r, GW_TARGET_DROPPED, kind, lenient);
}

static void
read_drop_primary_key(reading *r, gw_object_kind kind)
{
    (void)add(r, GW_TARGET_DROPPED, kind, GW_STR_LIT("PRIMARY"));
}

static void
read_alter(reading *r, gw_object_kind kind)
{
    const bool lenient = accept_there(r->c);
    add_set(add_named(r, GW_TARGET_CHANGED, kind, lenient));
}

static void
read_modify(reading *r, gw_object_kind kind)
{
    if (gw_action_makes_more(*r->c)) {
        r->out->whole = true;
        add_primary_key_within(r, false);
        return;
    }
    const bool lenient = accept_there(r->c);
    gw_part *const p = add_named(r, GW_TARGET_CHANGED, kind, lenient);
    add_set(p);
    if (p != NULL)
        p->t.definition = gw_action_definition(*r->c);
}

static void
add_rename(reading *r, gw_object_kind kind, gw_rename names, bool lenient)
{
    const struct {
        gw_target_role role;
        gw_str name;
    } ends[] = {{GW_TARGET_DROPPED, names.from}, {GW_TARGET_CREATED, names.to}};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        gw_part *const p = add(r, ends[i].role, kind, ends[i].name);
        p->t.lenient = lenient;
        p->moved = true;
    }
}

/* a TO b; CHANGE a b, with a definition behind it. */
static void
read_names(reading *r, gw_object_kind kind, const char *between)
{
    const bool lenient = accept_there(r->c);
    gw_rename names = {gw_object_read_name(r->c, false), nameless};
    if (names.from.len > 0 && (between == NULL || gw_cursor_accept(r->c, between)))
        names.to = gw_object_read_name(r->c, false);
    if (names.to.len == 0) {
        r->out->whole = true;
    } else if (gw_part_is_like(r->a, names.from, names.to, r->c->lex.dialect)) {
        gw_part *const p = add(r, GW_TARGET_CHANGED, kind, names.to);
        p->t.lenient = lenient;
        add_set(p);
    } else {
        add_rename(r, kind, names, lenient);
    }
}

static void
read_rename_part(reading *r, gw_object_kind kind)
{
    read_names(r, kind, "TO");
}

static void
read_change(reading *r, gw_object_kind kind)
{
    const size_t before = r->parts.len;
    const bool more = gw_action_makes_more(*r->c);
    read_names(r, kind, NULL);
    if (r->parts.len == before)
        return;
    r->parts.at[r->parts.len - 1].t.definition = gw_action_definition(*r->c);
    if (!more)
        return;
    if (r->parts.at[before].t.role == GW_TARGET_CHANGED) {
        r->parts.len = before;
        r->out->whole = true;
    }
    add_primary_key_within(r, false);
}

static void
read_rename(reading *r, gw_object_kind kind)
{
    (void)kind;
    if (gw_cursor_sign(r->c, '='))
        gw_cursor_next(r->c);
    r->out->renamed = gw_object_read_name(r->c, false);
}

/* ---- partitions ---- */

/* (PARTITION p …, PARTITION q …) */
static void
read_partitions(reading *r, bool lenient)
{
    gw_cursor *const c = r->c;
    if (c->t.kind != GW_TOKEN_OPEN)
        return;
    do {
        gw_cursor_next(c);
        if (gw_cursor_accept(c, "PARTITION"))
            (void)add_named(r, GW_TARGET_CREATED, GW_OBJECT_PARTITION, lenient);
        gw_action_skip(c);
    } while (gw_cursor_sign(c, ','));
    gw_cursor_next(c);
}

/* How many there are, or by what: it shows in all of them. */
static gw_part *
add_partitioning(reading *r)
{
    return add(r, GW_TARGET_CHANGED, GW_OBJECT_PARTITION, nameless);
}

static void
read_add_partition(reading *r, gw_object_kind kind)
{
    (void)kind;
    const bool lenient = accept_missing(r->c);
    if (!gw_cursor_accept(r->c, "NO_WRITE_TO_BINLOG"))
        (void)gw_cursor_accept(r->c, "LOCAL");
    if (r->c->t.kind == GW_TOKEN_OPEN)
        read_partitions(r, lenient);
    else
        (void)add_partitioning(r);
}

static void
read_partition_list(reading *r, bool lenient)
{
    for (;;) {
        (void)add_named(r, GW_TARGET_DROPPED, GW_OBJECT_PARTITION, lenient);
        if (!gw_cursor_sign(r->c, ','))
            return;
        gw_cursor_next(r->c);
    }
}

static void
read_drop_partition(reading *r, gw_object_kind kind)
{
    (void)kind;
    const bool lenient = accept_there(r->c);
    read_partition_list(r, lenient);
}

/* Nothing is lost: a partition that is in both lists has other bounds. Without lists it is maintenance. */
static void
read_reorganize(reading *r, gw_object_kind kind)
{
    (void)kind;
    if (!gw_cursor_accept(r->c, "NO_WRITE_TO_BINLOG"))
        (void)gw_cursor_accept(r->c, "LOCAL");
    if (r->c->t.kind == GW_TOKEN_END)
        return;
    const size_t first = r->parts.len;
    read_partition_list(r, false);
    if (gw_cursor_accept(r->c, "INTO"))
        read_partitions(r, false);
    for (size_t i = first; i < r->parts.len; i++)
        r->parts.at[i].moved = true;
}

static void
read_regroup(reading *r, gw_object_kind kind)
{
    (void)kind;
    (void)add_partitioning(r);
}

static void
read_partition_by(reading *r, gw_object_kind kind)
{
    (void)kind;
    add_set(add_partitioning(r));
    skip_all(r->c);
}

/* MariaDB: a partition becomes a table */
static void
read_partition_out(reading *r, gw_object_kind kind)
{
    (void)add_named(r, GW_TARGET_DROPPED, kind, false);
    if (gw_cursor_accept(r->c, "TO TABLE"))
        (void)add_named(r, GW_TARGET_CREATED, GW_OBJECT_TABLE, false);
}

/* and a table a partition. */
static void
read_partition_in(reading *r, gw_object_kind kind)
{
    (void)add_named(r, GW_TARGET_DROPPED, GW_OBJECT_TABLE, false);
    if (gw_cursor_accept(r->c, "TO PARTITION"))
        (void)add_named(r, GW_TARGET_CREATED, kind, false);
}

/* ---- the others ---- */

static void
read_hidden(reading *r, gw_object_kind kind)
{
    (void)kind;
    r->out->hidden = true;
}

static void
read_whole(reading *r, gw_object_kind kind)
{
    (void)kind;
    r->out->whole = true;
}

/* It has commas of its own. */
static void
read_order(reading *r, gw_object_kind kind)
{
    read_whole(r, kind);
    skip_all(r->c);
}

static void
read_harmless(reading *r, gw_object_kind kind)
{
    (void)kind;
    (void)r;
}

/* Of partitions, with a list of them. */
static void
read_maintenance(reading *r, gw_object_kind kind)
{
    (void)kind;
    skip_all(r->c);
}

static void
read_versioning(reading *r, gw_object_kind kind)
{
    (void)add(r, GW_TARGET_CHANGED, kind, GW_STR_LIT("versioning"));
}

/* A row that begins with another one's words stands before it. */
static const struct {
    const char *words;
    read_fn *read;
    gw_object_kind kind;
} actions[] = {
    {"ADD PARTITION", read_add_partition, GW_OBJECT_PARTITION},
    {"ADD SYSTEM VERSIONING", read_versioning, GW_OBJECT_OPTION},
    {"ADD PERIOD FOR", read_whole, GW_OBJECT_NONE},
    {"ADD COLUMN", read_add, GW_OBJECT_NONE},
    {"ADD", read_add, GW_OBJECT_NONE},
    {"DROP PRIMARY KEY", read_drop_primary_key, GW_OBJECT_INDEX},
    {"DROP PARTITION", read_drop_partition, GW_OBJECT_PARTITION},
    {"DROP SYSTEM VERSIONING", read_versioning, GW_OBJECT_OPTION},
    {"DROP PERIOD FOR", read_whole, GW_OBJECT_NONE},
    {"DROP INDEX", read_drop, GW_OBJECT_INDEX},
    {"DROP KEY", read_drop, GW_OBJECT_INDEX},
    {"DROP FOREIGN KEY", read_drop, GW_OBJECT_FOREIGN_KEY},
    {"DROP CONSTRAINT", read_drop, GW_OBJECT_CONSTRAINT},
    {"DROP CHECK", read_drop, GW_OBJECT_CHECK},
    {"DROP COLUMN", read_drop, GW_OBJECT_COLUMN},
    {"DROP", read_drop, GW_OBJECT_COLUMN},
    {"MODIFY COLUMN", read_modify, GW_OBJECT_COLUMN},
    {"MODIFY", read_modify, GW_OBJECT_COLUMN},
    {"CHANGE COLUMN", read_change, GW_OBJECT_COLUMN},
    {"CHANGE", read_change, GW_OBJECT_COLUMN},
    {"ALTER INDEX", read_alter, GW_OBJECT_INDEX},
    {"ALTER KEY", read_alter, GW_OBJECT_INDEX},
    {"ALTER CHECK", read_alter, GW_OBJECT_CHECK},
    {"ALTER CONSTRAINT", read_alter, GW_OBJECT_CONSTRAINT},
    {"ALTER COLUMN", read_alter, GW_OBJECT_COLUMN},
    {"ALTER", read_alter, GW_OBJECT_COLUMN},
    {"RENAME COLUMN", read_rename_part, GW_OBJECT_COLUMN},
    {"RENAME INDEX", read_rename_part, GW_OBJECT_INDEX},
    {"RENAME KEY", read_rename_part, GW_OBJECT_INDEX},
    {"RENAME TO", read_rename, GW_OBJECT_TABLE},
    {"RENAME AS", read_rename, GW_OBJECT_TABLE},
    {"RENAME", read_rename, GW_OBJECT_TABLE},
    {"CONVERT PARTITION", read_partition_out, GW_OBJECT_PARTITION},
    {"CONVERT TABLE", read_partition_in, GW_OBJECT_PARTITION},
    {"REORGANIZE PARTITION", read_reorganize, GW_OBJECT_PARTITION},
    {"COALESCE PARTITION", read_regroup, GW_OBJECT_PARTITION},
    {"REMOVE PARTITIONING", read_regroup, GW_OBJECT_PARTITION},
    {"PARTITION BY", read_partition_by, GW_OBJECT_PARTITION},
    {"EXCHANGE PARTITION", read_hidden, GW_OBJECT_NONE},
    {"DISCARD TABLESPACE", read_hidden, GW_OBJECT_NONE},
    {"DISCARD PARTITION", read_hidden, GW_OBJECT_NONE},
    {"IMPORT TABLESPACE", read_hidden, GW_OBJECT_NONE},
    {"IMPORT PARTITION", read_hidden, GW_OBJECT_NONE},
    {"TRUNCATE PARTITION", read_maintenance, GW_OBJECT_NONE},
    {"ANALYZE PARTITION", read_maintenance, GW_OBJECT_NONE},
    {"CHECK PARTITION", read_maintenance, GW_OBJECT_NONE},
    {"OPTIMIZE PARTITION", read_maintenance, GW_OBJECT_NONE},
    {"REBUILD PARTITION", read_maintenance, GW_OBJECT_NONE},
    {"REPAIR PARTITION", read_maintenance, GW_OBJECT_NONE},
    {"ORDER BY", read_order, GW_OBJECT_NONE},
    {"FORCE", read_harmless, GW_OBJECT_NONE},
    {"ENABLE KEYS", read_harmless, GW_OBJECT_NONE},
    {"DISABLE KEYS", read_harmless, GW_OBJECT_NONE},
    {"WITH VALIDATION", read_harmless, GW_OBJECT_NONE},
    {"WITHOUT VALIDATION", read_harmless, GW_OBJECT_NONE},
};

static void
read_action(reading *r)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        if (gw_cursor_accept(r->c, actions[i].words)) {
            actions[i].read(r, actions[i].kind);
            return;
        }
    r->out->whole = true;
}

/* ---- the whole ---- */

/* Options follow one another with or without commas. */
static bool
read_option(reading *r)
{
    gw_str name;
    if (!gw_option_read(r->c, &name))
        return false;
    if (name.len > 0)
        add_set(add(r, GW_TARGET_CHANGED, GW_OBJECT_OPTION, name));
    return true;
}

void
gw_alter_read(gw_arena *a, gw_cursor *c, gw_str table, gw_alter *out)
{
    reading r = {.a = a, .c = c, .table = table, .out = out};
    *out = (gw_alter){.renamed = {"", 0}};
    while (c->t.kind != GW_TOKEN_END && !out->hidden) {
        if (!read_option(&r)) {
            read_action(&r);
            gw_action_skip(c);
        }
        if (c->t.kind == GW_TOKEN_CLOSE || gw_cursor_sign(c, ','))
            gw_cursor_next(c);
    }
    if (!gw_parts_sum(a, &r.parts, c->lex.dialect, &out->parts))
        out->whole = true;
}
