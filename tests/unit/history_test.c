#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "db/column.h"
#include "db/history_read.h"
#include "db/history_write.h"
#include "fake_engine.h"

typedef struct fixture {
    gw_arena *arena;
    gw_conn *conn;
    gw_err e;
} fixture;

static int
begin_test(void **state)
{
    gw_arena *const a = gw_arena_new();
    fixture *const fx = gw_new(a, fixture);
    static const gw_url url = {.scheme = "fake", .user = "app", .database = "shop"};
    const gw_open_params p = {.url = &url, .lock_timeout_ms = 50};
    fx->arena = a;
    *state = fx;
    return gw_fake.database_create(NULL, &url, &fx->e) == GODWIT_OK &&
                   gw_fake.open(a, &p, &fx->conn, &fx->e) == GODWIT_OK
               ? 0
               : -1;
}

static int
end_test(void **state)
{
    gw_arena_free(((fixture *)*state)->arena);
    fake_reset();
    return 0;
}

static void
run_sql(fixture *fx, const char *sql)
{
    assert_int_equal(gw_fake.exec(fx->conn, gw_str_of(sql), &fx->e), GODWIT_OK);
}

static gw_rc
open_named(fixture *fx, const char *name, gw_history *h)
{
    gw_history_probe probe;
    fx->e = (gw_err){0};
    if (gw_history_probe_new(fx->arena, fx->conn->engine, name, &probe, &fx->e) != GODWIT_OK)
        return fx->e.rc;
    return gw_history_open(fx->arena, fx->conn, &probe, h, &fx->e);
}

static gw_history
new_history(fixture *fx, const char *name)
{
    gw_history h = {0};
    assert_int_equal(open_named(fx, name, &h), GODWIT_OK);
    assert_int_equal(gw_history_create(&h, &fx->e), GODWIT_OK);
    return h;
}

static const gw_record row = {
    .version = "1",
    .name = "one",
    .kind = "versioned",
    .direction = "up",
    .state = GODWIT_RUNNING,
    .statements = 2,
    .started_at = "2026-03-26 17:09:03.123",
    .applied_by = "app",
    .run_id = "r",
    .tool = "godwit 0.1.0",
};

/* ---- names ---- */

static void
puts_the_table_into_the_schema_that_bare_names_lead_to(void **state)
{
    fixture *const fx = *state;
    gw_history h = {0};
    assert_int_equal(open_named(fx, "godwit_history", &h), GODWIT_OK);
    assert_string_equal(h.schema, "public");
    assert_string_equal(h.table, "godwit_history");
    assert_string_equal(h.shown, "public.godwit_history");
    assert_string_equal(h.sql[GW_SQL_HISTORY_EXISTS], "COLUMNS 'public' 'godwit_history' 'godwit_history_lease'");
    assert_false(h.exists);
}

static void
takes_a_quoted_name_as_it_is(void **state)
{
    fixture *const fx = *state;
    gw_history h = {0};
    assert_int_equal(open_named(fx, "\"My\"\"Schema\".\"Our History\"", &h), GODWIT_OK);
    assert_string_equal(h.schema, "My\"Schema");
    assert_string_equal(h.table, "Our History");
    assert_string_equal(h.sql[GW_SQL_HISTORY_EXISTS], "COLUMNS 'My\"Schema' 'Our History' 'Our History_lease'");
    assert_string_equal(h.sql[GW_SQL_LEASE_READ], "LEASE READ \"My\"\"Schema\".\"Our History_lease\"");
}

static void
fills_every_mark_of_the_engines_texts(void **state)
{
    fixture *const fx = *state;
    gw_history h = {0};
    gw_engine engine = gw_fake;
    engine.sql[GW_SQL_HISTORY_LIST] =
        "{} {x} {table {schema}|{table}|{schema_text}|{table_text}|{lease}|{lease_text}|{held}{";
    fx->conn->engine = &engine;
    assert_int_equal(open_named(fx, "\"it's\".x", &h), GODWIT_OK);
    fx->conn->engine = &gw_fake;
    assert_string_equal(h.sql[GW_SQL_HISTORY_LIST],
                        "{} {x} {table \"it's\"|\"it's\".\"x\"|'it''s'|'x'|\"it's\".\"x_lease\"|'x_lease'|1 = 1{");
}

