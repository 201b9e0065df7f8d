#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/history_read.h"
#include "db/history_write.h"
#include "fake_engine.h"
#include "fake_turn.h"

enum { LENGTH_MS = 60000, SHORT_MS = 90 };

typedef struct fixture {
    gw_arena *arena;
    gw_conn *first, *second;
    gw_lease_table tables[2]; /* as each of them sees it */
    gw_open_params open;
    gw_err e;
} fixture;

static const gw_url url = {.scheme = "fake", .user = "app", .database = "shop"};

static gw_conn *
connect_on(gw_arena *a)
{
    gw_err e = {0};
    gw_conn *c = NULL;
    assert_int_equal(gw_fake.open(a, &(gw_open_params){.url = &url}, &c, &e), GODWIT_OK);
    return c;
}

static gw_lease_table
table_of(gw_arena *a, gw_conn *c)
{
    gw_err e = {0};
    gw_history_probe probe;
    gw_history h;
    assert_int_equal(gw_history_probe_new(a, &gw_fake, "h", &probe, &e), GODWIT_OK);
    assert_int_equal(gw_history_open(a, c, &probe, &h, &e), GODWIT_OK);
    return h.lease;
}

static int
begin_test(void **state)
{
    gw_arena *const a = gw_arena_new();
    fixture *const fx = gw_new(a, fixture);
    *state = fx;
    fx->arena = a;
    fx->open = (gw_open_params){.url = &url};
    if (gw_fake.database_create(NULL, &url, &fx->e) != GODWIT_OK)
        return -1;
    fx->first = connect_on(a);
    fx->second = connect_on(a);
    fx->tables[0] = table_of(a, fx->first);
    fx->tables[1] = table_of(a, fx->second);
    fake_log_clear();
    return 0;
}

static int
end_test(void **state)
{
    gw_arena_free(((fixture *)*state)->arena);
    fake_reset();
    return 0;
}

static gw_lease_params
params_of(fixture *fx, gw_lease_table *t, const char *owner)
{
    return (gw_lease_params){
        .table = t,
        .open = &fx->open,
        .owner = owner,
        .who = gw_printf(fx->arena, "app@host, run %s", owner),
        .length_ms = LENGTH_MS,
    };
}

/* NULL: somebody else has it. */
static gw_lease *
try_on(gw_arena *a, fixture *fx, gw_lease_table *t, const char *owner)
{
    const gw_lease_params p = params_of(fx, t, owner);
    gw_lease *lease = NULL;
    bool taken = false;
    fx->e = (gw_err){0};
    assert_int_equal(gw_lease_try(a, &p, &lease, &taken, NULL, &fx->e), GODWIT_OK);
    assert_int_equal(lease != NULL, taken);
    return lease;
}

/* One that ran out: seen, and seen again. */
static gw_lease *
take_over(gw_arena *a, fixture *fx, gw_lease_table *t, const char *owner)
{
    gw_lease_sighting sighting = {.apart_ms = 2};
    gw_lease_params p = params_of(fx, t, owner);
    gw_lease *lease = NULL;
    bool taken = false;
    p.sighting = &sighting;
    fx->e = (gw_err){0};
    assert_int_equal(gw_lease_try(a, &p, &lease, &taken, NULL, &fx->e), GODWIT_OK);
    assert_false(taken);
    gw_sleep_ms(5);
    assert_int_equal(gw_lease_try(a, &p, &lease, &taken, NULL, &fx->e), GODWIT_OK);
    assert_int_equal(lease != NULL, taken);
    return lease;
}

static const char *
holder_of(fixture *fx, const gw_lease_table *t)
{
    gw_lock_holder holder = {0};
    assert_int_equal(gw_lease_holder(fx->arena, t, NULL, &holder, &fx->e), GODWIT_OK);
    return holder.who;
}

static void
begin(gw_conn *c)
{
    gw_err e = {0};
    assert_int_equal(gw_fake.begin(c, (gw_str){"", 0}, &e), GODWIT_OK);
}

static gw_rc
fence(fixture *fx, gw_conn *c, gw_lease *lease)
{
    fx->e = (gw_err){0};
    begin(c);
    const gw_rc rc = gw_lease_fence(lease, &fx->e);
    gw_fake.rollback(c);
    return rc;
}

/* ---- taking ---- */

static void
makes_the_table_and_its_row_only_when_they_are_missing(void **state)
{
    fixture *const fx = *state;
    gw_arena *const a = gw_arena_new();
    assert_false(fx->tables[0].exists);
    assert_non_null(try_on(a, fx, &fx->tables[0], "a"));
    assert_string_equal(fake_log(), "COLUMNS 'public' 'h' 'h_lease';LEASE CREATE \"public\".\"h_lease\";"
                                    "LEASE READ \"public\".\"h_lease\";LEASE SEED \"public\".\"h_lease\";"
                                    "LEASE READ \"public\".\"h_lease\";LEASE TAKE \"public\".\"h_lease\";");
    assert_true(fx->tables[0].exists);
    gw_arena_free(a);
    fake_log_clear();
    const gw_lease_table again = table_of(fx->arena, fx->second);
    assert_true(again.exists);
    assert_string_equal(fake_log(), "COLUMNS 'public' 'h' 'h_lease';");
}

