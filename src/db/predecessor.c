#include "db/predecessor.h"

#include <string.h>

#include "sql/quote.h"

const gw_predecessor gw_predecessors[] = {
    {.name = "alembic",
     .table = "alembic_version",
     .columns = "version_num",
     .rows = "SELECT version_num, NULL, 'applied', NULL, NULL FROM {table} ORDER BY 1"},
    {.name = "atlas",
     .table = "atlas_schema_revisions",
     .columns = "version description type applied total executed_at hash",
     .proof = GW_PROOF_LISTED,
     .rows = "SELECT version, description,"
             " CASE WHEN type IN (1, 3, 5, 7) THEN 'up_to' WHEN type >= 4 OR applied = total THEN 'applied' ELSE "
             "'failed' END,"
             " hash, executed_at FROM {table} WHERE version NOT LIKE '.%' ORDER BY executed_at, version",
     .advisory = "2686470616"},
    {.name = "dbmate",
     .table = "schema_migrations",
     .columns = "version",
     .only = "1",
     .unless = "ar_internal_metadata",
     .rule = "it has the column version alone, and there is no ar_internal_metadata beside it, as Rails has",
     .rows = "SELECT version, NULL, 'applied', NULL, NULL FROM {table} ORDER BY 1"},
    {.name = "diesel",
     .table = "__diesel_schema_migrations",
     .columns = "version run_on",
     .rows = "SELECT version, NULL, 'applied', NULL, run_on FROM {table} ORDER BY 1"},
    {.name = "django",
     .table = "django_migrations",
     .columns = "id app name applied",
     .rows = "SELECT {join app name}, name, 'applied', NULL, applied FROM {table} ORDER BY id"},
    {.name = "drizzle-0",
     .table = "__drizzle_migrations",
     .columns = "id hash created_at",
     .without = "name",
     .rule = "it has no column name, which drizzle-kit 1.0 adds",
     .proof = GW_PROOF_SHA256,
     .rows = "SELECT hash, NULL, 'applied', hash, NULL FROM {table} ORDER BY created_at"},
    {.name = "drizzle",
     .table = "__drizzle_migrations",
     .columns = "id hash created_at name applied_at",
     .rule = "it has the column name, which drizzle-kit 0.x does not know",
     .proof = GW_PROOF_SHA256,
     .rows = "SELECT COALESCE(name, hash), NULL, 'applied', hash, applied_at FROM {table} ORDER BY created_at"},
    {.name = "flyway",
     .table = "flyway_schema_history",
     .columns = "installed_rank version description type script checksum installed_on success",
     .proof = GW_PROOF_CRC32,
     .rows =
         "SELECT COALESCE(version, script), description,"
         " CASE WHEN NOT success THEN 'failed' WHEN type LIKE 'UNDO%' OR type = 'DELETE' THEN 'gone'"
         " WHEN type = 'BASELINE' THEN 'up_to' ELSE 'applied' END,"
         " checksum, installed_on FROM {table} WHERE installed_rank > 0 AND type <> 'SCHEMA' ORDER BY installed_rank"},
    {.name = "golang-migrate",
     .table = "schema_migrations",
     .columns = "version dirty",
     .rule = "it has the column dirty, which those of dbmate and Rails have not",
     .rows = "SELECT version, NULL, CASE WHEN dirty THEN 'failed' ELSE 'up_to' END, NULL, NULL FROM {table}"},
    {.name = "goose",
     .table = "goose_db_version",
     .columns = "id version_id is_applied tstamp",
     .rows = "SELECT version_id, NULL, CASE WHEN is_applied THEN 'applied' ELSE 'gone' END, NULL, tstamp FROM {table}"
             " WHERE version_id > 0 ORDER BY id"},
    {.name = "graphile-migrate",
     .table = "migrations",
     .columns = "hash previous_hash filename date",
     .proof = GW_PROOF_QUOTED,
     .rows = "SELECT REPLACE(filename, '.sql', ''), NULL, 'applied', hash, date FROM {table} ORDER BY filename",
     .advisory = "4727445306447283"},
    {.name = "liquibase",
     .table = "databasechangelog",
     .columns = "id author filename dateexecuted orderexecuted exectype md5sum",
     .rows = "SELECT {pair id author}, NULL,"
             " CASE WHEN exectype IN ('EXECUTED', 'RERAN', 'MARK_RAN') THEN 'applied'"
             " WHEN exectype = 'SKIPPED' THEN 'gone' ELSE 'failed' END,"
             " NULL, dateexecuted FROM {table} ORDER BY orderexecuted",
     .lock = "databasechangeloglock",
     .busy = "SELECT lockedby FROM {lock} WHERE locked"},
    {.name = "node-pg-migrate",
     .table = "pgmigrations",
     .columns = "id name run_on",
     .rows = "SELECT name, NULL, 'applied', NULL, run_on FROM {table} ORDER BY id",
     .advisory = "7241865325823964"},
    {.name = "prisma",
     .table = "_prisma_migrations",
     .columns = "id checksum finished_at migration_name rolled_back_at started_at",
     .proof = GW_PROOF_SHA256,
     .rows = "SELECT migration_name, NULL, CASE WHEN rolled_back_at IS NOT NULL THEN 'gone'"
             " WHEN finished_at IS NULL THEN 'failed' ELSE 'applied' END, checksum, finished_at"
             " FROM {table} ORDER BY started_at",
     .advisory = "72707369"},
    {.name = "rails",
     .table = "schema_migrations",
     .columns = "version",
     .only = "1",
     .beside = "ar_internal_metadata",
     .rule = "ar_internal_metadata is beside it, which dbmate does not have",
     .rows = "SELECT version, NULL, 'applied', NULL, NULL FROM {table} ORDER BY 1"},
    {.name = "sql-migrate",
     .table = "gorp_migrations",
     .columns = "id applied_at",
     .rows = "SELECT id, NULL, 'applied', NULL, applied_at FROM {table} ORDER BY applied_at, id"},
    {.name = "sqitch",
     .table = "changes",
     .columns = "change_id script_hash change project note committed_at planned_at",
     .proof = GW_PROOF_SHA1,
     .rows = "SELECT [change], NULL, 'applied', script_hash, committed_at FROM {table} ORDER BY committed_at",
     .advisory = "75474063"},
    {.name = "sqlx",
     .table = "_sqlx_migrations",
     .columns = "version description installed_on success checksum execution_time",
     .proof = GW_PROOF_SHA384,
     .rows = "SELECT version, description, CASE WHEN success THEN 'applied' ELSE 'failed' END, {hex checksum},"
             " installed_on FROM {table} ORDER BY version"},
    {.name = "tern",
     .table = "schema_version",
     .columns = "version",
     .only = "1",
     .rows = "SELECT version, NULL, 'up_to', NULL, NULL FROM {table} WHERE version > 0",
     .advisory = "9628173550095224"},
    {.name = "yoyo",
     .table = "_yoyo_migration",
     .columns = "migration_hash migration_id applied_at_utc",
     .rows = "SELECT migration_id, NULL, 'applied', NULL, applied_at_utc FROM {table} ORDER BY applied_at_utc",
     .lock = "yoyo_lock",
     .busy = "SELECT {join 'process' pid} FROM {lock}"},
};
const size_t gw_predecessor_count = sizeof(gw_predecessors) / sizeof(gw_predecessors[0]);