static void
qualifies_by_the_database_where_there_are_no_schemas(void **state)
{
    fixture *const fx = *state;
    gw_history h = {0};
    fx->conn->facts.schema = NULL;
    assert_int_equal(open_named(fx, "h", &h), GODWIT_OK);
    assert_null(h.schema);
    assert_string_equal(h.shown, "h");
    assert_string_equal(h.sql[GW_SQL_HISTORY_LIST] + strlen(h.sql[GW_SQL_HISTORY_LIST]) - 27,
                        "FROM \"shop\".\"h\" ORDER BY id");
    assert_string_equal(h.sql[GW_SQL_HISTORY_SCHEMA], "CREATE SCHEMA \"shop\"");
}

static void
refuses_a_name_that_names_no_table(void **state)
{
    fixture *const fx = *state;
    static const char *const names[] = {"", "a.b.c"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        gw_history h = {0};
        assert_int_equal(open_named(fx, names[i], &h), GODWIT_USAGE);
        assert_string_not_equal(fx->e.hint, "");
    }
}

static void
keeps_the_name_of_the_lease_apart_from_the_historys_however_long_it_is(void **state)
{
    fixture *const fx = *state;
    char names[3][80];
    memset(names, 'x', sizeof(names));
    names[0][57] = names[1][58] = names[2][70] = '\0';
    memcpy(names[2] + 44, "ž", 2); /* where the cut would be */
    for (size_t i = 0; i < 3; i++) {
        const char *const lease = gw_history_text_lease(fx->arena, names[i]);
        assert_true(strlen(lease) <= 63);
        assert_true(gw_str_ends(gw_str_of(lease), "_lease"));
        assert_true(strncmp(lease, names[i], 44) == 0);
        assert_int_equal(gw_str_utf8_valid(gw_str_of(lease)), strlen(lease));
    }
    assert_int_equal(strlen(gw_history_text_lease(fx->arena, names[0])), 63);
    names[2][69] = 'y';
    const char *const one = gw_history_text_lease(fx->arena, names[2]);
    names[2][69] = 'z';
    assert_string_not_equal(one, gw_history_text_lease(fx->arena, names[2]));
}

/* ---- the probe ---- */

/* Open another connection with the probe, and the history on it. */
static gw_rc
open_probed(fixture *fx, gw_history_probe *probe, gw_history *h)
{
    static const gw_url url = {.scheme = "fake", .user = "app", .database = "shop"};
    const gw_open_params p = {
        .url = &url, .first = probe->sql, .first_fn = gw_history_heard, .first_ctx = probe, .lock_timeout_ms = 50};
    gw_conn *c = NULL;
    fx->e = (gw_err){0};
    fake_log_clear();
    assert_int_equal(gw_fake.open(fx->arena, &p, &c, &fx->e), GODWIT_OK);
    return gw_history_open(fx->arena, c, probe, h, &fx->e);
}

static gw_history_probe
probe_of(fixture *fx, const char *name)
{
    gw_history_probe probe;
    assert_int_equal(gw_history_probe_new(fx->arena, &gw_fake, name, &probe, &fx->e), GODWIT_OK);
    return probe;
}

static void
asks_together_with_the_connection(void **state)
{
    fixture *const fx = *state;
    static const char *const names[] = {"h", "audit.h"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        gw_history_probe probe = probe_of(fx, names[i]);
        gw_history h;
        assert_int_equal(open_probed(fx, &probe, &h), GODWIT_OK);
        assert_false(h.exists);
        assert_string_equal(fake_log(),
                            i == 0 ? "open;COLUMNS HERE 'h' 'h_lease';" : "open;COLUMNS 'audit' 'h' 'h_lease';");
        (void)new_history(fx, names[i]);
        assert_int_equal(open_probed(fx, &probe, &h), GODWIT_OK); /* also when the probe is used again */
        assert_true(h.exists);
        assert_false(h.lease.exists);
    }
}

static void
uses_an_answer_only_once(void **state)
{
    fixture *const fx = *state;
    gw_history_probe probe = probe_of(fx, "h");
    gw_history h;
    assert_int_equal(open_probed(fx, &probe, &h), GODWIT_OK);
    (void)new_history(fx, "h");
    fake_log_clear();
    assert_int_equal(gw_history_open(fx->arena, fx->conn, &probe, &h, &fx->e), GODWIT_OK);
    assert_true(h.exists);
    assert_string_equal(fake_log(), "COLUMNS 'public' 'h' 'h_lease';");
}

