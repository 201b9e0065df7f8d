#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/history_read.h"
#include "db/history_write.h"
#include "db/lock.h"
#include "fake_engine.h"

typedef struct fixture {
    gw_arena *arena;
    gw_conn *first, *second;
    gw_err e;
} fixture;

static const gw_url url = {.scheme = "fake", .user = "app", .database = "shop"};

static gw_conn *
connect_on(gw_arena *a)
{
    gw_err e = {0};
    gw_conn *c = NULL;
    const gw_open_params p = {.url = &url};
    assert_int_equal(gw_fake.open(a, &p, &c, &e), GODWIT_OK);
    return c;
}

static int
begin_test(void **state)
{
    gw_arena *const a = gw_arena_new();
    fixture *const fx = gw_new(a, fixture);
    *state = fx;
    fx->arena = a;
    if (gw_fake.database_create(NULL, &url, &fx->e) != GODWIT_OK)
        return -1;
    fx->first = connect_on(a);
    fx->second = connect_on(a);
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

/* ---- the policy ---- */

enum { ALL = GW_CAP_SESSION_LOCK | GW_CAP_LEASE, REFUSED = -1 };

static void
chooses_the_method_by_setting_capability_and_facts(void **state)
{
    (void)state;
    static const struct {
        gw_lock_choice choice;
        unsigned caps;
        bool pooled, cluster;
        int method;
        bool replays;
    } rows[] = {
        {GW_LOCK_AUTO, ALL, false, false, GW_LOCK_SESSION},
        {GW_LOCK_AUTO, ALL, false, false, GW_LOCK_LEASE, .replays = true},
        {GW_LOCK_ONLY_SESSION, ALL, false, false, GW_LOCK_SESSION, .replays = true},
        {GW_LOCK_AUTO, ALL, true, false, GW_LOCK_LEASE},
        {GW_LOCK_AUTO, ALL, false, true, GW_LOCK_LEASE},
        {GW_LOCK_AUTO, ALL | GW_CAP_TX_DDL | GW_CAP_COPY, false, false, GW_LOCK_SESSION},
        {GW_LOCK_AUTO, GW_CAP_TX_LOCK, false, false, GW_LOCK_TRANSACTION},
        {GW_LOCK_AUTO, GW_CAP_TX_LOCK | ALL, false, true, GW_LOCK_TRANSACTION},
        {GW_LOCK_AUTO, GW_CAP_LEASE, false, false, GW_LOCK_LEASE},
        {GW_LOCK_AUTO, GW_CAP_SESSION_LOCK, true, false, REFUSED},
        {GW_LOCK_AUTO, GW_CAP_SESSION_LOCK, false, true, REFUSED},
        {GW_LOCK_AUTO, 0, false, false, REFUSED},
        {GW_LOCK_ONLY_SESSION, ALL, false, false, GW_LOCK_SESSION},
        {GW_LOCK_ONLY_SESSION, ALL, true, true, GW_LOCK_SESSION},
        {GW_LOCK_ONLY_SESSION, GW_CAP_LEASE, false, false, REFUSED},
        {GW_LOCK_ONLY_SESSION, GW_CAP_TX_LOCK, false, false, REFUSED},
        {GW_LOCK_ONLY_LEASE, ALL, false, false, GW_LOCK_LEASE},
        {GW_LOCK_ONLY_LEASE, ALL, true, false, GW_LOCK_LEASE},
        {GW_LOCK_ONLY_LEASE, GW_CAP_SESSION_LOCK, false, false, REFUSED},
        {GW_LOCK_ONLY_LEASE, GW_CAP_TX_LOCK, false, false, REFUSED},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        gw_err e = {0};
        gw_engine engine = gw_fake;
        gw_lock_method method = GW_LOCK_SESSION;
        const gw_facts facts = {.product = "Fake",
                                .database = "shop",
                                .pooled = rows[i].pooled,
                                .cluster = rows[i].cluster,
                                .replays = rows[i].replays};
        engine.caps = rows[i].caps;
        const gw_rc rc = gw_lock_policy(&engine, &facts, rows[i].choice, &method, &e);
        assert_int_equal(rc, rows[i].method == REFUSED ? GODWIT_REFUSED : GODWIT_OK);
        if (rc == GODWIT_OK)
            assert_int_equal(method, rows[i].method);
    }
}

static void
says_what_to_do_where_no_lock_can_be_trusted(void **state)
{
    (void)state;
    static const struct {
        gw_lock_choice choice;
        bool pooled, cluster;
        const char *message, *hint;
    } rows[] = {
        {GW_LOCK_AUTO, true, false, "Fake has no lock that keeps a second runner out of shop behind a pooler",
         "connect directly to one server"},
        {GW_LOCK_AUTO, false, true, "Fake has no lock that keeps a second runner out of shop on a cluster",
         "connect directly to one server"},
        {GW_LOCK_AUTO, false, false, "Fake has no lock that keeps a second runner out of shop", ""},
        {GW_LOCK_ONLY_LEASE, false, false, "Fake has no lock of the kind 'lease'",
         "leave the setting `lock` out: godwit chooses one that keeps a second runner out"},
        {GW_LOCK_ONLY_SESSION, false, false, "Fake has no lock of the kind 'session'",
         "leave the setting `lock` out: godwit chooses one that keeps a second runner out"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        gw_err e = {0};
        gw_lock_method method;
        const gw_engine engine = {.caps = 0};
        const gw_facts facts = {
            .product = "Fake", .database = "shop", .pooled = rows[i].pooled, .cluster = rows[i].cluster};
        assert_int_equal(gw_lock_policy(&engine, &facts, rows[i].choice, &method, &e), GODWIT_REFUSED);
        assert_string_equal(e.message, rows[i].message);
        assert_string_equal(e.hint, rows[i].hint);
    }
}

/* ---- the key ---- */

static void
makes_a_key_that_fits_a_bigint_of_database_and_table(void **state)
{
    const fixture *const fx = *state;
    const gw_facts shop = {.database = "shop"}, sho = {.database = "sho"};
    const char *const key = gw_lock_key(fx->arena, NULL, &shop, "public.godwit_history");
    assert_int_equal(strspn(key, "0123456789"), strlen(key));
    assert_true(strlen(key) <= strlen("9223372036854775807"));
    char *end = NULL;
    assert_true(strtoll(key, &end, 10) > 0 && *end == '\0');
    assert_string_equal(key, gw_lock_key(fx->arena, "", &shop, "public.godwit_history"));
    assert_string_not_equal(key, gw_lock_key(fx->arena, NULL, &shop, "public.other"));
    assert_string_not_equal(gw_lock_key(fx->arena, NULL, &shop, "x"), gw_lock_key(fx->arena, NULL, &sho, "px"));
}

static void
keeps_the_same_key_in_every_version_of_godwit(void **state)
{
    const fixture *const fx = *state;
    const gw_facts shop = {.database = "shop"};
    assert_string_equal(gw_lock_key(fx->arena, NULL, &shop, "public.godwit_history"), "1872718925928730397");
}

static void
takes_a_configured_key_as_it_is(void **state)
{
    const fixture *const fx = *state;
    const gw_facts shop = {.database = "shop"};
    assert_string_equal(gw_lock_key(fx->arena, "4711", &shop, "h"), "4711");
    assert_string_equal(gw_lock_key(fx->arena, "our migrations", &shop, "h"), "our migrations");
}

/* ---- taking ---- */

typedef struct polls {
    unsigned count, stop_after; /* 0: never */
    int64_t waited_ms;
    char who[64];
} polls;

static gw_rc
note_poll(void *ctx, const gw_lock_holder *holder, int64_t waited_ms, gw_err *e)
{
    polls *const p = ctx;
    p->count++;
    assert_true(waited_ms >= p->waited_ms);
    p->waited_ms = waited_ms;
    gw_err_copy(p->who, sizeof(p->who), gw_str_of(holder->who));
    return p->stop_after > 0 && p->count >= p->stop_after ? gw_fail(e, GODWIT_INTERRUPTED, "interrupted") : GODWIT_OK;
}

static void
releases_the_lock_before_the_connection_closes(void **state)
{
    fixture *const fx = *state;
    const gw_lock_params p = {.key = "1", .wait_ms = 0};
    gw_arena *const a = gw_arena_new();
    gw_conn *const c = connect_on(a);
    assert_int_equal(gw_lock_take(a, c, &p, NULL, &fx->e), GODWIT_OK);
    gw_arena_free(a);
    assert_string_equal(fake_log(), "open;lock;unlock;");
    assert_int_equal(gw_lock_take(fx->arena, fx->second, &p, NULL, &fx->e), GODWIT_OK);
}

static void
says_who_holds_the_lock_and_since_when_at_the_end_of_the_wait(void **state)
{
    fixture *const fx = *state;
    polls seen = {0};
    const gw_lock_params p = {.key = "1", .wait_ms = 120, .poll_ms = 40, .waiting = note_poll, .ctx = &seen};
    assert_int_equal(gw_lock_take(fx->arena, fx->first, &p, NULL, &fx->e), GODWIT_OK);
    const int64_t began = gw_clock_ms();
    assert_int_equal(gw_lock_take(fx->arena, fx->second, &p, NULL, &fx->e), GODWIT_LOCKED);
    assert_in_range(gw_clock_ms() - began, 115, 20000);
    assert_string_equal(fx->e.message,
                        "another godwit holds the lock of shop: app@fake, pid 1 since 2026-03-26 17:09:03.123");
    assert_non_null(strstr(fx->e.hint, "`godwit lock status`"));
    assert_non_null(strstr(fx->e.hint, "--lock-wait"));
    assert_in_range(seen.count, 1, 5);
    assert_string_equal(seen.who, "app@fake, pid 1");
}

static void
asks_once_when_it_may_not_wait(void **state)
{
    fixture *const fx = *state;
    const gw_lock_params p = {.key = "1", .wait_ms = 0, .poll_ms = 1000};
    assert_int_equal(gw_lock_take(fx->arena, fx->first, &p, NULL, &fx->e), GODWIT_OK);
    fake_log_clear();
    assert_int_equal(gw_lock_take(fx->arena, fx->second, &p, NULL, &fx->e), GODWIT_LOCKED);
    assert_string_equal(fake_log(), "lock;holder;");
}

static gw_rc
let_go(void *ctx, const gw_lock_holder *holder, int64_t waited_ms, gw_err *e)
{
    fixture *const fx = ctx;
    (void)holder;
    (void)waited_ms;
    (void)e;
    gw_fake.unlock(fx->first, "1");
    return GODWIT_OK;
}

static void
takes_the_lock_when_it_becomes_free(void **state)
{
    fixture *const fx = *state;
    bool taken = false;
    const gw_lock_params p = {.key = "1", .wait_ms = 10000, .poll_ms = 5, .waiting = let_go, .ctx = fx};
    assert_int_equal(gw_fake.try_lock(fx->first, "1", &taken, &fx->e), GODWIT_OK);
    assert_int_equal(gw_lock_take(fx->arena, fx->second, &p, NULL, &fx->e), GODWIT_OK);
    assert_string_equal(fake_log(), "lock;lock;holder;unlock;lock;");
}

static void
ends_the_wait_when_the_caller_says_so(void **state)
{
    fixture *const fx = *state;
    polls seen = {.stop_after = 2};
    const gw_lock_params p = {.key = "1", .wait_ms = 60000, .poll_ms = 5, .waiting = note_poll, .ctx = &seen};
    assert_int_equal(gw_lock_take(fx->arena, fx->first, &p, NULL, &fx->e), GODWIT_OK);
    assert_int_equal(gw_lock_take(fx->arena, fx->second, &p, NULL, &fx->e), GODWIT_INTERRUPTED);
    assert_int_equal(seen.count, 2);
}

static void
waits_also_when_the_server_does_not_tell_for_whom(void **state)
{
    fixture *const fx = *state;
    const gw_lock_params p = {.key = "1", .wait_ms = 0};
    assert_int_equal(gw_lock_take(fx->arena, fx->first, &p, NULL, &fx->e), GODWIT_OK);
    fake.refuse = "holder";
    assert_int_equal(gw_lock_take(fx->arena, fx->second, &p, NULL, &fx->e), GODWIT_LOCKED);
    assert_string_equal(fx->e.message, "another godwit holds the lock of shop: the server does not tell who");
}

static void
stops_when_the_connection_is_lost(void **state)
{
    static const char *const steps[] = {"lock", "holder"};
    fixture *const fx = *state;
    const gw_lock_params p = {.key = "1", .wait_ms = 60000, .poll_ms = 5};
    assert_int_equal(gw_lock_take(fx->arena, fx->first, &p, NULL, &fx->e), GODWIT_OK);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        gw_err e = {0};
        fake = (fake_server){.refuse = steps[i], .refuse_rc = GODWIT_CONNECT};
        assert_int_equal(gw_lock_take(fx->arena, connect_on(fx->arena), &p, NULL, &e), GODWIT_CONNECT);
    }
}

static void
takes_nothing_where_transactions_exclude_each_other(void **state)
{
    fixture *const fx = *state;
    const gw_lock_params p = {.key = "1", .method = GW_LOCK_TRANSACTION};
    gw_lease *lease = NULL;
    assert_int_equal(gw_lock_take(fx->arena, fx->first, &p, &lease, &fx->e), GODWIT_OK);
    assert_null(lease);
    assert_string_equal(fake_log(), "");
}

static void
goes_on_waiting_after_a_conflict_and_tells_it_when_there_is_nobody_to_name(void **state)
{
    fixture *const fx = *state;
    polls seen = {0};
    const gw_lock_params p = {.key = "1", .wait_ms = 10000, .poll_ms = 2, .waiting = note_poll, .ctx = &seen};
    const gw_lock_params once = {.key = "1", .wait_ms = 0};
    fake = (fake_server){.refuse = "lock", .refuse_transient = true, .refuse_times = 2};
    assert_int_equal(gw_lock_take(fx->arena, fx->first, &p, NULL, &fx->e), GODWIT_OK);
    assert_int_equal(seen.count, 2);
    fake = (fake_server){.refuse = "lock", .refuse_transient = true};
    assert_int_equal(gw_lock_take(fx->arena, fx->second, &once, NULL, &fx->e), GODWIT_LOCKED);
    assert_string_equal(fx->e.notes, "the server says: refused: lock");
}

/* ---- both kinds ---- */

typedef struct runner {
    gw_history history;
    gw_open_params open;
    gw_lock_params p;
    unsigned failures; /* in its own thread */
} runner;

static runner *
new_runner(fixture *fx, gw_conn *c, gw_lock_method method, const char *owner)
{
    gw_history_probe probe;
    runner *const r = gw_new(fx->arena, runner);
    assert_int_equal(gw_history_probe_new(fx->arena, &gw_fake, "h", &probe, &fx->e), GODWIT_OK);
    assert_int_equal(gw_history_open(fx->arena, c, &probe, &r->history, &fx->e), GODWIT_OK);
    r->open = (gw_open_params){.url = &url};
    r->p = (gw_lock_params){
        .key = "1",
        .method = method,
        .poll_ms = 5,
        .lease = {.table = &r->history.lease, .open = &r->open, .owner = owner, .who = owner, .length_ms = 60000},
    };
    return r;
}

/* One try. */
static gw_rc
takes(gw_arena *a, fixture *fx, runner *r)
{
    fx->e = (gw_err){0};
    return gw_lock_take(a, r->history.conn, &r->p, NULL, &fx->e);
}

static void
gives_the_lease_to_its_taker_and_back_before_the_connection_closes(void **state)
{
    fixture *const fx = *state;
    runner *const one = new_runner(fx, fx->first, GW_LOCK_LEASE, "one");
    runner *const two = new_runner(fx, fx->second, GW_LOCK_LEASE, "two");
    gw_arena *const a = gw_arena_new();
    gw_lease *lease = NULL;
    assert_int_equal(gw_lock_take(a, fx->first, &one->p, &lease, &fx->e), GODWIT_OK);
    assert_non_null(lease);
    assert_int_equal(takes(fx->arena, fx, two), GODWIT_LOCKED);
    assert_string_equal(fx->e.message, "another godwit holds the lock of shop: one since 2026-03-26 17:09:03.123");
    gw_arena_free(a);
    assert_int_equal(takes(fx->arena, fx, two), GODWIT_OK);
}

static void
excludes_runners_of_both_kinds_in_both_orders(void **state)
{
    static const gw_lock_method methods[] = {GW_LOCK_SESSION, GW_LOCK_LEASE};
    static const char *const names[] = {"app@fake, pid 1", "one"};
    fixture *const fx = *state;
    for (size_t i = 0; i < 4; i++) {
        runner *const one = new_runner(fx, fx->first, methods[i % 2], "one");
        runner *const two = new_runner(fx, fx->second, methods[i / 2], "two");
        gw_arena *const a = gw_arena_new(), *const b = gw_arena_new(), *const c = gw_arena_new();
        gw_lock_holder holder;
        assert_int_equal(takes(a, fx, one), GODWIT_OK);
        assert_int_equal(takes(b, fx, two), GODWIT_LOCKED);
        assert_non_null(strstr(fx->e.message, names[i % 2]));
        fx->e = (gw_err){0};
        assert_int_equal(gw_lock_holder_of(b, fx->second, "1", &two->history.lease, &holder, &fx->e), GODWIT_OK);
        assert_string_equal(holder.who, names[i % 2]);
        assert_int_equal(holder.is_lease, methods[i % 2] == GW_LOCK_LEASE);
        gw_arena_free(a);
        assert_int_equal(gw_lock_holder_of(b, fx->second, "1", &two->history.lease, &holder, &fx->e), GODWIT_OK);
        assert_null(holder.who);
        assert_int_equal(takes(b, fx, two), GODWIT_OK); /* what was taken for a moment had been given back */
        gw_arena_free(b);
        assert_int_equal(takes(c, fx, one), GODWIT_OK);
        gw_arena_free(c);
    }
}

/* Its table was not there when the runner with the session lock opened the history. */
static void
sees_a_lease_whose_table_was_made_meanwhile(void **state)
{
    fixture *const fx = *state;
    runner *const by_session = new_runner(fx, fx->first, GW_LOCK_SESSION, "session");
    runner *const by_lease = new_runner(fx, fx->second, GW_LOCK_LEASE, "lease");
    assert_false(by_session->history.lease.exists);
    assert_int_equal(takes(fx->arena, fx, by_lease), GODWIT_OK);
    fake_log_clear();
    assert_int_equal(takes(fx->arena, fx, by_session), GODWIT_LOCKED);
    assert_string_equal(fake_log(), "lock;COLUMNS 'public' 'h' 'h_lease';LEASE READ \"public\".\"h_lease\";unlock;");
}

static gw_rc
free_first(void *ctx, const gw_lock_holder *holder, int64_t waited_ms, gw_err *e)
{
    (void)holder;
    (void)waited_ms;
    (void)e;
    fixture *const fx = ctx;
    fake_log_clear();
    gw_fake.unlock(fx->first, "1");
    return GODWIT_OK;
}

static void
looks_at_the_other_kind_first_once_that_was_in_the_way(void **state)
{
    fixture *const fx = *state;
    runner *const two = new_runner(fx, fx->second, GW_LOCK_LEASE, "two");
    bool taken = false;
    assert_int_equal(gw_fake.try_lock(fx->first, "1", &taken, &fx->e), GODWIT_OK);
    two->p.wait_ms = 10000;
    two->p.waiting = free_first;
    two->p.ctx = fx;
    assert_int_equal(takes(fx->arena, fx, two), GODWIT_OK);
    assert_true(gw_str_starts(gw_str_of(fake_log()), "unlock;holder;LEASE READ"));
    assert_true(gw_str_ends(gw_str_of(fake_log()), "LEASE TAKE \"public\".\"h_lease\";holder;"));
}

/* Whoever cannot see whether the other kind is held must not go on. */
static void
takes_nothing_when_it_cannot_look_at_the_other_kind(void **state)
{
    fixture *const fx = *state;
    runner *const by_session = new_runner(fx, fx->first, GW_LOCK_SESSION, "session");
    runner *const by_lease = new_runner(fx, fx->second, GW_LOCK_LEASE, "lease");
    gw_arena *const a = gw_arena_new();
    assert_int_equal(takes(a, fx, by_lease), GODWIT_OK);
    gw_arena_free(a);
    fake = (fake_server){.refuse = "LEASE READ"};
    assert_int_equal(takes(fx->arena, fx, by_session), GODWIT_FAILED);
    fake = (fake_server){.refuse = "holder", .refuse_transient = true};
    assert_int_equal(takes(fx->arena, fx, by_lease), GODWIT_LOCKED);
    assert_string_equal(fx->e.notes, "the server says: refused: holder");
    fake = (fake_server){.refuse = "holder"}; /* for good: it has no session locks */
    assert_int_equal(takes(fx->arena, fx, by_lease), GODWIT_OK);
}

/* Its owner lives, elsewhere, and says nothing for long. */
static void
let_run_out(fixture *fx, gw_arena *a, runner *owner, gw_lease **lease)
{
    fx->first->facts.place = "elsewhere";
    assert_int_equal(gw_lock_take(a, fx->first, &owner->p, lease, &fx->e), GODWIT_OK);
    fake.ahead_ms = 60000;
}

static gw_rc
fence(gw_conn *c, gw_lease *lease)
{
    gw_err e = {0};
    assert_int_equal(gw_fake.begin(c, (gw_str){"", 0}, &e), GODWIT_OK);
    const gw_rc rc = gw_lease_fence(lease, &e);
    if (rc != GODWIT_OK || gw_fake.commit(c, &e) != GODWIT_OK)
        gw_fake.rollback(c);
    return rc;
}

static void
waits_as_long_as_it_takes_to_be_sure_that_a_lease_ran_out(void **state)
{
    fixture *const fx = *state;
    runner *const one = new_runner(fx, fx->first, GW_LOCK_LEASE, "one");
    runner *const two = new_runner(fx, fx->second, GW_LOCK_LEASE, "two");
    polls seen = {0};
    gw_lease *lease = NULL;
    let_run_out(fx, fx->arena, one, &lease);
    two->p.waiting = note_poll;
    two->p.ctx = &seen;
    const int64_t began = gw_clock_ms();
    assert_int_equal(takes(fx->arena, fx, two), GODWIT_OK);
    assert_in_range(gw_clock_ms() - began, 250, 20000);
    assert_in_range(seen.count, 1, 250);
    assert_int_equal(fence(fx->first, lease), GODWIT_LOCKED);
}

static void
takes_a_lease_that_ran_out_from_its_owner_before_the_session_lock_counts(void **state)
{
    fixture *const fx = *state;
    runner *const one = new_runner(fx, fx->first, GW_LOCK_LEASE, "one");
    runner *const two = new_runner(fx, fx->second, GW_LOCK_SESSION, "two");
    gw_lease *lease = NULL;
    gw_lock_holder holder;
    let_run_out(fx, fx->arena, one, &lease);
    assert_int_equal(takes(fx->arena, fx, two), GODWIT_OK);
    assert_int_equal(fence(fx->first, lease), GODWIT_LOCKED);
    assert_int_equal(gw_lock_holder_of(fx->arena, fx->first, "1", &one->history.lease, &holder, &fx->e), GODWIT_OK);
    assert_string_equal(holder.who, "app@fake, pid 2");
}

/* Its node may be slower than ours with what keeps all of them from committing. */
static void
waits_longer_for_that_on_a_cluster(void **state)
{
    fixture *const fx = *state;
    runner *const one = new_runner(fx, fx->first, GW_LOCK_LEASE, "one");
    runner *const two = new_runner(fx, fx->second, GW_LOCK_LEASE, "two");
    gw_lease *lease = NULL;
    fx->second->facts.cluster = true;
    one->p.lease.length_ms = 60000;
    two->p.lease.length_ms = 400;
    let_run_out(fx, fx->arena, one, &lease);
    const int64_t began = gw_clock_ms();
    fake.ahead_ms += 200; /* since when it is over */
    assert_int_equal(takes(fx->arena, fx, two), GODWIT_OK);
    assert_in_range(gw_clock_ms() - began, 600, 20000);
}

typedef struct late_owner {
    gw_conn *conn;
    gw_lease *lease;
} late_owner;

static gw_rc
prolong_late(void *ctx, const gw_lock_holder *holder, int64_t waited_ms, gw_err *e)
{
    const late_owner *const o = ctx;
    (void)waited_ms;
    (void)e;
    assert_string_equal(holder->who, "one");
    assert_int_equal(fence(o->conn, o->lease), GODWIT_OK);
    return GODWIT_OK;
}

static void
leaves_the_lease_to_an_owner_that_is_only_late(void **state)
{
    static const gw_lock_method methods[] = {GW_LOCK_LEASE, GW_LOCK_SESSION};
    fixture *const fx = *state;
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        runner *const one = new_runner(fx, fx->first, GW_LOCK_LEASE, "one");
        runner *const two = new_runner(fx, fx->second, methods[i], "two");
        late_owner owner = {.conn = fx->first};
        gw_arena *const a = gw_arena_new();
        fake.ahead_ms = 0;
        let_run_out(fx, a, one, &owner.lease);
        two->p.waiting = prolong_late;
        two->p.ctx = &owner;
        assert_int_equal(takes(fx->arena, fx, two), GODWIT_LOCKED);
        assert_non_null(strstr(fx->e.message, "of shop: one since"));
        assert_int_equal(fence(fx->first, owner.lease), GODWIT_OK);
        gw_arena_free(a);
    }
}

