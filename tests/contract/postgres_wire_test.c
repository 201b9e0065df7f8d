/*
 * tests/contract/postgres_wire_test - what PostgreSQL alone does on the way to its server: the first round trip, clients that die, and
 * sessions behind a pooler, which last only as long as a transaction.
 *
 *     GODWIT_TEST_URL=postgres://postgres@127.0.0.1:5432/contract GODWIT_TEST_POOLER=postgres://…:6432/contract postgres_wire_test
 *
 * The pooler is one in transaction mode before the same database.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/postgres/postgres.h"
#include "server_fixture.h"

const gw_engine *const tested = &gw_postgres;

static void
assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' lacks '%s'", text, part);
}

static bool
add_row(void *ctx, size_t columns, const char *const *values)
{
    gw_buf *const out = ctx;
    for (size_t i = 0; i < columns; i++)
        gw_buf_printf(out, "%s ", values[i]);
    return true;
}

static void
begin(gw_conn *c, const char *own)
{
    gw_err e = {0};
    ok(tested->begin(c, gw_str_of(own), &e), &e);
}

static void
commit(gw_conn *c)
{
    gw_err e = {0};
    ok(tested->commit(c, &e), &e);
}

/* ---- the first round trip ---- */

static void
asks_everything_in_one_message(void **state)
{
    fixture *const fx = *state;
    gw_buf rows = gw_buf_new(fx->arena);
    const gw_conn *const c = open_on(fx, (gw_open_params){.lock_timeout_ms = 1234,
                                                          .read_only = true,
                                                          .first = "SELECT 'caller', g FROM generate_series(1, 2) g",
                                                          .first_fn = add_row,
                                                          .first_ctx = &rows});
    assert_string_equal(gw_buf_text(&rows), "caller 1 caller 2 ");
    assert_false(c->facts.read_only);
    const char *const newest = ask(fx, fx->conn, "SELECT query FROM pg_stat_activity WHERE pid = $1::int",
                                   gw_printf(fx->arena, "%lld", (long long)c->facts.session));
    assert_has(newest, "server_version"); /* and nothing came after it */
}

static void
knows_its_session_and_its_server(void **state)
{
    fixture *const fx = *state;
    const gw_conn *const other = open_on(fx, (gw_open_params){0});
    assert_string_equal(gw_printf(fx->arena, "%lld", (long long)fx->conn->facts.session),
                        ask(fx, fx->conn, "SELECT pg_backend_pid()", NULL));
    assert_int_not_equal(fx->conn->facts.session, other->facts.session);
    assert_string_equal(fx->conn->facts.place, other->facts.place);
    assert_true(strlen(other->facts.place) >= 20);
    assert_false(other->facts.pooled || other->facts.cluster);
}

static void
says_when_the_callers_query_fails(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_conn *c = NULL;
    const gw_open_params p = {.url = &fx->url, .first = "SELECT nosuch"};
    assert_int_equal(tested->open(fx->arena, &p, &c, &e), GODWIT_FAILED);
    assert_string_equal(e.code, "42703");
    assert_null(c);
}

static void
takes_the_settings_that_it_was_opened_with(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_on(fx, (gw_open_params){.lock_timeout_ms = 1234, .read_only = true});
    for (int i = 0; i < 2; i++) {
        assert_string_equal(ask(fx, c, "SHOW lock_timeout", NULL), "1234ms");
        assert_string_equal(ask(fx, c, "SHOW default_transaction_read_only", NULL), "on");
        assert_string_equal(ask(fx, c, "SHOW client_connection_check_interval", NULL), "5s");
        exec(c, "SET lock_timeout = 1");
        exec(c, "SET client_connection_check_interval = 0");
        reset(c);
    }
}

static void
leaves_a_chosen_check_of_the_client_alone(void **state)
{
    fixture *const fx = *state;
    gw_url url = fx->url;
    *gw_vec_push(fx->arena, &url.params) = (gw_url_param){"options", "-c client_connection_check_interval=77s"};
    gw_conn *const c = open_on(fx, (gw_open_params){.url = &url});
    assert_string_equal(ask(fx, c, "SHOW client_connection_check_interval", NULL), "77s");
    reset(c);
    assert_string_equal(ask(fx, c, "SHOW client_connection_check_interval", NULL), "77s");
}

