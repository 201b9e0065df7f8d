/*
 * tests/contract/postgres_batch_test - what PostgreSQL alone promises for many migrations in one round trip: transactions, sessions that
 * are left changed in every way, and commits that wait for the disk.
 *
 *     GODWIT_TEST_URL=postgres://postgres@127.0.0.1:5432/contract postgres_batch_test
 */
#include "db/history_text.h"
#include "engine/postgres/postgres.h"
#include "server_fixture.h"

const gw_engine *const tested = &gw_postgres;

enum { ITEMS_MOST = 600, OPS_MOST = 4 };

typedef struct batch {
    gw_op ops[ITEMS_MOST][OPS_MOST];
    gw_batch_item items[ITEMS_MOST];
    size_t count;
    gw_batch_end end;
} batch;

static void
assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' lacks '%s'", text, part);
}

/* An item of up to three statements, in one transaction. */
static void
add(batch *b, const char *first, const char *second, const char *third)
{
    const char *const all[] = {first, second, third};
    gw_batch_item *const item = &b->items[b->count];
    *item = (gw_batch_item){.ops = b->ops[b->count], .transaction = true, .duration_ms = -1};
    for (size_t i = 0; i < 3 && all[i] != NULL; i++)
        b->ops[b->count][item->count++] = (gw_op){.sql = gw_str_of(all[i])};
    b->count++;
}

/* Bookkeeping as the history does it: one text for all. */
static void
add_row(batch *b)
{
    static const char sql[] = "INSERT INTO public.log (item) SELECT count(*) + 1 FROM public.log RETURNING "
                              "extract(epoch FROM clock_timestamp() "
                              "- transaction_timestamp())::bigint";
    gw_batch_item *const item = &b->items[b->count - 1];
    b->ops[b->count - 1][item->count++] = (gw_op){.sql = gw_str_of(sql), .is_bookkeeping = true};
}

static batch *
new_batch(fixture *fx)
{
    exec(fx->conn, "SET client_min_messages = warning");
    exec(fx->conn, "DROP TABLE IF EXISTS t, log");
    exec(fx->conn, "CREATE TABLE t (n int, v text)");
    exec(fx->conn, "CREATE TABLE log (item int)");
    return gw_new(fx->arena, batch);
}

static void
run_well(fixture *fx, batch *b)
{
    gw_err e = {0};
    ok(tested->batch(fx->conn, b->items, b->count, &b->end, &e), &e);
    assert_int_equal(b->end.done, b->count);
    assert_false(tested->in_transaction(fx->conn));
}

static gw_err
run_badly(fixture *fx, batch *b, size_t done, size_t op)
{
    gw_err e = {0};
    assert_int_not_equal(tested->batch(fx->conn, b->items, b->count, &b->end, &e), GODWIT_OK);
    if (b->end.done != done || b->end.op != op)
        fail_msg("done %zu instead of %zu, step %zu instead of %zu: %s [%s]", b->end.done, done, b->end.op, op,
                 e.message, e.code);
    assert_false(tested->in_transaction(fx->conn));
    return e;
}

static const char *
numbers(fixture *fx)
{
    return ask(fx, open_on(fx, (gw_open_params){0}), "SELECT string_agg(n::text, ',' ORDER BY n) FROM t", NULL);
}

/* ---- transactions ---- */

static void
tells_that_the_commit_of_an_item_failed(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    add(b, "INSERT INTO t VALUES (1)", NULL, NULL);
    add_row(b);
    add(b, "CREATE TABLE late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)", "INSERT INTO late VALUES (1), (1)", NULL);
    add_row(b);
    add(b, "INSERT INTO t VALUES (3)", NULL, NULL);
    add_row(b);
    assert_string_equal(run_badly(fx, b, 1, 3).code, "23505");
    assert_string_equal(numbers(fx), "1");
    assert_string_equal(ask(fx, fx->conn, "SELECT to_regclass('late'), (SELECT count(*) FROM log)", NULL), "NULL|1");
}

static void
begins_every_item_without_a_snapshot_and_with_the_first_defaults(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    for (int i = 0; i < 3; i++) {
        add(b, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "INSERT INTO t VALUES (1, current_setting('transaction_isolation'))",
            "CREATE TEMP TABLE left_over (a int)");
        add_row(b);
        add(b, "SET default_transaction_read_only = on", "SET default_transaction_isolation = serializable", NULL);
        add_row(b);
        add(b, "INSERT INTO t VALUES (2, current_setting('transaction_isolation'))", NULL, NULL);
        add_row(b);
    }
    run_well(fx, b);
    assert_string_equal(ask(fx, fx->conn, "SELECT n, v, count(*) FROM t GROUP BY n, v ORDER BY n", NULL),
                        "1|serializable|3\n2|read committed|3");
}

