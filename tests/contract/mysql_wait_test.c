/* What the MySQL engine says about waiting: who is in the way, that it took too long, and how long a lease lasts. */
#include "server_fixture.h"

#include "engine/mysql/engine.h"

const gw_engine *const tested = &gw_mysql;

static bool
is_mariadb(const fixture *fx)
{
    return strcmp(fx->conn->facts.product, "MariaDB") == 0;
}

static void
clear_away(fixture *fx)
{
    exec(fx->conn, "DROP TABLE IF EXISTS wt_t, wt_b, wt_lease");
    exec(fx->conn, "DROP USER IF EXISTS wt_u");
}

static void
begin(fixture *fx)
{
    clear_away(fx);
    exec(fx->conn, "CREATE TABLE wt_b (a int)");
    exec(fx->conn, "CREATE TABLE wt_t (a int PRIMARY KEY, b int)");
    exec(fx->conn, "INSERT INTO wt_t VALUES (1, 1)");
}

/* ---- who is in the way ---- */

static int64_t
session_of(fixture *fx, gw_conn *c)
{
    return strtoll(ask(fx, c, "SELECT CONNECTION_ID()", NULL), NULL, 10);
}

/* A statement that waits for a lock, on a thread of its own. */
typedef struct waiter {
    gw_conn *conn;
    int64_t session;
    const char *sql;
    gw_rc rc;
    gw_err e;
    pthread_t thread;
} waiter;

static void *
wait_for_lock(void *subject)
{
    waiter *const w = subject;
    w->rc = try_exec(w->conn, w->sql, &w->e);
    return NULL;
}

static void
start_waiting(fixture *fx, waiter *w, const char *sql)
{
    *w = (waiter){.conn = open_on(fx, (gw_open_params){.lock_timeout_ms = 5000}), .sql = sql};
    w->session = session_of(fx, w->conn);
    assert_int_equal(pthread_create(&w->thread, NULL, wait_for_lock, w), 0);
}

/* Within three seconds. InnoDB has nothing new for who asks within 100 ms of the last answer. */
static gw_blockers
blockers_of(fixture *fx, gw_conn *c, int64_t session)
{
    gw_blockers found = {0};
    for (const int64_t until = gw_clock_ms() + 3000; found.len == 0 && gw_clock_ms() < until; gw_sleep_ms(200)) {
        gw_err e = {0};
        ok(gw_mysql.blockers(fx->arena, c, session, &found, &e), &e);
    }
    return found;
}

static const gw_blocker *
blocker(fixture *fx, const gw_blockers *found, gw_conn *c)
{
    const char *const end = gw_printf(fx->arena, ", connection %lld", (long long)session_of(fx, c));
    for (size_t i = 0; i < found->len; i++)
        if (gw_str_ends(gw_str_of(found->at[i].who), end))
            return &found->at[i];
    return NULL;
}

/* Who else runs the same. */
static int64_t
twin_of(fixture *fx, const char *sql)
{
    gw_err e = {0};
    gw_lock_holder twin;
    ok(gw_mysql.twin(fx->arena, fx->conn, gw_str_of(sql), &twin, &e), &e);
    assert_int_equal(twin.who != NULL, twin.session != 0);
    return twin.session;
}

static void
names_who_keeps_a_statement_waiting(void **state)
{
    fixture *const fx = *state;
    static const struct {
        const char *holds, *waits;
    } cases[] = {
        {"SELECT * FROM wt_t", "ALTER TABLE wt_t ADD COLUMN c int"},
        {"SELECT * FROM wt_t", "DROP TABLE wt_b, wt_t"},
        {"UPDATE wt_t SET b = 2 WHERE a = 1", "UPDATE wt_t SET b = 3 WHERE a = 1"},
    };
    gw_conn *const holder = open_on(fx, (gw_open_params){0});
    gw_conn *const idle = open_on(fx, (gw_open_params){0});
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        waiter w;
        begin(fx);
        exec(holder, "START TRANSACTION");
        exec(holder, cases[i].holds);
        gw_sleep_ms(1100); /* MariaDB as it comes counts waits in seconds */
        start_waiting(fx, &w, cases[i].waits);
        const gw_blockers found = blockers_of(fx, fx->conn, w.session);
        const gw_blocker *const b = blocker(fx, &found, holder);
        assert_int_equal(twin_of(fx, cases[i].waits), w.session);
        exec(holder, "ROLLBACK");
        pthread_join(w.thread, NULL);
        ok(w.rc, &w.e);
        const int64_t ended = gw_clock_ms();
        while (twin_of(fx, cases[i].waits) != 0) { /* the server lists it until it has cleaned up */
            assert_true(gw_clock_ms() - ended < 10000);
            gw_sleep_ms(10);
        }
        if (b == NULL)
            fail_msg("%s: %zu others", cases[i].waits, found.len);
        assert_non_null(b->since);
        assert_int_equal(strlen(b->since), sizeof("2026-01-01 00:00:00") - 1);
        assert_null(blocker(fx, &found, idle));
        if (!is_mariadb(fx)) {
            assert_non_null(b->query);
            assert_string_equal(b->query, cases[i].holds);
            assert_false(b->is_guess);
        }
    }
    clear_away(fx);
}