#define BESIDE "sqitch"

typedef struct rows {
    gw_arena *a;
    gw_legacies *out;
} rows;

/* ---- which there are ---- */

/* A table that may be one, and its columns. */
typedef struct seen {
    const char *schema, *table;
    bool is_current;
    gw_vec(const char *) columns;
} seen;

typedef struct search {
    gw_arena *a;
    gw_vec(seen) tables;
} search;

/* schema, table, column, whether the schema is the current one; a table's columns come together */
static bool
see(void *ctx, size_t columns, const char *const *v)
{
    search *const s = ctx;
    (void)columns;
    seen *last = s->tables.len == 0 ? NULL : &s->tables.at[s->tables.len - 1];
    if (last == NULL || strcmp(last->schema, v[0]) != 0 || strcmp(last->table, v[1]) != 0) {
        last = gw_vec_push(s->a, &s->tables);
        *last = (seen){.schema = gw_text(s->a, v[0]), .table = gw_text(s->a, v[1]), .is_current = v[3] != NULL};
    }
    *gw_vec_push(s->a, &last->columns) = gw_text(s->a, v[2]);
    return true;
}

static bool
has_column(const seen *t, gw_str name)
{
    for (size_t i = 0; i < t->columns.len; i++)
        if (gw_str_is_nocase(name, t->columns.at[i]))
            return true;
    return false;
}

