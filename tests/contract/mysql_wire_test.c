/*
 * tests/contract/mysql_wire_test - what goes over the wire to MySQL and MariaDB: how many round trips, and what the server tells by
 * itself. A proxy within the test counts the commands, and cuts the line.
 *
 *     GODWIT_TEST_URL=mysql://root@127.0.0.1:3306/contract mysql_wire_test
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "db/history_read.h"
#include "db/history_write.h"
#include "engine/mysql/engine.h"
#include "server_fixture.h"

const gw_engine *const tested = &gw_mysql;

/* ---- the proxy ---- */

enum { LINES = 8, CHUNK = 65536, HEADER = 4 };

typedef struct line {
    int client, server;     /* -1: closed */
    size_t header, payload; /* bytes seen of the packet's header, bytes of it to come */
    uint8_t bytes[HEADER];
} line;

typedef struct proxy {
    int listener;
    struct sockaddr_in to;
    gw_url url; /* by way of it */
    pthread_t thread;
    line lines[LINES];
    size_t count;
    char chunk[CHUNK];
    _Atomic unsigned commands; /* of all clients */
    _Atomic unsigned cut_at;   /* all lines are cut when that many were seen; 0: never */
    _Atomic bool over;
} proxy;

static void
hang_up(line *l)
{
    if (l->client >= 0) {
        close(l->client);
        close(l->server);
    }
    l->client = l->server = -1;
}

/* A command begins a conversation anew: number 0. */
static void
count_commands(proxy *p, line *l, size_t len)
{
    for (size_t i = 0; i < len;) {
        if (l->payload > 0) {
            const size_t n = l->payload < len - i ? l->payload : len - i;
            l->payload -= n;
            i += n;
            continue;
        }
        l->bytes[l->header++] = (uint8_t)p->chunk[i++];
        if (l->header == HEADER) {
            l->header = 0;
            l->payload = l->bytes[0] | (size_t)l->bytes[1] << 8 | (size_t)l->bytes[2] << 16;
            p->commands += l->bytes[3] == 0;
        }
    }
}

static void
carry(proxy *p, line *l, bool from_client)
{
    const ssize_t n = recv(from_client ? l->client : l->server, p->chunk, sizeof(p->chunk), 0);
    if (n > 0 && from_client)
        count_commands(p, l, (size_t)n);
    if (n <= 0 || send(from_client ? l->server : l->client, p->chunk, (size_t)n, MSG_NOSIGNAL) != n)
        hang_up(l);
    if (p->cut_at > 0 && p->commands >= p->cut_at)
        for (size_t i = 0; i < p->count; i++)
            hang_up(&p->lines[i]);
}

static void
take_client(proxy *p)
{
    line *const l = &p->lines[p->count];
    *l = (line){.client = accept(p->listener, NULL, NULL), .server = socket(AF_INET, SOCK_STREAM, 0)};
    assert_true(p->count++ < LINES);
    if (connect(l->server, (const struct sockaddr *)&p->to, sizeof(p->to)) != 0)
        hang_up(l);
}

static void *
serve(void *subject)
{
    proxy *const p = subject;
    while (!p->over) {
        struct pollfd fds[1 + 2 * LINES] = {{.fd = p->listener, .events = POLLIN}};
        for (size_t i = 0; i < p->count; i++) {
            fds[1 + 2 * i] = (struct pollfd){.fd = p->lines[i].client, .events = POLLIN};
            fds[2 + 2 * i] = (struct pollfd){.fd = p->lines[i].server, .events = POLLIN};
        }
        const size_t count = p->count;
        if (poll(fds, 1 + 2 * count, 20) <= 0)
            continue;
        for (size_t i = 0; i < 2 * count; i++)
            if (fds[1 + i].revents != 0 && p->lines[i / 2].client >= 0)
                carry(p, &p->lines[i / 2], i % 2 == 0);
        if (fds[0].revents != 0)
            take_client(p);
    }
    return NULL;
}

static void
end_proxy(void *subject)
{
    proxy *const p = subject;
    p->over = true;
    pthread_join(p->thread, NULL);
    for (size_t i = 0; i < p->count; i++)
        hang_up(&p->lines[i]);
    close(p->listener);
}