static void
takes_the_id_from_the_row_that_is_inserted(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    exec(fx->conn, "CREATE TEMPORARY TABLE t (id bigint GENERATED ALWAYS AS IDENTITY (START 41), n int)");
    ok(tested->query(fx->conn, "INSERT INTO t (n) VALUES (1) RETURNING id", NULL, 0, NULL, NULL, &e), &e);
    assert_int_equal(fx->conn->inserted, 41);
    ok(tested->query(fx->conn, "SELECT id FROM t", NULL, 0, NULL, NULL, &e), &e);
    assert_int_equal(fx->conn->inserted, 0);
    ok(tested->query(fx->conn, "INSERT INTO t (n) VALUES (1) RETURNING n AS number, id", NULL, 0, NULL, NULL, &e), &e);
    assert_int_equal(fx->conn->inserted, 0);
}

static void
tells_of_its_own_statement_whatever_role_the_users_left(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    exec(fx->conn, "CREATE TEMPORARY TABLE t (id bigint GENERATED ALWAYS AS IDENTITY (START 41), n int)");
    exec(fx->conn, "SET ROLE NONE"); /* it might have been another */
    ok(tested->query(fx->conn, "INSERT INTO t (n) VALUES (1), (2) RETURNING id", NULL, 0, NULL, NULL, &e), &e);
    assert_int_equal(fx->conn->affected, 2);
    assert_int_equal(fx->conn->inserted, 41);
    ok(tested->query(fx->conn, "UPDATE t SET n = 3 WHERE false", NULL, 0, NULL, NULL, &e), &e);
    assert_int_equal(fx->conn->affected, 0);
}

/* ---- clients that die ---- */

static const char *
runners(fixture *fx)
{
    return ask(fx, fx->conn, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'doomed'", NULL);
}

/* A process of its own that holds the lock and waits in a statement for minutes. */
static pid_t
start_doomed(fixture *fx)
{
    gw_url url = fx->url;
    *gw_vec_push(fx->arena, &url.params) = (gw_url_param){"application_name", "doomed"};
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0)
        return child;
    gw_err e = {0};
    gw_conn *c = NULL;
    bool taken = false;
    if (tested->open(fx->arena, &(gw_open_params){.url = &url}, &c, &e) == GODWIT_OK &&
        tested->try_lock(c, "doomed", &taken, &e) == GODWIT_OK)
        (void)try_exec(c, "SELECT pg_sleep(300)", &e);
    _exit(1);
}

static void
frees_the_lock_of_a_client_that_is_gone_while_its_statement_runs(void **state)
{
    enum { PATIENCE_MS = 15000 };
    fixture *const fx = *state;
    gw_err e = {0};
    bool taken = false;
    const pid_t child = start_doomed(fx);
    const int64_t until = gw_clock_ms() + PATIENCE_MS;
    while (strcmp(ask(fx, fx->conn,
                      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'doomed' AND state = 'active'"
                      " AND query LIKE '%pg_sleep%'",
                      NULL),
                  "1") != 0 &&
           gw_clock_ms() < until)
        gw_sleep_ms(20);
    assert_string_equal(runners(fx), "1");
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    while (strcmp(runners(fx), "0") != 0 && gw_clock_ms() < until)
        gw_sleep_ms(50);
    assert_string_equal(runners(fx), "0");
    ok(tested->try_lock(fx->conn, "doomed", &taken, &e), &e);
    assert_true(taken);
}

/* ---- behind a pooler ---- */

static gw_conn *
open_pooled(fixture *fx, gw_open_params p)
{
    gw_err e = {0};
    gw_url *const url = gw_new(fx->arena, gw_url);
    ok(gw_url_parse(fx->arena, gw_str_of(getenv("GODWIT_TEST_POOLER")), url, &e), &e);
    *gw_vec_push(fx->arena, &url->params) = (gw_url_param){"sslmode", "disable"};
    p.url = url;
    return open_on(fx, p);
}

static void
assert_refused(gw_conn *c, const char *sql, const char *says)
{
    gw_err e = {0};
    assert_int_equal(try_exec(c, sql, &e), GODWIT_REFUSED);
    assert_has(e.message, says);
    assert_has(e.hint, "connect to the server itself");
}

/* What other clients meet in the server's session. */
static const char *
leftovers(fixture *fx, gw_conn *c)
{
    return ask(fx, c,
               "SELECT current_setting('search_path'), current_setting('lock_timeout'), current_setting('role'), "
               "current_setting('statement_timeout'), current_setting('client_connection_check_interval'), "
               "current_setting('synchronous_commit'), current_setting('default_transaction_read_only'), "
               "current_setting('client_encoding'), to_regclass('pg_temp.leftover'), "
               "(SELECT count(*) FROM pg_prepared_statements), (SELECT count(*) FROM pg_cursors WHERE is_holdable), "
               "(SELECT count(*) FROM pg_listening_channels()), pg_backend_pid()",
               NULL);
}

