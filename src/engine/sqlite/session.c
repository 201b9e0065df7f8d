#include "engine/sqlite/session.h"

#include <assert.h>
#include <sys/stat.h>

#include "engine/sqlite/connection.h"
#include "engine/sqlite/statement.h"
#include "sql/quote.h"

/* The PRAGMAs that live in the connection. journal_mode does unless it is WAL: see restore_journal(). */
static const char *const pragmas[] = {
    "analysis_limit",
    "automatic_index",
    "cache_size",
    "cache_spill",
    "cell_size_check",
    "checkpoint_fullfsync",
    "count_changes",
    "defer_foreign_keys",
    "empty_result_callbacks",
    "foreign_keys",
    "full_column_names",
    "fullfsync",
    "ignore_check_constraints",
    "journal_mode",
    "journal_size_limit",
    "legacy_alter_table",
    "locking_mode",
    "max_page_count",
    "mmap_size",
    "query_only",
    "read_uncommitted",
    "recursive_triggers",
    "reverse_unordered_selects",
    "secure_delete",
    "short_column_names",
    "synchronous",
    "temp_store",
    "threads",
    "trusted_schema",
    "wal_autocheckpoint",
    "writable_schema",
    "case_sensitive_like", /* see read_pragma() */
};
_Static_assert(sizeof(pragmas) / sizeof(pragmas[0]) == GW_SQLITE_PRAGMAS, "one value is kept for each row");

/* ---- watching ---- */

/* False: its first value must be read before. */
static bool
watch_pragma(gw_sqlite_session *s, const char *name)
{
    if (gw_str_is_nocase(gw_str_of(name), "busy_timeout"))
        s->busy_timeout = true;
    for (size_t i = 0; i < GW_SQLITE_PRAGMAS; i++) {
        if (!gw_str_is_nocase(gw_str_of(name), pragmas[i]))
            continue;
        if (!s->is_known[i]) {
            s->is_asked = true;
            s->asked = i;
            return false;
        }
        s->changed[i] = true;
        s->query_only |= gw_str_is_nocase(gw_str_of(name), "query_only");
    }
    return true;
}

/* SQLite tells here what a statement is going to do, before it does anything. Nothing is forbidden for good. */
static int
watch(void *ctx, int action, const char *first, const char *second, const char *database, const char *trigger)
{
    gw_sqlite_session *const s = ctx;
    (void)database;
    (void)trigger;
    switch (action) {
    case SQLITE_PRAGMA:
        if (second != NULL && first != NULL && !watch_pragma(s, first))
            return SQLITE_DENY;
        break;
    case SQLITE_ATTACH:
        s->attached = true;
        break;
    case SQLITE_CREATE_TEMP_INDEX:
    case SQLITE_CREATE_TEMP_TABLE:
    case SQLITE_CREATE_TEMP_TRIGGER:
    case SQLITE_CREATE_TEMP_VIEW:
        s->temporary = true;
        break;
    default:
        break;
    }
    return SQLITE_OK;
}

gw_rc
gw_sqlite_session_begin(gw_arena *a, gw_sqlite_conn *c, gw_err *e)
{
    c->session.arena = a;
    return sqlite3_set_authorizer(c->db, watch, &c->session) == SQLITE_OK
               ? GODWIT_OK
               : gw_fail(e, GODWIT_BUG, "SQLite cannot be watched");
}

/* ---- reading ---- */

typedef struct first_value {
    gw_arena *a;
    const char *text;
} first_value;

static bool
keep_first(void *ctx, size_t columns, const char *const *values)
{
    first_value *const v = ctx;
    v->text = columns > 0 ? gw_text(v->a, values[0]) : NULL;
    return false;
}

/* Its value, or for one that cannot be read what it does. */
static gw_rc
read_pragma(gw_arena *a, gw_sqlite_conn *c, const char *name, const char **out, gw_err *e)
{
    first_value v = {.a = a};
    const char *const sql =
        gw_str_is(gw_str_of(name), "case_sensitive_like") ? "SELECT 'a' NOT LIKE 'A'" : gw_printf(a, "PRAGMA %s", name);
    GW_TRY(gw_sqlite_query(c, gw_str_of(sql), NULL, 0, keep_first, &v, e));
    *out = v.text;
    return GODWIT_OK;
}

static gw_rc
run(gw_sqlite_conn *c, const char *sql, gw_err *e)
{
    return gw_sqlite_query(c, gw_str_of(sql), NULL, 0, NULL, NULL, e);
}

bool
gw_sqlite_session_is_asked(const gw_sqlite_conn *c)
{
    return c->session.is_asked;
}

gw_rc
gw_sqlite_session_learn(gw_sqlite_conn *c, gw_err *e)
{
    gw_sqlite_session *const s = &c->session;
    s->is_asked = false;
    GW_TRY(read_pragma(s->arena, c, pragmas[s->asked], &s->initial[s->asked], e));
    s->is_known[s->asked] = true;
    return GODWIT_OK;
}

/* ---- attached twice ---- */

typedef struct twin {
    gw_arena *a;
    struct stat own;
    const char *name;
} twin;

static bool
compare_file(void *ctx, size_t columns, const char *const *values)
{
    twin *const t = ctx;
    struct stat st;
    (void)columns;
    assert(columns == 2);
    if (values[1] != NULL && stat(values[1], &st) == 0 && st.st_dev == t->own.st_dev && st.st_ino == t->own.st_ino)
        t->name = gw_text(t->a, values[0]);
    return t->name == NULL;
}