/* TLS would hide the commands. */
static proxy *
new_proxy(fixture *fx)
{
    proxy *const p = gw_new(fx->arena, proxy);
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(own);
    p->to = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)fx->url.port)};
    assert_int_equal(inet_pton(AF_INET, fx->url.host, &p->to.sin_addr), 1);
    p->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(p->listener, (const struct sockaddr *)&own, len), 0);
    assert_int_equal(listen(p->listener, LINES), 0);
    assert_int_equal(getsockname(p->listener, (struct sockaddr *)&own, &len), 0);
    p->url = fx->url;
    p->url.host = "127.0.0.1";
    p->url.port = ntohs(own.sin_port);
    *gw_vec_push(fx->arena, &p->url.params) = (gw_url_param){"sslmode", "disable"};
    assert_int_equal(pthread_create(&p->thread, NULL, serve, p), 0);
    gw_defer(fx->arena, end_proxy, p);
    return p;
}

static gw_conn *
open_by(fixture *fx, const proxy *p)
{
    return open_on(fx, (gw_open_params){.url = &p->url, .lock_timeout_ms = 3000});
}

/* ---- batches ---- */

enum { ITEMS = 100, OPS = 3 };

typedef struct batch {
    gw_history history;
    gw_op ops[ITEMS][OPS];
    gw_batch_item items[ITEMS];
    gw_batch_end end;
} batch;

static batch *
new_batch(fixture *fx, gw_conn *c)
{
    gw_err e = {0};
    gw_history_probe probe;
    bool taken = false;
    batch *const b = gw_new(fx->arena, batch);
    exec(c, "DROP TABLE IF EXISTS wire_history");
    ok(gw_history_probe_new(fx->arena, &gw_mysql, "wire_history", &probe, &e), &e);
    ok(gw_history_open(fx->arena, c, &probe, &b->history, &e), &e);
    ok(gw_history_create(&b->history, &e), &e);
    for (int i = 0; i < 100 && !taken; i++) { /* the session of the test before this may be on its way out */
        gw_sleep_ms(i > 0 ? 20 : 0);
        ok(gw_mysql.try_lock(c, "4711", &taken, &e), &e);
    }
    assert_true(taken);
    gw_history_hold(fx->arena, &b->history, "4711", NULL);
    return b;
}

static void
add(fixture *fx, batch *b, size_t i, const char *sql, bool commits)
{
    gw_op *const ops = b->ops[i];
    gw_record r = {.version = gw_printf(fx->arena, "%04zu", i),
                   .name = "é",
                   .kind = "versioned",
                   .direction = "up",
                   .state = commits ? GODWIT_RUNNING : GODWIT_APPLIED,
                   .statements = 1};
    size_t count = 0;
    if (commits)
        ops[count++] = gw_history_op_add(fx->arena, &b->history, &r, NULL);
    ops[count++] = (gw_op){.sql = gw_str_of(sql)};
    if (!commits) {
        ops[count++] = gw_history_op_add(fx->arena, &b->history, &r, NULL);
    } else {
        r.state = GODWIT_APPLIED;
        ops[count++] = gw_history_op_end(fx->arena, &b->history, &r);
    }
    b->items[i] = (gw_batch_item){.ops = ops, .count = count, .transaction = !commits};
}

/* ---- opening ---- */

static bool
note_answer(void *ctx, size_t columns, const char *const *values)
{
    gw_buf *const out = ctx;
    assert_int_equal(columns, 1);
    gw_buf_puts(out, values[0]);
    return true;
}

static void
opens_with_the_first_question_in_one_round_trip(void **state)
{
    fixture *const fx = *state;
    const proxy *const p = new_proxy(fx);
    gw_buf answer = gw_buf_new(fx->arena);
    gw_conn *const c = open_on(fx, (gw_open_params){.url = &p->url,
                                                    .lock_timeout_ms = 7000,
                                                    .read_only = true,
                                                    .first = "SELECT @@lock_wait_timeout",
                                                    .first_fn = note_answer,
                                                    .first_ctx = &answer});
    assert_int_equal(p->commands, c->facts.cluster ? 2 : 1);
    assert_string_equal(gw_buf_text(&answer), "7");
    assert_int_equal(c->facts.session, strtoll(ask(fx, c, "SELECT CONNECTION_ID()", NULL), NULL, 10));
    assert_false(c->facts.pooled);
    assert_string_equal(c->facts.place, fx->conn->facts.place);
    gw_err e = {0};
    assert_int_equal(try_exec(c, "CREATE TABLE wire_never (a INT)", &e), GODWIT_FAILED);
}

static void
tells_what_is_wrong_with_the_first_question(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_conn *c = NULL;
    const gw_open_params p = {.url = &fx->url, .first = "SELECT * FROM wire_nosuch"};
    assert_int_equal(gw_mysql.open(fx->arena, &p, &c, &e), GODWIT_FAILED);
    assert_string_equal(e.code, "1146");
}