static void
runs_odd_statements_in_a_batch(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    add(b, "", "-- only a comment", "COPY (SELECT g FROM generate_series(1, 20000) g) TO STDOUT");
    add(b, "SAVEPOINT s", "ROLLBACK TO s", "INSERT INTO t VALUES (2)");
    add(b, "", "/* nothing */", NULL);
    add(b, "INSERT INTO t VALUES (4)", "DECLARE c CURSOR FOR SELECT * FROM t", "FETCH ALL FROM c");
    run_well(fx, b);
    assert_string_equal(numbers(fx), "2,4");
    add(b, "COPY t FROM STDIN", NULL, NULL);
    assert_has(run_badly(fx, b, 4, 0).message, "no data");
    b->ops[4][0] = (gw_op){.sql = {"SELECT 1\0;", 10}};
    assert_has(run_badly(fx, b, 4, 0).message, "NUL");
    b->ops[4][0] = (gw_op){.sql = GW_STR_LIT("VACUUM t")};
    assert_string_equal(run_badly(fx, b, 4, 0).code, "25001");
    b->ops[4][0] = (gw_op){.sql = GW_STR_LIT("SELECT '\xff'")};
    assert_string_equal(run_badly(fx, b, 4, 0).code, "22021");
}

/* ---- sessions ---- */

static void
cleans_the_session_between_items(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    static const char *const twists[] = {
        "SET search_path = pg_catalog",
        "SET lock_timeout = 1",
        "SET row_security = off",
        "SET TIME ZONE 'Asia/Tokyo'",
        "SET synchronous_commit = off",
        "SET client_encoding = LATIN1",
        "SET NAMES 'LATIN1'",
        "SET ROLE godwit_batch",
        "SET SESSION AUTHORIZATION godwit_batch",
        "CREATE TEMPORARY TABLE t (a int)",
        "PREPARE leftover AS SELECT 1",
        "DECLARE leftover CURSOR WITH HOLD FOR SELECT 1",
        "LISTEN leftover",
        "SELECT nextval('numbers')",
        "SELECT be_somebody()",
        "SELECT write_otherwise()",
        "SELECT remember()", /* what it does is not to be seen in the name */
        "SELECT remember()",
        "SELECT forget()",
        "SELECT set_config('search_path', 'pg_catalog', false)",
    };
    static const char look[] =
        "INSERT INTO public.t (n, v) SELECT 0, concat_ws(' ', current_setting('search_path'), "
        "current_setting('lock_timeout'), "
        "current_setting('row_security'), current_setting('TimeZone'), current_setting('synchronous_commit'), "
        "current_setting('client_encoding'), current_setting('role'), session_user, to_regclass('pg_temp.t'), "
        "(SELECT count(*) FROM pg_cursors WHERE is_holdable), (SELECT count(*) FROM pg_listening_channels()), "
        "length('é'))";
    static const char *const functions[] = {
        "DROP SEQUENCE IF EXISTS numbers",
        "CREATE SEQUENCE numbers",
        "DROP ROLE IF EXISTS godwit_batch",
        "CREATE ROLE godwit_batch",
        "CREATE OR REPLACE FUNCTION be_somebody() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET ROLE godwit_batch; END "
        "$$",
        "CREATE OR REPLACE FUNCTION write_otherwise() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM "
        "set_config('client_encoding', 'LATIN1', false); END $$",
        "CREATE OR REPLACE FUNCTION remember() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'PREPARE x AS "
        "SELECT 1'; "
        "END $$",
        "CREATE OR REPLACE FUNCTION forget() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DEALLOCATE ALL'; "
        "END $$",
    };
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        exec(fx->conn, functions[i]);
    exec(fx->conn, "GRANT INSERT, SELECT ON log TO godwit_batch");
    for (size_t i = 0; i < sizeof(twists) / sizeof(twists[0]); i++) {
        add(b, look, twists[i], NULL);
        add_row(b);
    }
    add(b, look, NULL, NULL);
    run_well(fx, b);
    reset(fx->conn);
    assert_string_equal(ask(fx, fx->conn, "SELECT count(DISTINCT v), count(*) FROM t", NULL), "1|21");
    assert_string_equal(ask(fx, fx->conn, "SELECT count(*) FROM log", NULL), "20");
    assert_has(ask(fx, fx->conn, "SELECT DISTINCT v FROM t", NULL), "\"$user\", public 3s on UTC on UTF8 none");
    exec(fx->conn, "DROP FUNCTION be_somebody, write_otherwise, remember, forget");
    exec(fx->conn, "DROP SEQUENCE numbers");
    exec(fx->conn, "DROP TABLE log");
    exec(fx->conn, "DROP ROLE godwit_batch");
}

