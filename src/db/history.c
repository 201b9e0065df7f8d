#include "db/history.h"

#include <assert.h>
#include <string.h>

#include "db/column.h"
#include "db/history_doubt.h"

static const char *const column_names[GW_COLUMN__COUNT] = {
    [GW_COLUMN_ID] = "id",
    [GW_COLUMN_VERSION] = "version",
    [GW_COLUMN_NAME] = "name",
    [GW_COLUMN_KIND] = "kind",
    [GW_COLUMN_DIRECTION] = "direction",
    [GW_COLUMN_STATE] = "state",
    [GW_COLUMN_CHECKSUM] = "checksum",
    [GW_COLUMN_STATEMENTS] = "statements",
    [GW_COLUMN_DONE] = "done",
    [GW_COLUMN_FINGERPRINT] = "fingerprint",
    [GW_COLUMN_STARTED_AT] = "started_at",
    [GW_COLUMN_FINISHED_AT] = "finished_at",
    [GW_COLUMN_DURATION_MS] = "duration_ms",
    [GW_COLUMN_APPLIED_BY] = "applied_by",
    [GW_COLUMN_RUN_ID] = "run_id",
    [GW_COLUMN_TOOL] = "tool",
    [GW_COLUMN_ERROR] = "error",
    [GW_COLUMN_DOWN] = "down",
};

/* ---- the question ---- */

/* What the server answered. */
typedef struct gw_history_columns {
    bool heard, lease;
    size_t count;
    bool seen[GW_COLUMN__COUNT];
    char elsewhere[128]; /* a schema that holds a history too */
    char doubt[16];
} gw_history_columns;

gw_rc
gw_history_probe_new(gw_arena *a, const gw_engine *engine, const char *name, gw_history_probe *out, gw_err *e)
{
    gw_history_text text = {.engine = engine, .dialect = {.kind = engine->dialect}};
    GW_TRY(gw_history_text_name(a, name, text.dialect, &text.space, &text.table, e));
    *out = (gw_history_probe){
        .arena = a,
        .engine = engine,
        .name = gw_text(a, name),
        .text = text,
        .sql = gw_history_text_fill(a, &text, GW_SQL_HISTORY_EXISTS).whole,
        .columns = gw_new(a, gw_history_columns),
    };
    return GODWIT_OK;
}

bool
gw_history_heard(void *probe, size_t columns, const char *const *values)
{
    gw_history_columns *const s = ((const gw_history_probe *)probe)->columns;
    const char *const more = columns > 1 ? values[1] : NULL;
    const gw_str name = gw_str_of(values[0]);
    if (name.len == 0) {
        *s = (gw_history_columns){.heard = true, .lease = more != NULL};
        if (columns > 3)
            gw_err_copy(s->doubt, sizeof(s->doubt), gw_str_of(values[3]));
        return true;
    }
    if (more != NULL) {
        if (gw_str_is(name, column_names[GW_COLUMN_FINGERPRINT]))
            gw_err_copy(s->elsewhere, sizeof(s->elsewhere), gw_str_of(more));
        return true;
    }
    s->count++;
    for (size_t i = 0; i < GW_COLUMN__COUNT; i++)
        if (gw_str_is(name, column_names[i]))
            s->seen[i] = true;
    return true;
}

bool
gw_history_is_heard(const gw_history_probe *probe)
{
    return probe->columns->heard;
}

/* It was written before the session's settings were known: would they have changed a letter of it? */
static bool
means_the_same(const gw_history *h, const gw_history_probe *probe)
{
    GW_SCOPE(scratch);
    gw_history_text text = h->text;
    if (!h->schema_is_said)
        text.space = NULL;
    return gw_str_is(gw_str_of(probe->sql), gw_history_text_fill(scratch, &text, GW_SQL_HISTORY_EXISTS).whole);
}

static gw_rc
answer(const gw_history *h, const gw_history_probe *probe, gw_history_columns *out, gw_err *e)
{
    *out = *probe->columns;
    *probe->columns = (gw_history_columns){0};
    if (out->heard && means_the_same(h, probe))
        return GODWIT_OK;
    gw_history_probe again = *probe;
    again.columns = out;
    *out = (gw_history_columns){0};
    if (h->conn->engine->query(h->conn, h->sql[GW_SQL_HISTORY_EXISTS], NULL, 0, gw_history_heard, &again, e) !=
        GODWIT_OK)
        return gw_err_note(e, "while looking for the history table %s", h->shown);
    return GODWIT_OK;
}

/* ---- open ---- */

static gw_rc
read_name(gw_arena *a, const char *name, gw_history *h, gw_err *e)
{
    const gw_facts *const facts = &h->conn->facts;
    const unsigned caps = h->conn->engine->caps;
    GW_TRY(gw_history_text_name(a, name, facts->dialect, &h->schema, &h->table, e));
    h->schema_is_said = h->schema != NULL;
    if (h->schema == NULL)
        h->schema = gw_text(a, facts->schema);
    h->text = (gw_history_text){
        .engine = h->conn->engine,
        .dialect = facts->dialect,
        .space = h->schema != NULL                ? h->schema
                 : (caps & GW_CAP_DATABASES) != 0 ? facts->database
                                                  : NULL,
        .table = h->table,
    };
    return GODWIT_OK;
}