static void
gives_the_lease_to_one_and_names_it_to_the_other(void **state)
{
    fixture *const fx = *state;
    gw_arena *const a = gw_arena_new();
    assert_non_null(try_on(a, fx, &fx->tables[0], "a"));
    assert_null(try_on(fx->arena, fx, &fx->tables[1], "b"));
    assert_string_equal(holder_of(fx, &fx->tables[1]), "app@host, run a");
    gw_arena_free(a);
    assert_null(holder_of(fx, &fx->tables[1]));
    assert_non_null(try_on(fx->arena, fx, &fx->tables[1], "b"));
}

static void
says_since_when_and_that_it_is_a_lease(void **state)
{
    fixture *const fx = *state;
    gw_lock_holder holder;
    assert_non_null(try_on(fx->arena, fx, &fx->tables[0], "a"));
    assert_int_equal(gw_lease_find(&fx->tables[1], &fx->e), GODWIT_OK);
    assert_int_equal(gw_lease_holder(fx->arena, &fx->tables[1], NULL, &holder, &fx->e), GODWIT_OK);
    assert_true(holder.is_lease);
    assert_string_equal(holder.since, "2026-03-26 17:09:03.123");
}

/* Somebody else made it after it was found missing. */
static void
survives_a_lost_race_for_the_table(void **state)
{
    static const char *const steps[] = {"LEASE CREATE", "LEASE SEED", NULL};
    fixture *const fx = *state;
    gw_arena *const a = gw_arena_new();
    assert_non_null(try_on(a, fx, &fx->tables[0], "a"));
    gw_arena_free(a);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        gw_arena *const b = gw_arena_new();
        fx->tables[1].find = "COLUMNS 'public' 'h' 'not_yet_there'";
        fx->tables[1].exists = false;
        fake = (fake_server){.refuse = steps[i]};
        assert_non_null(try_on(b, fx, &fx->tables[1], "b"));
        gw_arena_free(b);
    }
    assert_null(strstr(strstr(fake_log(), "not_yet_there"), "LEASE SEED")); /* it would wait for a fence */
}

static void
looks_again_before_it_makes_the_table(void **state)
{
    fixture *const fx = *state;
    assert_non_null(try_on(fx->arena, fx, &fx->tables[0], "a"));
    fake_log_clear();
    assert_null(try_on(fx->arena, fx, &fx->tables[1], "b"));
    assert_string_equal(fake_log(), "COLUMNS 'public' 'h' 'h_lease';LEASE READ \"public\".\"h_lease\";");
}

static void
inserts_the_row_that_somebody_left_out(void **state)
{
    fixture *const fx = *state;
    const gw_str create = gw_str_of(fx->tables[0].create);
    assert_int_equal(gw_fake.exec(fx->first, create, &fx->e), GODWIT_OK);
    fx->tables[0].exists = true;
    assert_non_null(try_on(fx->arena, fx, &fx->tables[0], "a"));
}

static void
says_what_it_was_doing_when_the_server_refuses(void **state)
{
    static const struct {
        const char *refuse, *note;
        bool is_missing;
    } rows[] = {
        {"LEASE CREATE", "while creating the table of leases public.h_lease", true},
        {"LEASE READ", "while reading the lease public.h_lease", false},
        {"LEASE TAKE", "while taking the lease public.h_lease", false},
        {"COLUMNS", "while looking for the table of leases public.h_lease", true},
    };
    fixture *const fx = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const gw_lease_params p = params_of(fx, &fx->tables[0], "a");
        gw_lease *lease = NULL;
        bool taken = true;
        fx->e = (gw_err){0};
        fake = (fake_server){.refuse = rows[i].refuse};
        gw_rc rc = gw_lease_find(&fx->tables[0], &fx->e);
        if (rc == GODWIT_OK)
            rc = gw_lease_try(fx->arena, &p, &lease, &taken, NULL, &fx->e);
        assert_int_equal(rc, GODWIT_FAILED);
        assert_string_equal(fx->e.notes, rows[i].note);
        fake = (fake_server){0};
        if (rows[i].is_missing) {
            gw_arena *const a = gw_arena_new();
            assert_non_null(try_on(a, fx, &fx->tables[0], "a"));
            gw_arena_free(a);
        }
        fx->tables[0].exists = i != 2;
    }
}

static void
counts_a_conflict_as_somebody_elses_lease(void **state)
{
    static const char *const steps[] = {"LEASE CREATE", "LEASE READ", "LEASE TAKE"};
    fixture *const fx = *state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        const gw_lease_params p = params_of(fx, &fx->tables[0], "a");
        gw_arena *const a = gw_arena_new();
        gw_lease *lease = NULL;
        bool taken = true;
        gw_err refusal = {0};
        fake = (fake_server){.refuse = steps[i], .refuse_transient = true, .refuse_times = 1, .refuse_code = "1213"};
        assert_int_equal(gw_lease_try(a, &p, &lease, &taken, &refusal, &fx->e), GODWIT_OK);
        assert_false(taken);
        assert_string_equal(refusal.code, "1213");
        assert_non_null(try_on(a, fx, &fx->tables[0], "a"));
        gw_arena_free(a);
    }
}

static void
fails_when_the_connection_is_lost(void **state)
{
    fixture *const fx = *state;
    const gw_lease_params p = params_of(fx, &fx->tables[0], "a");
    gw_lease *lease = NULL;
    bool taken = true;
    fake = (fake_server){.refuse = "LEASE TAKE", .refuse_rc = GODWIT_CONNECT, .refuse_transient = true};
    assert_int_equal(gw_lease_try(fx->arena, &p, &lease, &taken, NULL, &fx->e), GODWIT_CONNECT);
    assert_false(taken);
}