static void
keeps_the_lock_during_a_batch(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    bool taken = false;
    batch *const b = new_batch(fx);
    ok(tested->try_lock(fx->conn, "batch", &taken, &e), &e);
    for (int i = 0; i < 5; i++)
        add(b,
            gw_printf(fx->arena, "INSERT INTO t SELECT %d WHERE %s", i,
                      tested->lock_held(fx->arena, fx->conn, "batch")),
            "SET ROLE NONE", NULL);
    run_well(fx, b);
    assert_string_equal(numbers(fx), "0,1,2,3,4");
}

/* ---- sessions that need no reset ---- */

static const char *
fill(fixture *fx, gw_sql_id id)
{
    const gw_history_text text = {
        .engine = tested, .dialect = {.kind = GW_DIALECT_POSTGRES}, .space = "public", .table = "book"};
    return gw_history_text_fill(fx->arena, &text, id).whole;
}

/* The row of a migration as the history has it, in a table of its own. */
static void
add_sealed_row(fixture *fx, batch *b)
{
    static const gw_param params[] = {{"1"},  {"x"},   {"versioned"}, {"up"}, {"applied"}, {"00"},
                                      {"1"},  {"1"},   {NULL},        {NULL}, {NULL},      {NULL},
                                      {"me"}, {"run"}, {"godwit"},    {NULL}, {NULL}};
    gw_batch_item *const item = &b->items[b->count - 1];
    b->ops[b->count - 1][item->count++] = (gw_op){
        .sql = gw_str_of(fill(fx, GW_SQL_BATCH_INSERT)),
        .params = params,
        .count = sizeof(params) / sizeof(params[0]),
        .is_bookkeeping = true,
        .text = GW_SQL_BATCH_INSERT,
        .plain = gw_str_of(fill(fx, GW_SQL_BATCH_PLAIN)),
        .seal = gw_str_of(fill(fx, GW_SQL_BATCH_SEAL)),
    };
}

static batch *
new_sealed_batch(fixture *fx)
{
    batch *const b = new_batch(fx);
    exec(fx->conn, "DROP TABLE IF EXISTS book");
    exec(fx->conn, fill(fx, GW_SQL_HISTORY_CREATE));
    reset(fx->conn);
    return b;
}

static void
add_sealed(fixture *fx, batch *b, const char *sql)
{
    add(b, sql, NULL, NULL);
    add_sealed_row(fx, b);
}

static void
take_lock(fixture *fx)
{
    gw_err e = {0};
    bool taken = false;
    ok(tested->try_lock(fx->conn, "batch", &taken, &e), &e);
    assert_true(taken);
}

static int64_t
transactions(fixture *fx)
{
    gw_err e = {0};
    int64_t count = -1;
    ok(tested->transactions(fx->conn, &count, &e), &e);
    return count;
}

static void
resets_the_session_only_behind_what_may_have_changed_it(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_sealed_batch(fx);
    take_lock(fx);
    for (int i = 0; i < 10; i++)
        add_sealed(fx, b, gw_printf(fx->arena, "CREATE TABLE plain_%d (a int PRIMARY KEY, b text DEFAULT 'x')", i));
    add_sealed(fx, b, "SELECT 1");
    add_sealed(fx, b,
               "DROP TABLE plain_0, plain_1, plain_2, plain_3, plain_4, plain_5, plain_6, plain_7, plain_8, plain_9");
    const int64_t before = transactions(fx);
    run_well(fx, b);
    /* Twelve items, a reset before the first and one behind the SELECT, a look at the end; and what this count itself takes. */
    assert_int_equal(transactions(fx) - before, 12 + 2 + 1 + 1);
}

/* Each is one way to get something from one file to another. `setup` and `cleanup` are somebody else's, once the lock is held. */
typedef struct smuggler {
    const char *name, *setup, *files[4], *cleanup;
} smuggler;

