/* What a migration asserts is asked before its first statement, and nothing of it is there when that does not hold. */
#include "stage.h"

#include <string.h>

#define ASSERT "-- godwit:assert SELECT n FROM bad\n"

/* A table of what must not be, with this many rows. */
static void
begin(stage *s, stage_kind kind, size_t rows)
{
    stage_engine_is(s, kind);
    stage_first(s, ASSERT "CREATE TABLE a (n);\nINSERT INTO a VALUES (1);\n");
    gw_conn *const other = stage_other(s->arena);
    stage_do(other, "CREATE TABLE bad (n, v)");
    for (size_t i = 0; i < rows; i++)
        stage_do(other, "INSERT INTO bad VALUES (7, 'x')");
    fake_log_clear();
}

static const stage_kind kinds[] = {STAGE_POSTGRES, STAGE_MYSQL, STAGE_SQLITE};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void
asks_before_the_first_statement(void **state)
{
    static const char *const order[] = {"begin;SELECT n FROM bad;CREATE TABLE a (n);",
                                        "SELECT n FROM bad;+INSERT;CREATE TABLE a (n);",
                                        "begin;+NEWEST;SELECT n FROM bad;CREATE TABLE a (n);"};
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        begin(s, kinds[i], 0);
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 2/2;");
        if (strstr(stage_log(s), order[i]) == NULL)
            fail_msg("%zu: %s", i, stage_log(s));
        assert_int_equal(stage_count("SELECT n FROM bad"), 1);
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
fails_before_it_began(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        begin(s, kinds[i], 1);
        assert_int_equal(stage_up(s), GODWIT_FAILED);
        assert_string_equal(s->e.message, "what this migration asserts does not hold");
        assert_int_equal(s->e.line, 1);
        assert_int_equal(s->e.column, 11);
        assert_non_null(strstr(s->e.path, "0001_first.sql"));
        assert_non_null(strstr(s->e.notes, "before applying 0001 first, on "));
        assert_non_null(strstr(s->e.notes, "\nit returned: 7"));
        assert_string_equal(s->e.hint,
                            "nothing of this migration was run; mend what the query finds, then run `godwit up` again");
        assert_int_equal(stage_count("CREATE TABLE a"), 0);
        assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 0/2;");
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
goes_on_when_what_it_asserts_came_true(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        begin(s, kinds[i], 2);
        assert_int_equal(stage_up(s), GODWIT_FAILED);
        assert_non_null(strstr(s->e.notes, "it returned more than one row, the first: 7"));
        stage_do(stage_other(s->arena), "DELETE FROM bad");
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;");
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
asks_every_assertion_in_order(void **state)
{
    stage *const s = *state;
    stage_first(s, "-- godwit:assert SELECT 1\n-- godwit:assert SELECT 1, 2\n-- godwit:assert SELECT 3\n"
                   "CREATE TABLE a (n);\n");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_int_equal(s->e.line, 2);
    assert_non_null(strstr(s->e.notes, "it returned: 1 | 2"));
    assert_int_equal(stage_count("SELECT 3"), 0);
}

static void
says_where_a_query_is_wrong(void **state)
{
    stage *const s = *state;
    stage_first(s, "-- godwit:assert SELECT n FROM nowhere\nCREATE TABLE a (n);\n");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_int_equal(s->e.line, 1);
    assert_true(s->e.column >= 18);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 0/1;");
}

/* A file of which something is kept has begun: it is not asked again. */
static void
does_not_ask_a_file_that_goes_on_in_its_middle(void **state)
{
    stage *const s = *state;
    begin(s, STAGE_MYSQL, 0);
    fake.refuse = "INSERT INTO a";
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 1/2;");
    fake.refuse = NULL;
    stage_do(stage_other(s->arena), "INSERT INTO bad VALUES (7, 'x')");
    fake_log_clear();
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("SELECT n FROM bad"), 0);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 1/2;0001 up applied 2/2;");
}

static void
asks_a_file_again_of_which_nothing_is_kept(void **state)
{
    stage *const s = *state;
    begin(s, STAGE_MYSQL, 0);
    fake.refuse = "CREATE TABLE a";
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    fake.refuse = NULL;
    stage_do(stage_other(s->arena), "INSERT INTO bad VALUES (7, 'x')");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(s->e.message, "what this migration asserts does not hold");
}

static void
asks_again_on_a_connection_that_was_made_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        begin(s, kinds[i], 0);
        fake = (fake_server){
            .refuse = "SELECT n FROM bad", .refuse_rc = GODWIT_CONNECT, .refuse_times = 1, .refuse_transient = true};
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_int_equal(stage_count("SELECT n FROM bad"), 2);
        assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;");
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
asks_outside_a_transaction_where_the_file_has_none(void **state)
{
    stage *const s = *state;
    stage_first(s, "-- godwit:tx none\n-- godwit:assert SELECT 0\nCREATE TABLE a (n);\nCREATE TABLE b (n);\n");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_null(strstr(stage_log(s), "begin;SELECT 0"));
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 0/2;");
}

static void
asks_a_way_down_as_well(void **state)
{
    stage *const s = *state;
    stage_first(s, "CREATE TABLE a (n);\nINSERT INTO a VALUES (1);\n");
    stage_file(s, "0001_first_down.sql", "-- godwit:assert SELECT n, n FROM a\nDROP TABLE a;\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_down(s), GODWIT_FAILED);
    assert_non_null(strstr(s->e.notes, "before reverting 0001 first"));
    assert_non_null(strstr(s->e.hint, "`godwit down`"));
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;");
}

static void
asks_nothing_when_it_is_only_said(void **state)
{
    stage *const s = *state;
    begin(s, STAGE_POSTGRES, 1);
    assert_int_equal(STAGE_PLAY(s, gw_up(&s->call, &(godwit_up_params){.pretend = true}, &s->e)), GODWIT_OK);
    assert_int_equal(stage_count("SELECT n FROM bad"), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(asks_before_the_first_statement),
        STAGE_TEST(fails_before_it_began),
        STAGE_TEST(goes_on_when_what_it_asserts_came_true),
        STAGE_TEST(asks_every_assertion_in_order),
        STAGE_TEST(says_where_a_query_is_wrong),
        STAGE_TEST(does_not_ask_a_file_that_goes_on_in_its_middle),
        STAGE_TEST(asks_a_file_again_of_which_nothing_is_kept),
        STAGE_TEST(asks_again_on_a_connection_that_was_made_again),
        STAGE_TEST(asks_outside_a_transaction_where_the_file_has_none),
        STAGE_TEST(asks_a_way_down_as_well),
        STAGE_TEST(asks_nothing_when_it_is_only_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