static void *
run_runner(void *subject)
{
    runner *const r = subject;
    for (int i = 0; i < 5; i++) {
        static unsigned inside; /* by whoever holds the lock */
        GW_SCOPE(a);
        gw_err e = {0};
        r->failures += gw_lock_take(a, r->history.conn, &r->p, NULL, &e) != GODWIT_OK;
        r->failures += __atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST) != 0;
        gw_sleep_ms(2);
        r->failures += __atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST) != 1;
    }
    return NULL;
}

static void
lets_one_runner_in_at_a_time(void **state)
{
    enum { RUNNERS = 6 };
    fixture *const fx = *state;
    runner *runners[RUNNERS];
    pthread_t threads[RUNNERS];
    for (size_t i = 0; i < RUNNERS; i++) {
        runner *const r = runners[i] =
            new_runner(fx, connect_on(fx->arena), i % 2 == 0 ? GW_LOCK_SESSION : GW_LOCK_LEASE,
                       gw_printf(fx->arena, "runner %zu", i));
        r->p.wait_ms = 20000;
        assert_int_equal(pthread_create(&threads[i], NULL, run_runner, r), 0);
    }
    for (size_t i = 0; i < RUNNERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < RUNNERS; i++)
        assert_int_equal(runners[i]->failures, 0);
}

