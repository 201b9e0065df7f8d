#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "db/column.h"
#include "db/history_ahead.h"
#include "db/history_write.h"
#include "fake_engine.h"

typedef struct fixture {
    gw_arena *arena;
    gw_conn *conn;
    gw_history_probe probe;
    gw_history_ahead ahead;
    gw_history history;
    gw_err e;
} fixture;

static const gw_url url = {.scheme = "fake", .user = "app", .database = "shop"};

static int
begin_test(void **state)
{
    gw_arena *const a = gw_arena_new();
    fixture *const fx = *state = gw_new(a, fixture);
    fx->arena = a;
    assert_int_equal(gw_fake.database_create(NULL, &url, &fx->e), GODWIT_OK);
    return 0;
}

static int
end_test(void **state)
{
    gw_arena_free(((fixture *)*state)->arena);
    fake_reset();
    return 0;
}

/* Does the history come with the connection? */
static bool
opens(fixture *fx, const gw_engine *engine, const char *name)
{
    bool fits;
    fx->e = (gw_err){0};
    assert_int_equal(gw_history_probe_new(fx->arena, engine, name, &fx->probe, &fx->e), GODWIT_OK);
    fx->ahead = gw_history_ahead_new(fx->arena, &fx->probe);
    const gw_open_params p = {.url = &url,
                              .lock_timeout_ms = 50,
                              .first = fx->ahead.sql,
                              .otherwise = fx->probe.sql,
                              .first_fn = gw_history_ahead_heard,
                              .first_ctx = &fx->ahead};
    fake_log_clear();
    assert_int_equal(gw_fake.open(fx->arena, &p, &fx->conn, &fx->e), GODWIT_OK);
    assert_int_equal(gw_history_ahead_open(fx->arena, fx->conn, &fx->ahead, &fx->history, &fits, &fx->e), GODWIT_OK);
    return fits;
}

static gw_rc
open_long(fixture *fx)
{
    return gw_history_open(fx->arena, fx->conn, &fx->probe, &fx->history, &fx->e);
}

/* A history with one row. */
static void
make(fixture *fx, const char *name)
{
    const gw_record row = {
        .version = "1", .name = "one", .kind = "versioned", .direction = "up", .state = GODWIT_APPLIED};
    assert_false(opens(fx, &gw_fake, name));
    assert_int_equal(open_long(fx), GODWIT_OK);
    assert_int_equal(gw_history_create(&fx->history, &fx->e), GODWIT_OK);
    assert_int_equal(gw_history_add(&fx->history, &row, NULL, NULL, &fx->e), GODWIT_OK);
}

static void
asks_for_the_rows_alone_where_there_is_a_history(void **state)
{
    fixture *const fx = *state;
    static const char *const names[] = {"h", "audit.h"};
    for (size_t i = 0; i < 2; i++) {
        make(fx, names[i]);
        assert_true(opens(fx, &gw_fake, names[i]));
        assert_null(strstr(fake_log(), "COLUMNS"));
        assert_true(fx->history.exists);
        assert_true(fx->history.is_brief);
        assert_int_equal(fx->ahead.current.records.len, 1);
        assert_string_equal(fx->ahead.current.records.at[0].version, "1");
    }
}

static void
uses_the_answer_of_the_probe_where_there_is_none(void **state)
{
    fixture *const fx = *state;
    assert_false(opens(fx, &gw_fake, "h"));
    fake_log_clear();
    assert_int_equal(open_long(fx), GODWIT_OK);
    assert_false(fx->history.exists);
    assert_string_equal(fake_log(), "");
}

static void
knows_no_more_the_second_time(void **state)
{
    fixture *const fx = *state;
    bool fits;
    make(fx, "h");
    assert_true(opens(fx, &gw_fake, "h"));
    assert_int_equal(gw_history_ahead_open(fx->arena, fx->conn, &fx->ahead, &fx->history, &fits, &fx->e), GODWIT_OK);
    assert_false(fits);
}