/* A table of this name in the schema of that one, as the server says it; NULL: none. */
static const char *
beside(const search *s, const seen *t, const char *table)
{
    for (size_t i = 0; i < s->tables.len && table != NULL; i++)
        if (strcmp(s->tables.at[i].schema, t->schema) == 0 && gw_str_is_nocase(gw_str_of(s->tables.at[i].table), table))
            return s->tables.at[i].table;
    return NULL;
}

static bool
fits(const search *s, const seen *t, const gw_predecessor *p)
{
    size_t count = 0;
    if (!gw_str_is_nocase(gw_str_of(t->table), p->table))
        return false;
    for (gw_str rest = gw_str_of(p->columns); rest.ptr != NULL; count++)
        if (!has_column(t, gw_str_cut(rest, ' ', &rest)))
            return false;
    return (p->only == NULL || count == t->columns.len) &&
           (p->without == NULL || !has_column(t, gw_str_of(p->without))) &&
           (p->beside == NULL || beside(s, t, p->beside) != NULL) && beside(s, t, p->unless) == NULL;
}

/* Every table that a row names, as a list of string constants. */
static char *
names_of(gw_arena *a, gw_dialect dialect)
{
    gw_buf out = gw_buf_new(a);
    for (size_t i = 0; i < gw_predecessor_count; i++) {
        const gw_predecessor *const p = &gw_predecessors[i];
        const char *const names[] = {p->table, p->lock, p->beside};
        for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
            if (names[k] == NULL)
                continue;
            gw_buf_puts(&out, out.len == 0 ? "" : ", ");
            gw_quote_string(&out, gw_str_of(names[k]), dialect);
        }
    }
    return gw_strdup(a, gw_buf_str(&out));
}

static char *
put_in(gw_arena *a, const char *text, const char *name, const char *value)
{
    gw_buf out = gw_buf_new(a);
    const size_t len = strlen(name);
    for (const char *hit; (hit = strstr(text, name)) != NULL; text = hit + len) {
        gw_buf_add(&out, (gw_str){text, (size_t)(hit - text)});
        gw_buf_puts(&out, value);
    }
    gw_buf_puts(&out, text);
    return gw_strdup(a, gw_buf_str(&out));
}

static void
add_fitting(gw_arena *a, const search *s, const seen *t, gw_legacy_tables *out)
{
    for (size_t i = 0; i < gw_predecessor_count; i++) {
        const gw_predecessor *const p = &gw_predecessors[i];
        if (fits(s, t, p))
            *gw_vec_push(a, out) =
                (gw_legacy_table){.tool = p, .schema = t->schema, .table = t->table, .lock = beside(s, t, p->lock)};
    }
}

static gw_rc
look_into(gw_arena *a, gw_conn *c, const char *schema, search *s, gw_err *e)
{
    const char *const sql =
        put_in(a, put_in(a, c->engine->tables, "{names}", names_of(a, c->facts.dialect)), "{schema}", schema);
    return c->engine->query(c, sql, NULL, 0, see, s, e);
}

/* ---- what sqitch keeps in a file beside the one of SQLite ---- */

