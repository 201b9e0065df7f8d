#include "sql/effect.h"

#include <string.h>

#include "sql/alter.h"
#include "sql/object.h"
#include "sql/rename.h"

/* A statement under the eye; the cursor stands behind the words of its row. */
typedef struct reading {
    gw_arena *a;
    gw_cursor c;
    gw_effect *out;
} reading;

typedef void read_fn(reading *r);

static bool
is_mysql(const reading *r)
{
    return r->c.lex.dialect.kind == GW_DIALECT_MYSQL;
}

static void
read_repeatable(reading *r)
{
    r->out->repeatable = true;
}

static void
read_nothing(reading *r)
{
    r->out->repeatable = false;
    r->out->targets.len = 0;
}

static void
add_target(reading *r, gw_target_role role, const gw_object *o, gw_str name)
{
    *gw_vec_push(r->a, &r->out->targets) =
        (gw_target){.role = role, .kind = o->kind, .name = name, .on = {"", 0}, .lenient = o->lenient};
}

/* A second time it is passed over, or does the same again; or nobody can tell. */
static void
read_lenient(reading *r, const gw_object *o)
{
    r->out->repeatable = o->lenient;
}

static bool
is_user(const reading *r, const gw_object *o)
{
    return is_mysql(r) && o->kind == GW_OBJECT_ROLE;
}

/* … ON [ONLY] table, of those that belong to one. */
static void
read_table_of(reading *r, const gw_object *o)
{
    if (o->kind != GW_OBJECT_INDEX && o->kind != GW_OBJECT_TRIGGER && o->kind != GW_OBJECT_POLICY)
        return;
    if (!gw_cursor_find(&r->c, "ON"))
        return;
    (void)gw_cursor_accept(&r->c, "ONLY");
    const gw_str on = gw_object_read_name(&r->c, false);
    for (size_t i = 0; i < r->out->targets.len; i++)
        r->out->targets.at[i].on = on;
}

/* The first name was read; the others follow behind commas, each with what a user may have behind his: IDENTIFIED BY …
 * */
static void
read_names(reading *r, gw_target_role role, const gw_object *o)
{
    gw_cursor *const c = &r->c;
    add_target(r, role, o, o->name);
    for (;;) {
        gw_cursor_skip_group(c); /* a function's arguments */
        while (is_user(r, o) && c->t.kind != GW_TOKEN_END && !gw_cursor_sign(c, ',')) {
            if (gw_cursor_is(c, "DEFAULT") || gw_cursor_is(c, "REQUIRE")) /* it has lists of its own */
                return;
            gw_cursor_next(c);
        }
        if (!gw_cursor_sign(c, ','))
            return;
        gw_cursor_next(c);
        add_target(r, role, o, gw_object_read_name(c, is_user(r, o)));
    }
}

/* ---- CREATE ---- */

/* An event that runs once, or until a time, is dropped behind that. */
static bool
ends_by_itself(gw_cursor c)
{
    bool ends = false;
    for (; c.t.kind != GW_TOKEN_END && !gw_cursor_is(&c, "DO"); gw_cursor_next(&c)) {
        if (gw_cursor_accept(&c, "ON COMPLETION PRESERVE"))
            return false;
        ends |= gw_cursor_is(&c, "AT") || gw_cursor_is(&c, "ENDS");
    }
    return ends;
}

static void
read_create(reading *r)
{
    const gw_object o = gw_object_read(&r->c);
    gw_cursor rest = r->c;
    if (o.temporary) { /* gone with the session that made it */
        read_repeatable(r);
    } else if (o.kind == GW_OBJECT_OTHER || (o.name.len == 0 && o.kind != GW_OBJECT_INDEX)) {
        read_lenient(r, &o);
    } else if (is_user(r, &o)) {
        read_names(r, GW_TARGET_CREATED, &o);
    } else if (is_mysql(r) && o.kind == GW_OBJECT_FUNCTION && gw_cursor_find(&rest, "SONAME")) {
        read_lenient(r, &o); /* of a library: no schema holds it */
    } else {
        add_target(r, GW_TARGET_CREATED, &o, o.name);
        r->out->targets.at[0].unsure = o.kind == GW_OBJECT_EVENT && ends_by_itself(r->c);
        read_table_of(r, &o);
    }
}