static void
refuses_a_lease_without_a_length(void **state)
{
    fixture *const fx = *state;
    gw_lease_params p = params_of(fx, &fx->tables[0], "a");
    gw_lease *lease = NULL;
    bool taken = true;
    p.length_ms = 0;
    assert_int_equal(gw_lease_try(fx->arena, &p, &lease, &taken, NULL, &fx->e), GODWIT_USAGE);
}

/* ---- taking over ---- */

static void
takes_over_what_ran_out_and_ends_the_session_of_its_owner(void **state)
{
    fixture *const fx = *state;
    gw_arena *const a = gw_arena_new();
    assert_non_null(try_on(a, fx, &fx->tables[0], "a"));
    fake.ahead_ms = LENGTH_MS - 1000;
    assert_null(try_on(fx->arena, fx, &fx->tables[1], "b"));
    assert_null(strstr(fake_log(), "end_session"));
    fake.ahead_ms = LENGTH_MS;
    assert_null(holder_of(fx, &fx->tables[1]));
    assert_non_null(take_over(fx->arena, fx, &fx->tables[1], "b"));
    assert_non_null(strstr(fake_log(), "end_session"));
    assert_false(gw_fake.is_alive(fx->first));
    gw_arena_free(a);
    assert_string_equal(holder_of(fx, &fx->tables[1]), "app@host, run b");
}

static void
leaves_sessions_alone_that_are_elsewhere_or_have_no_number(void **state)
{
    fixture *const fx = *state;
    const gw_facts plain = fx->first->facts;
    const gw_facts rows[] = {{.place = "fake of another node", .session = 1},
                             {.place = "fak", .session = 1},
                             {.place = "fake", .session = 0},
                             {.place = "fake", .session = 1, .pooled = true}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        gw_arena *const a = gw_arena_new(), *const b = gw_arena_new();
        fx->first->facts.place = rows[i].place;
        fx->first->facts.session = rows[i].session;
        fx->first->facts.pooled = rows[i].pooled;
        assert_non_null(try_on(a, fx, &fx->tables[0], "a"));
        fake.ahead_ms += LENGTH_MS;
        assert_non_null(take_over(b, fx, &fx->tables[1], "b"));
        gw_arena_free(b);
        gw_arena_free(a);
        fx->first->facts = plain;
    }
    assert_null(strstr(fake_log(), "end_session"));
    assert_true(gw_fake.is_alive(fx->first));
}

static void
takes_nothing_over_from_a_session_that_it_cannot_end(void **state)
{
    fixture *const fx = *state;
    gw_lease_sighting sighting = {.apart_ms = 0};
    gw_lease_params p = params_of(fx, &fx->tables[1], "b");
    gw_lease *lease = NULL;
    bool taken = true;
    p.sighting = &sighting;
    assert_non_null(try_on(fx->arena, fx, &fx->tables[0], "a"));
    fake = (fake_server){.refuse = "end_session", .ahead_ms = LENGTH_MS};
    assert_int_equal(gw_lease_try(fx->arena, &p, &lease, &taken, NULL, &fx->e), GODWIT_OK);
    assert_int_equal(gw_lease_try(fx->arena, &p, &lease, &taken, NULL, &fx->e), GODWIT_FAILED);
    assert_string_equal(fx->e.notes, "while ending the session of the lease's last owner, app@host, run a");
    assert_null(strstr(fake_log(), "LEASE TAKE \"public\".\"h_lease\";end_session;LEASE TAKE"));
}

static void
takes_over_what_an_earlier_connection_of_the_same_run_holds(void **state)
{
    fixture *const fx = *state;
    gw_arena *const a = gw_arena_new();
    gw_lease *const old = try_on(a, fx, &fx->tables[0], "a");
    assert_non_null(old);
    gw_lease *const again = try_on(fx->arena, fx, &fx->tables[1], "a");
    assert_non_null(again);
    assert_false(gw_fake.is_alive(fx->first));
    assert_int_equal(fence(fx, fx->second, again), GODWIT_OK);
    gw_arena_free(a);
    assert_int_equal(fence(fx, fx->second, again), GODWIT_OK);
}

static void
gives_nothing_back_when_its_connection_is_lost(void **state)
{
    fixture *const fx = *state;
    gw_arena *const a = gw_arena_new();
    assert_non_null(try_on(a, fx, &fx->tables[0], "a"));
    fake.refuse = "SLEEP";
    fake.refuse_rc = GODWIT_CONNECT;
    assert_int_equal(gw_fake.exec(fx->first, GW_STR_LIT("SLEEP"), &fx->e), GODWIT_CONNECT);
    gw_arena_free(a);
    assert_null(try_on(fx->arena, fx, &fx->tables[1], "b"));
    fake.ahead_ms = LENGTH_MS;
    assert_non_null(take_over(fx->arena, fx, &fx->tables[1], "b"));
}