static void
leaves_rows_that_it_does_not_understand_to_the_reader_who_says_why(void **state)
{
    fixture *const fx = *state;
    make(fx, "h");
    assert_int_equal(gw_fake.exec(fx->conn, GW_STR_LIT("UPDATE h SET state = 'dreaming'"), &fx->e), GODWIT_OK);
    assert_false(opens(fx, &gw_fake, "h"));
    assert_int_equal(open_long(fx), GODWIT_OK);
    assert_true(fx->history.exists);
}

static void
trusts_no_table_of_another_schema(void **state)
{
    static const char *const here[] = {"t", "f", NULL};
    fixture *const fx = *state;
    gw_engine engine = gw_fake;
    make(fx, "h");
    engine.sql[GW_SQL_HISTORY_HERE] = "HERE {table_text} {schema_text}";
    for (size_t i = 0; i < 3; i++) {
        bool fits;
        assert_false(opens(fx, &engine, "h")); /* the fake does not know the word */
        fx->probe.columns = NULL;
        assert_int_equal(gw_history_probe_new(fx->arena, &engine, "h", &fx->probe, &fx->e), GODWIT_OK);
        fx->ahead = gw_history_ahead_new(fx->arena, &fx->probe);
        assert_true(gw_str_starts(gw_str_of(fx->ahead.sql), "HERE 'h' HERE;\nSELECT "));
        assert_true(gw_history_ahead_heard(&fx->ahead, 1, &here[i]));
        fx->conn->engine = &engine;
        assert_int_equal(gw_history_ahead_open(fx->arena, fx->conn, &fx->ahead, &fx->history, &fits, &fx->e),
                         GODWIT_OK);
        assert_int_equal(fits, i == 0);
    }
}

/* The connection that writes is another one than the one that answered. */
static void
believes_no_server_that_only_follows_the_one_that_writes(void **state)
{
    fixture *const fx = *state;
    const char *standby[GW_COLUMN__COUNT + 1] = {[GW_COLUMN__COUNT] = GW_DOUBT_RECOVERS}; /* and it has no row yet */
    make(fx, "h");
    for (int read_only = 0; read_only < 2; read_only++) {
        bool fits;
        assert_true(opens(fx, &gw_fake, "h"));
        fx->ahead.is_used = false;
        fx->ahead.current.records.len = 0;
        fx->conn->facts.read_only = read_only != 0;
        assert_true(gw_history_ahead_heard(&fx->ahead, GW_COLUMN__COUNT + 1, standby));
        assert_int_equal(fx->ahead.current.records.len, 0);
        assert_int_equal(gw_history_ahead_open(fx->arena, fx->conn, &fx->ahead, &fx->history, &fits, &fx->e),
                         read_only != 0 ? GODWIT_OK : GODWIT_REFUSED);
    }
}

static void
believes_no_history_of_which_rows_are_hidden(void **state)
{
    fixture *const fx = *state;
    const char *hiding[GW_COLUMN__COUNT + 1] = {[GW_COLUMN__COUNT] = GW_DOUBT_HIDES};
    bool fits;
    make(fx, "h");
    assert_true(opens(fx, &gw_fake, "h"));
    fx->ahead.is_used = false;
    fx->conn->facts.read_only = true;
    assert_true(gw_history_ahead_heard(&fx->ahead, GW_COLUMN__COUNT + 1, hiding));
    assert_int_equal(gw_history_ahead_open(fx->arena, fx->conn, &fx->ahead, &fx->history, &fits, &fx->e),
                     GODWIT_REFUSED);
    assert_non_null(strstr(fx->e.message, "row-level security"));
}

int
main(void)
{
#define AHEAD_TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)
    const struct CMUnitTest tests[] = {
        AHEAD_TEST(asks_for_the_rows_alone_where_there_is_a_history),
        AHEAD_TEST(uses_the_answer_of_the_probe_where_there_is_none),
        AHEAD_TEST(knows_no_more_the_second_time),
        AHEAD_TEST(leaves_rows_that_it_does_not_understand_to_the_reader_who_says_why),
        AHEAD_TEST(trusts_no_table_of_another_schema),
        AHEAD_TEST(believes_no_history_of_which_rows_are_hidden),
        AHEAD_TEST(believes_no_server_that_only_follows_the_one_that_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
