/* One migration at a time: what is kept, recorded and told when any of its steps fails. */
#include "stage.h"

#include <string.h>

/* A transaction of three statements; and a file of single statements, each marked. */
static const char one_unit[] = "CREATE TABLE a (n);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\n";
static const char many_units[] =
    "-- godwit:tx none\nCREATE TABLE a (n);\nINSERT INTO a VALUES (1);\nCREATE TABLE b (n);\n";

static const char baseline[] = STAGE_BASELINE;

static void
runs_a_file_in_one_transaction_with_its_record(void **state)
{
    stage *const s = *state;
    stage_first(s, one_unit);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_log(s), "open;+SELECT;+COLUMNS;lock;+COLUMNS;+SELECT;reset;begin;CREATE TABLE a (n);"
                                      "INSERT INTO a VALUES (1);INSERT INTO a VALUES (2);+INSERT;commit;unlock;");
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;2;");
    assert_string_equal(stage_history(s), "0000 up applied 0/0;0001 up applied 3/3;");
    assert_string_equal(s->told.ptr, "run 1;begin 0001 1/1;1/3;2/3;3/3;end 0001;ran 1/1;");
}

static void
marks_each_statement_where_there_is_no_transaction(void **state)
{
    stage *const s = *state;
    stage_first(s, many_units);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(
        stage_log(s),
        "open;+SELECT;+COLUMNS;lock;+COLUMNS;+SELECT;reset;+INSERT;begin;CREATE TABLE a (n);+UPDATE;commit;"
        "begin;INSERT INTO a VALUES (1);+UPDATE;commit;begin;CREATE TABLE b (n);+UPDATE;commit;unlock;");
    assert_string_equal(stage_history(s), "0000 up applied 0/0;0001 up applied 3/3;");
}

static void
marks_after_what_commits_by_itself(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, many_units);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_log(s),
                        "open;+SELECT;+COLUMNS;+SELECT;lock;+COLUMNS;+SELECT;reset;+INSERT;CREATE TABLE a (n);+UPDATE;"
                        "begin;INSERT INTO a VALUES (1);+UPDATE;commit;CREATE TABLE b (n);+UPDATE;unlock;");
    assert_string_equal(stage_history(s), "0000 up applied 0/0;0001 up applied 3/3;");
}

/* Each step of the engine refused once: the answer, what the database and the history hold. */
typedef struct refusal {
    const char *step;
    unsigned after;      /* let so many pass */
    gw_rc rc;            /* of the call, and of the refusal */
    const char *a;       /* rows of table a */
    const char *history; /* beyond the baseline */
    const char *hint;    /* a part of it */
} refusal;

static void
refuse(const refusal *r)
{
    fake = (fake_server){.refuse = r->step, .refuse_after = r->after, .refuse_rc = r->rc, .refuse_times = 1};
}

static void
check_refusals(stage_kind kind, const char *text, const refusal *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const refusal *const r = &rows[i];
        void *state;
        assert_int_equal(stage_begin(&state), 0);
        stage *const s = state;
        stage_engine_is(s, kind);
        s->flags[GW_SETTING_RETRIES] = "0";
        stage_first(s, text);
        refuse(r);
        const gw_rc rc = stage_up(s);
        fake.refuse = NULL;
        if (rc != r->rc || strcmp(stage_rows(s, "SELECT n FROM a"), r->a) != 0)
            fail_msg("%s refused with %d: %d %s, table a: %s", r->step, r->rc, rc, s->e.message,
                     stage_rows(s, "SELECT n FROM a"));
        assert_string_equal(stage_history(s), gw_printf(s->arena, "%s%s", baseline, r->history));
        if (strstr(s->e.hint, r->hint) == NULL)
            fail_msg("%s refused with %d: hint '%s'", r->step, r->rc, s->e.hint);
        assert_int_equal(stage_end(&state), 0);
    }
}