/* ---- DROP ---- */

static void
read_drop(reading *r)
{
    const gw_object o = gw_object_read(&r->c);
    if (o.temporary || o.kind == GW_OBJECT_OTHER || o.name.len == 0) {
        read_lenient(r, &o);
        return;
    }
    read_names(r, GW_TARGET_DROPPED, &o);
    read_table_of(r, &o);
}

/* ---- renames ---- */

/* MariaDB: how long to wait for the lock. */
static void
skip_wait(gw_cursor *c)
{
    if (gw_cursor_accept(c, "WAIT"))
        gw_cursor_next(c);
    else
        (void)gw_cursor_accept(c, "NOWAIT");
}

static void
add_renames(reading *r, const gw_object *o, const gw_renames *renames)
{
    const gw_renames_params p = {renames, o->kind, r->c.lex.dialect, o->lenient};
    if (!gw_renames_sum(r->a, &p, &r->out->targets))
        read_nothing(r);
}

/* RENAME TABLE, RENAME USER a TO b, c TO d; the cursor stands on the noun. */
static void
read_rename(reading *r)
{
    gw_cursor *const c = &r->c;
    gw_object o = gw_object_read(c);
    gw_renames renames = {0};
    if (o.kind != GW_OBJECT_TABLE && !is_user(r, &o)) /* no such statement */
        return;
    for (gw_rename next = {.from = o.name};; next.from = gw_object_read_name(c, is_user(r, &o))) {
        skip_wait(c);
        const bool is_whole = next.from.len > 0 && gw_cursor_accept(c, "TO");
        next.to = is_whole ? gw_object_read_name(c, is_user(r, &o)) : (gw_str){"", 0};
        if (next.to.len == 0)
            return;
        *gw_vec_push(r->a, &renames) = next;
        if (!gw_cursor_sign(c, ','))
            break;
        gw_cursor_next(c);
    }
    add_renames(r, &o, &renames);
}

/* o, which is changed, or called `name` from now on. */
static void
add_changed_as(reading *r, const gw_object *o, gw_str name)
{
    gw_renames renames = {0};
    if (name.len > 0 && o->name.len > 0) {
        *gw_vec_push(r->a, &renames) = (gw_rename){o->name, name};
        add_renames(r, o, &renames);
    }
    if (r->out->targets.len == 0)
        add_target(r, GW_TARGET_CHANGED, o, o->name);
}

/* ---- ALTER TABLE ---- */

enum { POSTGRES = 1 << GW_DIALECT_POSTGRES, MYSQL = 1 << GW_DIALECT_MYSQL, SQLITE = 1 << GW_DIALECT_SQLITE };

/* MySQL. Under a new name the parts are not looked for: that the name is there tells enough. */
static void
read_alter_parts(reading *r, const gw_object *o)
{
    gw_alter alter;
    skip_wait(&r->c);
    gw_alter_read(r->a, &r->c, o->name, &alter);
    if (alter.hidden)
        return;
    if (alter.renamed.len > 0) {
        gw_renames renames = {0};
        *gw_vec_push(r->a, &renames) = (gw_rename){o->name, alter.renamed};
        add_renames(r, o, &renames);
    }
    const bool is_renamed = r->out->targets.len > 0;
    for (size_t i = 0; i < alter.parts.len; i++)
        if (!is_renamed || alter.parts.at[i].kind == GW_OBJECT_TABLE)
            *gw_vec_push(r->a, &r->out->targets) = alter.parts.at[i];
    if (alter.whole && !is_renamed) {
        add_target(r, GW_TARGET_CHANGED, o, o->name);
        r->out->targets.at[r->out->targets.len - 1].vague = true;
    }
    r->out->repeatable = r->out->targets.len == 0;
}

