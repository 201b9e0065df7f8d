#include "migration/leak.h"

#include <string.h>

#include "migration/recall.h"
#include "sql/cursor.h"
#include "sql/reliance.h"

enum { POSTGRES = 1U << GW_DIALECT_POSTGRES, MYSQL = 1U << GW_DIALECT_MYSQL, SQLITE = 1U << GW_DIALECT_SQLITE };

typedef struct search {
    gw_arena *a;
    const gw_script *script;
    size_t at, to;              /* the statement that is looked at; the end of those that leave something */
    gw_vec(gw_memory_item) met; /* what a later statement of them does to it counts */
} search;

/* ---- what sql/memory knows ---- */

static bool
is_met(const search *s, const gw_memory_item *item)
{
    for (size_t i = 0; i < s->met.len; i++) {
        const gw_memory_item *const met = &s->met.at[i];
        const bool is_all = met->act == GW_MEMORY_ENDS && met->name.len == 0;
        if (is_all ? met->kind == item->kind : gw_memory_is_same(met, item))
            return true;
    }
    return false;
}

/* Settings that every server has, and gives the same value in a new session. */
static const char *
undo_mysql(gw_arena *a, gw_str name)
{
    static const char *const plain[] = {"foreign_key_checks", "unique_checks"};
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        if (gw_str_is_nocase(name, plain[i]))
            return gw_printf(a, "SET SESSION %s = DEFAULT", plain[i]);
    return NULL;
}