static void
forgets_what_a_try_that_failed_has_heard(void **state)
{
    fixture *const fx = *state;
    gw_history_probe probe = probe_of(fx, "h");
    gw_history h;
    static const char *const columns[] = {"id", "nonsense", "version"};
    for (size_t i = 0; i < 3; i++)
        assert_true(gw_history_heard(&probe, 1, &columns[i]));
    assert_int_equal(open_probed(fx, &probe, &h), GODWIT_OK);
    assert_false(h.exists);
}

static gw_rc
answer_from_standby(gw_conn *c, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx,
                    gw_err *e)
{
    const char *standby[GW_COLUMN__COUNT + 1] = {[GW_COLUMN__COUNT] = GW_DOUBT_RECOVERS};
    (void)c, (void)sql, (void)params, (void)count, (void)e;
    (void)fn(ctx, GW_COLUMN__COUNT + 1, standby);
    return GODWIT_OK;
}

/* A load balancer stands between: it sends what only reads elsewhere, where the newest rows may be missing. */
static void
believes_no_server_that_only_follows_the_one_that_writes(void **state)
{
    fixture *const fx = *state;
    static const char *const found[] = {"", NULL, "", GW_DOUBT_RECOVERS};
    gw_history h = new_history(fx, "h");
    gw_engine engine = gw_fake;
    engine.query = answer_from_standby;
    for (int read_only = 0; read_only < 2; read_only++) {
        gw_history_probe probe = probe_of(fx, "h");
        gw_records rows;
        gw_record newest;
        bool is_found;
        const gw_rc expected = read_only != 0 ? GODWIT_OK : GODWIT_REFUSED;
        fx->conn->facts.read_only = read_only != 0;
        fx->conn->engine = &engine;
        assert_int_equal(gw_history_list(fx->arena, &h, &rows, &fx->e), expected);
        assert_int_equal(rows.len, 0);
        fx->e = (gw_err){0};
        assert_int_equal(gw_history_newest(fx->arena, &h, "1", &newest, &is_found, &fx->e), expected);
        assert_false(is_found);
        fx->e = (gw_err){0};
        fx->conn->engine = &gw_fake;
        assert_true(gw_history_heard(&probe, 4, found));
        assert_int_equal(gw_history_open(fx->arena, fx->conn, &probe, &h, &fx->e), expected);
        if (read_only == 0)
            assert_non_null(strstr(fx->e.message, "another server than the one that writes"));
        fx->e = (gw_err){0};
    }
}

/* Its text was written before anybody knew how the session reads it. */
static void
asks_again_when_the_session_reads_the_question_otherwise(void **state)
{
    fixture *const fx = *state;
    gw_engine engine = gw_fake;
    gw_history_probe probe;
    gw_history h;
    engine.dialect = GW_DIALECT_MYSQL;
    assert_int_equal(gw_history_probe_new(fx->arena, &engine, "`a\\b`", &probe, &fx->e), GODWIT_OK);
    gw_conn *const c = fx->conn;
    const gw_facts facts = c->facts;
    for (int escapes = 0; escapes < 2; escapes++) {
        static const char *const found[] = {"", NULL};
        c->facts.dialect = (gw_dialect){.kind = GW_DIALECT_MYSQL, .no_backslash_escapes = escapes == 0};
        assert_true(gw_history_heard(&probe, 2, found));
        fake_log_clear();
        assert_int_equal(gw_history_open(fx->arena, c, &probe, &h, &fx->e), GODWIT_OK);
        assert_string_equal(fake_log(), escapes == 0 ? "COLUMNS 'public' 'a\\b' 'a\\b_lease';" : "");
    }
    c->facts = facts;
}

static void
knows_that_there_is_a_table_of_leases(void **state)
{
    fixture *const fx = *state;
    gw_history_probe probe = probe_of(fx, "h");
    gw_history h;
    run_sql(fx, "CREATE TABLE h_lease (token)");
    assert_int_equal(open_probed(fx, &probe, &h), GODWIT_OK);
    assert_false(h.exists);
    assert_true(h.lease.exists);
    assert_string_equal(h.lease.shown, "public.h_lease");
    assert_null(h.lease.schema);
    probe = probe_of(fx, "audit.h");
    assert_int_equal(open_probed(fx, &probe, &h), GODWIT_OK);
    assert_false(h.lease.exists);
    assert_string_equal(h.lease.schema, "CREATE SCHEMA \"audit\"");
}