/* The others do it in transactions, but for PostgreSQL's DETACH PARTITION … CONCURRENTLY. */
static void
read_alter_table(reading *r, const gw_object *o)
{
    gw_cursor *const c = &r->c;
    if (is_mysql(r)) {
        read_alter_parts(r, o);
    } else if (gw_cursor_accept(c, "DETACH PARTITION")) {
        add_target(r, GW_TARGET_DROPPED, o, gw_object_read_name(c, false));
        r->out->targets.at[0].on = o->name;
    } else if (!gw_cursor_accept(c, "SET SCHEMA")) {
        const bool is_renamed = gw_cursor_accept(c, "RENAME TO");
        add_changed_as(r, o, is_renamed ? gw_object_read_name(c, false) : (gw_str){"", 0});
    }
}

/* ---- ALTER, of other things ---- */

/* A label that is written as a plain string; empty: what is meant, nobody here knows. */
static gw_str
read_label(gw_cursor *c)
{
    const bool is_plain =
        c->t.kind == GW_TOKEN_STRING && c->t.text.ptr[0] == '\'' && memchr(c->t.text.ptr, '\\', c->t.text.len) == NULL;
    const gw_str label = is_plain ? c->t.text : (gw_str){"", 0};
    gw_cursor_next(c);
    return label;
}

static void
add_label(reading *r, gw_target_role role, const gw_object *o, gw_str label)
{
    if (label.len > 0)
        *gw_vec_push(r->a, &r->out->targets) =
            (gw_target){.role = role, .kind = GW_OBJECT_LABEL, .name = label, .on = o->name, .lenient = o->lenient};
}

/* ADD VALUE [IF NOT EXISTS] 'x', RENAME VALUE 'x' TO 'y'; what else it does shows in all of the type. */
static void
read_alter_type(reading *r, gw_object *o)
{
    gw_cursor *const c = &r->c;
    gw_str renamed = {"", 0};
    if (gw_cursor_accept(c, "ADD VALUE")) {
        o->lenient |= gw_cursor_accept(c, "IF NOT EXISTS");
        add_label(r, GW_TARGET_CREATED, o, read_label(c));
    } else if (gw_cursor_accept(c, "RENAME VALUE")) {
        const gw_str from = read_label(c);
        const gw_str to = gw_cursor_accept(c, "TO") ? read_label(c) : from;
        if (from.len > 0 && to.len > 0 && !gw_str_eq(from, to)) {
            add_label(r, GW_TARGET_DROPPED, o, from);
            add_label(r, GW_TARGET_CREATED, o, to);
        }
    } else if (gw_cursor_accept(c, "RENAME TO")) {
        renamed = gw_object_read_name(c, false);
    }
    if (r->out->targets.len == 0)
        add_changed_as(r, o, renamed);
}

/* What an ALTER EVENT does ends where the body begins. */
static gw_str
find_event_name(gw_cursor *c)
{
    for (; c->t.kind != GW_TOKEN_END && !gw_cursor_is(c, "DO"); gw_cursor_next(c))
        if (gw_cursor_accept(c, "RENAME TO"))
            return gw_object_read_name(c, false);
    return (gw_str){"", 0};
}

static gw_str
find_name(reading *r, const gw_object *o)
{
    if (o->kind == GW_OBJECT_EVENT)
        return find_event_name(&r->c);
    const bool has_renames = !is_mysql(r) || o->kind == GW_OBJECT_TABLESPACE;
    return has_renames && gw_cursor_find(&r->c, "RENAME TO") ? gw_object_read_name(&r->c, false) : (gw_str){"", 0};
}

/* What is said of users, sequences and servers in MySQL can be said again; but the numbers that a sequence gave
 * meanwhile would come again, and the password that is retained would be another. */
static bool
sets_options(const reading *r, const gw_object *o)
{
    gw_cursor rest = r->c;
    if (!is_mysql(r))
        return false;
    if (o->kind == GW_OBJECT_SEQUENCE)
        return !gw_cursor_find(&rest, "RESTART");
    return o->kind == GW_OBJECT_SERVER || (is_user(r, o) && !gw_cursor_find(&rest, "RETAIN"));
}