static void
is_not_connected_yet_where_a_question_is_refused_for_a_passing_reason(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_conn *c = NULL;
    const gw_open_params p = {
        .url = &fx->url,
        .first = "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'Deadlock found'",
    };
    assert_int_equal(gw_mysql.open(fx->arena, &p, &c, &e), GODWIT_CONNECT);
    assert_string_equal(e.code, "1213");
    assert_true(e.transient);
}

/* ---- resetting ---- */

static void
sends_nothing_to_reset_a_session_that_nobody_changed(void **state)
{
    fixture *const fx = *state;
    const proxy *const p = new_proxy(fx);
    gw_conn *const c = open_by(fx, p);
    exec(c, "DROP TABLE IF EXISTS wire_t");
    exec(c, "CREATE TABLE wire_t (a INT)");
    exec(c, "ALTER TABLE wire_t ADD COLUMN b INT, LOCK = NONE");
    const unsigned before = p->commands;
    reset(c);
    reset(c);
    assert_int_equal(p->commands, before);
    exec(c, "SET @@character_set_client = latin1");
    reset(c);
    assert_string_equal(ask(fx, c, "SELECT @@character_set_client", NULL), "utf8mb4");
    const unsigned after = p->commands;
    reset(c);
    assert_int_equal(p->commands, after);
    exec(c, "DROP TABLE wire_t");
}

/* Another value for each variable that both may set in a session; DEFAULT would be the same. */
static const char *const settings[][2] = {
    {"sql_mode", "'ANSI_QUOTES'"},
    {"foreign_key_checks", "0"},
    {"unique_checks", "0"},
    {"character_set_client", "ascii"},
    {"character_set_results", "ascii"},
    {"character_set_connection", "ascii"},
    {"collation_connection", "utf8mb4_bin"},
    {"character_set_server", "ascii"},
    {"collation_server", "utf8mb4_bin"},
    {"character_set_filesystem", "ascii"},
    {"time_zone", "'+09:00'"},
    {"lc_time_names", "'de_DE'"},
    {"lc_messages", "'de_DE'"},
    {"lock_wait_timeout", "71"},
    {"innodb_lock_wait_timeout", "71"},
    {"completion_type", "1"},
    {"sql_notes", "0"},
    {"sql_warnings", "1"},
    {"sql_safe_updates", "1"},
    {"sql_select_limit", "0"},
    {"sql_big_selects", "0"},
    {"sql_buffer_result", "1"},
    {"sql_auto_is_null", "1"},
    {"sql_quote_show_create", "0"},
    {"max_join_size", "100000"},
    {"group_concat_max_len", "71"},
    {"max_error_count", "71"},
    {"max_sp_recursion_depth", "7"},
    {"div_precision_increment", "7"},
    {"default_week_format", "3"},
    {"default_storage_engine", "MyISAM"},
    {"default_tmp_storage_engine", "MyISAM"},
    {"innodb_strict_mode", "0"},
    {"innodb_table_locks", "0"},
    {"updatable_views_with_limit", "0"},
    {"auto_increment_increment", "3"},
    {"auto_increment_offset", "3"},
    {"optimizer_switch", "'index_merge=off'"},
    {"wait_timeout", "7100"},
    {"net_read_timeout", "71"},
    {"net_write_timeout", "71"},
    {"tmp_table_size", "102400"},
    {"max_heap_table_size", "102400"},
    {"session_track_schema", "0"},
    {"session_track_state_change", "0"},
    {"session_track_system_variables", "''"},
};

static void
puts_back_every_variable_however_it_was_set(void **state)
{
    fixture *const fx = *state;
    exec(fx->conn, "DROP TABLE IF EXISTS wire_t");
    exec(fx->conn, "CREATE TABLE wire_t (a INT)");
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        const char *const name = settings[i][0];
        const char *const look = gw_printf(fx->arena, "SELECT @@SESSION.%s LIMIT 1", name);
        const char *const set = gw_printf(fx->arena, "SET SESSION %s = %s", name, settings[i][1]);
        const char *const before = ask(fx, fx->conn, look, NULL);
        exec(fx->conn, set);
        assert_string_not_equal(ask(fx, fx->conn, look, NULL), before);
        reset(fx->conn);
        if (strcmp(ask(fx, fx->conn, look, NULL), before) != 0)
            fail_msg("%s", set);
        exec(fx->conn, gw_printf(fx->arena, "CREATE TRIGGER wire_tr BEFORE INSERT ON wire_t FOR EACH ROW %s", set));
        exec(fx->conn, "INSERT INTO wire_t VALUES (1)");
        reset(fx->conn);
        if (strcmp(ask(fx, fx->conn, look, NULL), before) != 0)
            fail_msg("a trigger with %s", set);
        exec(fx->conn, "DROP TRIGGER wire_tr");
    }
    exec(fx->conn, "DROP TABLE wire_t");
}

