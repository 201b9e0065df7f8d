#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
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

static void
chooses_the_method_by_capability_and_facts(void **state)
{
    (void)state;
    static const struct {
        unsigned caps;
        bool pooled, cluster;
        gw_lock_method method;
    } rows[] = {
        {GW_CAP_SESSION_LOCK, false, false, GW_LOCK_SESSION},
        {GW_CAP_SESSION_LOCK, true, false, GW_LOCK_LEASE},
        {GW_CAP_SESSION_LOCK, false, true, GW_LOCK_LEASE},
        {GW_CAP_SESSION_LOCK | GW_CAP_TX_DDL | GW_CAP_COPY, false, false, GW_LOCK_SESSION},
        {GW_CAP_TX_LOCK, false, false, GW_LOCK_TRANSACTION},
        {GW_CAP_TX_LOCK | GW_CAP_SESSION_LOCK, false, true, GW_LOCK_TRANSACTION},
        {0, false, false, GW_LOCK_LEASE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        gw_engine engine = gw_fake;
        engine.caps = rows[i].caps;
        const gw_facts facts = {.pooled = rows[i].pooled, .cluster = rows[i].cluster};
        assert_int_equal(gw_lock_policy(&engine, &facts), rows[i].method);
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
    assert_int_equal(gw_lock_take(a, c, &p, &fx->e), GODWIT_OK);
    gw_arena_free(a);
    assert_string_equal(fake_log(), "open;lock;unlock;");
    assert_int_equal(gw_lock_take(fx->arena, fx->second, &p, &fx->e), GODWIT_OK);
}

static void
says_who_holds_the_lock_and_since_when_at_the_end_of_the_wait(void **state)
{
    fixture *const fx = *state;
    polls seen = {0};
    const gw_lock_params p = {.key = "1", .wait_ms = 120, .poll_ms = 40, .waiting = note_poll, .ctx = &seen};
    assert_int_equal(gw_lock_take(fx->arena, fx->first, &p, &fx->e), GODWIT_OK);
    const int64_t began = gw_clock_ms();
    assert_int_equal(gw_lock_take(fx->arena, fx->second, &p, &fx->e), GODWIT_LOCKED);
    assert_in_range(gw_clock_ms() - began, 115, 1000);
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
    assert_int_equal(gw_lock_take(fx->arena, fx->first, &p, &fx->e), GODWIT_OK);
    fake_log_clear();
    assert_int_equal(gw_lock_take(fx->arena, fx->second, &p, &fx->e), GODWIT_LOCKED);
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
    assert_int_equal(gw_lock_take(fx->arena, fx->second, &p, &fx->e), GODWIT_OK);
    assert_string_equal(fake_log(), "lock;lock;holder;unlock;lock;");
}

static void
ends_the_wait_when_the_caller_says_so(void **state)
{
    fixture *const fx = *state;
    polls seen = {.stop_after = 2};
    const gw_lock_params p = {.key = "1", .wait_ms = 60000, .poll_ms = 5, .waiting = note_poll, .ctx = &seen};
    assert_int_equal(gw_lock_take(fx->arena, fx->first, &p, &fx->e), GODWIT_OK);
    assert_int_equal(gw_lock_take(fx->arena, fx->second, &p, &fx->e), GODWIT_INTERRUPTED);
    assert_int_equal(seen.count, 2);
}

static void
waits_also_when_the_server_does_not_tell_for_whom(void **state)
{
    fixture *const fx = *state;
    const gw_lock_params p = {.key = "1", .wait_ms = 0};
    assert_int_equal(gw_lock_take(fx->arena, fx->first, &p, &fx->e), GODWIT_OK);
    fake.refuse = "holder";
    assert_int_equal(gw_lock_take(fx->arena, fx->second, &p, &fx->e), GODWIT_LOCKED);
    assert_string_equal(fx->e.message, "another godwit holds the lock of shop: the server does not tell who");
}

static void
stops_when_the_connection_is_lost(void **state)
{
    static const char *const steps[] = {"lock", "holder"};
    fixture *const fx = *state;
    const gw_lock_params p = {.key = "1", .wait_ms = 60000, .poll_ms = 5};
    assert_int_equal(gw_lock_take(fx->arena, fx->first, &p, &fx->e), GODWIT_OK);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        gw_err e = {0};
        fake = (fake_server){.refuse = steps[i], .refuse_rc = GODWIT_CONNECT};
        assert_int_equal(gw_lock_take(fx->arena, connect_on(fx->arena), &p, &e), GODWIT_CONNECT);
    }
}

static void
takes_nothing_where_transactions_exclude_each_other(void **state)
{
    fixture *const fx = *state;
    const gw_lock_params p = {.key = "1"};
    gw_engine engine = gw_fake;
    engine.caps = GW_CAP_TX_LOCK;
    fx->first->engine = &engine;
    assert_int_equal(gw_lock_take(fx->arena, fx->first, &p, &fx->e), GODWIT_OK);
    assert_string_equal(fake_log(), "");
}

static void
refuses_where_no_lock_can_be_trusted_and_says_what_to_do(void **state)
{
    fixture *const fx = *state;
    static const struct {
        bool pooled, cluster;
        const char *message, *hint;
    } rows[] = {
        {true, false, "behind a pooler", "connect directly"},
        {false, true, "on a cluster", "outside the cluster"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        gw_err e = {0};
        const gw_lock_params p = {.key = "1"};
        fake.pooled = rows[i].pooled;
        fake.cluster = rows[i].cluster;
        assert_int_equal(gw_lock_take(fx->arena, connect_on(fx->arena), &p, &e), GODWIT_REFUSED);
        assert_non_null(strstr(e.message, rows[i].message));
        assert_non_null(strstr(e.message, "shop"));
        assert_non_null(strstr(e.hint, rows[i].hint));
    }
    assert_null(strstr(fake_log(), "lock"));
}

static void
refuses_an_engine_that_has_no_lock_at_all(void **state)
{
    fixture *const fx = *state;
    const gw_lock_params p = {.key = "1"};
    gw_engine engine = gw_fake;
    engine.caps = 0;
    fx->first->engine = &engine;
    assert_int_equal(gw_lock_take(fx->arena, fx->first, &p, &fx->e), GODWIT_REFUSED);
    assert_non_null(strstr(fx->e.message, "Fake"));
}

#define LOCK_TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        LOCK_TEST(chooses_the_method_by_capability_and_facts),
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
        LOCK_TEST(refuses_where_no_lock_can_be_trusted_and_says_what_to_do),
        LOCK_TEST(refuses_an_engine_that_has_no_lock_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