static void
read_alter(reading *r)
{
    gw_object o = gw_object_read(&r->c);
    gw_cursor rest = r->c;
    if (o.kind == GW_OBJECT_OTHER || o.name.len == 0)
        return;
    if (sets_options(r, &o))
        read_repeatable(r);
    else if (is_user(r, &o))
        read_names(r, GW_TARGET_CHANGED, &o);
    else if (o.kind == GW_OBJECT_TABLE)
        read_alter_table(r, &o);
    else if (o.kind == GW_OBJECT_TYPE)
        read_alter_type(r, &o);
    else if (is_mysql(r) || !gw_cursor_find(&rest, "SET SCHEMA"))
        add_changed_as(r, &o, find_name(r, &o));
}

/* Options are set; to set them again is nothing. */
static void
read_alter_options(reading *r, gw_object_kind kind)
{
    const gw_object o = {.kind = kind, .name = gw_object_read_name(&r->c, false)};
    if (!is_mysql(r) && gw_cursor_find(&r->c, "RENAME TO"))
        add_changed_as(r, &o, gw_object_read_name(&r->c, false));
    else
        read_repeatable(r);
}

static void
read_alter_database(reading *r)
{
    read_alter_options(r, GW_OBJECT_DATABASE);
}

/* A publication cannot be added twice. */
static void
read_alter_subscription(reading *r)
{
    gw_cursor c = r->c;
    const gw_object o = {.kind = GW_OBJECT_SUBSCRIPTION, .name = gw_object_read_name(&c, false)};
    if (gw_cursor_accept(&c, "ADD PUBLICATION") || gw_cursor_accept(&c, "DROP PUBLICATION"))
        add_target(r, GW_TARGET_CHANGED, &o, o.name);
    else
        read_alter_options(r, GW_OBJECT_SUBSCRIPTION);
}

/* ---- what is said in a word or two ---- */

/* INSTALL PLUGIN, UNINSTALL PLUGIN [IF …] */
static void
read_install(reading *r)
{
    gw_cursor_next(&r->c);
    r->out->repeatable = gw_cursor_accept(&r->c, "IF NOT EXISTS") || gw_cursor_accept(&r->c, "IF EXISTS");
}

/* MariaDB's ANALYZE runs a statement, unless it is said of tables. */
static void
read_analyze(reading *r)
{
    if (!gw_cursor_accept(&r->c, "NO_WRITE_TO_BINLOG"))
        (void)gw_cursor_accept(&r->c, "LOCAL");
    r->out->repeatable = gw_cursor_is(&r->c, "TABLE") || gw_cursor_is(&r->c, "TABLES");
}

/* SQLite's VACUUM INTO makes a file. */
static void
read_vacuum(reading *r)
{
    r->out->repeatable = !gw_cursor_find(&r->c, "INTO");
}

