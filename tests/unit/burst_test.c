/* Many migrations with few waits: batches and groups, and what becomes of one that fails in them. */
#include "stage.h"

#include <stdlib.h>
#include <string.h>

#include "fake_world.h"

/* Tables a, b, c; the history is there, the log empty. */
static void
three_files(stage *s, const char *second)
{
    stage_first(s, "CREATE TABLE a (n);\nINSERT INTO a VALUES (1);\n");
    stage_file(s, "0002_b.sql", second == NULL ? "CREATE TABLE b (n);\nINSERT INTO b VALUES (2);\n" : second);
    stage_file(s, "0003_c.sql", "CREATE TABLE c (n);\nINSERT INTO c VALUES (3);\n");
}

static const char all_applied[] = STAGE_BASELINE "0001 up applied 2/2;0002 up applied 2/2;0003 up applied 2/2;";

static void
check_all(stage *s)
{
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;");
    assert_string_equal(stage_rows(s, "SELECT n FROM b"), "2;");
    assert_string_equal(stage_rows(s, "SELECT n FROM c"), "3;");
    assert_string_equal(stage_history(s), all_applied);
    assert_int_equal(s->call.report.files_executed, 3);
    assert_int_equal(s->call.report.pending, 0);
    assert_int_equal(s->call.report.migration_count, 3);
}

static const char told_in_order[] = "run 3;begin 0001 1/3;1/2;2/2;end 0001;begin 0002 2/3;1/2;2/2;end 0002;"
                                    "begin 0003 3/3;1/2;2/2;end 0003;ran 3/3;";

/* ---- batches ---- */

static void
hands_many_migrations_to_the_engine_at_once(void **state)
{
    stage *const s = *state;
    three_files(s, NULL);
    assert_int_equal(stage_up(s), GODWIT_OK);
    check_all(s);
    assert_string_equal(s->told.ptr, told_in_order);
    assert_non_null(strstr(stage_log(s), "batch 3;begin;CREATE TABLE a (n);INSERT INTO a VALUES (1);+INSERT;commit;"
                                         "begin;CREATE TABLE b (n);INSERT INTO b VALUES (2);+INSERT;commit;begin;"));
    assert_int_equal(stage_count("reset"), 0);
}