static void
puts_back_what_routines_and_silenced_servers_did(void **state)
{
    fixture *const fx = *state;
    static const char *const ways[][2] = {
        {"SET session_track_state_change = 0, session_track_system_variables = ''", "SET group_concat_max_len = 7"},
        {"PREPARE wire_s FROM 'SET group_concat_max_len = 7'", "EXECUTE wire_s"},
        {"DO 1", "DO wire_f()"},
        {"DO 1", "SELECT wire_f()"},
        {"DO 1", "CALL wire_p()"},
        {"DO 1", "INSERT INTO wire_t VALUES (wire_f())"},
        {"DO 1", "/*!50000 SET group_concat_max_len = 7 */"},
    };
    const char *const before = ask(fx, fx->conn, "SELECT @@group_concat_max_len", NULL);
    exec(fx->conn, "DROP FUNCTION IF EXISTS wire_f");
    exec(fx->conn, "DROP PROCEDURE IF EXISTS wire_p");
    exec(fx->conn, "CREATE TEMPORARY TABLE wire_t (a INT)");
    exec(
        fx->conn,
        "CREATE FUNCTION wire_f() RETURNS INT DETERMINISTIC BEGIN SET SESSION group_concat_max_len = 7; RETURN 1; END");
    exec(fx->conn, "CREATE PROCEDURE wire_p() SET SESSION group_concat_max_len = 7");
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        exec(fx->conn, ways[i][0]);
        exec(fx->conn, ways[i][1]);
        assert_string_equal(ask(fx, fx->conn, "SELECT @@group_concat_max_len", NULL), "7");
        reset(fx->conn);
        assert_string_equal(ask(fx, fx->conn, "SELECT @@group_concat_max_len", NULL), before);
    }
    exec(fx->conn, "DROP FUNCTION wire_f");
    exec(fx->conn, "DROP PROCEDURE wire_p");
}

static void
puts_back_the_role_that_a_trigger_took(void **state)
{
    fixture *const fx = *state;
    const char *const before = ask(fx, fx->conn, "SELECT CURRENT_ROLE()", NULL);
    const char *const user = ask(fx, fx->conn, "SELECT CONCAT('`', REPLACE(CURRENT_USER(), '@', '`@`'), '`')", NULL);
    exec(fx->conn, "DROP TABLE IF EXISTS wire_t");
    exec(fx->conn, "CREATE TABLE wire_t (a INT)");
    exec(fx->conn, "CREATE ROLE IF NOT EXISTS wire_role");
    exec(fx->conn, gw_printf(fx->arena, "GRANT wire_role TO %s", user));
    exec(fx->conn, "CREATE TRIGGER wire_tr BEFORE INSERT ON wire_t FOR EACH ROW SET ROLE wire_role");
    reset(fx->conn);
    exec(fx->conn, "INSERT INTO wire_t VALUES (1)");
    assert_string_not_equal(ask(fx, fx->conn, "SELECT CURRENT_ROLE()", NULL), before);
    reset(fx->conn);
    assert_string_equal(ask(fx, fx->conn, "SELECT CURRENT_ROLE()", NULL), before);
    exec(fx->conn, "DROP TABLE wire_t");
    exec(fx->conn, "DROP ROLE wire_role");
}

static void
knows_that_the_current_database_was_dropped(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0}, none = {0};
    exec(fx->conn, "CREATE DATABASE IF NOT EXISTS wire_db");
    fx->url.database = "wire_db";
    gw_conn *const c = open_on(fx, (gw_open_params){0});
    exec(c, "DROP DATABASE wire_db");
    assert_int_equal(gw_mysql.reset(c, &e), GODWIT_FAILED);
    assert_string_equal(e.code, "1049");
    exec(fx->conn, "CREATE DATABASE wire_db");
    ok(gw_mysql.reset(c, &none), &none);
    assert_string_equal(ask(fx, c, "SELECT DATABASE()", NULL), "wire_db");
    exec(fx->conn, "DROP DATABASE wire_db");
}

/* ---- batches ---- */