static void
undoes_whatever_step_of_a_transaction_fails(void **state)
{
    static const char failed[] = "0001 up failed 0/3;", again[] = "run `godwit up` again";
    static const refusal rows[] = {
        {"open", 0, GODWIT_CONNECT, "none", "", ""},
        {"COLUMNS", 0, GODWIT_FAILED, "none", "", ""},
        {"lock", 0, GODWIT_FAILED, "none", "", ""},
        {"SELECT", 1, GODWIT_FAILED, "none", "", ""},
        {"reset", 0, GODWIT_FAILED, "none", failed, again},
        {"begin", 0, GODWIT_FAILED, "none", failed, again},
        {"CREATE TABLE a", 0, GODWIT_FAILED, "none", failed, again},
        {"INSERT INTO a", 0, GODWIT_FAILED, "none", failed, "fix the file"},
        {"INSERT INTO a", 1, GODWIT_FAILED, "none", failed, again},
        {"INSERT INTO \"public\"", 0, GODWIT_FAILED, "none", failed, again},
        {"commit", 0, GODWIT_FAILED, "none", failed, again},
        {"INSERT INTO a", 1, GODWIT_CONNECT, "none", "", "when the server answers"},
        {"INSERT INTO \"public\"", 0, GODWIT_CONNECT, "none", "", again},
    };
    (void)state;
    check_refusals(STAGE_POSTGRES, one_unit, rows, sizeof(rows) / sizeof(rows[0]));
}

static void
knows_to_the_statement_what_single_statements_left(void **state)
{
    static const char resolve[] = "godwit resolve 0001";
    static const refusal rows[] = {
        {"INSERT INTO \"public\"", 0, GODWIT_FAILED, "none", "0001 up failed 0/3;", "run `godwit up` again"},
        {"CREATE TABLE a", 0, GODWIT_FAILED, "none", "0001 up failed 0/3;", "nothing of this migration was kept"},
        {"UPDATE", 0, GODWIT_FAILED, "", "0001 up failed 1/3;", "goes on after statement 1"},
        {"INSERT INTO a", 0, GODWIT_FAILED, "", "0001 up failed 1/3;", "goes on after statement 1"},
        {"UPDATE", 1, GODWIT_FAILED, "", "0001 up failed 1/3;", "goes on after statement 1"},
        {"commit", 0, GODWIT_FAILED, "", "0001 up failed 1/3;", "goes on after statement 1"},
        {"CREATE TABLE b", 0, GODWIT_FAILED, "1;", "0001 up failed 2/3;", "goes on after statement 2"},
        {"UPDATE", 2, GODWIT_FAILED, "1;", "0001 up failed 3/3;", resolve},
        /* What nobody knows of is left to the next run, or to the user. */
        {"CREATE TABLE a", 0, GODWIT_CONNECT, "none", "0001 up running 0/3;",
         "whether the last step happened is not known"},
        {"UPDATE", 0, GODWIT_CONNECT, "", "0001 up running 0/3;", resolve},
        {"INSERT INTO a", 0, GODWIT_CONNECT, "", "0001 up running 1/3;", "could not be recorded"},
    };
    (void)state;
    check_refusals(STAGE_MYSQL, many_units, rows, sizeof(rows) / sizeof(rows[0]));
}

static void
says_where_and_how_much_was_kept(void **state)
{
    stage *const s = *state;
    stage_first(s, "-- godwit:tx none\nCREATE TABLE a (n);\n\n  NONSENSE IS HERE;\n");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_non_null(strstr(s->e.path, "0001_first.sql"));
    assert_int_equal(s->e.line, 4);
    assert_int_equal(s->e.column, 3);
    assert_string_equal(s->e.notes, "while applying 0001 first, statement 2 of 2, on fake://app@h/shop\n"
                                    "kept: 1 of 2 statements");
    assert_string_equal(stage_rows(s, "SELECT error FROM godwit_history WHERE version = '0001'"),
                        gw_printf(s->arena, "%s;", s->e.message));
}