static void
hands_over_parts_with_their_marks_where_statements_commit_by_themselves(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    three_files(s, "SET zone 'X';\nCREATE TABLE b (n);\nINSERT INTO b VALUES (2);\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_rows(s, "SELECT n FROM b"), "2;");
    assert_string_equal(stage_history(s),
                        STAGE_BASELINE "0001 up applied 2/2;0002 up applied 3/3;0003 up applied 2/2;");
    assert_non_null(strstr(stage_log(s), "batch 3;+INSERT;CREATE TABLE a (n);+UPDATE;begin;INSERT INTO a VALUES (1);"
                                         "+UPDATE;commit;+INSERT;SET zone 'X';+UPDATE;CREATE TABLE b (n);+UPDATE;"));
}

/* Of many tables that are to come it is found out at once which are there: of those that one statement alone is about. */
static void
looks_at_once_at_all_that_a_batch_creates(void **state)
{
    static const struct {
        const char *second, *foreseen;
    } rows[] = {
        {"CREATE TABLE b (n);\nCREATE TABLE d (n);\nCREATE TABLE e (n);\n", "foresee a b d e c;"},
        {"CREATE TABLE b (n);\nCREATE TABLE d (n);\nCREATE TABLE e (n);\nDROP TABLE D;\n", "foresee a b e c;"},
        {"CREATE TABLE b (n);\nCREATE TABLE d (n);\nDROP TABLE d;\n", NULL}, /* too few to ask for */
        /* Behind what others may keep waiting nothing is foreseen. */
        {"CREATE TABLE b (n);\nCREATE TABLE d (n);\nCREATE TABLE e (n);\nALTER TABLE A ADD m INT;\n",
         "foresee a b d e m c;"},
        {"CREATE TABLE b (n);\nCREATE TABLE d (n);\nCREATE TABLE e (n);\nALTER TABLE x ADD m INT;\n",
         "foresee a b d e m;"},
        {"CREATE TABLE b (n);\nCREATE TABLE d (n);\nINSERT INTO x VALUES (1);\nCREATE TABLE e (n);\n", NULL},
        {"CREATE TABLE b (n);\nCREATE TABLE d (n REFERENCES a);\nCREATE TABLE e (n, FOREIGN KEY (n) REFERENCES `x` "
         "(n));\n"
         "CREATE TABLE f (n);\n",
         "foresee a b d e;"},
        {"CREATE TABLE b (n);\nCREATE TABLE d (n);\nCREATE TABLE e AS SELECT * FROM b;\nCREATE TABLE f (n);\n",
         "foresee a b d e;"},
        {"SET zone = 'X';\nCREATE TABLE b (n);\nCREATE TABLE d (n);\nCREATE TABLE e (n);\n", NULL},
        {"CREATE TABLE b (n);\nCREATE TABLE d (n);\nCREATE TABLE e (n);\nDROP DATABASE x;\n", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(stage_begin(state), 0);
        stage *const s = *state;
        stage_engine_is(s, STAGE_MYSQL);
        three_files(s, rows[i].second);
        (void)stage_up(s);
        if (rows[i].foreseen != NULL)
            assert_non_null(strstr(stage_log(s), rows[i].foreseen));
        else
            assert_null(strstr(stage_log(s), "foresee"));
        assert_int_equal(stage_end(state), 0);
    }
}

static void
runs_alone_what_leaves_more_than_a_reset_puts_back(void **state)
{
    static const stage_kind kinds[] = {STAGE_MYSQL, STAGE_POSTGRES};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        assert_int_equal(stage_begin(state), 0);
        stage *const s = *state;
        stage_engine_is(s, kinds[i]);
        three_files(s, "PREPARE p FROM 'SELECT 1';\nCREATE TABLE b (n);\nINSERT INTO b VALUES (2);\n");
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_int_equal(stage_count("batch 3"), kinds[i] == STAGE_POSTGRES);
        assert_string_equal(stage_rows(s, "SELECT n FROM b"), "2;");
        assert_int_equal(stage_end(state), 0);
    }
}

static void
reverts_in_batches_too(void **state)
{
    stage *const s = *state;
    three_files(s, NULL);
    stage_file(s, "0002_b_down.sql", "DROP TABLE b;\n");
    stage_file(s, "0003_c_down.sql", "DROP TABLE c;\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    fake_log_clear();
    assert_int_equal(STAGE_PLAY(s, gw_down(&s->call, &(godwit_down_params){.steps = 2}, &s->e)), GODWIT_OK);
    assert_int_equal(stage_count("batch 2"), 1);
    assert_int_equal(s->call.report.migrations[1].state, GODWIT_REVERTED);
    assert_string_equal(s->told.ptr, "run 2;begin 0003 1/2;1/1;end 0003;begin 0002 2/2;1/1;end 0002;ran 2/2;");
    assert_string_equal(stage_rows(s, "SELECT n FROM b"), "none");
}

static void
puts_a_failure_where_it_happened_and_records_it(void **state)
{
    static const struct {
        stage_kind kind;
        const char *history, *hint;
        size_t done;
    } rows[] = {
        {STAGE_POSTGRES, "0002 up failed 0/2;", "nothing of this migration was kept; fix the file", 0},
        {STAGE_MYSQL, "0002 up failed 1/2;", "it goes on after statement 1", 1},
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, rows[i].kind);
        three_files(s, "CREATE TABLE b (n);\nNONSENSE;\n");
        assert_int_equal(stage_up(s), GODWIT_FAILED);
        assert_string_equal(s->e.message, "syntax error at or near: NONSENSE");
        assert_non_null(strstr(s->e.path, "0002_b.sql"));
        assert_int_equal(s->e.line, 2);
        assert_non_null(strstr(s->e.notes, "while applying 0002 b, statement 2 of 2, on fake://app@h/shop"));
        assert_non_null(strstr(s->e.hint, rows[i].hint));
        assert_string_equal(stage_history(s),
                            gw_printf(s->arena, "%s0001 up applied 2/2;%s", STAGE_BASELINE, rows[i].history));
        assert_string_equal(stage_rows(s, "SELECT error FROM godwit_history WHERE version = '0002'"),
                            "syntax error at or near: NONSENSE;");
        assert_int_equal(s->call.report.files_executed, 1);
        assert_int_equal(s->call.report.migration_count, 2);
        assert_int_equal(s->call.report.migrations[1].state, GODWIT_FAILED_STATE);
        assert_int_equal(s->call.report.migrations[1].done, rows[i].done);
        assert_string_equal(s->told.ptr, "run 3;begin 0001 1/3;1/2;2/2;end 0001;begin 0002 2/3;ran 1/3;");
        stage_file(s, "0002_b.sql", "CREATE TABLE b (n);\nINSERT INTO b VALUES (2);\n");
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_string_equal(stage_rows(s, "SELECT n FROM b"), "2;");
        assert_string_equal(stage_rows(s, "SELECT n FROM c"), "3;");
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
runs_alone_what_failed_for_a_passing_reason_or_between_statements(void **state)
{
    static const struct {
        stage_kind kind;
        fake_server said;
    } rows[] = {
        {STAGE_POSTGRES, {.refuse = "INSERT INTO b", .refuse_times = 1, .refuse_transient = true}},
        {STAGE_POSTGRES, {.refuse = "INSERT INTO b", .refuse_times = 3, .refuse_transient = true}},
        {STAGE_POSTGRES, {.refuse = "INSERT INTO \"public\"", .refuse_after = 1, .refuse_times = 1}},
        {STAGE_POSTGRES, {.refuse = "commit", .refuse_after = 1, .refuse_times = 1}},
        {STAGE_POSTGRES, {.refuse = "batch", .refuse_times = 1, .refuse_transient = true}},
        {STAGE_MYSQL, {.refuse = "INSERT INTO b", .refuse_times = 1, .refuse_transient = true}},
        {STAGE_MYSQL, {.refuse = "CREATE TABLE b", .refuse_times = 1, .refuse_transient = true}},
        {STAGE_MYSQL, {.refuse = "INSERT INTO \"public\"", .refuse_after = 1, .refuse_times = 1}},
        {STAGE_MYSQL, {.refuse = "UPDATE", .refuse_after = 2, .refuse_times = 1}}, /* behind b, which is there */
        {STAGE_MYSQL, {.refuse = "UPDATE", .refuse_after = 3, .refuse_times = 1}},
        {STAGE_MYSQL, {.refuse = "commit", .refuse_after = 1, .refuse_times = 1}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, rows[i].kind);
        three_files(s, NULL);
        fake = rows[i].said;
        if (stage_up(s) != GODWIT_OK)
            fail_msg("%zu, %s: %s", i, rows[i].said.refuse, s->e.message);
        check_all(s);
        assert_int_equal(stage_end(&again), 0);
    }
}

/* ---- a batch whose connection was lost ---- */

static void
looks_how_far_a_batch_came_whose_connection_was_lost(void **state)
{
    static const struct {
        stage_kind kind;
        const char *refuse;
        unsigned after;
        bool late;
    } rows[] = {
        {STAGE_POSTGRES, "batch", 0, false},         {STAGE_POSTGRES, "INSERT INTO a", 0, false},
        {STAGE_POSTGRES, "INSERT INTO b", 0, false}, {STAGE_POSTGRES, "commit", 0, false},
        {STAGE_POSTGRES, "commit", 0, true},         {STAGE_POSTGRES, "commit", 1, true},
        {STAGE_POSTGRES, "commit", 2, true},         {STAGE_MYSQL, "CREATE TABLE b", 0, false},
        {STAGE_MYSQL, "INSERT INTO b", 0, false},    {STAGE_MYSQL, "UPDATE", 2, false},
        {STAGE_MYSQL, "commit", 1, false},           {STAGE_MYSQL, "commit", 1, true},
        {STAGE_MYSQL, "UPDATE", 5, false},           {STAGE_MYSQL, "commit", 2, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, rows[i].kind);
        three_files(s, NULL);
        fake = (fake_server){.refuse = rows[i].refuse,
                             .refuse_after = rows[i].after,
                             .refuse_times = 1,
                             .refuse_rc = GODWIT_CONNECT,
                             .refuse_late = rows[i].late};
        if (stage_up(s) != GODWIT_OK)
            fail_msg("%zu, %s %u: %s", i, rows[i].refuse, rows[i].after, s->e.message);
        check_all(s);
        assert_non_null(strstr(s->told.ptr, "the connection was lost: connecting again, and looking what was kept"));
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
refuse_to_open(stage *s, const godwit_event *event)
{
    (void)s;
    if (event->kind == GODWIT_EVENT_NOTE)
        fake = (fake_server){.refuse = "open", .refuse_rc = GODWIT_CONNECT};
}

static void
says_that_it_could_not_look(void **state)
{
    stage *const s = *state;
    three_files(s, NULL);
    s->on_event = refuse_to_open;
    fake = (fake_server){.refuse = "INSERT INTO b", .refuse_rc = GODWIT_CONNECT};
    assert_int_equal(stage_up(s), GODWIT_CONNECT);
    assert_string_equal(s->e.message, "refused: INSERT INTO b VALUES (2)");
    assert_string_equal(s->e.notes, "godwit could not look what was kept: refused: open");
    assert_non_null(strstr(s->e.hint, "`godwit status` tells"));
    assert_int_equal(s->call.report.migrations[1].state, GODWIT_RUNNING);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 2/2;");
}

static void
interrupt_while_it_looks(stage *s, const godwit_event *event)
{
    if (event->kind == GODWIT_EVENT_NOTE)
        gw_interrupt_ask(&s->interrupt);
}

static void
looks_once_more_how_far_a_batch_came_when_the_time_is_over(void **state)
{
    static const struct {
        unsigned after;
        gw_rc rc;
        size_t executed;
    } rows[] = {{0, GODWIT_INTERRUPTED, 1}, {2, GODWIT_OK, 3}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        three_files(s, NULL);
        s->on_event = interrupt_while_it_looks;
        fake = (fake_server){.refuse = "commit",
                             .refuse_after = rows[i].after,
                             .refuse_times = 1,
                             .refuse_rc = GODWIT_CONNECT,
                             .refuse_late = true};
        const gw_rc rc = stage_up(s);
        if (rc != rows[i].rc)
            fail_msg("%zu: %d %s\n%s", i, rc, s->e.message, s->e.notes);
        assert_int_equal(s->call.report.files_executed, rows[i].executed);
        if (rc != GODWIT_OK)
            assert_non_null(strstr(s->e.notes, "there was no more time to wait for the end of the lost session"));
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
leaves_a_session_alone_that_somebody_ended(void **state)
{
    stage *const s = *state;
    three_files(s, NULL);
    fake = (fake_server){
        .refuse = "INSERT INTO b", .refuse_rc = GODWIT_CONNECT, .refuse_times = 1, .refuse_code = "ended"};
    assert_int_equal(stage_up(s), GODWIT_CONNECT);
    assert_string_equal(s->e.notes, "somebody ended this session on the server, so it is not tried again");
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 2/2;");
    assert_int_equal(stage_up(s), GODWIT_OK);
}

/* ---- a batch that is interrupted ---- */

static void
interrupt(stage *s, gw_str sql)
{
    if (gw_str_starts(sql, "SLEEP"))
        gw_interrupt_ask(&s->interrupt);
}

static void
stops_within_a_batch_when_the_user_interrupts(void **state)
{
    static const struct {
        stage_kind kind;
        const char *history;
    } rows[] = {{STAGE_POSTGRES, "0002 up failed 0/2;"}, {STAGE_MYSQL, "0002 up failed 1/2;"}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, rows[i].kind);
        s->server.on_statement = interrupt;
        three_files(s, "CREATE TABLE b (n);\nSLEEP;\n");
        assert_int_equal(stage_up(s), GODWIT_INTERRUPTED);
        assert_string_equal(s->e.message, "interrupted");
        assert_int_equal(s->e.line, 2);
        assert_string_equal(stage_history(s),
                            gw_printf(s->arena, "%s0001 up applied 2/2;%s", STAGE_BASELINE, rows[i].history));
        assert_int_equal(stage_end(&again), 0);
    }
}

/* The cancel hit what came behind the last word of a migration, or the answer to it: it is done, and nobody may do it again. */
static void
counts_as_done_what_the_history_calls_applied_when_a_cancel_came_late(void **state)
{
    static const gw_rc rcs[] = {GODWIT_INTERRUPTED, GODWIT_FAILED};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, STAGE_MYSQL);
        three_files(s, NULL);
        fake = (fake_server){
            .refuse = "commit", .refuse_after = 2, .refuse_times = 1, .refuse_rc = rcs[i], .refuse_late = true};
        assert_int_equal(stage_up(s), GODWIT_OK);
        check_all(s);
        assert_int_equal(stage_end(&again), 0);
    }
}

/* The server was still cancelling when it was asked what was kept: nobody may call that nothing. */
static void
leaves_open_what_was_kept_where_the_question_is_cut_off(void **state)
{
    static const struct {
        unsigned times;
        godwit_state state;
        const char *history;
    } rows[] = {{1, GODWIT_FAILED_STATE, "0002 up failed 1/2;"}, {2, GODWIT_RUNNING, "0002 up running 1/2;"}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, STAGE_MYSQL);
        s->server.on_statement = interrupt;
        three_files(s, "CREATE TABLE b (n);\nSLEEP;\n");
        fake.refuse = "NEWEST";
        fake.refuse_times = rows[i].times;
        fake.refuse_rc = GODWIT_INTERRUPTED;
        assert_int_equal(stage_up(s), GODWIT_INTERRUPTED);
        assert_int_equal(s->call.report.migrations[1].state, rows[i].state);
        assert_string_equal(stage_history(s),
                            gw_printf(s->arena, "%s0001 up applied 2/2;%s", STAGE_BASELINE, rows[i].history));
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
stops_at_a_time_out_of_the_whole_run_too(void **state)
{
    stage *const s = *state;
    s->flags[GW_SETTING_RUN_TIMEOUT] = "400ms";
    three_files(s, "CREATE TABLE b (n);\nSLEEP;\n");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(s->e.message, "cancelled after 400 ms: run_timeout has passed");
    assert_int_equal(s->e.line, 2);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 2/2;0002 up failed 0/2;");
}

/* The server was cancelling when the mark was written: what came before it is kept. */
static void
keeps_in_mind_that_a_statement_ran_whose_mark_was_cut_off(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    three_files(s, NULL);
    fake = (fake_server){.refuse = "UPDATE", .refuse_after = 2, .refuse_times = 1, .refuse_rc = GODWIT_INTERRUPTED};
    assert_int_equal(stage_up(s), GODWIT_INTERRUPTED);
    assert_int_equal(s->call.report.migrations[1].state, GODWIT_RUNNING);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 2/2;0002 up running 0/2;");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("CREATE TABLE b"), 1);
    assert_string_equal(stage_rows(s, "SELECT n FROM b"), "2;");
}

static void
ask_in_time(stage *s, const godwit_event *event)
{
    if (event->kind == GODWIT_EVENT_MIGRATION_END)
        gw_interrupt_ask(&s->interrupt);
}

static void
does_not_take_back_what_a_batch_has_done(void **state)
{
    stage *const s = *state;
    s->on_event = ask_in_time;
    three_files(s, NULL);
    assert_int_equal(stage_up(s), GODWIT_OK);
    check_all(s);
}

/* ---- the lock ---- */

static void
steal_lock(stage *s, gw_str sql)
{
    if (gw_str_starts(sql, "INSERT INTO b"))
        fake_lock_of(s->flags[GW_SETTING_LOCK_KEY])->owner = NULL;
}

static void
keeps_nothing_once_the_lock_is_gone(void **state)
{
    static const stage_kind kinds[] = {STAGE_POSTGRES, STAGE_MYSQL};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, kinds[i]);
        s->flags[GW_SETTING_LOCK_KEY] = "7";
        s->server.on_statement = steal_lock;
        three_files(s, NULL);
        assert_int_equal(stage_up(s), GODWIT_LOCKED);
        assert_non_null(strstr(s->e.message, "this run no longer holds the lock"));
        assert_string_equal(stage_rows(s, "SELECT n FROM b"), i == 0 ? "none" : "");
        assert_string_equal(stage_rows(s, "SELECT n FROM c"), "none");
        assert_string_equal(stage_history(s), i == 0 ? STAGE_BASELINE "0001 up applied 2/2;"
                                                     : STAGE_BASELINE "0001 up applied 2/2;0002 up running 1/2;");
        assert_int_equal(stage_end(&again), 0);
    }
}

/* ---- what goes in ---- */

static void
leaves_out_what_needs_attention(void **state)
{
    static const struct {
        stage_kind kind;
        gw_setting_id id;
        const char *value, *second;
        size_t bursts;
    } rows[] = {
        {STAGE_POSTGRES, GW_SETTING_AFTER_EACH, "true", NULL, 0},
        {STAGE_POSTGRES, GW_SETTING_AFTER_EACH, "", NULL, 1},
        {STAGE_POSTGRES, GW_SETTING_STATEMENT_TIMEOUT, "1m", NULL, 0},
        {STAGE_POSTGRES, GW_SETTING_TIMEOUT, "1m", NULL, 0},
        {STAGE_POSTGRES, GW_SETTING_LOCK, "lease", NULL, 0},
        {STAGE_POSTGRES, GW_SETTING_CONFIG, NULL, "-- godwit:timeout 1m\nCREATE TABLE b (n);\nSELECT 1;\n", 0},
        {STAGE_POSTGRES, GW_SETTING_CONFIG, NULL, "-- godwit:lock-timeout 1m\nCREATE TABLE b (n);\nSELECT 1;\n", 0},
        {STAGE_POSTGRES, GW_SETTING_CONFIG, NULL, "CREATE TABLE b (n);\n-- godwit:timeout 1m\nSELECT 1;\n", 0},
        {STAGE_POSTGRES, GW_SETTING_CONFIG, NULL, "CREATE TABLE b (n);\n-- godwit:lock-timeout 1m\nSELECT 1;\n", 0},
        {STAGE_POSTGRES, GW_SETTING_CONFIG, NULL, "CREATE TABLE b (n);\nCOPY b FROM stdin;\n2\n\\.\n", 0},
        {STAGE_POSTGRES, GW_SETTING_CONFIG, NULL, "BEGIN;\nCREATE TABLE b (n);\nCOMMIT;\n", 0},
        {STAGE_POSTGRES, GW_SETTING_CONFIG, NULL, "-- godwit:tx none\nCREATE TABLE b (n);\nSELECT 1;\n", 0},
        {STAGE_POSTGRES, GW_SETTING_CONFIG, NULL, "VACUUM b;\n", 0},
        {STAGE_POSTGRES, GW_SETTING_CONFIG, NULL, "-- godwit:assert SELECT n FROM a\nCREATE TABLE b (n);\n", 0},
        {STAGE_MYSQL, GW_SETTING_CONFIG, NULL, "-- godwit:assert SELECT n FROM a\nCREATE TABLE b (n);\n", 0},
        {STAGE_SQLITE, GW_SETTING_CONFIG, NULL, "-- godwit:assert SELECT n FROM a\nCREATE TABLE b (n);\n", 0},
        {STAGE_POSTGRES, GW_SETTING_EMPTY, "true", "-- nothing\n", 0},
        {STAGE_MYSQL, GW_SETTING_CONFIG, NULL, "CREATE TABLE b (n);\nCALL SELECT 1;\n", 0},
        {STAGE_MYSQL, GW_SETTING_CONFIG, NULL, "CREATE TABLE b (n);\nLOCK TABLES b WRITE;\nUNLOCK TABLES;\n", 0},
        {STAGE_SQLITE, GW_SETTING_CONFIG, NULL, NULL, 1},
        {STAGE_SQLITE, GW_SETTING_TIMEOUT, "1m", NULL, 0},
        {STAGE_SQLITE, GW_SETTING_CONFIG, NULL, "-- godwit:tx none\nCREATE TABLE b (n);\nSELECT 1;\n", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, rows[i].kind);
        if (rows[i].id != GW_SETTING_CONFIG)
            s->flags[rows[i].id] = rows[i].value;
        three_files(s, rows[i].second);
        if (stage_up(s) != GODWIT_OK)
            fail_msg("%zu: %s", i, s->e.message);
        assert_int_equal(s->call.report.files_executed, 3);
        if (stage_count("batch") + stage_count("group_begin") != rows[i].bursts)
            fail_msg("%zu: %s", i, stage_log(s));
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
ends_a_batch_at_what_is_skipped_or_long(void **state)
{
    enum { LONG = 1 << 20 };
    stage *const s = *state;
    gw_buf text = gw_buf_new(s->arena);
    while (text.len <= LONG)
        gw_buf_puts(&text, "-- a line among many others\n");
    gw_buf_puts(&text, "CREATE TABLE d (n);\n");
    three_files(s, NULL);
    s->flags[GW_SETTING_APP_ENV] = "here";
    stage_file(s, "0004_d.sql", gw_buf_text(&text));
    stage_file(s, "0005_e.sql", "CREATE TABLE e (n);\n");
    stage_file(s, "0006_f.sql", "CREATE TABLE f (n);\n");
    stage_file(s, "0007_g.sql", "-- godwit:skip-on here\nCREATE TABLE g (n);\n");
    stage_file(s, "0008_h.sql", "CREATE TABLE h (n);\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(s->call.report.files_executed, 7);
    assert_int_equal(stage_count("batch 3"), 1);
    assert_int_equal(stage_count("batch 2"), 1);
    assert_int_equal(stage_count("batch"), 2);
    assert_non_null(strstr(s->told.ptr, "begin 0008 7/7;1/1;end 0008;ran 7/7;"));
}

/* How many migrations were in each of the first two batches. */
static void
first_batches(long *sizes)
{
    size_t found = 0;
    sizes[0] = sizes[1] = 0;
    for (gw_str rest = gw_str_of(fake_log()); rest.len > 0 && found < 2;) {
        const gw_str step = gw_str_cut(rest, ';', &rest);
        if (gw_str_starts(step, "batch "))
            sizes[found++] = strtol(step.ptr + strlen("batch "), NULL, 10);
    }
}

static void
many_files(const stage *s, int count)
{
    for (int i = 1; i <= count; i++)
        stage_file(s, gw_printf(s->arena, "%04d_x.sql", i), gw_printf(s->arena, "CREATE TABLE t%d (n);\n", i));
}

static void
hands_over_more_as_long_as_it_is_quick(void **state)
{
    enum { FILES = 450 };
    long sizes[2];
    stage *const s = *state;
    many_files(s, FILES);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(s->call.report.files_executed, FILES);
    first_batches(sizes);
    assert_in_range(sizes[0], 1, FILES / 3);
    assert_in_range(sizes[1], 2 * sizes[0], FILES);
}

static void
nap(stage *s, gw_str sql)
{
    enum { LATE_MS = 700 };
    (void)s;
    if (gw_str_starts(sql, "SELECT"))
        fake_turn_nap(LATE_MS);
}

/* A machine that had no time for us, or a long way. */
static void
hands_over_more_too_when_only_the_answer_is_late(void **state)
{
    enum { FILES = 450 };
    long sizes[2];
    stage *const s = *state;
    many_files(s, FILES);
    stage_file(s, "0002_x.sql", "CREATE TABLE t2 (n);\nSELECT 1;\n");
    s->server.on_statement = nap;
    assert_int_equal(stage_up(s), GODWIT_OK);
    first_batches(sizes);
    assert_in_range(sizes[1], 2 * sizes[0], FILES);
}

static void
hands_over_less_when_the_server_needs_long(void **state)
{
    enum { FILES = 300 };
    long sizes[2];
    stage *const s = *state;
    many_files(s, FILES);
    fake.item_ms = 500;
    assert_int_equal(stage_up(s), GODWIT_OK);
    first_batches(sizes);
    assert_true(sizes[0] > 1);
    assert_in_range(sizes[1], 1, sizes[0] / 2);
}

/* ---- groups ---- */

static void
commits_many_migrations_at_once(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_SQLITE);
    three_files(s, NULL);
    assert_int_equal(stage_up(s), GODWIT_OK);
    check_all(s);
    assert_string_equal(s->told.ptr, "run 3;begin 0001 1/3;1/2;2/2;begin 0002 2/3;1/2;2/2;begin 0003 3/3;1/2;2/2;"
                                     "end 0001;end 0002;end 0003;ran 3/3;");
    assert_non_null(strstr(stage_log(s), "INSERT INTO c VALUES (3);commit;+INSERT;+INSERT;+INSERT;group_end;"));
    assert_non_null(strstr(stage_log(s), "group_begin;+NEWEST;+NEWEST;+NEWEST;reset;begin;CREATE TABLE a (n);"));
}

static void
asks_for_no_migration_again_when_nobody_else_wrote(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_SQLITE);
    three_files(s, NULL);
    fake.untouched = true;
    assert_int_equal(stage_up(s), GODWIT_OK);
    check_all(s);
    assert_non_null(strstr(stage_log(s), "group_begin;reset;begin;CREATE TABLE a (n);"));
    assert_null(strstr(stage_log(s), "NEWEST"));
}

static void
ends_the_group_before_a_member_that_fails_and_runs_that_alone(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_SQLITE);
    three_files(s, "CREATE TABLE b (n);\nNONSENSE;\n");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_int_equal(s->e.line, 2);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 2/2;0002 up failed 0/2;");
    assert_string_equal(stage_rows(s, "SELECT n FROM b"), "none");
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;");
    assert_string_equal(s->told.ptr,
                        "run 3;begin 0001 1/3;1/2;2/2;begin 0002 2/3;1/2;end 0001;begin 0002 2/3;1/2;ran 1/3;");
}

static void
does_not_wait_within_a_group(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_SQLITE);
    three_files(s, NULL);
    fake = (fake_server){.refuse = "INSERT INTO b", .refuse_times = 1, .refuse_transient = true};
    assert_int_equal(stage_up(s), GODWIT_OK);
    check_all(s);
    assert_null(strstr(s->told.ptr, "waiting"));
    assert_int_equal(stage_count("group_begin"), 1);
}

static void
commits_each_alone_when_all_together_could_not_be_committed(void **state)
{
    static const fake_server said[] = {
        {.refuse = "group_end", .refuse_times = 1},
        {.refuse = "INSERT INTO \"public\"", .refuse_after = 1, .refuse_times = 1},
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, STAGE_SQLITE);
        three_files(s, NULL);
        fake = said[i];
        assert_int_equal(stage_up(s), GODWIT_OK);
        check_all(s);
        assert_int_equal(stage_count("group_drop"), 1);
        assert_int_equal(stage_count("group_begin"), 1);
        assert_non_null(strstr(s->told.ptr, "note: 3 migrations could not be committed together, so each is committed "
                                            "alone: refused: "));
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
says_when_no_group_can_be_begun(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_SQLITE);
    three_files(s, NULL);
    fake = (fake_server){.refuse = "group_begin", .refuse_rc = GODWIT_LOCKED};
    assert_int_equal(stage_up(s), GODWIT_LOCKED);
    assert_string_equal(s->e.message, "refused: group_begin");
    assert_int_equal(s->call.report.pending, 3);
    assert_string_equal(stage_history(s), STAGE_BASELINE);
}

static void
ends_the_group_behind_a_member_that_changed_the_session(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_SQLITE);
    three_files(s, "SET zone 'X';\nCREATE TABLE b (n);\nINSERT INTO b VALUES (2);\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_history(s),
                        STAGE_BASELINE "0001 up applied 2/2;0002 up applied 3/3;0003 up applied 2/2;");
    assert_non_null(
        strstr(stage_log(s), "INSERT INTO b VALUES (2);commit;+INSERT;+INSERT;group_end;reset;begin;+NEWEST;"));
    assert_int_equal(stage_count("group_begin"), 1);
}

static void
keeps_what_was_done_in_a_group_when_the_user_interrupts(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_SQLITE);
    s->server.on_statement = interrupt;
    three_files(s, "CREATE TABLE b (n);\nSLEEP;\n");
    assert_int_equal(stage_up(s), GODWIT_INTERRUPTED);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 2/2;");
    assert_int_equal(s->call.report.files_executed, 1);
    assert_int_equal(s->call.report.pending, 2);
}