static void
takes_few_round_trips_for_many_tables(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    const proxy *const p = new_proxy(fx);
    gw_conn *const c = open_by(fx, p);
    batch *const b = new_batch(fx, c);
    for (size_t i = 0; i < ITEMS; i++)
        add(fx, b, i,
            i % 2 == 0 ? "CREATE TABLE wire_t (a INT COMMENT 'one; two')" : "DROP TABLE IF EXISTS wire_t /* gone */",
            true);
    exec(c, "DROP TABLE IF EXISTS wire_t");
    reset(c);
    const unsigned before = p->commands;
    ok(gw_mysql.batch(c, b->items, ITEMS, &b->end, &e), &e);
    assert_int_equal(b->end.done, ITEMS);
    assert_true(p->commands - before <= ITEMS / 10);
    assert_string_equal(ask(fx, c, "SELECT COUNT(*), SUM(state = 'applied') FROM wire_history", NULL), "100|100");
}

static void
takes_one_round_trip_for_a_migration_that_writes_rows_or_settings(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    const proxy *const p = new_proxy(fx);
    gw_conn *const c = open_by(fx, p);
    batch *const b = new_batch(fx, c);
    exec(c, "DROP TABLE IF EXISTS wire_t");
    exec(c, "CREATE TABLE wire_t (a INT)");
    for (size_t i = 0; i < ITEMS; i++)
        add(fx, b, i, i % 2 == 0 ? "INSERT INTO wire_t VALUES (1)" : "SET foreign_key_checks = 1", false);
    reset(c);
    const unsigned before = p->commands;
    ok(gw_mysql.batch(c, b->items, ITEMS, &b->end, &e), &e);
    reset(c);
    assert_int_equal(p->commands - before, ITEMS);
    assert_string_equal(ask(fx, c, "SELECT COUNT(*) FROM wire_t", NULL), "50");
    exec(c, "DROP TABLE wire_t");
}

static void
says_what_was_applied_before_the_line_was_cut(void **state)
{
    fixture *const fx = *state;
    enum { COUNT = 20, KEPT = 7 };
    gw_err e = {0};
    proxy *const p = new_proxy(fx);
    gw_conn *const c = open_by(fx, p);
    batch *const b = new_batch(fx, c);
    exec(c, "DROP TABLE IF EXISTS wire_t");
    exec(c, "CREATE TABLE wire_t (a INT)");
    for (size_t i = 0; i < COUNT; i++)
        add(fx, b, i, "INSERT INTO wire_t VALUES (1)", false);
    reset(c);
    p->cut_at = p->commands + KEPT + 1;
    assert_int_equal(gw_mysql.batch(c, b->items, COUNT, &b->end, &e), GODWIT_CONNECT);
    assert_false(e.transient);
    assert_int_equal(b->end.done, KEPT);
    assert_false(gw_mysql.is_alive(c));
    gw_err none = {0}; /* the server may not have heard of it yet, and goes on */
    ok(gw_mysql.end_session(fx->conn, c->facts.session, &none), &none);
    const char *const rows = ask(fx, fx->conn, "SELECT COUNT(*) FROM wire_t", NULL);
    assert_true(strcmp(rows, "7") == 0 || strcmp(rows, "8") == 0);
    assert_string_equal(ask(fx, fx->conn, "SELECT COUNT(*) FROM wire_history", NULL), rows);
    gw_err again = {0};
    assert_int_equal(gw_mysql.batch(c, b->items, COUNT, &b->end, &again), GODWIT_CONNECT);
    assert_true(again.transient);
    assert_int_equal(b->end.done, 0);
    exec(fx->conn, "DROP TABLE wire_t");
}

static const struct CMUnitTest tests[] = {
    SERVER_TEST(opens_with_the_first_question_in_one_round_trip),
    SERVER_TEST(tells_what_is_wrong_with_the_first_question),
    SERVER_TEST(is_not_connected_yet_where_a_question_is_refused_for_a_passing_reason),
    SERVER_TEST(sends_nothing_to_reset_a_session_that_nobody_changed),
    SERVER_TEST(puts_back_every_variable_however_it_was_set),
    SERVER_TEST(puts_back_what_routines_and_silenced_servers_did),
    SERVER_TEST(puts_back_the_role_that_a_trigger_took),
    SERVER_TEST(knows_that_the_current_database_was_dropped),
    SERVER_TEST(takes_few_round_trips_for_many_tables),
    SERVER_TEST(takes_one_round_trip_for_a_migration_that_writes_rows_or_settings),
    SERVER_TEST(says_what_was_applied_before_the_line_was_cut),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