static const smuggler smugglers[] = {
    {"a trigger on DDL",
     "CREATE EVENT TRIGGER smuggle ON ddl_command_end EXECUTE FUNCTION smuggle_event()",
     {"CREATE TABLE s (a int)", "DROP TABLE s"},
     "DROP EVENT TRIGGER smuggle"},
    {"a trigger on DDL that a file made",
     NULL,
     {"CREATE EVENT TRIGGER smuggle ON ddl_command_start EXECUTE FUNCTION smuggle_event()", "CREATE TABLE s (a int)"},
     "DROP EVENT TRIGGER smuggle; DROP TABLE s"},
    {"a trigger of the history",
     "CREATE TRIGGER smuggle AFTER INSERT ON book FOR EACH STATEMENT EXECUTE FUNCTION smuggle_row()",
     {"CREATE TABLE s (a int)", "DROP TABLE s"},
     NULL},
    {"a trigger of the history that a file made",
     NULL,
     {"CREATE TRIGGER smuggle AFTER INSERT ON book FOR EACH STATEMENT EXECUTE FUNCTION smuggle_row()",
      "CREATE TABLE s (a int)", "DROP TABLE s"},
     NULL},
    {"a default of the history",
     "ALTER TABLE book ADD by_whom text DEFAULT smuggle()",
     {"CREATE TABLE s (a int)", "DROP TABLE s"},
     NULL},
    {"a check of the history",
     "ALTER TABLE book ADD CHECK (smuggle() <> '')",
     {"CREATE TABLE s (a int)", "DROP TABLE s"},
     NULL},
    {"an index of the history",
     "CREATE INDEX ON book ((smuggle_by(version)))",
     {"CREATE TABLE s (a int)", "DROP TABLE s"},
     NULL},
    {"a part of an index of the history",
     "CREATE INDEX ON book (version) WHERE smuggle_by(version) <> ''",
     {"CREATE TABLE s (a int)", "DROP TABLE s"},
     NULL},
    {"a type of the history",
     "ALTER TABLE book ADD m smuggled; ALTER DOMAIN smuggled SET DEFAULT 'x'",
     {"CREATE TABLE s (a int)", "DROP TABLE s"},
     NULL},
    {"a default of a new column",
     NULL,
     {"CREATE TABLE s (a int)", "ALTER TABLE s ADD b text DEFAULT smuggle()", "DROP TABLE s"},
     NULL},
    {"a type that checks", NULL, {"CREATE TABLE s (a smuggled[] DEFAULT '{x}')", "DROP TABLE s"}, NULL},
    {"a new column of a type that checks",
     NULL,
     {"CREATE TABLE s AS SELECT 1 AS n", "ALTER TABLE s ADD b smuggled", "DROP TABLE s"},
     NULL},
    {"a generated column",
     NULL,
     {"CREATE TABLE s (a text GENERATED ALWAYS AS (smuggle_by('x')) STORED)", "DROP TABLE s"},
     NULL},
    {"an expression of an index",
     NULL,
     {"CREATE TABLE s AS SELECT 1 AS n", "CREATE INDEX ON s ((smuggle_by(n::text)))", "DROP TABLE s"},
     NULL},
    {"a query", NULL, {"CREATE TABLE s AS SELECT smuggle()", "DROP TABLE s"}, NULL},
    {"a row",
     NULL,
     {"CREATE TABLE s (a text DEFAULT smuggle())", "INSERT INTO s DEFAULT VALUES", "DROP TABLE s"},
     NULL},
    {"a trigger that waits for the commit",
     "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "
     "smuggle_row()",
     {"INSERT INTO t VALUES (-1)"},
     "DROP TRIGGER late ON t"},
    {"a cursor that is filled by the commit",
     NULL,
     {"DECLARE c CURSOR WITH HOLD FOR SELECT set_config('role', 'godwit_smuggler', false)"},
     NULL},
    {"a trigger that becomes somebody else at the commit",
     "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "
     "be_smuggler()",
     {"INSERT INTO t VALUES (-1)"},
     "DROP TRIGGER late ON t"},
    {"a trigger that prepares at the commit",
     "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "
     "prepare_smuggled()",
     {"INSERT INTO t VALUES (-1)"},
     "DROP TRIGGER late ON t"},
    {"a setting of the session", NULL, {"CREATE TABLE s (a int)", "SET smuggled.x = 'here'", "DROP TABLE s"}, NULL},
    {"a channel", NULL, {"CREATE TABLE s (a int)", "LISTEN smuggled", "DROP TABLE s"}, NULL},
    {"a temporary table", NULL, {"CREATE TABLE s (a int)", "CREATE TEMP TABLE smuggled (a int)", "DROP TABLE s"}, NULL},
    {"a prepared statement", NULL, {"PREPARE smuggled AS SELECT 1", "CREATE TABLE s (a int)", "DROP TABLE s"}, NULL},
    {"a role", NULL, {"SET ROLE godwit_smuggler", "CREATE TABLE s (a int)", "DROP TABLE s"}, NULL},
};