static void
refuses_a_history_that_is_elsewhere_unless_its_schema_is_said(void **state)
{
    fixture *const fx = *state;
    static const char *const rows[][2] = {{"", NULL}, {"fingerprint", "old"}};
    static const char *const names[] = {"h", "public.h"};
    for (size_t i = 0; i < 2; i++) {
        gw_history_probe probe = probe_of(fx, names[i]);
        gw_history h;
        fx->e = (gw_err){0};
        for (size_t r = 0; r < 2; r++)
            assert_true(gw_history_heard(&probe, 2, rows[r]));
        const gw_rc rc = gw_history_open(fx->arena, fx->conn, &probe, &h, &fx->e);
        assert_int_equal(rc, i == 0 ? GODWIT_FOLDER : GODWIT_OK);
    }
    gw_history_probe probe = probe_of(fx, "h");
    gw_history h;
    for (size_t r = 0; r < 2; r++)
        assert_true(gw_history_heard(&probe, 2, rows[r]));
    assert_int_equal(gw_history_open(fx->arena, fx->conn, &probe, &h, &fx->e), GODWIT_FOLDER);
    assert_string_equal(fx->e.message,
                        "the history would be public.h, which does not exist, and there is one in schema old");
}

static void
has_no_texts_of_leases_where_there_are_none(void **state)
{
    fixture *const fx = *state;
    gw_engine engine = gw_fake;
    gw_history h;
    engine.caps &= ~(unsigned)GW_CAP_LEASE;
    engine.sql[GW_SQL_LEASE_READ] = NULL;
    fx->conn->engine = &engine;
    assert_int_equal(open_named(fx, "h", &h), GODWIT_OK);
    fx->conn->engine = &gw_fake;
    assert_null(h.lease.read);
    assert_null(h.lease.create);
    assert_null(h.sql[GW_SQL_LEASE_READ]);
}

/* ---- opening ---- */

static void
writes_nothing_when_it_opens_and_reads(void **state)
{
    fixture *const fx = *state;
    gw_history h = {0};
    gw_records rows = {0};
    gw_record newest = {0};
    bool found = true;
    fake_log_clear();
    assert_int_equal(open_named(fx, "h", &h), GODWIT_OK);
    assert_int_equal(gw_history_list(fx->arena, &h, &rows, &fx->e), GODWIT_OK);
    assert_int_equal(gw_history_newest(fx->arena, &h, "1", &newest, &found, &fx->e), GODWIT_OK);
    assert_int_equal(rows.len, 0);
    assert_false(found);
    assert_string_equal(fake_log(), "COLUMNS 'public' 'h' 'h_lease';");
}

static void
refuses_a_table_without_our_columns_and_names_the_missing_one(void **state)
{
    fixture *const fx = *state;
    gw_history h = {0};
    run_sql(fx, "CREATE TABLE godwit_history (id, version, name, kind, direction, state, checksum, statements, done, "
                "fingerprint, started_at, finished_at, duration_ms, applied_by, tool, error, down)");
    assert_int_equal(open_named(fx, "godwit_history", &h), GODWIT_FOLDER);
    assert_string_equal(fx->e.message,
                        "table public.godwit_history has no column 'run_id', so it is no history that this "
                        "godwit can use");
    assert_non_null(strstr(fx->e.hint, "`history: other_name`"));
}

static void
leaves_columns_alone_that_it_does_not_know(void **state)
{
    fixture *const fx = *state;
    gw_history h = new_history(fx, "h");
    gw_records rows = {0};
    run_sql(fx, "ALTER TABLE h ADD COLUMN of_tomorrow text");
    assert_int_equal(open_named(fx, "h", &h), GODWIT_OK);
    assert_true(h.exists);
    assert_int_equal(gw_history_add(&h, &row, NULL, NULL, &fx->e), GODWIT_OK);
    assert_int_equal(gw_history_list(fx->arena, &h, &rows, &fx->e), GODWIT_OK);
    assert_int_equal(rows.len, 1);
}