static void
knows_that_it_is_behind_a_pooler(void **state)
{
    fixture *const fx = *state;
    gw_buf rows = gw_buf_new(fx->arena);
    gw_conn *const c = open_pooled(
        fx,
        (gw_open_params){.first = "SELECT 'caller'", .first_fn = add_row, .first_ctx = &rows, .lock_timeout_ms = 999});
    assert_true(c->facts.pooled);
    assert_int_equal(c->facts.session, 0);
    assert_string_equal(c->facts.place, fx->conn->facts.place);
    assert_string_equal(gw_buf_text(&rows), "caller ");
    assert_string_equal(ask(fx, c, "SHOW lock_timeout", NULL), "0");
    assert_string_equal(ask(fx, c, "SHOW client_connection_check_interval", NULL), "0");
}

static void
leaves_the_session_of_a_pooler_clean(void **state)
{
    fixture *const fx = *state;
    static const char *const twists[] = {
        "SET search_path = pg_catalog",
        "SET statement_timeout = 77777",
        "SET client_encoding = LATIN1",
        "SET default_transaction_read_only = on",
        "CREATE TEMPORARY TABLE leftover (a int)",
        "PREPARE leftover AS SELECT 1",
        "DECLARE leftover CURSOR WITH HOLD FOR SELECT 1",
        "LISTEN leftover",
        "SET ROLE godwit_pooled",
    };
    exec(fx->conn, "DROP ROLE IF EXISTS godwit_pooled");
    exec(fx->conn, "CREATE ROLE godwit_pooled");
    gw_conn *const c = open_pooled(fx, (gw_open_params){.lock_timeout_ms = 999});
    gw_conn *const other = open_pooled(fx, (gw_open_params){0});
    const char *const before = leftovers(fx, other);
    for (int round = 0; round < 3; round++) {
        begin(c, "");
        assert_string_equal(ask(fx, c, "SHOW lock_timeout", NULL), "999ms");
        for (size_t i = 0; i < sizeof(twists) / sizeof(twists[0]); i++)
            exec(c, twists[i]);
        assert_string_equal(ask(fx, c, "SELECT current_setting('role'), 'é'", NULL), "none|é");
        if (round == 1)
            tested->rollback(c);
        else
            commit(c);
        assert_string_equal(leftovers(fx, other), before);
        reset(c);
    }
    exec(fx->conn, "DROP ROLE godwit_pooled");
}

static void
begins_clean_whoever_used_the_session_of_the_pooler_before(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_pooled(fx, (gw_open_params){0});
    gw_conn *const careless = open_pooled(fx, (gw_open_params){0});
    gw_err e = {0};
    ok(tested->query(careless, "SELECT set_config('search_path', 'pg_catalog', false)", NULL, 0, NULL, NULL, &e), &e);
    begin(c, "");
    assert_string_equal(ask(fx, c, "SHOW search_path", NULL), "\"$user\", public");
    commit(c);
}

static void
keeps_what_the_start_up_packet_said_behind_a_pooler(void **state)
{
    fixture *const fx = *state;
    const char *const name = gw_printf(fx->arena, "ALTER DATABASE \"%s\" ", fx->conn->facts.database);
    exec(fx->conn, gw_printf(fx->arena, "%sSET client_encoding = 'LATIN1'", name));
    gw_conn *const c = open_pooled(fx, (gw_open_params){0});
    for (int i = 0; i < 2; i++) {
        begin(c, "");
        assert_string_equal(ask(fx, c, "SELECT current_setting('application_name'), length('é𝄞')", NULL), "godwit|2");
        commit(c);
        assert_string_equal(ask(fx, c, "SELECT current_setting('client_encoding'), 'é'", NULL), "UTF8|é");
    }
    exec(fx->conn, gw_printf(fx->arena, "%sRESET client_encoding", name));
}

