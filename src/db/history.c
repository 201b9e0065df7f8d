#include "db/history.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "sql/quote.h"

/* In the order of GW_SQL_HISTORY_LIST. */
static const char *const column_names[] = {
    "id",          "version",    "name",        "kind",        "direction",  "state",  "checksum", "statements", "done",
    "fingerprint", "started_at", "finished_at", "duration_ms", "applied_by", "run_id", "tool",     "error",      "down",
};
enum { COLUMNS = sizeof(column_names) / sizeof(column_names[0]), INSERTED = COLUMNS - 1 };

/* Names of godwit_state as the table holds them; what is pending has no row. */
static const char *const state_names[] = {
    [GODWIT_APPLIED] = "applied",   [GODWIT_RUNNING] = "running", [GODWIT_FAILED_STATE] = "failed",
    [GODWIT_REVERTED] = "reverted", [GODWIT_SKIPPED] = "skipped", [GODWIT_DEFERRED] = "deferred",
};
static const char *const kind_names[] = {"versioned", "baseline"};
static const char *const direction_names[] = {"up", "down"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- texts ---- */

typedef struct placeholder {
    const char *mark;
    gw_str text;
} placeholder;

static const char *
fill(gw_arena *a, const char *text, const placeholder *marks, size_t count)
{
    gw_buf out = gw_buf_new(a);
    for (gw_str rest = gw_str_of(text); rest.len > 0;) {
        size_t i = 0;
        while (i < count && !gw_str_starts(rest, marks[i].mark))
            i++;
        gw_buf_add(&out, i < count ? marks[i].text : gw_str_slice(rest, 0, 1));
        rest = gw_str_slice(rest, i < count ? gw_str_of(marks[i].mark).len : 1, rest.len);
    }
    return gw_buf_text(&out);
}

static gw_str
quoted(gw_arena *a, void (*quote)(gw_buf *, gw_str, gw_dialect), const char *text, gw_dialect dialect)
{
    gw_buf out = gw_buf_new(a);
    if (text != NULL)
        quote(&out, gw_str_of(text), dialect);
    return gw_buf_str(&out);
}

/* Everything is qualified, since a migration may change where bare names lead: without schemas, by the database. */
static void
fill_texts(gw_arena *a, gw_history *h, const char *held)
{
    const gw_engine *const engine = h->conn->engine;
    const gw_dialect dialect = h->conn->facts.dialect;
    const bool server = (engine->caps & GW_CAP_DATABASES) != 0;
    const char *const space = h->schema != NULL ? h->schema : server ? h->conn->facts.database : NULL;
    const gw_str schema = quoted(a, gw_quote_name, space, dialect);
    const gw_str table = quoted(a, gw_quote_name, h->table, dialect);
    const char *const qualified =
        gw_printf(a, "%.*s%s%.*s", GW_STR_ARG(schema), schema.len > 0 ? "." : "", GW_STR_ARG(table));
    const placeholder marks[] = {
        {"{table}", gw_str_of(qualified)},
        {"{schema}", schema},
        {"{schema_text}", quoted(a, gw_quote_string, space, dialect)},
        {"{table_text}", quoted(a, gw_quote_string, h->table, dialect)},
        {"{held}", gw_str_of(held)},
    };
    for (size_t i = 0; i < GW_SQL__COUNT; i++)
        h->sql[i] = fill(a, engine->sql[i], marks, COUNT(marks));
}

/* ---- open ---- */

static gw_rc
read_name(gw_arena *a, const char *name, gw_history *h, gw_err *e)
{
    const gw_facts *const facts = &h->conn->facts;
    gw_str parts[3] = {{0}};
    const size_t count = gw_name_parts(a, gw_str_of(name), facts->dialect, parts);
    if (count == 0 || count > 2 || parts[count - 1].len == 0) {
        gw_fail(e, GODWIT_USAGE, "'%s' does not name a history table", name);
        return gw_err_hint(e, "write it as `history: table` or `history: schema.table`");
    }
    h->table = gw_strdup(a, parts[count - 1]);
    h->schema = count == 2 ? gw_strdup(a, parts[0]) : gw_text(a, facts->schema);
    h->schema_is_said = count == 2;
    const bool show_schema = count == 2 || ((h->conn->engine->caps & GW_CAP_SCHEMAS) != 0 && h->schema != NULL);
    h->shown = show_schema ? gw_printf(a, "%s.%s", h->schema, h->table) : h->table;
    return GODWIT_OK;
}

typedef struct columns_seen {
    size_t count;
    bool seen[COLUMNS];
    char elsewhere[128]; /* a schema that holds a history too */
} columns_seen;

static bool
see_column(void *ctx, size_t columns, const char *const *values)
{
    columns_seen *const s = ctx;
    if (columns > 1 && values[1] != NULL) {
        if (values[0] != NULL && gw_str_is(gw_str_of(values[0]), "fingerprint"))
            gw_err_copy(s->elsewhere, sizeof(s->elsewhere), gw_str_of(values[1]));
        return true;
    }
    s->count++;
    for (size_t i = 0; i < COLUMNS; i++)
        if (values[0] != NULL && gw_str_is(gw_str_of(values[0]), column_names[i]))
            s->seen[i] = true;
    return true;
}

static gw_rc
check_columns(const gw_history *h, const columns_seen *s, gw_err *e)
{
    for (size_t i = 0; i < COLUMNS; i++)
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

static gw_rc
run(const gw_history *h, gw_sql_id id, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx, gw_err *e)
{
    return h->conn->engine->query(h->conn, h->sql[id], params, count, fn, ctx, e);
}

gw_rc
gw_history_open(gw_arena *a, gw_conn *c, const char *name, gw_history *out, gw_err *e)
{
    *out = (gw_history){.conn = c};
    GW_TRY(read_name(a, name, out, e));
    fill_texts(a, out, "1 = 1");
    columns_seen columns = {0};
    if (run(out, GW_SQL_HISTORY_EXISTS, NULL, 0, see_column, &columns, e) != GODWIT_OK)
        return gw_err_note(e, "while looking for the history table %s", out->shown);
    out->exists = columns.count > 0;
    if (!out->exists && !out->schema_is_said && columns.elsewhere[0] != '\0')
        return refuse_elsewhere(out, columns.elsewhere, e);
    return out->exists ? check_columns(out, &columns, e) : GODWIT_OK;
}

/* Not for the schema that bare names lead to: it is there, and CREATE SCHEMA may be forbidden even when it has nothing to do. */
static gw_rc
make_schema(const gw_history *h, gw_err *e)
{
    const char *const current = h->conn->facts.schema;
    if (h->sql[GW_SQL_HISTORY_SCHEMA][0] == '\0' || h->schema == NULL)
        return GODWIT_OK;
    if (current != NULL && gw_str_is(gw_str_of(h->schema), current))
        return GODWIT_OK;
    return run(h, GW_SQL_HISTORY_SCHEMA, NULL, 0, NULL, NULL, e);
}

gw_rc
gw_history_create(gw_history *h, gw_err *e)
{
    if (h->exists)
        return GODWIT_OK;
    gw_rc rc = make_schema(h, e);
    if (rc == GODWIT_OK)
        rc = run(h, GW_SQL_HISTORY_CREATE, NULL, 0, NULL, NULL, e);
    if (rc != GODWIT_OK)
        gw_err_note(e, "while creating the history table %s", h->shown);
    if (rc == GODWIT_FAILED)
        gw_err_hint(e,
                    "godwit records there what it applied: grant the user '%s' what that needs, or name a place "
                    "where it is allowed: `history: schema.table`",
                    h->conn->facts.user);
    h->exists = rc == GODWIT_OK;
    return rc;
}

void
gw_history_hold(gw_arena *a, gw_history *h, const char *key)
{
    const gw_engine *const engine = h->conn->engine;
    if ((engine->caps & GW_CAP_SESSION_LOCK) != 0)
        fill_texts(a, h, engine->lock_held(a, h->conn, key));
}

/* ---- read ---- */

typedef struct reading {
    gw_arena *a;
    const gw_history *h;
    gw_records *records;
    gw_err *e;
} reading;

static bool
find(const char *const *names, size_t count, const char *text, size_t *at)
{
    for (*at = 0; *at < count; (*at)++)
        if (names[*at] != NULL && gw_str_is(gw_str_of(text), names[*at]))
            return true;
    return false;
}

static gw_rc
refuse_newer(const reading *r, const char *what, const char *value, const char *const *v)
{
    const char *const tool = v[15] == NULL ? "an unknown version" : v[15];
    gw_fail(r->e, GODWIT_FOLDER, "history table %s was written by a newer godwit (%s '%s' in row %s, by %s%s)",
            r->h->shown, what, value == NULL ? "NULL" : value, v[0],
            v[15] == NULL || gw_str_starts(gw_str_of(tool), "godwit") ? "" : "godwit ", tool);
    return gw_err_hint(r->e, "upgrade this godwit (it is %s)", GW_VERSION);
}

/* What we do not understand may change what the row means; so nothing is guessed. */
static gw_rc
check_words(const reading *r, const char *const *v, godwit_state *state)
{
    size_t at = 0;
    if (v[3] == NULL || !find(kind_names, COUNT(kind_names), v[3], &at))
        return refuse_newer(r, "kind", v[3], v);
    if (v[4] == NULL || !find(direction_names, COUNT(direction_names), v[4], &at))
        return refuse_newer(r, "direction", v[4], v);
    if (v[5] == NULL || !find(state_names, COUNT(state_names), v[5], &at))
        return refuse_newer(r, "state", v[5], v);
    *state = (godwit_state)at;
    return GODWIT_OK;
}

static int64_t
number(const char *text)
{
    return text == NULL ? 0 : strtoll(text, NULL, 10);
}

static size_t
count_of(const char *text)
{
    const int64_t n = number(text);
    return n > 0 ? (size_t)n : 0;
}

static bool
read_row(void *ctx, size_t columns, const char *const *v)
{
    const reading *const r = ctx;
    godwit_state state = GODWIT_PENDING;
    assert(columns == COLUMNS);
    if (check_words(r, v, &state) != GODWIT_OK)
        return false;
    *gw_vec_push(r->a, r->records) = (gw_record){
        .id = number(v[0]),
        .version = gw_text(r->a, v[1]),
        .name = gw_text(r->a, v[2]),
        .kind = gw_text(r->a, v[3]),
        .direction = gw_text(r->a, v[4]),
        .state = state,
        .checksum = gw_text(r->a, v[6]),
        .statements = count_of(v[7]),
        .done = count_of(v[8]),
        .fingerprint = gw_text(r->a, v[9]),
        .started_at = gw_text(r->a, v[10]),
        .finished_at = gw_text(r->a, v[11]),
        .duration_ms = number(v[12]),
        .applied_by = gw_text(r->a, v[13]),
        .run_id = gw_text(r->a, v[14]),
        .tool = gw_text(r->a, v[15]),
        .error = gw_text(r->a, v[16]),
        .down = gw_text(r->a, v[17]),
    };
    return true;
}

static gw_rc
read_rows(gw_arena *a, const gw_history *h, gw_sql_id id, const gw_param *params, size_t count, gw_records *out,
          gw_err *e)
{
    gw_err words = {0};
    reading r = {.a = a, .h = h, .records = out, .e = &words};
    *out = (gw_records){0};
    if (!h->exists)
        return GODWIT_OK;
    if (run(h, id, params, count, read_row, &r, e) != GODWIT_OK)
        return gw_err_note(e, "while reading the history table %s", h->shown);
    if (words.rc != GODWIT_OK)
        *e = words;
    return words.rc;
}

gw_rc
gw_history_list(gw_arena *a, const gw_history *h, gw_records *out, gw_err *e)
{
    return read_rows(a, h, GW_SQL_HISTORY_LIST, NULL, 0, out, e);
}

gw_rc
gw_history_newest(gw_arena *a, const gw_history *h, const char *version, gw_record *out, bool *found, gw_err *e)
{
    gw_records rows = {0};
    *found = false;
    GW_TRY(read_rows(a, h, GW_SQL_HISTORY_NEWEST, (gw_param[]){{version}}, 1, &rows, e));
    *found = rows.len > 0;
    if (*found)
        *out = rows.at[rows.len - 1];
    return GODWIT_OK;
}

/* ---- write ---- */

static const char *
state_text(godwit_state state)
{
    assert((size_t)state < COUNT(state_names) && state_names[state] != NULL);
    return state_names[state];
}

static bool
read_id(void *ctx, size_t columns, const char *const *values)
{
    assert(columns == 1);
    *(int64_t *)ctx = number(values[0]);
    return true;
}

/* Write one row: that none was hit means that the lock, or the row itself, is gone. */
static gw_rc
write_row(const gw_history *h, gw_sql_id id, const gw_param *params, size_t count, gw_err *e)
{
    if (run(h, id, params, count, NULL, NULL, e) != GODWIT_OK)
        return gw_err_note(e, "while writing the history table %s", h->shown);
    if (h->conn->affected == 1)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_LOCKED,
                  "nothing was written to the history table %s: this run no longer holds the lock, or its row is gone",
                  h->shown);
    return gw_err_hint(
        e, "a migration must not release godwit's lock or touch its table; `godwit status` tells what is recorded");
}

gw_rc
gw_history_add(const gw_history *h, const gw_record *r, int64_t *id, gw_err *e)
{
    GW_SCOPE(a);
    const gw_param params[INSERTED] = {
        {r->version},
        {r->name},
        {r->kind},
        {r->direction},
        {state_text(r->state)},
        {r->checksum},
        {gw_printf(a, "%zu", r->statements)},
        {gw_printf(a, "%zu", r->done)},
        {r->fingerprint},
        {r->started_at},
        {r->finished_at},
        {gw_printf(a, "%lld", (long long)r->duration_ms)},
        {r->applied_by},
        {r->run_id},
        {r->tool},
        {r->error},
        {r->down},
    };
    GW_TRY(write_row(h, GW_SQL_HISTORY_INSERT, params, INSERTED, e));
    if (id == NULL)
        return GODWIT_OK;
    *id = h->conn->inserted;
    if (*id > 0)
        return GODWIT_OK;
    if (run(h, GW_SQL_HISTORY_LAST_ID, NULL, 0, read_id, id, e) != GODWIT_OK)
        return gw_err_note(e, "while writing the history table %s", h->shown);
    return *id > 0 ? GODWIT_OK : gw_fail(e, GODWIT_FAILED, "the id of the new row of %s cannot be read", h->shown);
}

gw_rc
gw_history_mark(const gw_history *h, int64_t id, size_t done, const char *fingerprint, gw_err *e)
{
    GW_SCOPE(a);
    const gw_param params[] = {{gw_printf(a, "%lld", (long long)id)}, {gw_printf(a, "%zu", done)}, {fingerprint}};
    return write_row(h, GW_SQL_HISTORY_MARK, params, COUNT(params), e);
}

gw_rc
gw_history_end(const gw_history *h, const gw_record *r, gw_err *e)
{
    GW_SCOPE(a);
    const gw_param params[] = {
        {gw_printf(a, "%lld", (long long)r->id)},
        {state_text(r->state)},
        {gw_printf(a, "%zu", r->done)},
        {r->fingerprint},
        {r->finished_at},
        {gw_printf(a, "%lld", (long long)r->duration_ms)},
        {r->error},
    };
    return write_row(h, GW_SQL_HISTORY_END, params, COUNT(params), e);
}