static void
other_applies(stage *s, const godwit_event *event)
{
    if (event->kind == GODWIT_EVENT_RUN_BEGIN)
        (void)stage_rows(
            s, "INSERT INTO godwit_history NEXT VALUES ('0002', 'b', 'versioned', 'up', 'applied', NULL, 2, 2, "
               "NULL, NULL, NULL, 0, 'other', 'other', '1', NULL, NULL)");
}

static void
skips_a_member_that_another_runner_did_meanwhile(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_SQLITE);
    s->on_event = other_applies;
    three_files(s, NULL);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_rows(s, "SELECT n FROM b"), "none");
    assert_int_equal(s->call.report.files_executed, 2);
    assert_int_equal(stage_count("group_begin"), 2); /* the second finds that it is done, and is given up */
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        STAGE_TEST(hands_many_migrations_to_the_engine_at_once),
        STAGE_TEST(hands_over_parts_with_their_marks_where_statements_commit_by_themselves),
        cmocka_unit_test(looks_at_once_at_all_that_a_batch_creates),
        cmocka_unit_test(runs_alone_what_leaves_more_than_a_reset_puts_back),
        STAGE_TEST(reverts_in_batches_too),
        cmocka_unit_test(puts_a_failure_where_it_happened_and_records_it),
        cmocka_unit_test(runs_alone_what_failed_for_a_passing_reason_or_between_statements),
        cmocka_unit_test(looks_how_far_a_batch_came_whose_connection_was_lost),
        STAGE_TEST(says_that_it_could_not_look),
        cmocka_unit_test(looks_once_more_how_far_a_batch_came_when_the_time_is_over),
        STAGE_TEST(leaves_a_session_alone_that_somebody_ended),
        cmocka_unit_test(stops_within_a_batch_when_the_user_interrupts),
        cmocka_unit_test(counts_as_done_what_the_history_calls_applied_when_a_cancel_came_late),
        cmocka_unit_test(leaves_open_what_was_kept_where_the_question_is_cut_off),
        STAGE_TEST(stops_at_a_time_out_of_the_whole_run_too),
        STAGE_TEST(keeps_in_mind_that_a_statement_ran_whose_mark_was_cut_off),
        STAGE_TEST(does_not_take_back_what_a_batch_has_done),
        cmocka_unit_test(keeps_nothing_once_the_lock_is_gone),
        cmocka_unit_test(leaves_out_what_needs_attention),
        STAGE_TEST(ends_a_batch_at_what_is_skipped_or_long),
        STAGE_TEST(hands_over_more_as_long_as_it_is_quick),
        STAGE_TEST(hands_over_more_too_when_only_the_answer_is_late),
        STAGE_TEST(hands_over_less_when_the_server_needs_long),
        STAGE_TEST(commits_many_migrations_at_once),
        STAGE_TEST(asks_for_no_migration_again_when_nobody_else_wrote),
        STAGE_TEST(ends_the_group_before_a_member_that_fails_and_runs_that_alone),
        STAGE_TEST(does_not_wait_within_a_group),
        cmocka_unit_test(commits_each_alone_when_all_together_could_not_be_committed),
        STAGE_TEST(says_when_no_group_can_be_begun),
        STAGE_TEST(ends_the_group_behind_a_member_that_changed_the_session),
        STAGE_TEST(keeps_what_was_done_in_a_group_when_the_user_interrupts),
        STAGE_TEST(skips_a_member_that_another_runner_did_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