/* A row that begins with another one's words stands before it. */
static const struct {
    const char *words;
    unsigned dialects;
    read_fn *read;
} openings[] = {
    {"CREATE", POSTGRES | MYSQL | SQLITE, read_create},
    {"ALTER INSTANCE", MYSQL, read_repeatable},
    {"ALTER SYSTEM", POSTGRES, read_repeatable},
    {"ALTER DATABASE", POSTGRES | MYSQL, read_alter_database},
    {"ALTER SCHEMA", MYSQL, read_alter_database},
    {"ALTER SUBSCRIPTION", POSTGRES, read_alter_subscription},
    {"ALTER", POSTGRES | MYSQL | SQLITE, read_alter},
    {"DROP PREPARE", MYSQL, read_repeatable},
    {"DROP OWNED", POSTGRES, read_repeatable},
    {"DROP", POSTGRES | MYSQL | SQLITE, read_drop},
    {"RENAME", MYSQL, read_rename},
    {"TRUNCATE", POSTGRES | MYSQL, read_repeatable},
    {"GRANT", POSTGRES | MYSQL, read_repeatable},
    {"REVOKE", POSTGRES | MYSQL, read_repeatable},
    {"COMMENT ON", POSTGRES, read_repeatable},
    {"SECURITY LABEL", POSTGRES, read_repeatable},
    {"REASSIGN OWNED", POSTGRES, read_repeatable},
    {"REFRESH", POSTGRES, read_repeatable},
    {"REINDEX", POSTGRES | SQLITE, read_repeatable},
    {"CLUSTER", POSTGRES, read_repeatable},
    {"CHECKPOINT", POSTGRES, read_repeatable},
    {"ANALYZE", POSTGRES | SQLITE, read_repeatable},
    {"ANALYZE", MYSQL, read_analyze},
    {"OPTIMIZE", MYSQL, read_repeatable},
    {"REPAIR", MYSQL, read_repeatable},
    {"CHECKSUM", MYSQL, read_repeatable},
    {"CHECK", MYSQL, read_repeatable},
    {"CACHE INDEX", MYSQL, read_repeatable},
    {"LOAD INDEX INTO CACHE", MYSQL, read_repeatable},
    {"FLUSH", MYSQL, read_repeatable},
    {"START TRANSACTION", POSTGRES | MYSQL, read_nothing},
    {"START", MYSQL, read_repeatable},
    {"STOP", MYSQL, read_repeatable},
    {"CHANGE", MYSQL, read_repeatable},
    {"INSTALL", MYSQL, read_install},
    {"UNINSTALL", MYSQL, read_install},
    {"VACUUM", POSTGRES, read_repeatable},
    {"VACUUM", SQLITE, read_vacuum},
    /* of the session, or only looking */
    {"SET", POSTGRES | MYSQL, read_repeatable},
    {"RESET", POSTGRES | MYSQL, read_repeatable},
    {"USE", MYSQL, read_repeatable},
    {"DISCARD", POSTGRES, read_repeatable},
    {"LISTEN", POSTGRES, read_repeatable},
    {"UNLISTEN", POSTGRES, read_repeatable},
    {"LOAD", POSTGRES, read_repeatable},
    {"PREPARE TRANSACTION", POSTGRES, read_nothing},
    {"PREPARE", POSTGRES | MYSQL, read_repeatable},
    {"DEALLOCATE", POSTGRES | MYSQL, read_repeatable},
    {"LOCK INSTANCE", MYSQL, read_repeatable},
    {"UNLOCK", MYSQL, read_repeatable},
    {"SHOW", POSTGRES | MYSQL, read_repeatable},
    {"HELP", MYSQL, read_repeatable},
    {"PRAGMA", SQLITE, read_repeatable},
    {"ATTACH", SQLITE, read_repeatable},
    {"DETACH", SQLITE, read_repeatable},
};

/* Nobody can look for what has no name, unless it is of a table. */
static void
check_names(reading *r)
{
    for (size_t i = 0; i < r->out->targets.len; i++) {
        const gw_target *const t = &r->out->targets.at[i];
        const bool is_part = t->kind != GW_OBJECT_TABLE && t->role != GW_TARGET_DROPPED && t->on.len > 0;
        if (t->name.len == 0 && !is_part)
            read_nothing(r);
    }
}

void
gw_effect_read(gw_arena *a, gw_str statement, gw_dialect dialect, gw_effect *out)
{
    reading r = {.a = a, .c = gw_cursor_at(statement, dialect), .out = out};
    *out = (gw_effect){0};
    gw_cursor inner = r.c;
    while (dialect.kind == GW_DIALECT_MYSQL && gw_cursor_accept(&inner, "SET STATEMENT") &&
           gw_cursor_find(&inner, "FOR"))
        r.c = inner; /* MariaDB: variables that are set for one statement */
    for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++)
        if ((openings[i].dialects & 1U << dialect.kind) != 0 && gw_cursor_accept(&r.c, openings[i].words)) {
            openings[i].read(&r);
            check_names(&r);
            return;
        }
}
