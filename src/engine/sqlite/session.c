#include "engine/sqlite/session.h"

#include "engine/sqlite/ask.h"
#include "engine/sqlite/error.h"

/* The PRAGMAs that live in the connection. journal_mode does unless it is WAL: see restore_journal(). */
const char *const gw_sqlite_pragmas[GW_SQLITE_PRAGMAS] = {
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
    "case_sensitive_like", /* see gw_sqlite_session_read() */
};

/* ---- watching ---- */

/* False: its first value must be read before. */
static bool
watch_pragma(gw_sqlite_session *s, const char *name)
{
    if (gw_str_is_nocase(gw_str_of(name), "busy_timeout"))
        s->busy_timeout = true;
    for (size_t i = 0; i < GW_SQLITE_PRAGMAS; i++) {
        if (!gw_str_is_nocase(gw_str_of(name), gw_sqlite_pragmas[i]))
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

gw_rc
gw_sqlite_session_read(gw_arena *a, gw_sqlite_conn *c, const char *name, const char **out, gw_err *e)
{
    GW_SCOPE(scratch);
    first_value v = {.a = a};
    const bool is_readable = !gw_str_is(gw_str_of(name), "case_sensitive_like");
    const char *const sql = is_readable ? gw_printf(scratch, "PRAGMA %s", name) : "SELECT 'a' NOT LIKE 'A'";
    if (gw_sqlite_ask(c, sql, keep_first, &v) != SQLITE_OK)
        return gw_sqlite_fail(c, e);
    *out = v.text;
    return GODWIT_OK;
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
    GW_TRY(gw_sqlite_session_read(s->arena, c, gw_sqlite_pragmas[s->asked], &s->initial[s->asked], e));
    s->is_known[s->asked] = true;
    return GODWIT_OK;
}

/* ---- afterwards ---- */

void
gw_sqlite_session_settle(gw_sqlite_conn *c)
{
    if (c->session.busy_timeout)
        sqlite3_busy_handler(c->db, gw_sqlite_wait_on, &c->wait);
    c->session.busy_timeout = false;
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