static void
names_the_file_when_only_the_commit_fails(void **state)
{
    stage *const s = *state;
    stage_first(s, one_unit);
    fake.refuse = "commit";
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_non_null(strstr(s->e.path, "0001_first.sql"));
    assert_int_equal(s->e.line, 0);
    assert_string_equal(s->e.notes,
                        gw_printf(s->arena, "while applying 0001 first, %s, on fake://app@h/shop", s->e.path));
}

static void
says_when_the_failure_could_not_be_recorded(void **state)
{
    stage *const s = *state;
    stage_first(s, one_unit);
    fake.refuse = "INSERT INTO \"public\"";
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_non_null(strstr(s->told.ptr, "note: the failure could not be recorded: "));
    assert_string_equal(stage_history(s), baseline);
}

/* ---- resume ---- */

static void
goes_on_behind_the_statements_that_were_kept(void **state)
{
    stage *const s = *state;
    stage_first(s, "-- godwit:tx none\nSET zone 'X';\nCREATE TABLE a (n);\nNONSENSE;\nCREATE TABLE b (n);\n");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(stage_history(s), "0000 up applied 0/0;0001 up failed 2/4;");
    stage_file(
        s, "0001_first.sql",
        "-- godwit:tx none\nSET zone 'X';\nCREATE TABLE a (n);\nINSERT INTO a VALUES (1);\nCREATE TABLE b (n);\n");
    fake_log_clear();
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_log(s),
                        "open;+SELECT;+COLUMNS;lock;+COLUMNS;+SELECT;reset;reset;+INSERT;SET zone 'X';begin;"
                        "INSERT INTO a VALUES (1);+UPDATE;commit;begin;CREATE TABLE b (n);+UPDATE;commit;unlock;");
    assert_string_equal(stage_history(s), "0000 up applied 0/0;0001 up failed 2/4;0001 up applied 4/4;");
    assert_int_equal(s->call.report.files_executed, 1);
    assert_int_equal(s->call.report.pending, 0);
}

static void
does_not_go_on_with_a_file_whose_kept_part_was_changed(void **state)
{
    stage *const s = *state;
    stage_first(s, "-- godwit:tx none\nCREATE TABLE a (n);\nNONSENSE;\n");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    stage_file(s, "0001_first.sql", "-- godwit:tx none\nCREATE TABLE a (m);\nINSERT INTO a VALUES (1);\n");
    assert_int_equal(stage_up(s), GODWIT_FOLDER);
    assert_non_null(strstr(s->e.message, "statement 1 of"));
    assert_non_null(strstr(s->e.message, "0001_first.sql was changed, and it is already applied"));
    assert_int_equal(s->e.line, 2);
    assert_string_equal(stage_history(s), "0000 up applied 0/0;0001 up failed 1/2;");
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "");
}

/* ---- where begin() is the lock ---- */

static void
without_session_lock(stage *s)
{
    stage_engine_is(s, STAGE_SQLITE);
}

static const char other_record[] = "INSERT INTO godwit_history NEXT VALUES ('0001', 'first', 'versioned', 'up', '%s', "
                                   "NULL, 3, 3, NULL, NULL, NULL, 0, "
                                   "'other', 'other', '1', NULL, NULL)";

/* Another runner comes between the decision and the first statement. */
static void
other_comes_first(stage *s, const godwit_event *event)
{
    if (event->kind == GODWIT_EVENT_MIGRATION_BEGIN)
        (void)stage_rows(s, gw_printf(s->arena, other_record, "applied"));
}

static void
other_begins_first(stage *s, const godwit_event *event)
{
    if (event->kind == GODWIT_EVENT_MIGRATION_BEGIN)
        (void)stage_rows(s, gw_printf(s->arena, other_record, "running"));
}

static void
other_takes_over(stage *s, const godwit_event *event)
{
    if (event->kind == GODWIT_EVENT_STATEMENT && event->index == 1)
        (void)stage_rows(s, gw_printf(s->arena, other_record, "failed"));
}