static void
says_what_it_was_doing_when_the_server_refuses(void **state)
{
    fixture *const fx = *state;
    gw_history h = new_history(fx, "h");
    gw_records rows = {0};
    static const struct {
        const char *refuse, *note;
    } steps[] = {
        {"COLUMNS", "while looking for the history table public.h"},
        {"SELECT id", "while reading the history table public.h"},
        {"INSERT", "while writing the history table public.h"},
        {"LAST NUMBER", "while writing the history table public.h"},
        {"UPDATE", "while writing the history table public.h"},
    };
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        gw_history again = {0};
        int64_t id = 0;
        fake.refuse = steps[i].refuse;
        gw_rc rc = open_named(fx, "h", &again);
        if (rc == GODWIT_OK)
            rc = gw_history_list(fx->arena, &h, &rows, &fx->e);
        if (rc == GODWIT_OK)
            rc = gw_history_add(&h, &row, NULL, &id, &fx->e);
        if (rc == GODWIT_OK)
            rc = gw_history_mark(&h, 1, &(gw_mark){.done = 1}, &fx->e);
        assert_int_equal(rc, GODWIT_FAILED);
        assert_string_equal(fx->e.notes, steps[i].note);
    }
}

/* ---- creating ---- */

static void
creates_the_schema_only_when_bare_names_lead_elsewhere(void **state)
{
    fixture *const fx = *state;
    fake_log_clear();
    (void)new_history(fx, "public.h");
    assert_null(strstr(fake_log(), "CREATE SCHEMA"));
    fake_log_clear();
    (void)new_history(fx, "audit.h");
    assert_non_null(strstr(fake_log(), "CREATE SCHEMA \"audit\";CREATE TABLE \"audit\".\"h\""));
}

static void
creates_nothing_twice(void **state)
{
    fixture *const fx = *state;
    gw_history h = new_history(fx, "h");
    fake_log_clear();
    assert_int_equal(gw_history_create(&h, &fx->e), GODWIT_OK);
    assert_string_equal(fake_log(), "");
}

static void
speaks_of_grants_when_it_may_not_create(void **state)
{
    fixture *const fx = *state;
    gw_history h = {0};
    assert_int_equal(open_named(fx, "h", &h), GODWIT_OK);
    fake.refuse = "CREATE TABLE";
    fake.refuse_code = "42501";
    assert_int_equal(gw_history_create(&h, &fx->e), GODWIT_FAILED);
    assert_false(h.exists);
    assert_string_equal(fx->e.code, "42501");
    assert_string_equal(fx->e.notes, "while creating the history table public.h");
    assert_non_null(strstr(fx->e.hint, "grant the user 'app'"));
}

static void
speaks_of_no_grants_when_the_connection_is_lost(void **state)
{
    fixture *const fx = *state;
    gw_history h = {0};
    assert_int_equal(open_named(fx, "h", &h), GODWIT_OK);
    fake.refuse = "CREATE TABLE";
    fake.refuse_rc = GODWIT_CONNECT;
    assert_int_equal(gw_history_create(&h, &fx->e), GODWIT_CONNECT);
    assert_string_equal(fx->e.hint, "");
}

/* ---- rows ---- */

static void
refuses_words_of_a_newer_godwit(void **state)
{
    fixture *const fx = *state;
    static const struct {
        const char *set, *message;
    } words[] = {
        {"state = 'paused', tool = 'godwit 9.0.0'",
         "history table public.h was written by a newer godwit (state 'paused' in row 2, by godwit 9.0.0)"},
        {"kind = 'oracular', tool = '9.1'",
         "history table public.h was written by a newer godwit (kind 'oracular' in row 2, by godwit 9.1)"},
        {"direction = 'sideways', tool = NULL",
         "history table public.h was written by a newer godwit (direction 'sideways' in row 2, by an unknown version)"},
        {"state = NULL",
         "history table public.h was written by a newer godwit (state 'NULL' in row 2, by godwit 0.1.0)"},
        {"state = 'pending'",
         "history table public.h was written by a newer godwit (state 'pending' in row 2, by godwit 0.1.0)"},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        gw_history h = new_history(fx, "h");
        gw_records rows = {0};
        gw_record newest = {0};
        bool found = false;
        gw_err again = {0};
        assert_int_equal(gw_history_add(&h, &row, NULL, NULL, &fx->e), GODWIT_OK);
        assert_int_equal(gw_history_add(&h, &row, NULL, NULL, &fx->e), GODWIT_OK);
        run_sql(fx, gw_printf(fx->arena, "UPDATE h SET %s WHERE id = 2", words[i].set));
        assert_int_equal(gw_history_list(fx->arena, &h, &rows, &fx->e), GODWIT_FOLDER);
        assert_string_equal(fx->e.message, words[i].message);
        assert_non_null(strstr(fx->e.hint, "upgrade"));
        assert_int_equal(gw_history_newest(fx->arena, &h, "1", &newest, &found, &again), GODWIT_FOLDER);
        assert_false(found);
        fx->e = (gw_err){0};
        run_sql(fx, "DROP TABLE h");
    }
}