/* Of a long one the process list shows the beginning. */
static void
finds_who_runs_a_long_statement(void **state)
{
    fixture *const fx = *state;
    static const int lengths[] = {700, 40000};
    gw_conn *const holder = open_on(fx, (gw_open_params){0});
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        waiter w;
        gw_buf text = gw_buf_new(fx->arena);
        gw_buf_puts(&text, "ALTER TABLE wt_t ADD COLUMN c int /* ");
        for (int n = 0; n < lengths[i]; n++)
            gw_buf_puts(&text, "é,");
        gw_buf_puts(&text, " */");
        begin(fx);
        exec(holder, "START TRANSACTION");
        exec(holder, "SELECT * FROM wt_t");
        start_waiting(fx, &w, gw_buf_text(&text));
        int64_t twin = 0;
        for (const int64_t until = gw_clock_ms() + 3000; twin == 0 && gw_clock_ms() < until; gw_sleep_ms(20))
            twin = twin_of(fx, gw_buf_text(&text));
        const int64_t of_another = twin_of(fx, "ALTER TABLE wt_t ADD COLUMN c int /* ");
        exec(holder, "ROLLBACK");
        pthread_join(w.thread, NULL);
        ok(w.rc, &w.e);
        assert_int_equal(twin, w.session);
        assert_int_equal(of_another, 0);
    }
    clear_away(fx);
}

static void
names_nobody_when_nobody_is_in_the_way(void **state)
{
    fixture *const fx = *state;
    gw_blockers found = {0};
    gw_err e = {0};
    gw_conn *const other = open_on(fx, (gw_open_params){0});
    exec(other, "START TRANSACTION");
    (void)ask(fx, other, "SELECT COUNT(*) FROM mysql.user", NULL);
    ok(gw_mysql.blockers(fx->arena, fx->conn, session_of(fx, other), &found, &e), &e);
    assert_int_equal(found.len, 0);
    ok(gw_mysql.blockers(fx->arena, fx->conn, 1LL << 40, &found, &e), &e);
    assert_int_equal(found.len, 0);
}

static gw_conn *
open_as(fixture *fx, const char *user)
{
    gw_conn *c = NULL;
    gw_err e = {0};
    gw_url url = fx->url;
    url.user = user;
    url.password = "pw";
    ok(tested->open(fx->arena, &(gw_open_params){.url = &url, .connect_timeout_ms = 2000}, &c, &e), &e);
    return c;
}

static void
names_nobody_to_a_user_who_may_not_know(void **state)
{
    fixture *const fx = *state;
    gw_blockers found = {0};
    gw_err e = {0};
    waiter w;
    begin(fx);
    exec(fx->conn, "CREATE USER wt_u IDENTIFIED BY 'pw'");
    exec(fx->conn, gw_printf(fx->arena, "GRANT ALL ON `%s`.* TO wt_u", fx->conn->facts.database));
    gw_conn *const humble = open_as(fx, "wt_u");
    exec(fx->conn, "START TRANSACTION");
    exec(fx->conn, "SELECT * FROM wt_t");
    start_waiting(fx, &w, "ALTER TABLE wt_t ADD COLUMN c int");
    gw_sleep_ms(300);
    ok(gw_mysql.blockers(fx->arena, humble, w.session, &found, &e), &e);
    assert_int_equal(found.len, 0);
    exec(fx->conn, "COMMIT");
    pthread_join(w.thread, NULL);
    ok(w.rc, &w.e);
    clear_away(fx);
}

static void
says_that_it_waited_too_long_for_a_lock(void **state)
{
    fixture *const fx = *state;
    static const struct {
        const char *holds, *waits;
    } cases[] = {
        {"SELECT * FROM wt_t", "ALTER TABLE wt_t ADD COLUMN c int"},
        {"UPDATE wt_t SET b = 2 WHERE a = 1", "UPDATE wt_t SET b = 3 WHERE a = 1"},
        {"UPDATE wt_t SET b = 2 WHERE a = 1", "SELECT b FROM wt_t WHERE a = 1 FOR UPDATE NOWAIT"},
    };
    gw_conn *const other = open_on(fx, (gw_open_params){.lock_timeout_ms = 1000});
    begin(fx);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gw_err e = {0};
        exec(fx->conn, "START TRANSACTION");
        exec(fx->conn, cases[i].holds);
        assert_int_equal(try_exec(other, cases[i].waits, &e), GODWIT_FAILED);
        assert_true(e.transient);
        assert_true(e.lock_wait);
        exec(fx->conn, "ROLLBACK");
    }
    gw_err plain = {0};
    assert_int_equal(try_exec(other, "SELECT * FROM wt_nowhere", &plain), GODWIT_FAILED);
    assert_false(plain.transient || plain.lock_wait);
    clear_away(fx);
}