static void
decides_again_inside_the_transaction_that_is_the_lock(void **state)
{
    static const char *const texts[] = {one_unit, many_units};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        without_session_lock(s);
        stage_first(s, texts[i]);
        s->on_event = other_comes_first;
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_string_equal(stage_log(s), i == 0 ? "open;+SELECT;+SELECT;reset;begin;+NEWEST;rollback;"
                                                 : "open;+SELECT;+SELECT;claim;+NEWEST;unclaim;");
        assert_string_equal(stage_rows(s, "SELECT n FROM a"), "none");
        assert_non_null(strstr(s->told.ptr, "0001 first was done by another runner meanwhile"));
        assert_int_equal(s->call.report.files_executed, 0);
        assert_int_equal(s->call.report.pending, 0);
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
leaves_a_migration_to_the_runner_that_works_on_it(void **state)
{
    stage *const s = *state;
    without_session_lock(s);
    stage_first(s, one_unit);
    s->on_event = other_begins_first;
    assert_int_equal(stage_up(s), GODWIT_LOCKED);
    assert_string_equal(s->e.message, "another runner is working on 0001 first: it is running there");
    assert_string_equal(stage_history(s), "0000 up applied 0/0;0001 up running 3/3;");
}

static void
stops_when_another_runner_took_over(void **state)
{
    stage *const s = *state;
    without_session_lock(s);
    stage_first(s, many_units);
    s->on_event = other_takes_over;
    assert_int_equal(stage_up(s), GODWIT_LOCKED);
    assert_string_equal(s->e.message, "another runner took over 0001 first");
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "");
}

/* The server is gone for good from the commit on. */
static void
refuse_to_open_again(stage *s, const godwit_event *event)
{
    (void)s;
    if (event->kind == GODWIT_EVENT_NOTE)
        fake = (fake_server){.refuse = "open", .refuse_rc = GODWIT_CONNECT};
}

/* Another runner is between two of its units. */
static void
claim_as_other(gw_arena *a)
{
    bool taken = false;
    gw_err e = {0};
    assert_int_equal(gw_fake.claim(stage_other(a), &taken, &e), GODWIT_OK);
    assert_true(taken);
}

static void
waits_for_a_runner_in_the_middle_of_a_migration_and_gives_up(void **state)
{
    stage *const s = *state;
    without_session_lock(s);
    stage_first(s, many_units);
    GW_SCOPE(other);
    claim_as_other(other);
    assert_int_equal(stage_up(s), GODWIT_LOCKED);
    assert_string_equal(s->e.message, "another godwit is in the middle of a migration of fake://app@h/shop");
    assert_non_null(strstr(s->e.hint, "--lock-wait"));
    assert_non_null(
        strstr(s->told.ptr, "waiting: another godwit is in the middle of a migration of fake://app@h/shop;"));
    assert_true(stage_count("claim") > 1);
    assert_int_equal(stage_count("CREATE TABLE"), 0);
    assert_string_equal(stage_history(s), baseline);
}

static gw_arena *of_other;

static void
let_go(stage *s, const godwit_event *event)
{
    (void)s;
    if (event->kind == GODWIT_EVENT_WAITING)
        gw_arena_reset(of_other);
}

static void
goes_on_when_the_runner_in_the_middle_is_done_or_gone(void **state)
{
    stage *const s = *state;
    without_session_lock(s);
    stage_first(s, many_units);
    of_other = gw_arena_new();
    claim_as_other(of_other);
    s->on_event = let_go;
    s->flags[GW_SETTING_LOCK_WAIT] = "60s";
    assert_int_equal(stage_up(s), GODWIT_OK);
    gw_arena_free(of_other);
    assert_string_equal(stage_history(s), "0000 up applied 0/0;0001 up applied 3/3;");
    assert_int_equal(stage_count("unclaim"), 1);
}

static const char *meanwhile;

static void
write_and_let_go(stage *s, const godwit_event *event)
{
    if (event->kind == GODWIT_EVENT_WAITING)
        (void)stage_rows(s, meanwhile);
    let_go(s, event);
}

