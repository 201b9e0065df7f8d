/* Who is in the way, told while a statement waits for a lock. */
#include "stage.h"

#include <string.h>

#include "base/clock.h"
#include "fake_world.h"

/* Somebody else's transaction has table a; 0001 wants it. */
static void
want_what_is_held(stage *s, gw_arena *other)
{
    gw_err e = {0};
    stage_first(s, "INSERT INTO a VALUES (1);\n");
    (void)stage_rows(s, "CREATE TABLE a (n)");
    gw_conn *const c = stage_other(other);
    assert_int_equal(gw_fake.begin(c, (gw_str){"", 0}, &e), GODWIT_OK);
    stage_do(c, "DELETE FROM a");
    s->flags[GW_SETTING_LOCK_TIMEOUT] = "30s"; /* a queue of 6 s */
    s->flags[GW_SETTING_RUN_TIMEOUT] = "1300ms";
    fake_log_clear();
}

static size_t
count(const char *text, const char *part)
{
    size_t found = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        found++;
    return found;
}

static void
tells_once_whom_a_statement_waits_for(void **state)
{
    stage *const s = *state;
    GW_SCOPE(other);
    want_what_is_held(s, other);
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_int_equal(count(s->told.ptr, "waiting: waiting for a lock that is held by other@fake, pid "), 1);
    assert_non_null(strstr(s->told.ptr, " since " FAKE_NOW ": fake query;"));
}

static void
names_in_the_error_who_was_in_the_way(void **state)
{
    stage *const s = *state;
    GW_SCOPE(other);
    want_what_is_held(s, other);
    s->flags[GW_SETTING_LOCK_TIMEOUT] = "4s"; /* queues of 800 ms */
    s->flags[GW_SETTING_RUN_TIMEOUT] = NULL;
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_true(s->e.lock_wait);
    assert_non_null(strstr(s->e.notes, "the lock was held by other@fake, pid "));
}

/* ---- what it cannot find out it does not tell ---- */

static void
refuse_to_open(stage *s, const godwit_event *event)
{
    (void)s;
    if (event->kind == GODWIT_EVENT_MIGRATION_BEGIN)
        fake = (fake_server){.refuse = "open", .refuse_rc = GODWIT_CONNECT};
}

static void
stays_silent_when_there_is_no_second_connection(void **state)
{
    stage *const s = *state;
    GW_SCOPE(other);
    want_what_is_held(s, other);
    s->on_event = refuse_to_open;
    fake_log_clear();
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_null(strstr(s->told.ptr, "waiting for a lock"));
    assert_int_equal(stage_count("open"), 2); /* asked once */
}

static int asked;
static const gw_rc *answers;

static gw_rc
answer(gw_arena *a, gw_conn *c, int64_t session, gw_blockers *out, gw_err *e)
{
    static const gw_blocker two[] = {
        {.who = "one",
         .query = "  SELECT a_rather_long_name_of_a_function('that is cut at its eightieth byte', 'since it is "
                  "long')"},
        {.who = "two", .since = FAKE_NOW, .query = "BEGIN\nMORE", .is_guess = true},
        {.who = "three"},
    };
    const gw_rc rc = answers[asked];
    (void)session;
    *out = (gw_blockers){0};
    if (rc == GODWIT_CONNECT)
        fake_conn_of(c)->dead = true;
    if (rc != GODWIT_OK)
        return gw_fail(e, rc, "no answer");
    asked += answers[asked + 1] != GODWIT_BUG;
    for (size_t i = 0; i < 3; i++)
        *gw_vec_push(a, out) = two[i];
    return GODWIT_OK;
}

static void
ask(stage *s, const gw_rc *said)
{
    s->engine.blockers = answer;
    asked = 0;
    answers = said;
}

static void
tells_of_each_as_much_as_is_known(void **state)
{
    static const gw_rc said[] = {GODWIT_OK, GODWIT_BUG};
    stage *const s = *state;
    GW_SCOPE(other);
    want_what_is_held(s, other);
    ask(s, said);
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_non_null(strstr(s->told.ptr, "held by one: SELECT a_rather_long_name_of_a_function('that is cut at its "
                                        "eightieth byte', 'si…; perhaps two since " FAKE_NOW ": BEGIN…; three;"));
}

static gw_rc
lose_first(gw_arena *a, gw_conn *c, int64_t session, gw_blockers *out, gw_err *e)
{
    const gw_rc rc = answer(a, c, session, out, e);
    asked += rc != GODWIT_OK;
    return rc;
}

static void
asks_again_on_a_new_connection_when_its_own_is_lost(void **state)
{
    static const gw_rc said[] = {GODWIT_CONNECT, GODWIT_OK, GODWIT_BUG};
    stage *const s = *state;
    GW_SCOPE(other);
    want_what_is_held(s, other);
    ask(s, said);
    s->engine.blockers = lose_first;
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_non_null(strstr(s->told.ptr, "waiting for a lock that is held by one"));
    assert_int_equal(stage_count("open"), 3);
}

static void
does_not_ask_again_a_server_that_refuses_to_tell(void **state)
{
    static const gw_rc said[] = {GODWIT_FAILED, GODWIT_OK, GODWIT_BUG};
    stage *const s = *state;
    GW_SCOPE(other);
    want_what_is_held(s, other);
    ask(s, said);
    s->engine.blockers = lose_first;
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_null(strstr(s->told.ptr, "waiting for a lock"));
    assert_int_equal(asked, 1);
}

static void
does_not_look_where_the_engine_cannot_tell(void **state)
{
    stage *const s = *state;
    GW_SCOPE(other);
    want_what_is_held(s, other);
    s->engine.caps &= ~(unsigned)GW_CAP_BLOCKERS;
    s->engine.blockers = NULL;
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_null(strstr(s->told.ptr, "waiting for a lock"));
    assert_int_equal(stage_count("open"), 1);
}

static void
does_not_connect_for_statements_that_are_quick(void **state)
{
    stage *const s = *state;
    stage_first(s, "CREATE TABLE a (n);\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("open"), 1);
}

/* ---- its end ---- */

static gw_rc
sleep_instead(gw_arena *a, gw_conn *c, int64_t session, gw_blockers *out, gw_err *e)
{
    (void)a;
    (void)session;
    *out = (gw_blockers){0};
    asked++;
    return gw_fake.exec(c, GW_STR_LIT("SLEEP"), e);
}

static void
ends_while_it_asks(void **state)
{
    stage *const s = *state;
    GW_SCOPE(other);
    want_what_is_held(s, other);
    asked = 0;
    s->engine.blockers = sleep_instead;
    const int64_t began = gw_clock_ms();
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_true(gw_clock_ms() - began < 15000);
    assert_int_equal(asked, 1);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        STAGE_TEST(tells_once_whom_a_statement_waits_for),
        STAGE_TEST(names_in_the_error_who_was_in_the_way),
        STAGE_TEST(stays_silent_when_there_is_no_second_connection),
        STAGE_TEST(tells_of_each_as_much_as_is_known),
        STAGE_TEST(asks_again_on_a_new_connection_when_its_own_is_lost),
        STAGE_TEST(does_not_ask_again_a_server_that_refuses_to_tell),
        STAGE_TEST(does_not_look_where_the_engine_cannot_tell),
        STAGE_TEST(does_not_connect_for_statements_that_are_quick),
        STAGE_TEST(ends_while_it_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