static void
leaves_what_ran_out_alone_until_it_has_stayed_so_for_a_while(void **state)
{
    fixture *const fx = *state;
    gw_lease_sighting sighting = {.apart_ms = 150};
    gw_lease_params p = params_of(fx, &fx->tables[1], "b");
    gw_lease *lease = NULL;
    bool taken = false, is_over = false;
    gw_lock_holder holder;
    p.sighting = &sighting;
    assert_non_null(try_on(fx->arena, fx, &fx->tables[0], "a"));
    fake.ahead_ms = LENGTH_MS;
    assert_null(try_on(fx->arena, fx, &fx->tables[1], "b")); /* without a memory nobody is sure */
    const int64_t began = gw_clock_ms();
    while (!taken) {
        assert_int_equal(gw_lease_holder(fx->arena, &fx->tables[1], &is_over, &holder, &fx->e), GODWIT_OK);
        assert_true(is_over);
        assert_string_equal(holder.who, "app@host, run a");
        assert_int_equal(gw_lease_try(fx->arena, &p, &lease, &taken, NULL, &fx->e), GODWIT_OK);
        gw_sleep_ms(1);
    }
    assert_in_range(gw_clock_ms() - began, 150, 20000);
    assert_int_equal(gw_lease_holder(fx->arena, &fx->tables[1], &is_over, &holder, &fx->e), GODWIT_OK);
    assert_false(is_over);
    assert_string_equal(holder.who, "app@host, run b");
}

/* A beat that came late, and is over again: its owner lives. */
static void
begins_to_look_again_when_what_ran_out_was_written(void **state)
{
    fixture *const fx = *state;
    gw_lease_sighting sighting = {.apart_ms = 0};
    gw_lease_params p = params_of(fx, &fx->tables[1], "b");
    gw_lease *lease = NULL;
    bool taken = false;
    p.sighting = &sighting;
    gw_lease *const owner = try_on(fx->arena, fx, &fx->tables[0], "a");
    for (int i = 0; i < 3; i++) {
        fake.ahead_ms += LENGTH_MS;
        assert_int_equal(gw_lease_try(fx->arena, &p, &lease, &taken, NULL, &fx->e), GODWIT_OK);
        assert_false(taken);
        begin(fx->first);
        assert_int_equal(gw_lease_fence(owner, &fx->e), GODWIT_OK);
        assert_int_equal(gw_fake.commit(fx->first, &fx->e), GODWIT_OK);
    }
    assert_true(gw_fake.is_alive(fx->first));
    fake.ahead_ms += LENGTH_MS;
    for (int i = 0; i < 2; i++)
        assert_int_equal(gw_lease_try(fx->arena, &p, &lease, &taken, NULL, &fx->e), GODWIT_OK);
    assert_true(taken);
    assert_false(gw_fake.is_alive(fx->first));
}

typedef struct work {
    gw_conn *conn;
    gw_rc rc;
    gw_err e;
    pthread_t thread;
} work;

static void *
work_on(void *subject)
{
    work *const w = subject;
    w->rc = gw_fake.exec(w->conn, GW_STR_LIT("UPDATE t SET n = 2 WHERE n = 1"), &w->e);
    return NULL;
}

/* The first waits at work until the third ends its transaction. */
static gw_conn *
put_to_work(fixture *fx, work *w)
{
    static const char *const sql[] = {"CREATE TABLE t (n)", "INSERT INTO t VALUES (1)"};
    gw_conn *const third = connect_on(fx->arena);
    for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++)
        assert_int_equal(gw_fake.exec(third, gw_str_of(sql[i]), &fx->e), GODWIT_OK);
    begin(third);
    assert_int_equal(gw_fake.exec(third, GW_STR_LIT("UPDATE t SET n = 1 WHERE n = 1"), &fx->e), GODWIT_OK);
    assert_int_equal(gw_fake.set_lock_timeout(fx->first, 20000, &fx->e), GODWIT_OK);
    *w = (work){.conn = fx->first};
    assert_int_equal(pthread_create(&w->thread, NULL, work_on, w), 0);
    for (gw_lock_holder holder = {0}; holder.query == NULL; gw_sleep_ms(1))
        assert_int_equal(gw_lease_holder(fx->arena, &fx->tables[1], &(bool){false}, &holder, &fx->e), GODWIT_OK);
    return third;
}

/* Its row comes first: had it been written meanwhile, the owner would live. */
static void
ends_an_owner_at_work_only_after_it_took_the_row(void **state)
{
    fixture *const fx = *state;
    work w;
    assert_non_null(try_on(fx->arena, fx, &fx->tables[0], "a"));
    fx->tables[1].exists = true;
    gw_conn *const third = put_to_work(fx, &w);
    fake.ahead_ms = LENGTH_MS;
    assert_non_null(take_over(fx->arena, fx, &fx->tables[1], "b"));
    assert_non_null(strstr(fake_log(),
                           "LEASE TAKE \"public\".\"h_lease\";LEASE READ \"public\".\"h_lease\";end_session;"
                           "LEASE FREE \"public\".\"h_lease\";LEASE READ \"public\".\"h_lease\";"
                           "LEASE TAKE \"public\".\"h_lease\";"));
    gw_fake.rollback(third);
    pthread_join(w.thread, NULL);
    assert_false(gw_fake.is_alive(fx->first));
}

