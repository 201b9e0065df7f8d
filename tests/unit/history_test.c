#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "db/history.h"
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
    fx->e = (gw_err){0};
    return gw_history_open(fx->arena, fx->conn, name, h, &fx->e);
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
    assert_string_equal(h.sql[GW_SQL_HISTORY_EXISTS], "COLUMNS \"public\".\"godwit_history\"");
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
    assert_string_equal(h.sql[GW_SQL_HISTORY_EXISTS], "COLUMNS \"My\"\"Schema\".\"Our History\"");
}

static void
fills_every_mark_of_the_engines_texts(void **state)
{
    fixture *const fx = *state;
    gw_history h = {0};
    gw_engine engine = gw_fake;
    engine.sql[GW_SQL_HISTORY_LIST] = "{} {x} {table {schema}|{table}|{schema_text}|{table_text}|{table}{";
    fx->conn->engine = &engine;
    assert_int_equal(open_named(fx, "\"it's\".x", &h), GODWIT_OK);
    fx->conn->engine = &gw_fake;
    assert_string_equal(h.sql[GW_SQL_HISTORY_LIST],
                        "{} {x} {table \"it's\"|\"it's\".\"x\"|'it''s'|'x'|\"it's\".\"x\"{");
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
    assert_string_equal(h.sql[GW_SQL_HISTORY_EXISTS], "COLUMNS \"shop\".\"h\"");
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
    assert_string_equal(fake_log(), "COLUMNS \"public\".\"h\";");
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
    assert_int_equal(gw_history_add(&h, &row, NULL, &fx->e), GODWIT_OK);
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
            rc = gw_history_add(&h, &row, &id, &fx->e);
        if (rc == GODWIT_OK)
            rc = gw_history_mark(&h, 1, 1, NULL, &fx->e);
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
        {"kind = 'repeatable', tool = '9.1'",
         "history table public.h was written by a newer godwit (kind 'repeatable' in row 2, by godwit 9.1)"},
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
        assert_int_equal(gw_history_add(&h, &row, NULL, &fx->e), GODWIT_OK);
        assert_int_equal(gw_history_add(&h, &row, NULL, &fx->e), GODWIT_OK);
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
        assert_int_equal(gw_history_add(&h, &r, NULL, &fx->e), GODWIT_OK);
        assert_int_equal(gw_history_newest(fx->arena, &h, r.version, &seen, &found, &fx->e), GODWIT_OK);
        assert_true(found);
        assert_int_equal(seen.state, states[i].state);
        assert_string_equal(seen.kind, r.kind);
        assert_string_equal(seen.direction, r.direction);
        assert_null(seen.error);
    }
}

static void
reads_numbers_that_are_not_there_as_zero(void **state)
{
    fixture *const fx = *state;
    gw_history h = new_history(fx, "h");
    gw_records rows = {0};
    assert_int_equal(gw_history_add(&h, &row, NULL, &fx->e), GODWIT_OK);
    run_sql(fx, "UPDATE h SET statements = NULL, done = '-1', duration_ms = NULL WHERE id = 1");
    assert_int_equal(gw_history_list(fx->arena, &h, &rows, &fx->e), GODWIT_OK);
    assert_int_equal(rows.at[0].statements, 0);
    assert_int_equal(rows.at[0].done, 0);
    assert_int_equal(rows.at[0].duration_ms, 0);
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
        HISTORY_TEST(reads_numbers_that_are_not_there_as_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