/* Raises when anything of another file is there: also the number that the row of the one before took. Its words do not tell what it is
 * about, so that it is in the flight. */
static const char look_around[] = "SELECT look_around()";
static const char look[] =
    "CREATE FUNCTION look_around() RETURNS void LANGUAGE plpgsql AS $$ BEGIN "
    "IF concat(current_setting('smuggled.x', true), to_regclass('pg_temp.smuggled')) <> '' OR current_setting('role') "
    "<> 'none' "
    "OR EXISTS (SELECT FROM pg_cursors WHERE is_holdable) OR EXISTS (SELECT FROM pg_listening_channels()) "
    "OR EXISTS (SELECT FROM pg_prepared_statements WHERE from_sql) "
    "THEN RAISE 'smuggled: %', (SELECT concat(current_setting('smuggled.x', true), ' ', current_setting('role'))); END "
    "IF; "
    "BEGIN PERFORM lastval(); EXCEPTION WHEN object_not_in_prerequisite_state THEN RETURN; END; "
    "RAISE 'a number was smuggled'; END $$";

static void
exec_all(gw_conn *c, const char *sql)
{
    gw_err e = {0};
    if (sql != NULL)
        ok(tested->exec(c, gw_str_of(sql), &e), &e);
}

static void
try_smuggler(fixture *fx, const smuggler *s)
{
    batch *const b = new_sealed_batch(fx);
    gw_conn *const other = open_on(fx, (gw_open_params){0});
    exec(fx->conn, "");
    exec(fx->conn, "GRANT ALL ON book TO godwit_smuggler");
    reset(fx->conn);
    assert_string_equal(ask(fx, other, "SELECT pg_relation_size('pg_event_trigger')", NULL), "0");
    take_lock(fx);
    exec_all(other, s->setup);
    add_sealed(fx, b, look_around);
    for (size_t i = 0; i < sizeof(s->files) / sizeof(s->files[0]) && s->files[i] != NULL; i++)
        add_sealed(fx, b, s->files[i]);
    add_sealed(fx, b, look_around);
    add_sealed(fx, b, "CREATE TABLE after_all (a int)");
    add_sealed(fx, b, look_around);
    gw_err e = {0};
    if (tested->batch(fx->conn, b->items, b->count, &b->end, &e) != GODWIT_OK)
        fail_msg("%s: item %zu: %s", s->name, b->end.done, e.message);
    assert_int_equal(b->end.done, b->count);
    reset(fx->conn);
    exec_all(other, s->cleanup);
    exec_all(other, "VACUUM pg_event_trigger"); /* as if there had never been one */
    exec_all(other, "DROP TABLE IF EXISTS book, after_all");
    exec_all(other, "DELETE FROM t");
}

static void
lets_nothing_through_from_one_item_to_another(void **state)
{
    fixture *const fx = *state;
    static const char *const things[] = {
        "DROP ROLE IF EXISTS godwit_smuggler",
        "CREATE ROLE godwit_smuggler",
        "GRANT CREATE ON SCHEMA public TO godwit_smuggler",
        "CREATE FUNCTION smuggle() RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('smuggled.x', 'here', "
        "false); "
        "RETURN 'x'; END $$",
        "CREATE FUNCTION smuggle_by(what text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM "
        "set_config('smuggled.x', "
        "'here', false); RETURN what; END $$",
        "CREATE FUNCTION smuggle_event() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM "
        "set_config('smuggled.x', 'here', "
        "false); END $$",
        "CREATE FUNCTION smuggle_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('smuggled.x', "
        "'here', false); "
        "RETURN NULL; END $$",
        "CREATE FUNCTION be_smuggler() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('role', "
        "'godwit_smuggler', false); "
        "RETURN NULL; END $$",
        "CREATE FUNCTION prepare_smuggled() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'PREPARE smuggled AS "
        "SELECT 1'; "
        "RETURN NULL; END $$",
        "CREATE DOMAIN smuggled AS text CHECK (smuggle() <> '')",
    };
    for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++)
        exec(fx->conn, things[i]);
    exec(fx->conn, look);
    for (size_t i = 0; i < sizeof(smugglers) / sizeof(smugglers[0]); i++)
        try_smuggler(fx, &smugglers[i]);
    exec(fx->conn, "DROP DOMAIN smuggled");
    exec(fx->conn,
         "DROP FUNCTION smuggle_event, smuggle_row, be_smuggler, prepare_smuggled, smuggle, smuggle_by, look_around");
    exec(fx->conn, "REVOKE CREATE ON SCHEMA public FROM godwit_smuggler");
    exec(fx->conn, "DROP ROLE godwit_smuggler");
}