static void
begins_with_the_users_words_behind_a_pooler(void **state)
{
    fixture *const fx = *state;
    gw_err bad = {0}, e = {0};
    gw_conn *const c = open_pooled(fx, (gw_open_params){0});
    begin(c, "BEGIN ISOLATION LEVEL SERIALIZABLE -- mine");
    assert_string_equal(ask(fx, c, "SHOW transaction_isolation", NULL), "serializable");
    tested->rollback(c);
    begin(c, "");
    exec(c, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"); /* nothing took a snapshot before it */
    commit(c);
    assert_int_equal(tested->begin(c, gw_str_of("BEGIN ISOLATION LEVEL nosuch"), &bad), GODWIT_FAILED);
    assert_int_equal(bad.offset, strlen("BEGIN ISOLATION LEVEL ") + 1);
    assert_false(tested->in_transaction(c));
    ok(tested->set_lock_timeout(c, 55, &e), &e);
    begin(c, "START TRANSACTION");
    assert_string_equal(ask(fx, c, "SHOW lock_timeout", NULL), "55ms");
    ok(tested->set_lock_timeout(c, 66, &e), &e);
    assert_string_equal(ask(fx, c, "SHOW lock_timeout", NULL), "66ms");
    commit(c);
    begin(c, "");
    ok(tested->set_lock_timeout(c, 0, &e), &e);
    assert_string_equal(ask(fx, c, "SHOW lock_timeout", NULL), "0");
    commit(c);
}

static void
commits_behind_a_pooler_as_without_one(void **state)
{
    fixture *const fx = *state;
    gw_err late = {0}, failed = {0}, bad = {0};
    gw_conn *const c = open_pooled(fx, (gw_open_params){0});
    exec(fx->conn, "DROP TABLE IF EXISTS pooled");
    exec(fx->conn, "CREATE TABLE pooled (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)");
    begin(c, "");
    exec(c, "INSERT INTO pooled VALUES (1)");
    commit(c);
    begin(c, "");
    exec(c, "INSERT INTO pooled VALUES (1)");
    assert_int_equal(tested->commit(c, &late), GODWIT_FAILED);
    assert_string_equal(late.code, "23505");
    assert_false(tested->in_transaction(c));
    begin(c, "");
    exec(c, "CREATE TEMP TABLE late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
    exec(c, "INSERT INTO late VALUES (1), (2)"); /* still to be checked when the table is taken away */
    exec(c, "UPDATE late SET id = 3 - id");
    commit(c);
    begin(c, "");
    assert_int_equal(try_exec(c, "SELECT nosuch", &bad), GODWIT_FAILED);
    assert_int_equal(tested->commit(c, &failed), GODWIT_FAILED);
    assert_has(failed.message, "kept nothing");
    assert_false(tested->in_transaction(c));
    assert_string_equal(ask(fx, fx->conn, "SELECT count(*) FROM pooled", NULL), "1");
    exec(fx->conn, "DROP TABLE pooled");
}

static void
refuses_what_cannot_last_behind_a_pooler(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_pooled(fx, (gw_open_params){0});
    assert_refused(c, "/* mine */ set search_path = x", "set outside a transaction");
    assert_refused(c, "PREPARE p AS SELECT 1", "PREPARE");
    assert_refused(c, "LISTEN p", "LISTEN");
    assert_refused(c, "create local /* x */ temp table t (a int)", "create TEMPORARY");
    begin(c, "");
    exec(c, "SET search_path = pg_catalog");
    exec(c, "CREATE TEMP TABLE t (a int)");
    commit(c);
    exec(c, "DROP TABLE IF EXISTS pooled_index");
    exec(c, "CREATE TABLE pooled_index (a int)");
    exec(c, "CREATE INDEX CONCURRENTLY pooled_index_a ON pooled_index (a)");
    exec(c, "DROP TABLE pooled_index");
}

static void
writes_nothing_behind_a_pooler_when_opened_to_read(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0}, inside = {0};
    gw_conn *const c = open_pooled(fx, (gw_open_params){.read_only = true});
    assert_int_equal(try_exec(c, "CREATE TABLE never (a int)", &e), GODWIT_FAILED);
    assert_string_equal(e.code, "25006");
    begin(c, "");
    assert_int_equal(try_exec(c, "CREATE TABLE never (a int)", &inside), GODWIT_FAILED);
    assert_string_equal(inside.code, "25006");
    tested->rollback(c);
    exec(c, "SELECT 1");
}

static const struct CMUnitTest tests[] = {
    SERVER_TEST(asks_everything_in_one_message),
    SERVER_TEST(knows_its_session_and_its_server),
    SERVER_TEST(says_when_the_callers_query_fails),
    SERVER_TEST(takes_the_settings_that_it_was_opened_with),
    SERVER_TEST(leaves_a_chosen_check_of_the_client_alone),
    SERVER_TEST(takes_the_id_from_the_row_that_is_inserted),
    SERVER_TEST(tells_of_its_own_statement_whatever_role_the_users_left),
    SERVER_TEST(frees_the_lock_of_a_client_that_is_gone_while_its_statement_runs),
    SERVER_TEST(knows_that_it_is_behind_a_pooler),
    SERVER_TEST(leaves_the_session_of_a_pooler_clean),
    SERVER_TEST(begins_clean_whoever_used_the_session_of_the_pooler_before),
    SERVER_TEST(keeps_what_the_start_up_packet_said_behind_a_pooler),
    SERVER_TEST(begins_with_the_users_words_behind_a_pooler),
    SERVER_TEST(commits_behind_a_pooler_as_without_one),
    SERVER_TEST(refuses_what_cannot_last_behind_a_pooler),
    SERVER_TEST(writes_nothing_behind_a_pooler_when_opened_to_read),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