static void
looks_again_when_it_has_waited_for_a_runner_in_the_middle(void **state)
{
    static const char row[] = "INSERT INTO godwit_history NEXT VALUES ('0001', 'first', 'versioned', 'up', '%s', "
                              "NULL, 3, 0, NULL, NULL, NULL, 0, 'other', 'other', '1', NULL, NULL)";
    static const struct {
        const char *before; /* the state of his row when the plan is made; NULL: there is none */
        const char *meanwhile;
        size_t executed;
        const char *history;
    } rows[] = {
        {"running", "UPDATE godwit_history SET state = 'applied' WHERE version = '0001'", 0, "0001 up applied 0/3;"},
        {"running", "UPDATE godwit_history SET state = 'failed' WHERE version = '0001'", 1,
         "0001 up failed 0/3;0001 up applied 3/3;"},
        {NULL, "running", 1, "0001 up failed 0/3;0001 up applied 3/3;"},
        {NULL, "applied", 0, "0001 up applied 0/3;"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        without_session_lock(s);
        stage_first(s, many_units);
        if (rows[i].before != NULL)
            (void)stage_rows(s, gw_printf(s->arena, row, rows[i].before));
        meanwhile = rows[i].before != NULL ? rows[i].meanwhile : gw_printf(s->arena, row, rows[i].meanwhile);
        of_other = gw_arena_new();
        claim_as_other(of_other);
        s->on_event = write_and_let_go;
        s->flags[GW_SETTING_LOCK_WAIT] = "60s";
        if (stage_up(s) != GODWIT_OK)
            fail_msg("%zu: %s", i, s->e.message);
        gw_arena_free(of_other);
        assert_int_equal(s->call.report.files_executed, rows[i].executed);
        assert_string_equal(stage_history(s), gw_printf(s->arena, "0000 up applied 0/0;%s", rows[i].history));
        assert_int_equal(stage_count("unclaim"), 1);
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
is_interrupted_while_it_waits_for_a_runner_in_the_middle(void **state)
{
    stage *const s = *state;
    without_session_lock(s);
    stage_first(s, many_units);
    GW_SCOPE(other);
    claim_as_other(other);
    s->flags[GW_SETTING_LOCK_WAIT] = s->flags[GW_SETTING_LOCK_POLL] = "60s";
    const pthread_t thread = stage_interrupt_soon(s);
    assert_int_equal(stage_up(s), GODWIT_INTERRUPTED);
    pthread_join(thread, NULL);
    assert_string_equal(stage_history(s), baseline);
}

static void
claims_nothing_for_a_migration_that_is_one_transaction(void **state)
{
    stage *const s = *state;
    without_session_lock(s);
    stage_first(s, one_unit);
    GW_SCOPE(other);
    claim_as_other(other);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("claim"), 1); /* the other's */
}

static void
goes_on_with_what_a_runner_left_that_is_gone(void **state)
{
    stage *const s = *state;
    without_session_lock(s);
    stage_first(s, many_units);
    fake = (fake_server){.refuse = "commit", .refuse_after = 2, .refuse_rc = GODWIT_CONNECT};
    s->on_event = refuse_to_open_again;
    assert_int_equal(stage_up(s), GODWIT_CONNECT);
    fake = (fake_server){0};
    s->on_event = NULL;
    assert_string_equal(stage_history(s), "0000 up applied 0/0;0001 up running 1/3;");
    GW_SCOPE(other);
    claim_as_other(other);
    assert_int_equal(stage_up(s), GODWIT_LOCKED);
    assert_int_equal(s->call.report.migrations[0].state, GODWIT_RUNNING);
    gw_arena_reset(other);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;");
    assert_string_equal(stage_history(s), "0000 up applied 0/0;0001 up failed 1/3;0001 up applied 3/3;");
}

static void
says_when_it_cannot_claim(void **state)
{
    stage *const s = *state;
    without_session_lock(s);
    stage_first(s, many_units);
    fake.refuse = "claim";
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(s->e.message, "refused: claim");
    assert_string_equal(stage_history(s), baseline);
}

/* ---- a connection that is lost during a commit ---- */

static void
lose_commit(unsigned after, bool late)
{
    fake = (fake_server){
        .refuse = "commit", .refuse_after = after, .refuse_rc = GODWIT_CONNECT, .refuse_times = 1, .refuse_late = late};
}

static void
goes_on_when_a_commit_was_kept_and_only_its_answer_was_lost(void **state)
{
    stage *const s = *state;
    stage_first(s, one_unit);
    stage_file(s, "0002_second.sql", "-- godwit:timeout 1m\nINSERT INTO a VALUES (3);\n");
    lose_commit(0, true);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;2;3;");
    assert_string_equal(stage_history(s), "0000 up applied 0/0;0001 up applied 3/3;0002 up applied 1/1;");
    assert_non_null(
        strstr(stage_log(s),
               "commit;unlock;open;+COLUMNS;lock;+COLUMNS;+NEWEST;+SELECT;reset;begin;INSERT INTO a VALUES (3)"));
    assert_int_equal(s->call.report.files_executed, 2);
}

static void
goes_on_in_the_middle_of_a_file_with_what_the_session_was_told(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(
        s, "-- godwit:tx none\nSET zone 'X';\nCREATE TABLE a (n);\nINSERT INTO a VALUES (1);\nCREATE TABLE b (n);\n");
    lose_commit(0, true);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_non_null(strstr(
        stage_log(s), "commit;unlock;open;+COLUMNS;lock;+COLUMNS;+NEWEST;SET zone 'X';CREATE TABLE b (n);+UPDATE;"));
    assert_string_equal(stage_history(s), "0000 up applied 0/0;0001 up applied 4/4;");
}

static void
fails_and_records_it_when_the_commit_was_not_kept(void **state)
{
    static const struct {
        stage_kind kind;
        const char *text, *a, *history;
    } rows[] = {{STAGE_POSTGRES, one_unit, "none", "0001 up failed 0/3;"},
                {STAGE_MYSQL, many_units, "", "0001 up failed 1/3;"}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, rows[i].kind);
        s->flags[GW_SETTING_RETRIES] = "0";
        stage_first(s, rows[i].text);
        lose_commit(0, false);
        assert_int_equal(stage_up(s), GODWIT_CONNECT);
        assert_non_null(strstr(s->e.notes, "godwit connected again and looked: the commit was not kept"));
        assert_string_equal(stage_rows(s, "SELECT n FROM a"), rows[i].a);
        assert_string_equal(stage_history(s), gw_printf(s->arena, "%s%s", baseline, rows[i].history));
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
says_that_it_does_not_know_when_it_cannot_look(void **state)
{
    stage *const s = *state;
    stage_first(s, one_unit);
    s->on_event = refuse_to_open_again;
    lose_commit(0, true);
    assert_int_equal(stage_up(s), GODWIT_CONNECT);
    assert_non_null(strstr(s->e.notes, "godwit could not look whether the commit was kept: refused: open"));
    assert_non_null(strstr(s->e.hint, "`godwit status` tells"));
    assert_int_equal(s->call.report.migrations[0].state, GODWIT_RUNNING);
    assert_string_equal(stage_history(s), "0000 up applied 0/0;0001 up applied 3/3;");
}

static void
interrupt_while_it_looks(stage *s, const godwit_event *event)
{
    if (event->kind == GODWIT_EVENT_NOTE)
        gw_interrupt_ask(&s->interrupt);
}

static void
looks_once_more_whether_a_commit_was_kept_when_the_time_is_over(void **state)
{
    static const struct {
        bool late;
        gw_rc rc;
        const char *history;
    } rows[] = {{true, GODWIT_OK, "0001 up applied 3/3;"}, {false, GODWIT_INTERRUPTED, ""}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_first(s, one_unit);
        s->on_event = interrupt_while_it_looks;
        lose_commit(0, rows[i].late);
        const gw_rc rc = stage_up(s);
        assert_string_equal(stage_history(s), gw_printf(s->arena, "%s%s", baseline, rows[i].history));
        if (rc != rows[i].rc)
            fail_msg("%d: %d %s\n%s", (int)i, rc, s->e.message, s->e.notes);
        if (rc != GODWIT_OK) {
            assert_non_null(strstr(s->e.notes, "the commit was not there, but may still come"));
            assert_non_null(strstr(s->e.hint, "`godwit status` tells"));
            assert_int_equal(s->call.report.migrations[0].state, GODWIT_RUNNING);
        }
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
other_is_quicker(stage *s)
{
    if (s->told.len > 0) /* not the first connection */
        (void)stage_rows(s, gw_printf(s->arena, other_record, "applied"));
}

static void
says_when_another_runner_went_on_meanwhile(void **state)
{
    stage *const s = *state;
    stage_first(s, one_unit);
    s->on_open = other_is_quicker;
    lose_commit(0, false);
    assert_int_equal(stage_up(s), GODWIT_CONNECT);
    assert_non_null(strstr(s->e.notes, "another runner was quicker to go on with 0001"));
    assert_string_equal(stage_history(s), "0000 up applied 0/0;0001 up applied 3/3;");
}

static void
a_procedure_whose_lock_timeout_could_not_be_set_kept_no_part(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_POSTGRES);
    stage_first(s, "-- godwit:tx none\nCREATE TABLE a (n);\n-- godwit:lock-timeout 600ms\nCALL p();\n");
    fake.refuse = "set_lock_timeout";
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_null(strstr(s->e.notes, "may have been kept"));
    assert_non_null(strstr(s->e.notes, "statement 2 of 2"));
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 1/2;");
    assert_int_equal(stage_count("CALL"), 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        STAGE_TEST(runs_a_file_in_one_transaction_with_its_record),
        STAGE_TEST(marks_each_statement_where_there_is_no_transaction),
        STAGE_TEST(marks_after_what_commits_by_itself),
        cmocka_unit_test(undoes_whatever_step_of_a_transaction_fails),
        cmocka_unit_test(knows_to_the_statement_what_single_statements_left),
        STAGE_TEST(says_where_and_how_much_was_kept),
        STAGE_TEST(names_the_file_when_only_the_commit_fails),
        STAGE_TEST(says_when_the_failure_could_not_be_recorded),
        STAGE_TEST(goes_on_behind_the_statements_that_were_kept),
        STAGE_TEST(does_not_go_on_with_a_file_whose_kept_part_was_changed),
        cmocka_unit_test(decides_again_inside_the_transaction_that_is_the_lock),
        STAGE_TEST(leaves_a_migration_to_the_runner_that_works_on_it),
        STAGE_TEST(stops_when_another_runner_took_over),
        STAGE_TEST(waits_for_a_runner_in_the_middle_of_a_migration_and_gives_up),
        STAGE_TEST(goes_on_when_the_runner_in_the_middle_is_done_or_gone),
        STAGE_TEST(looks_again_when_it_has_waited_for_a_runner_in_the_middle),
        STAGE_TEST(is_interrupted_while_it_waits_for_a_runner_in_the_middle),
        STAGE_TEST(claims_nothing_for_a_migration_that_is_one_transaction),
        STAGE_TEST(goes_on_with_what_a_runner_left_that_is_gone),
        STAGE_TEST(says_when_it_cannot_claim),
        STAGE_TEST(goes_on_when_a_commit_was_kept_and_only_its_answer_was_lost),
        STAGE_TEST(goes_on_in_the_middle_of_a_file_with_what_the_session_was_told),
        cmocka_unit_test(fails_and_records_it_when_the_commit_was_not_kept),
        STAGE_TEST(says_that_it_does_not_know_when_it_cannot_look),
        cmocka_unit_test(looks_once_more_whether_a_commit_was_kept_when_the_time_is_over),
        STAGE_TEST(says_when_another_runner_went_on_meanwhile),
        STAGE_TEST(a_procedure_whose_lock_timeout_could_not_be_set_kept_no_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