/* Somebody else locks t, waits until somebody waits for it, makes a trigger on DDL, and lets go. */
static void *
make_a_trigger_meanwhile(void *subject)
{
    fixture *const fx = subject;
    gw_arena *const a = gw_arena_new();
    gw_err e = {0};
    gw_conn *locker = NULL, *maker = NULL;
    bool is_well = tested->open(a, &(gw_open_params){.url = &fx->url}, &locker, &e) == GODWIT_OK &&
                   tested->open(a, &(gw_open_params){.url = &fx->url}, &maker, &e) == GODWIT_OK &&
                   tested->exec(locker, GW_STR_LIT("BEGIN"), &e) == GODWIT_OK &&
                   tested->exec(locker, GW_STR_LIT("LOCK TABLE t"), &e) == GODWIT_OK &&
                   tested->exec(maker, GW_STR_LIT("UPDATE ready SET is_locked = true"), &e) == GODWIT_OK;
    is_well =
        is_well &&
        tested->exec(
            maker,
            GW_STR_LIT("DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_locks l WHERE NOT l.granted AND l.relation = "
                       "'t'::regclass) LOOP PERFORM pg_sleep(0.01); END LOOP; END $$"),
            &e) == GODWIT_OK;
    if (is_well) {
        const gw_rc ignored = tested->exec(
            maker, GW_STR_LIT("CREATE EVENT TRIGGER smuggle ON ddl_command_end EXECUTE FUNCTION smuggle_event()"), &e);
        (void)ignored; /* the test looks whether it is there */
    }
    gw_arena_free(a); /* lets go */
    return NULL;
}

static void
notices_a_trigger_on_ddl_that_somebody_makes_meanwhile(void **state)
{
    fixture *const fx = *state;
    pthread_t thread;
    batch *const b = new_sealed_batch(fx);
    exec(fx->conn, "CREATE TABLE ready AS SELECT false AS is_locked");
    exec(fx->conn, "CREATE FUNCTION smuggle_event() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM "
                   "set_config('smuggled.x', 'here', false); END $$");
    exec(fx->conn, look);
    reset(fx->conn);
    take_lock(fx);
    add_sealed(fx, b, "CREATE TABLE s (a int)");
    add_sealed(fx, b, "CREATE INDEX ON t (n)");
    add_sealed(fx, b, "DROP TABLE s");
    add_sealed(fx, b, look_around);
    assert_int_equal(pthread_create(&thread, NULL, make_a_trigger_meanwhile, fx), 0);
    exec(fx->conn, "DO $$ BEGIN WHILE NOT (SELECT is_locked FROM ready) LOOP PERFORM pg_sleep(0.01); END LOOP; END $$");
    run_well(fx, b);
    pthread_join(thread, NULL);
    assert_string_equal(ask(fx, fx->conn, "SELECT count(*) FROM pg_event_trigger", NULL), "1");
    exec(fx->conn, "DROP EVENT TRIGGER smuggle");
    exec(fx->conn, "VACUUM pg_event_trigger");
    exec(fx->conn, "DROP TABLE ready");
    exec(fx->conn, "DROP FUNCTION smuggle_event, look_around");
}

/* There a plain table is a temporary one, and the name of a type may be somebody else's. */
static void
resets_the_session_also_where_its_path_leads_elsewhere(void **state)
{
    static const char *const paths[] = {"-c search_path=pg_temp,public", "-c search_path=public,pg_catalog"};
    fixture *const fx = *state;
    exec(fx->conn, "CREATE FUNCTION smuggle() RETURNS boolean LANGUAGE sql AS $$ SELECT set_config('smuggled.x', "
                   "'here', false) <> '' $$");
    exec(fx->conn, look);
    for (size_t i = 0; i < 2; i++) {
        gw_url url = fx->url;
        gw_err e = {0};
        bool taken;
        batch *const b = new_sealed_batch(fx);
        exec(fx->conn, "CREATE DOMAIN text AS pg_catalog.text CHECK (smuggle())");
        *gw_vec_push(fx->arena, &url.params) = (gw_url_param){"options", paths[i]};
        gw_conn *const c = open_on(fx, (gw_open_params){.url = &url});
        ok(tested->try_lock(c, "batch", &taken, &e), &e);
        add_sealed(fx, b, "CREATE TABLE s (a text[] DEFAULT '{x}')");
        add_sealed(fx, b, "CREATE TABLE other (a int)");
        add_sealed(fx, b, "SELECT public.look_around()");
        add_sealed(fx, b, "DROP TABLE IF EXISTS s, other");
        add_sealed(fx, b, "DO $$ BEGIN IF to_regclass('s') IS NOT NULL THEN RAISE 'smuggled'; END IF; END $$");
        ok(tested->batch(c, b->items, b->count, &b->end, &e), &e);
        exec(fx->conn, "DROP DOMAIN public.text");
    }
    exec(fx->conn, "DROP FUNCTION smuggle, look_around");
}