/* Behind its fence nobody can say whether it lives: its beats wait for its own transaction. */
static void
leaves_an_owner_at_work_behind_its_fence_alone(void **state)
{
    fixture *const fx = *state;
    work w;
    gw_lease *const lease = try_on(fx->arena, fx, &fx->tables[0], "a");
    fx->tables[1].exists = true;
    begin(fx->first);
    assert_int_equal(gw_lease_fence(lease, &fx->e), GODWIT_OK);
    gw_conn *const third = put_to_work(fx, &w);
    fake.ahead_ms = LENGTH_MS;
    assert_null(take_over(fx->arena, fx, &fx->tables[1], "b"));
    gw_fake.rollback(third);
    pthread_join(w.thread, NULL);
    assert_int_equal(w.rc, GODWIT_OK);
    assert_int_equal(gw_fake.commit(fx->first, &fx->e), GODWIT_OK);
    assert_int_equal(fence(fx, fx->first, lease), GODWIT_OK);
}

static void
checks_on_a_new_connection_that_nobody_took_it_since(void **state)
{
    fixture *const fx = *state;
    fx->first->facts.place = "elsewhere";
    gw_lease *const lease = try_on(fx->arena, fx, &fx->tables[0], "a");
    assert_string_equal(gw_lease_token(lease), "1");
    gw_lease_table again = table_of(fx->arena, connect_on(fx->arena));
    assert_int_equal(gw_lease_check(&again, gw_lease_token(lease), &fx->e), GODWIT_OK);
    fake.ahead_ms = LENGTH_MS;
    assert_int_equal(gw_lease_check(&again, gw_lease_token(lease), &fx->e), GODWIT_OK);
    gw_arena *const b = gw_arena_new();
    assert_non_null(take_over(b, fx, &fx->tables[1], "b"));
    assert_int_equal(gw_lease_check(&again, gw_lease_token(lease), &fx->e), GODWIT_LOCKED);
    assert_string_equal(fx->e.message,
                        "this run no longer holds the lease public.h_lease: app@host, run b took it over");
    assert_non_null(strstr(fx->e.hint, "`godwit status`"));
    gw_arena_free(b);
    fx->e = (gw_err){0};
    assert_int_equal(gw_lease_check(&again, gw_lease_token(lease), &fx->e), GODWIT_LOCKED); /* it was in between */
    assert_non_null(strstr(fx->e.message, "another runner took it over"));
    fx->e = (gw_err){0};
    fake.refuse = "LEASE READ";
    assert_int_equal(gw_lease_check(&again, "1", &fx->e), GODWIT_FAILED);
    assert_string_equal(fx->e.notes, "while reading the lease public.h_lease");
    fake.refuse = NULL;
}

/* ---- the fence ---- */

/* As when a statement of somebody else kept the cluster from committing beats. */
static void
lets_an_owner_go_on_whose_beats_came_late(void **state)
{
    fixture *const fx = *state;
    gw_lease *const lease = try_on(fx->arena, fx, &fx->tables[0], "a");
    assert_int_equal(fence(fx, fx->first, lease), GODWIT_OK);
    fake.ahead_ms = LENGTH_MS;
    assert_null(holder_of(fx, &fx->tables[0]));
    begin(fx->first);
    assert_int_equal(gw_lease_fence(lease, &fx->e), GODWIT_OK);
    assert_int_equal(gw_fake.commit(fx->first, &fx->e), GODWIT_OK);
    assert_string_equal(holder_of(fx, &fx->tables[0]), "app@host, run a");
}

static void
prolongs_with_each_fence_that_is_committed(void **state)
{
    fixture *const fx = *state;
    gw_lease *const lease = try_on(fx->arena, fx, &fx->tables[0], "a");
    for (int i = 1; i <= 3; i++) {
        fake.ahead_ms = i * (LENGTH_MS - 1000);
        begin(fx->first);
        assert_int_equal(gw_lease_fence(lease, &fx->e), GODWIT_OK);
        assert_int_equal(gw_fake.commit(fx->first, &fx->e), GODWIT_OK);
    }
    assert_null(try_on(fx->arena, fx, &fx->tables[1], "b"));
}

static void
tells_who_took_it_over(void **state)
{
    fixture *const fx = *state;
    fx->first->facts.place = "elsewhere";
    gw_lease *const lease = try_on(fx->arena, fx, &fx->tables[0], "a");
    fake.ahead_ms = LENGTH_MS;
    assert_non_null(take_over(fx->arena, fx, &fx->tables[1], "b"));
    assert_int_equal(fence(fx, fx->first, lease), GODWIT_LOCKED);
    assert_string_equal(fx->e.message, "this run no longer holds the lease public.h_lease: app@host, run b took it "
                                       "over at 2026-03-26 17:09:03.123");
}

static void
keeps_takers_out_between_fence_and_commit(void **state)
{
    fixture *const fx = *state;
    fx->first->facts.place = "elsewhere";
    gw_lease *const lease = try_on(fx->arena, fx, &fx->tables[0], "a");
    begin(fx->first);
    assert_int_equal(gw_lease_fence(lease, &fx->e), GODWIT_OK);
    fake.ahead_ms = 2 * LENGTH_MS;
    assert_null(take_over(fx->arena, fx, &fx->tables[1], "b"));
    assert_int_equal(gw_fake.commit(fx->first, &fx->e), GODWIT_OK);
    assert_non_null(take_over(fx->arena, fx, &fx->tables[1], "b"));
}

static void
passes_a_conflict_at_the_fence_on_as_transient(void **state)
{
    fixture *const fx = *state;
    gw_lease *const lease = try_on(fx->arena, fx, &fx->tables[0], "a");
    fake = (fake_server){.refuse = "LEASE BEAT", .refuse_transient = true, .refuse_times = 1};
    assert_int_equal(fence(fx, fx->first, lease), GODWIT_FAILED);
    assert_true(fx->e.transient);
    assert_string_equal(fx->e.notes, "while prolonging the lease public.h_lease");
    assert_int_equal(fence(fx, fx->first, lease), GODWIT_OK);
}