static void
knows_every_state_that_a_row_can_have(void **state)
{
    fixture *const fx = *state;
    gw_history h = new_history(fx, "h");
    static const struct {
        godwit_state state;
        const char *text;
    } states[] = {
        {GODWIT_APPLIED, "applied"},   {GODWIT_RUNNING, "running"}, {GODWIT_FAILED_STATE, "failed"},
        {GODWIT_REVERTED, "reverted"}, {GODWIT_SKIPPED, "skipped"}, {GODWIT_DEFERRED, "deferred"},
    };
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        gw_record r = row, seen = {0};
        bool found = false;
        r.version = states[i].text;
        r.state = states[i].state;
        r.kind = i % 2 == 0 ? "versioned" : "baseline";
        r.direction = i % 2 == 0 ? "up" : "down";
        assert_int_equal(gw_history_add(&h, &r, NULL, NULL, &fx->e), GODWIT_OK);
        assert_int_equal(gw_history_newest(fx->arena, &h, r.version, &seen, &found, &fx->e), GODWIT_OK);
        assert_true(found);
        assert_int_equal(seen.state, states[i].state);
        assert_string_equal(seen.kind, r.kind);
        assert_string_equal(seen.direction, r.direction);
        assert_null(seen.error);
    }
}

static void
refuses_a_row_that_no_godwit_wrote(void **state)
{
    fixture *const fx = *state;
    gw_history h = new_history(fx, "h");
    gw_records rows = {0};
    assert_int_equal(gw_history_add(&h, &row, NULL, NULL, &fx->e), GODWIT_OK);
    run_sql(fx, "UPDATE h SET done = '-1' WHERE id = 1");
    assert_int_equal(gw_history_list(fx->arena, &h, &rows, &fx->e), GODWIT_FOLDER);
    assert_string_equal(fx->e.message, "history table public.h has a row that no godwit wrote: done is -1 in row 1");
    assert_non_null(strstr(fx->e.hint, "godwit resolve"));
}

static void
reads_numbers_that_are_not_there_as_zero(void **state)
{
    fixture *const fx = *state;
    gw_history h = new_history(fx, "h");
    gw_records rows = {0};
    assert_int_equal(gw_history_add(&h, &row, NULL, NULL, &fx->e), GODWIT_OK);
    run_sql(fx, "UPDATE h SET statements = NULL, done = NULL, duration_ms = NULL WHERE id = 1");
    assert_int_equal(gw_history_list(fx->arena, &h, &rows, &fx->e), GODWIT_OK);
    assert_int_equal(rows.at[0].statements, 0);
    assert_int_equal(rows.at[0].done, 0);
    assert_int_equal(rows.at[0].duration_ms, 0);
}

/* ---- states of objects ---- */

static const char *
fingerprint_of(fixture *fx, const gw_history *h)
{
    gw_record seen = {0};
    bool found = false;
    assert_int_equal(gw_history_newest(fx->arena, h, "1", &seen, &found, &fx->e), GODWIT_OK);
    return seen.fingerprint;
}

static void
appends_states_as_the_server_sees_them_to_what_it_writes(void **state)
{
    fixture *const fx = *state;
    gw_history h = new_history(fx, "h");
    gw_record r = row;
    r.fingerprint = "next=1 before=";
    run_sql(fx, "CREATE TABLE a (n)");
    run_sql(fx, "ALTER TABLE a ADD COLUMN m int");
    assert_int_equal(gw_history_add(&h, &r, "STATE_OF a, STATE_OF b", &r.id, &fx->e), GODWIT_OK);
    assert_string_equal(fingerprint_of(fx, &h), "next=1 before=v2,absent");
    run_sql(fx, "CREATE TABLE b (n)");
    gw_mark mark = {.done = 1, .fingerprint = "next=2 before=", .states = "STATE_OF b"};
    assert_int_equal(gw_history_mark(&h, r.id, &mark, &fx->e), GODWIT_OK);
    assert_string_equal(fingerprint_of(fx, &h), "next=2 before=v1");
    mark.states = NULL;
    assert_int_equal(gw_history_mark(&h, r.id, &mark, &fx->e), GODWIT_OK);
    assert_string_equal(fingerprint_of(fx, &h), "next=2 before=");
}