static bool
take_first(void *ctx, size_t columns, const char *const *v)
{
    rows *const r = ctx;
    (void)columns;
    *gw_vec_push(r->a, r->out) = (gw_legacy){.key = gw_text(r->a, v[0] == NULL ? "" : v[0])};
    return true;
}

/* "sqitch" with what the name of the database ends in. */
static const char *
file_beside(gw_arena *a, const char *database)
{
    const char *const slash = strrchr(database, '/');
    const char *const base = slash == NULL ? database : slash + 1;
    const char *const dot = strrchr(base, '.');
    return gw_printf(a, "%.*s" BESIDE "%s", (int)(base - database), database, dot == NULL ? "" : dot);
}

/* Attached where it is there. */
static gw_rc
attach_beside(gw_arena *a, gw_conn *c, bool *attached, gw_err *e)
{
    gw_legacies files = {0};
    rows r = {a, &files};
    gw_buf sql = gw_buf_new(a);
    *attached = false;
    if (c->facts.dialect.kind != GW_DIALECT_SQLITE)
        return GODWIT_OK;
    GW_TRY(
        c->engine->query(c, "SELECT file FROM pragma_database_list WHERE name = 'main'", NULL, 0, take_first, &r, e));
    const char *const path = files.len == 0 ? "" : file_beside(a, files.at[0].key);
    if (gw_path_is(path) != GW_PATH_FILE)
        return GODWIT_OK;
    gw_buf_puts(&sql, "ATTACH DATABASE ");
    gw_quote_string(&sql, gw_str_of(path), c->facts.dialect);
    gw_buf_puts(&sql, " AS " BESIDE);
    GW_TRY(c->engine->exec(c, gw_buf_str(&sql), e));
    *attached = true;
    return GODWIT_OK;
}

static gw_rc
detach_beside(gw_conn *c, gw_err *e)
{
    return c->engine->exec(c, GW_STR_LIT("DETACH DATABASE " BESIDE), e);
}

gw_rc
gw_predecessors_find(gw_arena *a, gw_conn *c, gw_legacy_tables *out, gw_err *e)
{
    search s = {.a = a};
    bool attached;
    GW_TRY(attach_beside(a, c, &attached, e));
    GW_TRY(look_into(a, c, "main", &s, e));
    if (attached) {
        GW_TRY(look_into(a, c, BESIDE, &s, e));
        GW_TRY(detach_beside(c, e));
    }
    for (int current = 1; current >= 0; current--)
        for (size_t i = 0; i < s.tables.len; i++)
            if (s.tables.at[i].is_current == (current == 1))
                add_fitting(a, &s, &s.tables.at[i], out);
    return GODWIT_OK;
}

/* ---- what is in them ---- */

static char *
qualified(gw_arena *a, const char *schema, const char *table, gw_dialect dialect)
{
    gw_buf out = gw_buf_new(a);
    gw_quote_name(&out, gw_str_of(schema), dialect);
    gw_buf_putc(&out, '.');
    gw_quote_name(&out, gw_str_of(table), dialect);
    return gw_strdup(a, gw_buf_str(&out));
}

/* "{hex x}", "{join x y}" and "{pair x y}" in the engine's words. */
static void
add_call(gw_buf *out, gw_str call, gw_dialect_kind kind)
{
    gw_str rest;
    const gw_str name = gw_str_cut(call, ' ', &rest);
    const gw_str first = gw_str_cut(rest, ' ', &rest);
    if (gw_str_is(name, "hex"))
        gw_buf_printf(out, kind == GW_DIALECT_POSTGRES ? "pg_catalog.encode(%.*s, 'hex')" : "LOWER(HEX(%.*s))",
                      GW_STR_ARG(first));
    else
        gw_buf_printf(out, kind == GW_DIALECT_MYSQL ? "CONCAT(%.*s, '%s', %.*s)" : "(%.*s || '%s' || %.*s)",
                      GW_STR_ARG(first), gw_str_is(name, "pair") ? "::" : ":", GW_STR_ARG(rest));
}