static const char *
show(gw_arena *a, const gw_history *h, const char *table)
{
    const bool has_schemas = (h->conn->engine->caps & GW_CAP_SCHEMAS) != 0;
    return h->schema_is_said || (has_schemas && h->schema != NULL) ? gw_printf(a, "%s.%s", h->schema, table) : table;
}

/* The schema that bare names lead to is there, and CREATE SCHEMA may be forbidden even when it has nothing to do. */
static bool
may_lack_schema(const gw_history *h)
{
    const char *const current = h->conn->facts.schema;
    return h->schema != NULL && h->sql[GW_SQL_HISTORY_SCHEMA][0] != '\0' &&
           !(current != NULL && gw_str_is(gw_str_of(h->schema), current));
}

static void
fill_texts(gw_arena *a, gw_history *h)
{
    gw_history_text_fill_all(a, &h->text, h->texts);
    for (gw_sql_id id = 0; id < GW_SQL__COUNT; id++)
        h->sql[id] = h->texts[id].whole;
    h->lease = (gw_lease_table){.conn = h->conn, .exists = h->lease.exists};
    if ((h->conn->engine->caps & GW_CAP_LEASE) == 0)
        return;
    h->lease.shown = show(a, h, gw_history_text_lease(a, h->table));
    h->lease.find = h->sql[GW_SQL_HISTORY_EXISTS];
    h->lease.schema = may_lack_schema(h) ? h->sql[GW_SQL_HISTORY_SCHEMA] : NULL;
    h->lease.create = h->sql[GW_SQL_LEASE_CREATE];
    h->lease.seed = h->sql[GW_SQL_LEASE_SEED];
    h->lease.read = h->sql[GW_SQL_LEASE_READ];
    h->lease.take = h->sql[GW_SQL_LEASE_TAKE];
    h->lease.beat = h->sql[GW_SQL_LEASE_BEAT];
    h->lease.free = h->sql[GW_SQL_LEASE_FREE];
}

static gw_rc
check_columns(const gw_history *h, const gw_history_columns *s, gw_err *e)
{
    for (size_t i = 0; i < GW_COLUMN__COUNT; i++)
        if (!s->seen[i]) {
            gw_fail(e, GODWIT_FOLDER, "table %s has no column '%s', so it is no history that this godwit can use",
                    h->shown, column_names[i]);
            return gw_err_hint(e, "if the table is something else, keep the history under another name: `history: "
                                  "other_name`");
        }
    return GODWIT_OK;
}

/* A new schema, or another search_path, must not make godwit forget what it did. */
static gw_rc
refuse_elsewhere(const gw_history *h, const char *schema, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "the history would be %s, which does not exist, and there is one in schema %s",
                  h->shown, schema);
    return gw_err_hint(e, "say which one is meant: `history: %s.%s`, or `history: %s` for a new one", schema, h->table,
                       h->shown);
}

gw_rc
gw_history_name(gw_arena *a, gw_conn *c, const gw_history_probe *probe, gw_history *out, gw_err *e)
{
    *out = (gw_history){.conn = c};
    GW_TRY(read_name(a, probe->name, out, e));
    out->shown = show(a, out, out->table);
    fill_texts(a, out);
    return GODWIT_OK;
}

gw_rc
gw_history_open(gw_arena *a, gw_conn *c, const gw_history_probe *probe, gw_history *out, gw_err *e)
{
    gw_history_columns columns;
    GW_TRY(gw_history_name(a, c, probe, out, e));
    GW_TRY(answer(out, probe, &columns, e));
    GW_TRY(gw_history_believe(c, out->shown, columns.doubt[0] == '\0' ? NULL : columns.doubt, e));
    out->exists = columns.count > 0;
    out->lease.exists = columns.lease;
    if (!out->exists && !out->schema_is_said && columns.elsewhere[0] != '\0')
        return refuse_elsewhere(out, columns.elsewhere, e);
    return out->exists ? check_columns(out, &columns, e) : GODWIT_OK;
}

/* ---- create, hold ---- */

static gw_rc
run(const gw_history *h, gw_sql_id id, gw_err *e)
{
    return h->conn->engine->query(h->conn, h->sql[id], NULL, 0, NULL, NULL, e);
}

gw_rc
gw_history_create(gw_history *h, gw_err *e)
{
    if (h->exists)
        return GODWIT_OK;
    gw_rc rc = may_lack_schema(h) ? run(h, GW_SQL_HISTORY_SCHEMA, e) : GODWIT_OK;
    if (rc == GODWIT_OK)
        rc = run(h, GW_SQL_HISTORY_CREATE, e);
    if (rc != GODWIT_OK)
        gw_err_note(e, "while creating the history table %s", h->shown);
    if (rc == GODWIT_FAILED && !e->transient)
        gw_err_hint(e,
                    "godwit records there what it applied: grant the user '%s' what that needs, or name a place "
                    "where it is allowed: `history: schema.table`",
                    h->conn->facts.user);
    h->exists = rc == GODWIT_OK;
    return rc;
}

void
gw_history_hold(gw_arena *a, gw_history *h, const char *key, gw_lease *lease)
{
    const gw_engine *const engine = h->conn->engine;
    const bool by_session = lease == NULL && (engine->caps & GW_CAP_SESSION_LOCK) != 0;
    h->held = lease;
    h->text.condition = by_session ? engine->lock_held(a, h->conn, key) : NULL;
    fill_texts(a, h);
}