/* ---- the heart ---- */

/* While its thread works. */
static void
say(const fake_server *server)
{
    FAKE_TURN;
    fake = *server;
}

static bool
refuses(void)
{
    FAKE_TURN;
    return fake.refuse != NULL;
}

static gw_lease *
take_short(gw_arena *a, fixture *fx)
{
    gw_lease_params p = params_of(fx, &fx->tables[0], "a");
    gw_lease *lease = NULL;
    bool taken = false;
    p.length_ms = SHORT_MS;
    assert_int_equal(gw_lease_try(a, &p, &lease, &taken, NULL, &fx->e), GODWIT_OK);
    assert_true(taken);
    return lease;
}

static void
lives_longer_than_its_length(void **state)
{
    fixture *const fx = *state;
    gw_arena *const a = gw_arena_new();
    gw_lease *const lease = take_short(a, fx);
    assert_null(strstr(fake_log(), "open;"));
    gw_sleep_ms(3 * SHORT_MS);
    assert_null(try_on(fx->arena, fx, &fx->tables[1], "b"));
    assert_int_equal(fence(fx, fx->first, lease), GODWIT_OK);
    assert_non_null(strstr(fake_log(), "open;LEASE BEAT"));
    gw_arena_free(a);
    const size_t length = strlen(fake_log());
    gw_sleep_ms(SHORT_MS);
    assert_int_equal(strlen(fake_log()), length);
}

static void
connects_again_when_the_heart_lost_its_connection(void **state)
{
    fixture *const fx = *state;
    gw_lease *const lease = take_short(fx->arena, fx);
    say(&(fake_server){.refuse = "LEASE BEAT", .refuse_rc = GODWIT_CONNECT, .refuse_times = 1, .refuse_after = 1});
    gw_sleep_ms(4 * SHORT_MS);
    assert_false(refuses());
    assert_int_equal(fence(fx, fx->first, lease), GODWIT_OK);
}

static void
stops_beating_when_the_lease_is_lost(void **state)
{
    fixture *const fx = *state;
    fx->first->facts.place = "elsewhere";
    gw_lease *const lease = take_short(fx->arena, fx);
    fx->tables[1].exists = true;
    assert_int_equal(gw_lease_release(&fx->tables[1], true, &fx->e), GODWIT_OK);
    gw_sleep_ms(SHORT_MS);
    fake_log_clear();
    gw_sleep_ms(SHORT_MS);
    assert_string_equal(fake_log(), "");
    assert_int_equal(fence(fx, fx->first, lease), GODWIT_LOCKED);
}

/* How long a lease takes to end, whose beat waits for the transaction that is behind the fence. */
static int64_t
time_end_while_a_beat_waits(fixture *fx)
{
    gw_arena *const a = gw_arena_new();
    gw_lease_params p = params_of(fx, &fx->tables[0], "a");
    gw_lease *lease = NULL;
    bool taken = false;
    p.length_ms = 3000;
    assert_int_equal(gw_lease_try(a, &p, &lease, &taken, NULL, &fx->e), GODWIT_OK);
    fake_log_clear();
    begin(fx->first);
    assert_int_equal(gw_lease_fence(lease, &fx->e), GODWIT_OK);
    const int64_t began = gw_clock_ms();
    while (strstr(fake_log(), "open;LEASE BEAT") == NULL && gw_clock_ms() - began < 20000)
        gw_sleep_ms(20);
    gw_sleep_ms(100);
    const int64_t ends = gw_clock_ms();
    gw_arena_free(a);
    assert_false(gw_fake.in_transaction(fx->first));
    return gw_clock_ms() - ends;
}

/* A busy machine may be late, but not each time. */
static void
ends_at_once_while_a_beat_waits(void **state)
{
    fixture *const fx = *state;
    int tries = 0;
    while (time_end_while_a_beat_waits(fx) >= 500)
        assert_true(++tries < 5);
}

/* A pooler without a session for it: nobody took the lease, so it is still ours. */
static void
goes_on_although_its_heart_cannot_reach_the_server(void **state)
{
    fixture *const fx = *state;
    say(&(fake_server){.refuse = "open", .refuse_rc = GODWIT_CONNECT, .refuse_transient = true});
    gw_lease *const lease = take_short(fx->arena, fx);
    gw_sleep_ms(4 * SHORT_MS);
    assert_int_equal(fence(fx, fx->first, lease), GODWIT_OK);
    assert_null(strstr(fake_log(), "open;LEASE BEAT"));
    say(&(fake_server){0});
    gw_sleep_ms(2 * SHORT_MS);
    assert_non_null(strstr(fake_log(), "open;LEASE BEAT"));
    assert_int_equal(fence(fx, fx->first, lease), GODWIT_OK);
}