static char *
spell(gw_arena *a, const char *text, const gw_legacy_table *from, gw_dialect dialect)
{
    gw_buf out = gw_buf_new(a);
    const char *const table = qualified(a, from->schema, from->table, dialect);
    const char *const lock = from->lock == NULL ? "" : qualified(a, from->schema, from->lock, dialect);
    text = put_in(a, put_in(a, text, "{table}", table), "{lock}", lock);
    for (const char *c = text; *c != '\0'; c++) {
        const char *const end = *c == '[' ? strchr(c, ']') : *c == '{' ? strchr(c, '}') : NULL;
        if (end == NULL) {
            gw_buf_putc(&out, *c);
            continue;
        }
        const gw_str within = {c + 1, (size_t)(end - c) - 1};
        if (*c == '[')
            gw_quote_name(&out, within, dialect);
        else
            add_call(&out, within, dialect.kind);
        c = end;
    }
    return gw_strdup(a, gw_buf_str(&out));
}

static gw_legacy_state
state_of(const char *word)
{
    static const char *const words[] = {[GW_LEGACY_APPLIED] = "applied",
                                        [GW_LEGACY_GONE] = "gone",
                                        [GW_LEGACY_UP_TO] = "up_to",
                                        [GW_LEGACY_FAILED] = "failed"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i], word) == 0)
            return (gw_legacy_state)i;
    return GW_LEGACY_UNKNOWN;
}

static bool
take(void *ctx, size_t columns, const char *const *v)
{
    rows *const r = ctx;
    (void)columns;
    *gw_vec_push(r->a, r->out) = (gw_legacy){.key = gw_text(r->a, v[0] == NULL ? "" : v[0]),
                                             .name = gw_text(r->a, v[1]),
                                             .state = state_of(v[2] == NULL ? "" : v[2]),
                                             .proof = gw_text(r->a, v[3]),
                                             .at = gw_text(r->a, v[4])};
    return true;
}

/* Its lock, where that is a row or a number: whoever holds it is writing what we read. */
static gw_rc
check_busy(gw_arena *a, gw_conn *c, const gw_legacy_table *from, gw_err *e)
{
    gw_legacies holders = {0};
    rows r = {a, &holders};
    if (from->lock != NULL)
        GW_TRY(c->engine->query(c, spell(a, from->tool->busy, from, c->facts.dialect), NULL, 0, take_first, &r, e));
    if (holders.len > 0) {
        (void)gw_fail(e, GODWIT_LOCKED, "%s is at work: %s holds its lock", from->tool->name, holders.at[0].key);
        return gw_err_hint(e, "wait until it is done; if it died, release its lock with %s itself", from->tool->name);
    }
    bool taken = true;
    if (from->tool->advisory != NULL && c->facts.dialect.kind == GW_DIALECT_POSTGRES) {
        GW_TRY(c->engine->try_lock(c, from->tool->advisory, &taken, e));
        if (taken)
            c->engine->unlock(c, from->tool->advisory);
    }
    if (taken)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_LOCKED, "%s is at work: it holds its lock", from->tool->name);
    return gw_err_hint(e, "wait until it is done");
}

static gw_rc
read_rows(gw_arena *a, gw_conn *c, const gw_legacy_table *from, gw_legacies *out, gw_err *e)
{
    rows r = {a, out};
    GW_TRY(check_busy(a, c, from, e));
    return c->engine->query(c, spell(a, from->tool->rows, from, c->facts.dialect), NULL, 0, take, &r, e);
}

gw_rc
gw_predecessor_read(gw_arena *a, gw_conn *c, const gw_legacy_table *from, gw_legacies *out, gw_err *e)
{
    bool attached = false;
    if (strcmp(from->schema, BESIDE) == 0)
        GW_TRY(attach_beside(a, c, &attached, e));
    if (!attached)
        return read_rows(a, c, from, out, e);
    if (read_rows(a, c, from, out, e) == GODWIT_OK)
        return detach_beside(c, e);
    gw_err ignored = {0};
    (void)detach_beside(c, &ignored);
    return e->rc;
}