/* What is set by words of its own is ended by such. */
static const char *
undo_postgres(gw_arena *a, gw_str statement, gw_dialect dialect, gw_str name)
{
    static const struct {
        const char *words, *undo;
    } own[] = {
        {"SESSION AUTHORIZATION", "RESET SESSION AUTHORIZATION"},
        {"SESSION CHARACTERISTICS", NULL},
        {"CHARACTERISTICS", NULL},
        {"CONSTRAINTS", NULL},
        {"TRANSACTION", NULL},
        {"SEED", NULL},
        {"ROLE", "RESET ROLE"},
        {"TIME ZONE", "RESET TIME ZONE"},
        {"NAMES", "RESET client_encoding"},
        {"SCHEMA", "RESET search_path"},
        {"XML OPTION", "RESET xmloption"},
    };
    gw_cursor c = gw_cursor_at(statement, dialect);
    const bool is_set = gw_cursor_accept(&c, "SET");
    for (int pass = 0; is_set && pass < 2; pass++) {
        for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
            if (gw_cursor_accept(&c, own[i].words))
                return own[i].undo;
        if (!gw_cursor_accept(&c, "SESSION"))
            (void)gw_cursor_accept(&c, "LOCAL");
    }
    for (size_t i = 0; i < name.len; i++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.", name.ptr[i]) == NULL)
            return NULL;
    return name.len == 0 ? NULL : gw_printf(a, "RESET %.*s", GW_STR_ARG(name));
}

static const char *
undo_setting(const search *s, gw_str name)
{
    const gw_str statement = gw_script_statement(s->script, s->at);
    const gw_dialect dialect = s->script->dialect;
    return dialect.kind == GW_DIALECT_POSTGRES ? undo_postgres(s->a, statement, dialect, name)
           : dialect.kind == GW_DIALECT_MYSQL  ? undo_mysql(s->a, name)
                                               : NULL;
}

static bool
resets(const gw_memory *m)
{
    return gw_str_is_nocase(m->class.verb, "RESET");
}

/* Nobody asks another session for the number that this one gave last. */
static void
find_items(search *s, const gw_memory *m, gw_leaks *out)
{
    for (size_t i = m->items.len; i-- > 0;) {
        const gw_memory_item *const item = &m->items.at[i];
        if (is_met(s, item))
            continue;
        if (item->act != GW_MEMORY_MAY_SET && item->act != GW_MEMORY_TELLS)
            *gw_vec_push(s->a, &s->met) = *item;
        if (item->act == GW_MEMORY_ENDS || item->kind == GW_MEMORY_GLOBAL || resets(m) ||
            !gw_recall_is_exposed(s->a, s->script, s->to, s->script->stmts.len, item))
            continue;
        const bool is_setting = item->kind == GW_MEMORY_SETTING;
        *gw_vec_push(s->a, out) =
            (gw_leak){s->at, gw_memory_show(s->a, item), is_setting ? undo_setting(s, item->name) : NULL};
    }
}

/* ---- and what it does not ---- */

/* Unless whoever comes behind sets it too, before he does anything. */
static bool
sets_local(const search *s, const gw_cursor *at)
{
    const gw_memory_item item = {.kind = GW_MEMORY_SETTING, .name = gw_cursor_value(at)};
    for (size_t i = s->to; i < s->script->stmts.len; i++) {
        gw_memory m;
        const gw_str text = gw_script_statement(s->script, i);
        gw_cursor c = gw_cursor_at(text, s->script->dialect);
        if ((gw_cursor_accept(&c, "SET LOCAL") || gw_cursor_accept(&c, "SET") || gw_cursor_accept(&c, "RESET")) &&
            gw_memory_is_same(&item, &(gw_memory_item){.kind = item.kind, .name = gw_cursor_value(&c)}))
            return false;
        gw_memory_read(s->a, text, s->script->dialect, &m);
        if (gw_reliance_on(&m, &item))
            return true;
    }
    return false;
}

/* set_config(name, value, true) */
static bool
sets_config(const search *s, const gw_cursor *at)
{
    gw_cursor c = *at;
    (void)s;
    bool is_within = false;
    for (; c.t.kind != GW_TOKEN_END; gw_cursor_next(&c)) {
        is_within = is_within || gw_cursor_is(&c, "set_config");
        if (is_within && gw_cursor_is(&c, "true"))
            return true;
    }
    return false;
}

/* The value cannot be used until it is committed; servers differ where the type is new too. */
static bool
adds_value(const search *s, const gw_cursor *at)
{
    gw_cursor c = *at;
    (void)s;
    return gw_cursor_find(&c, "ADD VALUE");
}

/* What asks, and what is kept in the database itself, leaves nothing. */
static bool
sets_pragma(const search *s, const gw_cursor *at)
{
    static const char *const harmless[] = {
        "table_info",      "table_xinfo",      "table_list",        "index_list",         "index_info",
        "index_xinfo",     "foreign_key_list", "quick_check",       "optimize",           "journal_mode",
        "integrity_check", "wal_checkpoint",   "foreign_key_check", "incremental_vacuum", "user_version",
        "auto_vacuum",     "application_id",   "page_size",         "encoding",
    };
    gw_cursor c = *at;
    (void)s;
    const bool is_harmless = gw_cursor_accept_any(&c, harmless, sizeof(harmless) / sizeof(harmless[0]));
    while (c.t.kind != GW_TOKEN_END && c.t.kind != GW_TOKEN_OPEN && !gw_cursor_sign(&c, '='))
        gw_cursor_next(&c);
    return !is_harmless && c.t.kind != GW_TOKEN_END;
}

/* `says`: NULL where the opening is enough. */
static const struct {
    const char *opening;
    unsigned dialects;
    bool to_commit; /* it ends with the transaction */
    bool (*says)(const search *s, const gw_cursor *at);
    const char *what;
} rows[] = {
    {"SET SESSION AUTHORIZATION", POSTGRES, false, NULL, "another user"},
    {"SET LOCAL", POSTGRES, true, sets_local, "a setting of its transaction"},
    {"SET CONSTRAINTS", POSTGRES, true, NULL, "when constraints are checked"},
    {"SET TRANSACTION", POSTGRES, true, NULL, "the mode of its transaction"},
    {"SET TRANSACTION", MYSQL, false, NULL, "the mode of the next transaction"},
    {"SELECT", POSTGRES, true, sets_config, "a setting of its transaction"},
    {"ALTER TYPE", POSTGRES, true, adds_value, "a value of a type that is not committed yet"},
    {"PRAGMA", SQLITE, false, sets_pragma, "a PRAGMA"},
    {"ATTACH", SQLITE, false, NULL, "an attached database"},
    {"USE", MYSQL, false, NULL, "another database"},
};

/* Does what runs behind them share its transaction? */
static bool
is_shared(const search *s)
{
    for (size_t i = 0; i < s->script->units.len; i++) {
        const gw_unit *const unit = &s->script->units.at[i];
        if (s->at >= unit->first && s->at < unit->first + unit->count)
            return s->to < unit->first + unit->count;
    }
    return false;
}

static void
find_else(const search *s, gw_leaks *out)
{
    const gw_script *const script = s->script;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        gw_cursor c = gw_cursor_at(gw_script_statement(script, s->at), script->dialect);
        if ((rows[i].dialects & 1U << script->dialect.kind) == 0 || !gw_cursor_accept(&c, rows[i].opening) ||
            (rows[i].to_commit && !is_shared(s)) || (rows[i].says != NULL && !rows[i].says(s, &c)))
            continue;
        const bool is_setting = rows[i].says == sets_local || rows[i].says == NULL;
        const char *const undo = is_setting ? undo_setting(s, gw_object_read_name(&c, false)) : NULL;
        *gw_vec_push(s->a, out) = (gw_leak){s->at, rows[i].what, undo};
    }
}

void
gw_leaks_find(gw_arena *a, const gw_script *s, size_t from, size_t to, gw_leaks *out)
{
    search look = {.a = a, .script = s, .at = to, .to = to};
    *out = (gw_leaks){0};
    if (to >= s->stmts.len)
        return;
    while (look.at-- > from) {
        gw_memory m;
        const size_t known = out->len;
        gw_memory_read(a, gw_script_statement(s, look.at), s->dialect, &m);
        find_items(&look, &m, out);
        if (out->len == known)
            find_else(&look, out);
    }
}