static void
stops_such_an_owner_as_soon_as_somebody_took_its_lease(void **state)
{
    fixture *const fx = *state;
    fx->first->facts.place = "elsewhere";
    say(&(fake_server){.refuse = "open", .refuse_rc = GODWIT_CONNECT, .refuse_transient = true});
    gw_lease *const lease = take_short(fx->arena, fx);
    gw_sleep_ms(2 * SHORT_MS);
    say(&(fake_server){.refuse = "open", .refuse_rc = GODWIT_CONNECT, .refuse_transient = true, .ahead_ms = LENGTH_MS});
    assert_non_null(take_over(fx->arena, fx, &fx->tables[1], "b"));
    assert_int_equal(fence(fx, fx->first, lease), GODWIT_LOCKED);
    assert_non_null(strstr(fx->e.message, "app@host, run b took it over"));
}

/* What it waits for is somebody else's, and lasts longer than the lease. */
static void
goes_on_while_its_beats_wait_at_the_server(void **state)
{
    fixture *const fx = *state;
    gw_lease *const lease = take_short(fx->arena, fx);
    const gw_param nobody[] = {{"0"}, {"x"}, {"1"}};
    begin(fx->second);
    assert_int_equal(gw_fake.query(fx->second, fx->tables[0].beat, nobody, 3, NULL, NULL, &fx->e), GODWIT_OK);
    gw_sleep_ms(4 * SHORT_MS);
    assert_non_null(strstr(fake_log(), "open;LEASE BEAT"));
    gw_fake.rollback(fx->second);
    assert_int_equal(fence(fx, fx->first, lease), GODWIT_OK);
}

/* In a process of its own: 0 when the fence said what it should. */
static int
sleep_with_lease(fixture *fx)
{
    gw_lease_params p = params_of(fx, &fx->tables[0], "a");
    gw_lease *lease = NULL;
    bool taken = false;
    p.length_ms = 2000; /* its heart has no connection yet */
    if (gw_lease_try(fx->arena, &p, &lease, &taken, NULL, &fx->e) != GODWIT_OK || !taken)
        return 1;
    (void)raise(SIGSTOP);
    gw_err e = {0};
    begin(fx->first);
    const gw_rc rc = gw_lease_fence(lease, &e);
    gw_fake.rollback(fx->first);
    return rc == GODWIT_LOCKED && strstr(e.message, "slept for more than 2 s") != NULL ? 0 : 2;
}