const char *
gw_sqlite_session_twin(gw_arena *a, gw_sqlite_conn *c)
{
    twin t = {.a = a};
    gw_err ignored = {0};
    const gw_str sql = GW_STR_LIT("SELECT name, file FROM pragma_database_list WHERE name NOT IN ('main', 'temp')");
    if (!c->session.attached || stat(c->path, &t.own) != 0 ||
        gw_sqlite_query(c, sql, NULL, 0, compare_file, &t, &ignored) != GODWIT_OK)
        return NULL;
    return t.name;
}

/* ---- putting back ---- */

void
gw_sqlite_session_settle(gw_sqlite_conn *c)
{
    if (c->session.busy_timeout)
        sqlite3_busy_handler(c->db, gw_sqlite_wait_on, &c->wait);
    c->session.busy_timeout = false;
}

/* WAL is a property of the file: a migration that switched to or from it meant every connection. The other modes are ours. */
static gw_rc
restore_journal(gw_arena *a, gw_sqlite_conn *c, const char *initial, gw_err *e)
{
    const char *now = NULL;
    GW_TRY(read_pragma(a, c, "journal_mode", &now, e));
    const gw_str wal = GW_STR_LIT("wal");
    if (now == NULL || initial == NULL || gw_str_eq(gw_str_of(now), wal))
        return GODWIT_OK;
    const char *const mode = gw_str_eq(gw_str_of(initial), wal) ? "delete" : initial;
    return gw_str_is(gw_str_of(now), mode) ? GODWIT_OK : run(c, gw_printf(a, "PRAGMA journal_mode = %s", mode), e);
}

static gw_rc
restore_pragmas(gw_arena *a, gw_sqlite_conn *c, gw_err *e)
{
    gw_sqlite_session *const s = &c->session;
    for (size_t i = 0; i < GW_SQLITE_PRAGMAS; i++) {
        if (!s->changed[i])
            continue;
        const gw_str name = gw_str_of(pragmas[i]);
        if (gw_str_is(name, "journal_mode"))
            GW_TRY(restore_journal(a, c, s->initial[i], e));
        else if (s->initial[i] != NULL)
            GW_TRY(run(c, gw_printf(a, "PRAGMA %s = %s", pragmas[i], s->initial[i]), e));
        if (gw_str_is(name, "locking_mode")) /* an exclusive lock is given up by the next read */
            GW_TRY(run(c, "SELECT count(*) FROM (SELECT 1 FROM main.sqlite_master LIMIT 1)", e));
    }
    return GODWIT_OK;
}

typedef struct statements {
    gw_arena *a;
    gw_dialect dialect;
    gw_vec(const char *) sql;
} statements;

static bool
add_detach(void *ctx, size_t columns, const char *const *values)
{
    statements *const s = ctx;
    gw_buf sql = gw_buf_new(s->a);
    (void)columns;
    assert(columns == 1);
    gw_buf_puts(&sql, "DETACH DATABASE ");
    gw_quote_name(&sql, gw_str_of(values[0]), s->dialect);
    *gw_vec_push(s->a, &s->sql) = gw_buf_text(&sql);
    return true;
}

static bool
add_drop(void *ctx, size_t columns, const char *const *values)
{
    statements *const s = ctx;
    gw_buf sql = gw_buf_new(s->a);
    (void)columns;
    assert(columns == 2);
    gw_buf_printf(&sql, "DROP %s IF EXISTS temp.", values[0]);
    gw_quote_name(&sql, gw_str_of(values[1]), s->dialect);
    *gw_vec_push(s->a, &s->sql) = gw_buf_text(&sql);
    return true;
}

/* Run what `add` makes of the rows of `sql`. */
static gw_rc
run_each(gw_arena *a, gw_sqlite_conn *c, const char *sql, gw_row_fn *add, gw_err *e)
{
    statements s = {.a = a, .dialect = c->base.facts.dialect};
    GW_TRY(gw_sqlite_query(c, gw_str_of(sql), NULL, 0, add, &s, e));
    for (size_t i = 0; i < s.sql.len; i++)
        GW_TRY(run(c, s.sql.at[i], e));
    return GODWIT_OK;
}

bool
gw_sqlite_session_is_clean(const gw_sqlite_conn *c)
{
    const gw_sqlite_session *const s = &c->session;
    for (size_t i = 0; i < GW_SQLITE_PRAGMAS; i++)
        if (s->changed[i])
            return false;
    return !s->attached && !s->temporary;
}

gw_rc
gw_sqlite_session_reset(gw_sqlite_conn *c, gw_err *e)
{
    GW_SCOPE(a);
    gw_sqlite_session *const s = &c->session;
    if (gw_sqlite_session_is_clean(c))
        return GODWIT_OK;
    GW_TRY(restore_pragmas(a, c, e));
    /* Triggers first: dropping a view that one of them stands on would take it along. */
    if (s->temporary)
        GW_TRY(run_each(
            a, c,
            "SELECT type, name FROM sqlite_temp_master WHERE type IN ('table', 'view', 'trigger') AND name NOT LIKE "
            "'sqlite^_%' ESCAPE '^' ORDER BY type = 'trigger' DESC, type = 'view' DESC",
            add_drop, e));
    if (s->attached)
        GW_TRY(
            run_each(a, c, "SELECT name FROM pragma_database_list WHERE name NOT IN ('main', 'temp')", add_detach, e));
    for (size_t i = 0; i < GW_SQLITE_PRAGMAS; i++)
        s->changed[i] = false;
    s->query_only = s->attached = s->temporary = false;
    return GODWIT_OK;
}