static void
takes_a_history_whose_name_looks_like_a_mark(void **state)
{
    fixture *const fx = *state;
    gw_history h = new_history(fx, "\"{fingerprint}{held}\"");
    gw_record r = row;
    r.fingerprint = "x";
    assert_int_equal(gw_history_add(&h, &r, "STATE_OF \"{held}\"", &r.id, &fx->e), GODWIT_OK);
    assert_string_equal(fingerprint_of(fx, &h), "xabsent");
}

/* ---- holding ---- */

static gw_history
held_history(fixture *fx)
{
    bool taken = false;
    gw_history h = new_history(fx, "h");
    assert_int_equal(gw_fake.try_lock(fx->conn, "7", &taken, &fx->e), GODWIT_OK);
    gw_history_hold(fx->arena, &h, "7", NULL);
    return h;
}

static void
writes_nothing_without_the_lock(void **state)
{
    fixture *const fx = *state;
    gw_history h = held_history(fx);
    gw_records rows;
    gw_record r = row;
    assert_int_equal(gw_history_add(&h, &r, NULL, &r.id, &fx->e), GODWIT_OK);
    gw_fake.unlock(fx->conn, "7");
    assert_int_equal(gw_history_add(&h, &r, NULL, NULL, &fx->e), GODWIT_LOCKED);
    assert_non_null(strstr(fx->e.message, "no longer holds the lock"));
    fx->e = (gw_err){0};
    assert_int_equal(gw_history_mark(&h, r.id, &(gw_mark){.done = 1}, &fx->e), GODWIT_LOCKED);
    fx->e = (gw_err){0};
    assert_int_equal(gw_history_end(&h, &r, &fx->e), GODWIT_LOCKED);
    assert_int_equal(gw_history_list(fx->arena, &h, &rows, &fx->e), GODWIT_OK);
    assert_int_equal(rows.len, 1);
    assert_int_equal(rows.at[0].done, 0);
}

static void
notices_that_its_row_is_gone(void **state)
{
    fixture *const fx = *state;
    gw_history h = held_history(fx);
    assert_int_equal(gw_history_mark(&h, 4711, &(gw_mark){.done = 1}, &fx->e), GODWIT_LOCKED);
}

/* ---- batches ---- */

static gw_rc
run_batch(fixture *fx, const gw_op *ops, size_t count, bool transaction, gw_batch_end *end)
{
    gw_batch_item item = {.ops = ops, .count = count, .transaction = transaction};
    fx->e = (gw_err){0};
    return gw_fake.batch(fx->conn, &item, 1, end, &fx->e);
}

static void
writes_rows_as_steps_of_a_batch(void **state)
{
    fixture *const fx = *state;
    gw_history h = held_history(fx);
    gw_record seen = {0}, r = row;
    bool found = false;
    gw_batch_end end;
    const gw_mark mark = {.done = 1, .fingerprint = "one", .states = "STATE_OF nothing"};
    r.fingerprint = "none";
    const gw_op add = gw_history_op_add(fx->arena, &h, &r, "STATE_OF h");
    assert_true(add.is_bookkeeping);
    const gw_op steps[] = {add, gw_history_op_mark(fx->arena, &h, &mark)};
    assert_int_equal(run_batch(fx, steps, 2, false, &end), GODWIT_OK);
    assert_int_equal(end.done, 1);
    assert_int_equal(gw_history_newest(fx->arena, &h, "1", &seen, &found, &fx->e), GODWIT_OK);
    assert_int_equal(seen.done, 1);
    assert_string_equal(seen.fingerprint, "oneabsent");
    assert_non_null(seen.started_at); /* by the server's clock */
    assert_null(seen.finished_at);
    r.state = GODWIT_APPLIED;
    r.done = 2;
    r.fingerprint = NULL;
    const gw_op all[] = {add, gw_history_op_end(fx->arena, &h, &r)};
    assert_int_equal(run_batch(fx, all, 2, true, &end), GODWIT_OK);
    assert_int_equal(gw_history_newest(fx->arena, &h, "1", &seen, &found, &fx->e), GODWIT_OK);
    assert_int_equal(seen.state, GODWIT_APPLIED);
    assert_int_equal(seen.done, 2);
    assert_null(seen.fingerprint);
    assert_non_null(seen.finished_at);
}