/* ---- the lease's texts ---- */

static const char *
lease_text(fixture *fx, gw_sql_id id)
{
    gw_buf out = gw_buf_new(fx->arena);
    const char *text = gw_mysql.sql[id];
    for (const char *mark; (mark = strstr(text, "{lease}")) != NULL; text = mark + strlen("{lease}")) {
        gw_buf_add(&out, (gw_str){text, (size_t)(mark - text)});
        gw_buf_puts(&out, "wt_lease");
    }
    gw_buf_puts(&out, text);
    return gw_buf_text(&out);
}

/* How many rows were hit. */
static int64_t
lease(fixture *fx, gw_conn *c, gw_sql_id id, const gw_param *params, size_t count)
{
    gw_err e = {0};
    ok(gw_mysql.query(c, lease_text(fx, id), params, count, NULL, NULL, &e), &e);
    return c->affected;
}

static int64_t
lease_take(fixture *fx, gw_conn *c, const char *token, const char *owner, const char *ms)
{
    const char *const writes = ask(fx, c, "SELECT writes FROM wt_lease", NULL);
    return lease(fx, c, GW_SQL_LEASE_TAKE,
                 (gw_param[]){{token}, {owner}, {"app@host"}, {"somewhere 1"}, {ms}, {writes}}, 6);
}

static int64_t
lease_beat(fixture *fx, gw_conn *c, const char *token, const char *owner, const char *ms)
{
    return lease(fx, c, GW_SQL_LEASE_BEAT, (gw_param[]){{token}, {owner}, {ms}}, 3);
}

static void
begin_lease(fixture *fx)
{
    clear_away(fx);
    for (int again = 0; again < 2; again++) {
        (void)lease(fx, fx->conn, GW_SQL_LEASE_CREATE, NULL, 0);
        (void)lease(fx, fx->conn, GW_SQL_LEASE_SEED, NULL, 0);
    }
}

/* Whatever a migration did to the clock and the time zone of its session. */
static void
measures_a_lease_by_a_clock_that_no_session_can_change(void **state)
{
    fixture *const fx = *state;
    static const char *const sessions[] = {"SET timestamp = 1000, time_zone = '+09:00'",
                                           "SET timestamp = 4000000, time_zone = '-11:30'",
                                           "SET sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES,TRADITIONAL'"};
    gw_conn *const other = open_on(fx, (gw_open_params){0});
    begin_lease(fx);
    for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++) {
        const char *const token = gw_printf(fx->arena, "%zu", 2 * i), *const next =
                                                                          gw_printf(fx->arena, "%zu", 2 * i + 1);
        exec(fx->conn, sessions[i]);
        assert_int_equal(lease_take(fx, fx->conn, token, "a", "60000"), 1);
        assert_int_equal(lease_take(fx, fx->conn, token, "b", "60000"), 0);
        assert_int_equal(lease_take(fx, other, next, "b", "60000"), 0);
        assert_int_equal(lease_beat(fx, fx->conn, next, "a", "60000"), 1);
        assert_int_equal(lease_beat(fx, other, next, "a", "60000"), 1);
        assert_int_equal(lease_beat(fx, other, next, "b", "60000"), 0);
        const char *const row = ask(fx, other, lease_text(fx, GW_SQL_LEASE_READ), NULL);
        assert_int_equal(strncmp(row, gw_printf(fx->arena, "%s|a|app@host|somewhere 1|20", next), strlen(next) + 26),
                         0);
        const int64_t left =
            strtoll(strrchr(gw_strdup(fx->arena, gw_str_slice(gw_str_of(row), 0, strlen(row) - 5)), '|') + 1, NULL, 10);
        assert_in_range(left, 50000, 60000);
        assert_int_equal(lease_beat(fx, fx->conn, next, "a", "10"), 1);
        gw_sleep_ms(20);
        assert_int_equal(lease_beat(fx, fx->conn, next, "a", "10"), 1); /* over, and nobody took it */
        gw_sleep_ms(20);
        assert_int_equal(lease_take(fx, other, next, "b", "60000"), 1);
        assert_int_equal(lease(fx, fx->conn, GW_SQL_LEASE_FREE, (gw_param[]){{next}, {"a"}}, 2), 0);
        const char *const last = gw_printf(fx->arena, "%zu", 2 * i + 2);
        assert_int_equal(lease(fx, fx->conn, GW_SQL_LEASE_FREE, (gw_param[]){{last}, {"b"}}, 2), 1);
        assert_true(gw_str_starts(gw_str_of(ask(fx, other, lease_text(fx, GW_SQL_LEASE_READ), NULL)),
                                  gw_printf(fx->arena, "%s|NULL|NULL|NULL|NULL|", last)));
        reset(fx->conn);
    }
    clear_away(fx);
}