/* ---- the disk ---- */

static void
shows_that_everything_is_on_disk(fixture *fx)
{
    /* The WAL writer needs a fifth of a second to notice; what it wrote by then is not our doing. */
    assert_string_equal(ask(fx, fx->conn, "SELECT pg_current_wal_flush_lsn() >= $1::pg_lsn",
                            ask(fx, fx->conn, "SELECT max(at) FROM written", NULL)),
                        "t");
}

static void
add_written(fixture *fx, batch *b, size_t count)
{
    exec(fx->conn, "DROP TABLE IF EXISTS written");
    exec(fx->conn, "CREATE TABLE written (at pg_lsn)");
    for (size_t i = 0; i < count; i++) {
        add(b, "INSERT INTO t SELECT 1, repeat('x', 200)", "INSERT INTO written VALUES (pg_current_wal_insert_lsn())",
            NULL);
        add_row(b);
    }
}

static void
waits_for_the_disk_once_at_the_end(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    add_written(fx, b, 50);
    run_well(fx, b);
    shows_that_everything_is_on_disk(fx);
}

static void
waits_for_the_disk_also_after_a_failure(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    add_written(fx, b, 50);
    add(b, "SELECT nosuch", NULL, NULL);
    (void)run_badly(fx, b, 50, 0);
    shows_that_everything_is_on_disk(fx);
}

static void
waits_for_the_disk_also_where_it_may_not_write_messages(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    batch *const b = new_batch(fx);
    gw_url url = fx->url;
    /* Its parameters are others since PostgreSQL 17. */
    const char *const message = ask(fx, fx->conn,
                                    "SELECT max(oid)::regprocedure FROM pg_proc WHERE proname = "
                                    "'pg_logical_emit_message' AND proargtypes[2] = 'text'::regtype",
                                    NULL);
    add_written(fx, b, 50);
    add(b, "SELECT nosuch", NULL, NULL);
    exec(fx->conn, "DROP ROLE IF EXISTS godwit_plain");
    exec(fx->conn, "CREATE ROLE godwit_plain");
    exec(fx->conn, gw_printf(fx->arena, "REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC", message));
    exec(fx->conn, "GRANT ALL ON t, log, written TO godwit_plain");
    *gw_vec_push(fx->arena, &url.params) = (gw_url_param){"options", "-c role=godwit_plain"};
    gw_conn *const c = open_on(fx, (gw_open_params){.url = &url});
    const gw_rc rc = tested->batch(c, b->items, b->count, &b->end, &e);
    shows_that_everything_is_on_disk(fx);
    exec(fx->conn, gw_printf(fx->arena, "GRANT EXECUTE ON FUNCTION %s TO PUBLIC", message));
    assert_int_equal(rc, GODWIT_FAILED);
    assert_int_equal(b->end.done, 50);
    exec(fx->conn, "DROP TABLE t, log, written");
    exec(fx->conn, "DROP ROLE godwit_plain");
}

static void
shows_a_statement_the_ordinary_way_of_committing(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    for (int i = 0; i < 3; i++) {
        add(b, "INSERT INTO t VALUES (1, current_setting('synchronous_commit'))", NULL, NULL);
        add_row(b);
    }
    run_well(fx, b);
    assert_string_equal(ask(fx, fx->conn, "SELECT DISTINCT v FROM t", NULL), "on");
}

/* ---- much at once ---- */

static void
does_not_block_when_both_sides_have_much_to_say(void **state)
{
    enum { MEGABYTE = 1 << 20, COUNT = 40 };
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    char *const filler = gw_new_array(fx->arena, char, MEGABYTE + 1);
    memset(filler, 'x', MEGABYTE);
    const char *const big = gw_printf(fx->arena, "INSERT INTO t VALUES (1, '%s')", filler);
    for (int i = 0; i < COUNT; i++) {
        add(b, big, "SELECT repeat('y', 1000) FROM generate_series(1, 3000)",
            "DO $$ BEGIN FOR i IN 1..500 LOOP RAISE WARNING 'this is said very often, and at some length'; END LOOP; "
            "END $$");
        add_row(b);
    }
    run_well(fx, b);
    assert_string_equal(ask(fx, fx->conn, "SELECT count(*), min(length(v)) FROM t", NULL), "40|1048576");
    assert_true(fx->notices.len > (size_t)COUNT * 500 * 40);
}