#define LOCK_TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        LOCK_TEST(chooses_the_method_by_setting_capability_and_facts),
        LOCK_TEST(says_what_to_do_where_no_lock_can_be_trusted),
        LOCK_TEST(makes_a_key_that_fits_a_bigint_of_database_and_table),
        LOCK_TEST(keeps_the_same_key_in_every_version_of_godwit),
        LOCK_TEST(takes_a_configured_key_as_it_is),
        LOCK_TEST(releases_the_lock_before_the_connection_closes),
        LOCK_TEST(says_who_holds_the_lock_and_since_when_at_the_end_of_the_wait),
        LOCK_TEST(asks_once_when_it_may_not_wait),
        LOCK_TEST(takes_the_lock_when_it_becomes_free),
        LOCK_TEST(ends_the_wait_when_the_caller_says_so),
        LOCK_TEST(waits_also_when_the_server_does_not_tell_for_whom),
        LOCK_TEST(stops_when_the_connection_is_lost),
        LOCK_TEST(takes_nothing_where_transactions_exclude_each_other),
        LOCK_TEST(goes_on_waiting_after_a_conflict_and_tells_it_when_there_is_nobody_to_name),
        LOCK_TEST(gives_the_lease_to_its_taker_and_back_before_the_connection_closes),
        LOCK_TEST(excludes_runners_of_both_kinds_in_both_orders),
        LOCK_TEST(sees_a_lease_whose_table_was_made_meanwhile),
        LOCK_TEST(looks_at_the_other_kind_first_once_that_was_in_the_way),
        LOCK_TEST(takes_nothing_when_it_cannot_look_at_the_other_kind),
        LOCK_TEST(waits_as_long_as_it_takes_to_be_sure_that_a_lease_ran_out),
        LOCK_TEST(waits_longer_for_that_on_a_cluster),
        LOCK_TEST(takes_a_lease_that_ran_out_from_its_owner_before_the_session_lock_counts),
        LOCK_TEST(leaves_the_lease_to_an_owner_that_is_only_late),
        LOCK_TEST(lets_one_runner_in_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