typedef struct late_taker {
    fixture *fx;
    gw_conn *conn;
    const char *sql;
    int64_t hit;
    gw_err e;
} late_taker;

static void *
beat_late(void *subject)
{
    late_taker *const t = subject;
    if (gw_mysql.query(t->conn, t->sql, (gw_param[]){{"1"}, {"a"}, {"60000"}}, 3, NULL, NULL, &t->e) == GODWIT_OK)
        t->hit = t->conn->affected;
    return NULL;
}

/* The heart may have to wait for the row until the lease is over: it is its owner's as long as nobody took it. */
static void
prolongs_a_lease_for_which_it_had_to_wait(void **state)
{
    fixture *const fx = *state;
    begin_lease(fx);
    late_taker t = {
        .fx = fx, .conn = open_on(fx, (gw_open_params){0}), .sql = lease_text(fx, GW_SQL_LEASE_BEAT), .hit = -1};
    assert_int_equal(lease_take(fx, fx->conn, "0", "a", "600"), 1);
    exec(fx->conn, "START TRANSACTION");
    exec(fx->conn, "SELECT * FROM wt_lease FOR UPDATE");
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, beat_late, &t), 0);
    gw_sleep_ms(900);
    exec(fx->conn, "COMMIT");
    pthread_join(thread, NULL);
    assert_int_equal(t.hit, 1);
    clear_away(fx);
}

/* The heart prolongs it too, while a long transaction still reads what was there when it began. */
static void
prolongs_a_lease_that_changed_since_the_transaction_began_to_read(void **state)
{
    fixture *const fx = *state;
    gw_conn *const heart = open_on(fx, (gw_open_params){0});
    begin_lease(fx);
    assert_int_equal(lease_take(fx, fx->conn, "0", "a", "60000"), 1);
    exec(fx->conn, "START TRANSACTION WITH CONSISTENT SNAPSHOT");
    (void)ask(fx, fx->conn, "SELECT COUNT(*) FROM wt_lease", NULL);
    assert_int_equal(lease_beat(fx, heart, "1", "a", "60000"), 1);
    assert_int_equal(lease_beat(fx, fx->conn, "1", "a", "60000"), 1);
    assert_true(gw_mysql.in_transaction(fx->conn));
    exec(fx->conn, "COMMIT");
    clear_away(fx);
}

static void
tells_what_the_owner_of_a_lease_runs(void **state)
{
    fixture *const fx = *state;
    gw_conn *const owner = open_on(fx, (gw_open_params){0});
    begin_lease(fx);
    const char *const session = gw_printf(fx->arena, "%s %lld", owner->facts.place, (long long)owner->facts.session);
    assert_int_equal(
        lease(fx, owner, GW_SQL_LEASE_TAKE, (gw_param[]){{"0"}, {"a"}, {"app@host"}, {session}, {"60000"}, {"0"}}, 6),
        1);
    late_taker t = {.fx = fx, .conn = owner, .sql = "SELECT SLEEP(1)"};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, beat_late, &t), 0);
    gw_sleep_ms(300);
    const char *const busy = ask(fx, fx->conn, lease_text(fx, GW_SQL_LEASE_READ), NULL);
    pthread_join(thread, NULL);
    assert_true(gw_str_ends(gw_str_of(busy), "|SELECT SLEEP(1)"));
    assert_true(gw_str_ends(gw_str_of(ask(fx, fx->conn, lease_text(fx, GW_SQL_LEASE_READ), NULL)), "|NULL"));
    clear_away(fx);
}

static const struct CMUnitTest tests[] = {
    SERVER_TEST(names_who_keeps_a_statement_waiting),
    SERVER_TEST(finds_who_runs_a_long_statement),
    SERVER_TEST(names_nobody_when_nobody_is_in_the_way),
    SERVER_TEST(names_nobody_to_a_user_who_may_not_know),
    SERVER_TEST(says_that_it_waited_too_long_for_a_lock),
    SERVER_TEST(measures_a_lease_by_a_clock_that_no_session_can_change),
    SERVER_TEST(prolongs_a_lease_for_which_it_had_to_wait),
    SERVER_TEST(prolongs_a_lease_that_changed_since_the_transaction_began_to_read),
    SERVER_TEST(tells_what_the_owner_of_a_lease_runs),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