static int
wake_after(fixture *fx, int64_t ms)
{
    int status = 0;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(sleep_with_lease(fx));
    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    assert_true(WIFSTOPPED(status));
    gw_sleep_ms(ms);
    assert_int_equal(kill(child, SIGCONT), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
stops_an_owner_that_was_asleep_for_longer_than_its_lease(void **state)
{
    assert_int_equal(wake_after(*state, 2500), 0);
    assert_int_equal(wake_after(*state, 100), 2); /* not for so short a nap */
}

/* ---- release ---- */

static void
refuses_to_release_what_is_held_unless_forced(void **state)
{
    fixture *const fx = *state;
    fx->first->facts.place = "elsewhere";
    gw_lease *const lease = try_on(fx->arena, fx, &fx->tables[0], "a");
    fx->tables[1].exists = true;
    assert_int_equal(gw_lease_release(&fx->tables[1], false, &fx->e), GODWIT_REFUSED);
    assert_non_null(strstr(fx->e.message, "app@host, run a since 2026-03-26 17:09:03.123"));
    fx->e = (gw_err){0};
    assert_int_equal(gw_lease_release(&fx->tables[1], true, &fx->e), GODWIT_OK);
    assert_null(holder_of(fx, &fx->tables[1]));
    assert_int_equal(fence(fx, fx->first, lease), GODWIT_LOCKED);
}

static void
releases_what_ran_out_or_is_free_without_force(void **state)
{
    fixture *const fx = *state;
    assert_int_equal(gw_lease_release(&fx->tables[1], false, &fx->e), GODWIT_OK);
    fx->first->facts.place = "elsewhere";
    assert_non_null(try_on(fx->arena, fx, &fx->tables[0], "a"));
    fx->tables[1].exists = true;
    fake.ahead_ms = LENGTH_MS;
    assert_int_equal(gw_lease_release(&fx->tables[1], false, &fx->e), GODWIT_OK);
    assert_int_equal(gw_lease_release(&fx->tables[1], false, &fx->e), GODWIT_OK);
    assert_non_null(try_on(fx->arena, fx, &fx->tables[1], "b"));
}

/* ---- the history behind the fence ---- */

static const gw_record row = {
    .version = "1", .name = "one", .kind = "versioned", .direction = "up", .state = GODWIT_RUNNING, .statements = 2};

static gw_history
held_history(fixture *fx, gw_lease **lease)
{
    gw_history_probe probe;
    gw_history h;
    assert_int_equal(gw_history_probe_new(fx->arena, &gw_fake, "h", &probe, &fx->e), GODWIT_OK);
    assert_int_equal(gw_history_open(fx->arena, fx->first, &probe, &h, &fx->e), GODWIT_OK);
    assert_int_equal(gw_history_create(&h, &fx->e), GODWIT_OK);
    fx->first->facts.place = "elsewhere";
    *lease = try_on(fx->arena, fx, &fx->tables[0], "a");
    gw_history_hold(fx->arena, &h, "1", *lease);
    fake_log_clear();
    return h;
}

static size_t
count_rows(fixture *fx, const gw_history *h)
{
    gw_records rows;
    assert_int_equal(gw_history_list(fx->arena, h, &rows, &fx->e), GODWIT_OK);
    return rows.len;
}

static void
writes_history_in_a_transaction_that_begins_with_the_fence(void **state)
{
    fixture *const fx = *state;
    gw_lease *lease;
    const gw_history h = held_history(fx, &lease);
    int64_t id = 0;
    assert_int_equal(gw_history_add(&h, &row, NULL, &id, &fx->e), GODWIT_OK);
    assert_int_equal(id, 1);
    assert_true(gw_str_starts(gw_str_of(fake_log()), "begin;LEASE BEAT \"public\".\"h_lease\";INSERT"));
    assert_true(gw_str_ends(gw_str_of(fake_log()), "LAST NUMBER;commit;"));
    fake_log_clear();
    begin(fx->first);
    assert_int_equal(gw_history_mark(&h, id, &(gw_mark){.done = 1}, &fx->e), GODWIT_OK);
    assert_true(gw_fake.in_transaction(fx->first));
    assert_true(gw_str_starts(gw_str_of(fake_log()), "begin;LEASE BEAT \"public\".\"h_lease\";UPDATE"));
    assert_null(strstr(fake_log(), "commit"));
    gw_fake.rollback(fx->first);
}

static void
writes_nothing_when_the_lease_is_gone(void **state)
{
    fixture *const fx = *state;
    gw_lease *lease;
    const gw_history h = held_history(fx, &lease);
    fake.ahead_ms = LENGTH_MS;
    assert_non_null(take_over(fx->arena, fx, &fx->tables[1], "b"));
    assert_int_equal(gw_history_add(&h, &row, NULL, NULL, &fx->e), GODWIT_LOCKED);
    assert_non_null(strstr(fx->e.message, "app@host, run b took it over"));
    assert_false(gw_fake.in_transaction(fx->first));
    assert_int_equal(count_rows(fx, &h), 0);
}

static void
keeps_nothing_of_a_write_whose_commit_fails(void **state)
{
    fixture *const fx = *state;
    gw_lease *lease;
    const gw_history h = held_history(fx, &lease);
    fake = (fake_server){.refuse = "commit", .refuse_transient = true, .refuse_times = 1};
    assert_int_equal(gw_history_add(&h, &row, NULL, NULL, &fx->e), GODWIT_FAILED);
    assert_true(fx->e.transient);
    assert_string_equal(fx->e.notes, "while writing the history table public.h");
    assert_false(gw_fake.in_transaction(fx->first));
    assert_int_equal(count_rows(fx, &h), 0);
}

#define LEASE_TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        LEASE_TEST(makes_the_table_and_its_row_only_when_they_are_missing),
        LEASE_TEST(gives_the_lease_to_one_and_names_it_to_the_other),
        LEASE_TEST(says_since_when_and_that_it_is_a_lease),
        LEASE_TEST(survives_a_lost_race_for_the_table),
        LEASE_TEST(looks_again_before_it_makes_the_table),
        LEASE_TEST(inserts_the_row_that_somebody_left_out),
        LEASE_TEST(says_what_it_was_doing_when_the_server_refuses),
        LEASE_TEST(counts_a_conflict_as_somebody_elses_lease),
        LEASE_TEST(fails_when_the_connection_is_lost),
        LEASE_TEST(refuses_a_lease_without_a_length),
        LEASE_TEST(takes_over_what_ran_out_and_ends_the_session_of_its_owner),
        LEASE_TEST(leaves_sessions_alone_that_are_elsewhere_or_have_no_number),
        LEASE_TEST(takes_nothing_over_from_a_session_that_it_cannot_end),
        LEASE_TEST(takes_over_what_an_earlier_connection_of_the_same_run_holds),
        LEASE_TEST(gives_nothing_back_when_its_connection_is_lost),
        LEASE_TEST(leaves_what_ran_out_alone_until_it_has_stayed_so_for_a_while),
        LEASE_TEST(begins_to_look_again_when_what_ran_out_was_written),
        LEASE_TEST(ends_an_owner_at_work_only_after_it_took_the_row),
        LEASE_TEST(leaves_an_owner_at_work_behind_its_fence_alone),
        LEASE_TEST(checks_on_a_new_connection_that_nobody_took_it_since),
        LEASE_TEST(lets_an_owner_go_on_whose_beats_came_late),
        LEASE_TEST(prolongs_with_each_fence_that_is_committed),
        LEASE_TEST(tells_who_took_it_over),
        LEASE_TEST(keeps_takers_out_between_fence_and_commit),
        LEASE_TEST(passes_a_conflict_at_the_fence_on_as_transient),
        LEASE_TEST(lives_longer_than_its_length),
        LEASE_TEST(connects_again_when_the_heart_lost_its_connection),
        LEASE_TEST(stops_beating_when_the_lease_is_lost),
        LEASE_TEST(ends_at_once_while_a_beat_waits),
        LEASE_TEST(goes_on_although_its_heart_cannot_reach_the_server),
        LEASE_TEST(stops_such_an_owner_as_soon_as_somebody_took_its_lease),
        LEASE_TEST(goes_on_while_its_beats_wait_at_the_server),
        LEASE_TEST(stops_an_owner_that_was_asleep_for_longer_than_its_lease),
        LEASE_TEST(refuses_to_release_what_is_held_unless_forced),
        LEASE_TEST(releases_what_ran_out_or_is_free_without_force),
        LEASE_TEST(writes_history_in_a_transaction_that_begins_with_the_fence),
        LEASE_TEST(writes_nothing_when_the_lease_is_gone),
        LEASE_TEST(keeps_nothing_of_a_write_whose_commit_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