static void
explains_a_batch_that_failed_because_the_lock_is_gone(void **state)
{
    fixture *const fx = *state;
    gw_history h = held_history(fx);
    gw_batch_end end;
    const gw_op steps[] = {{.sql = GW_STR_LIT("CREATE TABLE a (n)")}, gw_history_op_add(fx->arena, &h, &row, NULL)};
    gw_fake.unlock(fx->conn, "7");
    assert_int_equal(run_batch(fx, steps, 2, true, &end), GODWIT_FAILED);
    assert_int_equal(end.done, 0);
    assert_int_equal(end.op, 1);
    assert_int_equal(gw_history_explain(&h, &fx->e), GODWIT_LOCKED);
    assert_non_null(strstr(fx->e.message, "no longer holds the lock"));
    assert_string_equal(fx->e.notes, ""); /* not the word of our guard */
}

static void
leaves_other_failures_as_they_are(void **state)
{
    fixture *const fx = *state;
    gw_history h = held_history(fx);
    gw_batch_end end;
    const gw_op steps[] = {{.sql = GW_STR_LIT("CREATE TABLE h (n)")}};
    assert_int_equal(run_batch(fx, steps, 1, true, &end), GODWIT_FAILED);
    const gw_err before = fx->e;
    assert_int_equal(gw_history_explain(&h, &fx->e), GODWIT_FAILED);
    assert_memory_equal(&before, &fx->e, sizeof(before));
    fake.refuse = "SELECT CASE";
    assert_int_equal(gw_history_explain(&h, &fx->e), GODWIT_FAILED);
    fx->e = (gw_err){0};
    fake_log_clear();
    (void)gw_fail(&fx->e, GODWIT_CONNECT, "lost");
    assert_int_equal(gw_history_explain(&h, &fx->e), GODWIT_CONNECT);
    assert_string_equal(fake_log(), "");
}

#define HISTORY_TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        HISTORY_TEST(puts_the_table_into_the_schema_that_bare_names_lead_to),
        HISTORY_TEST(takes_a_quoted_name_as_it_is),
        HISTORY_TEST(fills_every_mark_of_the_engines_texts),
        HISTORY_TEST(qualifies_by_the_database_where_there_are_no_schemas),
        HISTORY_TEST(refuses_a_name_that_names_no_table),
        HISTORY_TEST(keeps_the_name_of_the_lease_apart_from_the_historys_however_long_it_is),
        HISTORY_TEST(asks_together_with_the_connection),
        HISTORY_TEST(uses_an_answer_only_once),
        HISTORY_TEST(believes_no_server_that_only_follows_the_one_that_writes),
        HISTORY_TEST(forgets_what_a_try_that_failed_has_heard),
        HISTORY_TEST(asks_again_when_the_session_reads_the_question_otherwise),
        HISTORY_TEST(knows_that_there_is_a_table_of_leases),
        HISTORY_TEST(refuses_a_history_that_is_elsewhere_unless_its_schema_is_said),
        HISTORY_TEST(has_no_texts_of_leases_where_there_are_none),
        HISTORY_TEST(writes_nothing_when_it_opens_and_reads),
        HISTORY_TEST(refuses_a_table_without_our_columns_and_names_the_missing_one),
        HISTORY_TEST(leaves_columns_alone_that_it_does_not_know),
        HISTORY_TEST(says_what_it_was_doing_when_the_server_refuses),
        HISTORY_TEST(creates_the_schema_only_when_bare_names_lead_elsewhere),
        HISTORY_TEST(creates_nothing_twice),
        HISTORY_TEST(speaks_of_grants_when_it_may_not_create),
        HISTORY_TEST(speaks_of_no_grants_when_the_connection_is_lost),
        HISTORY_TEST(refuses_words_of_a_newer_godwit),
        HISTORY_TEST(knows_every_state_that_a_row_can_have),
        HISTORY_TEST(refuses_a_row_that_no_godwit_wrote),
        HISTORY_TEST(refuses_a_row_that_no_godwit_wrote),
        HISTORY_TEST(reads_numbers_that_are_not_there_as_zero),
        HISTORY_TEST(appends_states_as_the_server_sees_them_to_what_it_writes),
        HISTORY_TEST(takes_a_history_whose_name_looks_like_a_mark),
        HISTORY_TEST(writes_nothing_without_the_lock),
        HISTORY_TEST(notices_that_its_row_is_gone),
        HISTORY_TEST(writes_rows_as_steps_of_a_batch),
        HISTORY_TEST(explains_a_batch_that_failed_because_the_lock_is_gone),
        HISTORY_TEST(leaves_other_failures_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