static void
takes_hundreds_of_items(void **state)
{
    fixture *const fx = *state;
    batch *const b = new_batch(fx);
    for (int i = 0; i < ITEMS_MOST; i++) {
        add(b, "INSERT INTO t VALUES (1)", NULL, NULL);
        add_row(b);
    }
    run_well(fx, b);
    assert_string_equal(ask(fx, fx->conn, "SELECT (SELECT count(*) FROM t), (SELECT max(item) FROM log)", NULL),
                        "600|600");
}

/* ---- loss ---- */

static void *
end_it_soon(void *subject)
{
    fixture *const fx = subject;
    gw_arena *const a = gw_arena_new();
    gw_err e = {0};
    gw_conn *c = NULL;
    gw_sleep_ms(400);
    if (tested->open(a, &(gw_open_params){.url = &fx->url}, &c, &e) == GODWIT_OK)
        (void)tested->end_session(c, fx->conn->facts.session, &e);
    gw_arena_free(a);
    return NULL;
}

static void
says_honestly_what_it_knows_when_the_connection_is_lost(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    pthread_t thread;
    batch *const b = new_batch(fx);
    add(b, "INSERT INTO t VALUES (1)", NULL, NULL);
    add_row(b);
    add(b, "SET ROLE NONE", "INSERT INTO t VALUES (2)", NULL); /* by itself: this one is on disk */
    add_row(b);
    add(b, "INSERT INTO t VALUES (3)", NULL, NULL);
    add_row(b);
    add(b, "SELECT pg_sleep(30)", NULL, NULL);
    add_row(b);
    assert_int_equal(pthread_create(&thread, NULL, end_it_soon, fx), 0);
    const gw_rc rc = tested->batch(fx->conn, b->items, b->count, &b->end, &e);
    pthread_join(thread, NULL);
    assert_int_equal(rc, GODWIT_CONNECT);
    assert_false(e.transient);
    assert_has(e.message, "nobody knows");
    assert_has(e.notes, "administrator");
    assert_int_equal(b->end.done, 2);
    assert_false(tested->is_alive(fx->conn));
    assert_string_equal(numbers(fx), "1,2,3");
}

static void
may_be_tried_again_when_the_connection_was_lost_before(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0}, none = {0};
    batch *const b = new_batch(fx);
    add(b, "INSERT INTO t VALUES (1)", NULL, NULL);
    gw_conn *const other = open_on(fx, (gw_open_params){0});
    ok(tested->end_session(other, fx->conn->facts.session, &none), &none);
    assert_int_equal(tested->batch(fx->conn, b->items, b->count, &b->end, &e), GODWIT_CONNECT);
    assert_true(e.transient);
    assert_int_equal(b->end.done, 0);
}

static const struct CMUnitTest tests[] = {
    SERVER_TEST(tells_that_the_commit_of_an_item_failed),
    SERVER_TEST(begins_every_item_without_a_snapshot_and_with_the_first_defaults),
    SERVER_TEST(runs_odd_statements_in_a_batch),
    SERVER_TEST(cleans_the_session_between_items),
    SERVER_TEST(keeps_the_lock_during_a_batch),
    SERVER_TEST(resets_the_session_only_behind_what_may_have_changed_it),
    SERVER_TEST(lets_nothing_through_from_one_item_to_another),
    SERVER_TEST(notices_a_trigger_on_ddl_that_somebody_makes_meanwhile),
    SERVER_TEST(resets_the_session_also_where_its_path_leads_elsewhere),
    SERVER_TEST(waits_for_the_disk_once_at_the_end),
    SERVER_TEST(waits_for_the_disk_also_after_a_failure),
    SERVER_TEST(waits_for_the_disk_also_where_it_may_not_write_messages),
    SERVER_TEST(shows_a_statement_the_ordinary_way_of_committing),
    SERVER_TEST(does_not_block_when_both_sides_have_much_to_say),
    SERVER_TEST(takes_hundreds_of_items),
    SERVER_TEST(says_honestly_what_it_knows_when_the_connection_is_lost),
    SERVER_TEST(may_be_tried_again_when_the_connection_was_lost_before),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
