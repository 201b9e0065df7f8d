/* Units under way: connections that are lost, marks, and what is known of a statement that nobody answered for. */
#include "stage.h"

#include <string.h>

static const char one_unit[] = "CREATE TABLE a (n);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\n";
/* On MySQL: three statements that commit by themselves. */
static const char tables[] = "CREATE TABLE a (n);\nCREATE TABLE b (n);\nCREATE TABLE c (n);\n";

static void
lose(const char *step)
{
    fake = (fake_server){.refuse = step, .refuse_rc = GODWIT_CONNECT, .refuse_times = 1, .refuse_transient = true};
}

static const char *
fingerprint(stage *s)
{
    return stage_rows(s, "NEWEST done, fingerprint FROM godwit_history WHERE version = '0001'");
}

/* ---- a connection that is lost in a transaction ---- */

static void
begins_a_transaction_again_whose_connection_was_lost(void **state)
{
    static const char *const steps[] = {"reset", "begin", "CREATE TABLE a", "INSERT INTO a VALUES (2)",
                                        "INSERT INTO \"public\""};
    (void)state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_first(s, one_unit);
        lose(steps[i]);
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;2;");
        assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 3/3;");
        assert_non_null(strstr(s->told.ptr, "; trying again in 5 ms;note: the connection was lost: connecting again, "
                                            "and looking what was kept;"));
        assert_non_null(strstr(stage_log(s), "unlock;open;+COLUMNS;lock;+COLUMNS;reset;+NEWEST;begin;CREATE TABLE a"));
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
begins_a_transaction_again_whose_commit_was_not_kept(void **state)
{
    stage *const s = *state;
    stage_first(s, one_unit);
    fake = (fake_server){.refuse = "commit", .refuse_rc = GODWIT_CONNECT, .refuse_times = 1};
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;2;");
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 3/3;");
    assert_non_null(strstr(s->told.ptr, "looking whether it was kept"));
}

static void
says_to_the_new_session_what_the_kept_statements_said(void **state)
{
    static const char *const steps[] = {"INSERT INTO a VALUES (2)", "commit"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, STAGE_MYSQL);
        stage_first(s, "SET zone 'X';\nCREATE TABLE a (n);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\n");
        lose(steps[i]);
        fake.refuse_transient = i == 0; /* nobody knows of a commit */
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;2;");
        assert_int_equal(stage_count("SET zone 'X'"), 2);
        assert_int_equal(stage_count("CREATE TABLE a"), 1);
        assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 4/4;");
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
resets_the_session_again_that_could_not_be_reset(void **state)
{
    stage *const s = *state;
    stage_first(s, one_unit);
    fake = (fake_server){.refuse = "reset", .refuse_times = 1, .refuse_transient = true};
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("reset"), 2);
}

static void
forget(stage *s, gw_str sql)
{
    (void)sql;
    s->server.place = "another server";
}

static void
leaves_a_session_alone_that_somebody_ended_on_a_server_that_still_runs(void **state)
{
    stage *const s = *state;
    stage_first(s, one_unit);
    lose("INSERT INTO a");
    fake.refuse_code = "ended";
    assert_int_equal(stage_up(s), GODWIT_CONNECT);
    assert_string_equal(s->e.message, "refused: INSERT INTO a VALUES (1)");
    assert_non_null(strstr(s->e.notes, "somebody ended this session on the server, so it is not tried again"));
    assert_null(strstr(s->e.notes, "before that"));
    assert_string_equal(stage_history(s), STAGE_BASELINE);
    assert_int_equal(stage_count("open"), 2);
    lose("INSERT INTO a");
    fake.refuse_code = "ended";
    s->server.on_statement = forget;
    assert_int_equal(stage_up(s), GODWIT_OK);
}

static void
refuse_to_open(stage *s, const godwit_event *event)
{
    (void)s;
    if (event->kind == GODWIT_EVENT_NOTE)
        fake = (fake_server){.refuse = "open", .refuse_rc = GODWIT_CONNECT};
}

static void
says_what_came_first_when_it_cannot_connect_again(void **state)
{
    static const struct {
        stage_kind kind;
        godwit_state state;
    } rows[] = {{STAGE_POSTGRES, GODWIT_FAILED_STATE}, {STAGE_MYSQL, GODWIT_RUNNING}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, rows[i].kind);
        stage_first(s, one_unit);
        s->on_event = refuse_to_open;
        lose("INSERT INTO a");
        assert_int_equal(stage_up(s), GODWIT_CONNECT);
        assert_string_equal(s->e.message, "refused: open");
        assert_non_null(strstr(s->e.notes, "before that: refused: INSERT INTO a VALUES (1)"));
        assert_int_equal(s->call.report.migrations[0].state, rows[i].state);
        fake = (fake_server){0};
        s->on_event = NULL;
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;2;");
        assert_int_equal(stage_end(&again), 0);
    }
}

static const char other_record[] =
    "INSERT INTO godwit_history NEXT VALUES ('0001', 'first', 'versioned', 'up', '%s', NULL, 3, %d, NULL, NULL, NULL, "
    "0, 'other', 'other', '1', NULL, NULL)";

static void
other_applies(stage *s)
{
    if (s->told.len > 0 && strstr(s->told.ptr, "the connection was lost") != NULL)
        (void)stage_rows(s, gw_printf(s->arena, other_record, "applied", 3));
}

static void
finds_that_another_runner_did_it_while_the_connection_was_gone(void **state)
{
    stage *const s = *state;
    stage_first(s, one_unit);
    s->on_open = other_applies;
    lose("INSERT INTO a");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_non_null(strstr(s->told.ptr, "0001 first was done by another runner meanwhile"));
    assert_int_equal(s->call.report.files_executed, 0);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "none");
}

static void
leaves_it_to_another_runner_that_took_over_while_the_connection_was_gone(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, tables);
    s->on_open = other_applies;
    lose("CREATE TABLE b");
    assert_int_equal(stage_up(s), GODWIT_LOCKED);
    assert_string_equal(s->e.message, "another runner took over 0001 first");
    assert_non_null(strstr(s->e.notes, "before that: refused: CREATE TABLE b (n)"));
}

/* ---- a connection that is lost in a statement that commits by itself ---- */

static void
goes_on_behind_a_statement_that_happened_although_its_answer_was_lost(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, tables);
    s->server.lose_after = "CREATE TABLE b";
    s->server.lose_times = 1;
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("CREATE TABLE a"), 1);
    assert_int_equal(stage_count("CREATE TABLE b"), 1);
    assert_int_equal(stage_count("CREATE TABLE c"), 1);
    /* What is to run next is said before it runs, as if nothing had been lost. */
    assert_non_null(strstr(stage_log(s), "+NEWEST;SELECT STATE_OF b;+UPDATE;CREATE TABLE c (n);+UPDATE;"));
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 3/3;");
}

static void
repeats_a_statement_that_did_not_happen(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, tables);
    lose("CREATE TABLE b");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("CREATE TABLE a"), 1);
    assert_int_equal(stage_count("CREATE TABLE b"), 2);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 3/3;");
}

static void
stops_where_nobody_can_tell_and_stays_there_until_it_is_settled(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, "CREATE TABLE a (n);\nCREATE INDEX i ON a (n);\nCREATE TABLE c (n);\n");
    s->server.lose_after = "CREATE INDEX";
    s->server.lose_times = 1;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(stage_up(s), GODWIT_FAILED);
        assert_string_equal(s->e.message, "statement 2 of 0001 first was under way when its runner ended, and whether "
                                          "it happened is not known");
        assert_int_equal(s->e.line, 2);
        assert_non_null(strstr(s->e.notes, "nothing in the database would tell"));
        assert_non_null(strstr(s->e.hint, "`godwit resolve 0001 --retry --done 1` if it did not happen, `--done 2`"));
        assert_int_equal(s->call.report.migrations[0].state, GODWIT_RUNNING);
        assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up running 1/3;");
    }
    const godwit_resolve_params done = {.version = "1", .resolution = GODWIT_RESOLVE_RETRY, .counts = true, .done = 2};
    assert_int_equal(STAGE_PLAY(s, gw_resolve(&s->call, &done, &s->e)), GODWIT_OK);
    assert_int_equal(stage_count("CREATE INDEX"), 1);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 2/3;0001 up applied 3/3;");
}

static void
believes_its_own_eyes_when_only_the_mark_was_lost(void **state)
{
    static const unsigned after[] = {0, 1, 2}; /* the marks behind the table, the index, the last */
    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (int late = 0; late < 2; late++) {
            void *again;
            assert_int_equal(stage_begin(&again), 0);
            stage *const s = again;
            stage_engine_is(s, STAGE_MYSQL);
            stage_first(s, "CREATE TABLE a (n);\nCREATE INDEX i ON a (n);\nCREATE INDEX j ON a (n);\n");
            lose("UPDATE");
            fake.refuse_after = after[i];
            if (late == 1) {
                fake = (fake_server){0};
                s->server.lose_after = "UPDATE";
                s->server.lose_skip = after[i];
                s->server.lose_times = 1;
            }
            assert_int_equal(stage_up(s), GODWIT_OK);
            assert_int_equal(stage_count("CREATE TABLE a"), 1);
            assert_int_equal(stage_count("CREATE INDEX i"), 1);
            assert_int_equal(stage_count("CREATE INDEX j"), 1);
            assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 3/3;");
            assert_int_equal(stage_end(&again), 0);
        }
}

static void
writes_a_mark_again_that_was_refused_for_a_passing_reason(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, tables);
    fake = (fake_server){.refuse = "UPDATE", .refuse_times = 1, .refuse_transient = true};
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_non_null(strstr(stage_log(s), "CREATE TABLE a (n);+UPDATE;rollback;+UPDATE;CREATE TABLE b (n);+UPDATE;"));
}

static void
finds_the_row_that_says_that_it_began_or_writes_it_again(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, STAGE_MYSQL);
        stage_first(s, tables);
        if (late == 0)
            lose("INSERT INTO");
        s->server.lose_after = late == 0 ? NULL : "INSERT INTO";
        s->server.lose_times = 1;
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_int_equal(stage_count("INSERT INTO"), late == 0 ? 2 : 1);
        assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 3/3;");
        assert_int_equal(stage_end(&again), 0);
    }
}

/* ---- marks ---- */

static const char *seen;

static void
look_before_the_index(stage *s, gw_str sql)
{
    if (gw_str_starts(sql, "CREATE INDEX"))
        seen = fingerprint(s);
}

static void
says_what_is_about_to_run_also_behind_statements_that_need_no_mark(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, "CREATE TABLE a (n);\nSET zone 'X';\nSET path 'Y';\nCREATE INDEX i ON a (n);\n");
    s->server.on_statement = look_before_the_index;
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_true(gw_str_starts(gw_str_of(seen), "3,"));
    assert_non_null(strstr(seen, " next="));
    assert_string_equal(stage_log(s),
                        "open;+SELECT;+COLUMNS;+SELECT;lock;+COLUMNS;+SELECT;reset;+INSERT;CREATE TABLE a (n);+UPDATE;"
                        "SET zone 'X';SET path 'Y';+UPDATE;CREATE INDEX i ON a (n);+UPDATE;unlock;");
}

/* ---- LOCK TABLES ---- */

static const char locked[] = "CREATE TABLE a (n);\nLOCK TABLES a WRITE;\nINSERT INTO a VALUES (1);\n"
                             "INSERT INTO a VALUES (2);\nUNLOCK TABLES;\n";

static void
goes_on_between_lock_and_unlock_behind_what_was_kept(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, locked);
    fake = (fake_server){.refuse = "INSERT INTO a VALUES (2)", .refuse_times = 1};
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 3/5;");
    fake_log_clear();
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;2;");
    assert_non_null(
        strstr(stage_log(s), "+INSERT;LOCK TABLES a WRITE;INSERT INTO a VALUES (2);UNLOCK TABLES;+UPDATE;"));
}

static void
tries_again_between_lock_and_unlock(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, locked);
    fake = (fake_server){.refuse = "INSERT INTO a VALUES (2)", .refuse_times = 1, .refuse_transient = true};
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;2;");
    assert_non_null(strstr(stage_log(s), "INSERT INTO a VALUES (2);rollback;reset;+NEWEST;+UPDATE;LOCK TABLES a WRITE;"
                                         "INSERT INTO a VALUES (2);UNLOCK TABLES;"));
}

static void
does_not_guess_what_happened_between_lock_and_unlock(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, locked);
    lose("INSERT INTO a VALUES (2)");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(stage_up(s), GODWIT_FAILED);
        assert_non_null(strstr(s->e.notes, "nothing is recorded between LOCK TABLES and UNLOCK TABLES"));
        assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up running 1/5;");
    }
    const godwit_resolve_params done = {.version = "1", .resolution = GODWIT_RESOLVE_RETRY, .counts = true, .done = 3};
    assert_int_equal(STAGE_PLAY(s, gw_resolve(&s->call, &done, &s->e)), GODWIT_OK);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;2;");
}

static void
marks_what_was_done_between_lock_and_unlock_whatever_comes_next(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, gw_printf(s->arena, "%sINSERT INTO a VALUES (3);\n", locked));
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_non_null(strstr(stage_log(s), "UNLOCK TABLES;+UPDATE;begin;INSERT INTO a VALUES (3);"));
}

static const char open_locked[] = "CREATE TABLE a (n);\nSET autocommit = 0;\nLOCK TABLES a WRITE;\n"
                                  "INSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\nUNLOCK TABLES;\n";

static void
commits_what_a_file_left_open_with_its_mark(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, gw_printf(s->arena, "%sCREATE TABLE b (n);\n", open_locked));
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;2;");
    assert_non_null(strstr(stage_log(s), "UNLOCK TABLES;+UPDATE;commit;begin;CREATE TABLE b (n);+UPDATE;commit;"));
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 7/7;");
}

static void
leaves_it_to_the_user_how_much_of_an_open_transaction_was_kept(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, open_locked);
    fake = (fake_server){.refuse = "INSERT INTO a VALUES (2)", .refuse_times = 1};
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_non_null(strstr(s->e.hint, "whether the last step happened is not known"));
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up running 2/6;");
}

static void
keeps_nothing_of_an_open_transaction_whose_end_was_refused(void **state)
{
    static const char *const steps[] = {"UPDATE", "commit"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, STAGE_MYSQL);
        stage_first(s, open_locked);
        fake = (fake_server){.refuse = steps[i], .refuse_times = 1, .refuse_after = i == 0 ? 2 : 0};
        assert_int_equal(stage_up(s), GODWIT_FAILED);
        assert_string_equal(stage_rows(s, "SELECT n FROM a"), "");
        assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 2/6;");
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;2;");
        assert_int_equal(stage_end(&again), 0);
    }
}

/* ---- procedures ---- */

static const char procedure[] = "CREATE TABLE a (n);\nCALL INSERT INTO a VALUES (1);\nCREATE TABLE b (n);\n";

static void
keeps_what_a_procedure_did_with_its_mark_also_when_it_commits_by_itself(void **state)
{
    (void)state;
    for (int commits = 0; commits < 2; commits++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, STAGE_MYSQL);
        s->server.call_commits = commits == 1;
        stage_first(s, procedure);
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_non_null(strstr(stage_log(s), "+UPDATE;begin;+UPDATE;INSERT INTO a VALUES (1);"));
        assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 3/3;");
        assert_int_equal(stage_end(&again), 0);
    }
}

/* How the procedure ends, the first time. */
static void
heal(stage *s, const godwit_event *event)
{
    if (event->kind == GODWIT_EVENT_WAITING)
        s->server.call_fails = GODWIT_OK;
}

static void
runs_a_procedure_again_that_failed_for_a_passing_reason_and_committed_nothing(void **state)
{
    static const gw_rc fails[] = {GODWIT_FAILED, GODWIT_CONNECT};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, STAGE_MYSQL);
        s->on_event = heal;
        s->server.call_fails = fails[i];
        s->server.call_transient = true;
        stage_first(s, procedure);
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;");
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
never_runs_a_procedure_again_that_committed_something(void **state)
{
    static const struct {
        gw_rc fails;
        bool transient;
    } rows[] = {{GODWIT_FAILED, false}, {GODWIT_FAILED, true}, {GODWIT_CONNECT, true}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, STAGE_MYSQL);
        s->server.call_commits = true;
        s->server.call_fails = rows[i].fails;
        s->server.call_transient = rows[i].transient;
        stage_first(s, procedure);
        assert_int_equal(stage_up(s), GODWIT_FAILED);
        assert_non_null(strstr(s->e.notes, i < 2 ? "what it had committed by itself is kept"
                                                 : "it had begun, and committed something by itself"));
        assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up running 1/3;");
        assert_int_equal(s->call.report.migrations[0].state, GODWIT_RUNNING);
        s->server.call_fails = GODWIT_OK;
        assert_int_equal(stage_up(s), GODWIT_FAILED);
        assert_non_null(strstr(s->e.notes, "it had begun, and committed something by itself"));
        assert_string_equal(stage_rows(s, "SELECT n FROM a"), "1;");
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
refuse_to_tell(stage *s, gw_str sql)
{
    (void)s;
    if (gw_str_starts(sql, "CALL"))
        fake = (fake_server){.refuse = "NEWEST"};
}

static void
counts_a_procedure_as_entered_when_the_history_cannot_be_read(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    s->server.call_fails = GODWIT_FAILED;
    s->server.call_transient = true;
    s->server.on_statement = refuse_to_tell;
    stage_first(s, procedure);
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up running 1/3;");
}

/* ---- what an earlier try left ---- */

static const char concurrent[] = "-- godwit:tx none\nCREATE TABLE a (n);\nCREATE INDEX CONCURRENTLY i ON a (n);\n"
                                 "CREATE TABLE b (n);\n";

static void
tidies_before_a_statement_that_needs_it_and_skips_what_is_completed_so(void **state)
{
    static const struct {
        const char *completes, *log;
    } rows[] = {{NULL, "tidy;CREATE INDEX CONCURRENTLY i ON a (n);+UPDATE;begin;CREATE TABLE b (n);"},
                {"CREATE INDEX", "tidy;+UPDATE;begin;CREATE TABLE b (n);"}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_first(s, concurrent);
        fake.completes = rows[i].completes;
        assert_int_equal(stage_up(s), GODWIT_OK);
        assert_non_null(strstr(stage_log(s), rows[i].log));
        assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 3/3;");
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
complete_from_now_on(stage *s, gw_str sql)
{
    (void)s;
    if (gw_str_starts(sql, "CREATE INDEX"))
        fake.completes = "CREATE INDEX";
}

static void
goes_on_when_tidying_completed_what_failed(void **state)
{
    stage *const s = *state;
    stage_first(s, gw_printf(s->arena, "%sNONSENSE;\n", concurrent));
    fake.refuse = "CREATE INDEX";
    fake.refuse_times = 1;
    s->server.on_statement = complete_from_now_on;
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(s->e.message, "syntax error at or near: NONSENSE");
    assert_non_null(
        strstr(stage_log(s), "tidy;CREATE INDEX CONCURRENTLY i ON a (n);tidy;+UPDATE;begin;CREATE TABLE b"));
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 3/4;");
}

static void
tidies_after_a_failure_and_says_when_that_fails_too(void **state)
{
    stage *const s = *state;
    stage_first(s, concurrent);
    fake = (fake_server){.refuse = "CREATE INDEX", .refuse_times = 1};
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_int_equal(stage_count("tidy"), 2);
    assert_null(strstr(s->e.notes, "could not be removed"));
    stage_file(s, "0001_first.sql", "-- godwit:tx none\nCREATE TABLE a (n);\nCREATE INDEX CONCURRENTLY i ON;\n");
    fake = (fake_server){.refuse = "tidy", .refuse_times = 1};
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(s->e.message, "refused: tidy");
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 1/3;0001 up failed 1/2;");
}

static void
refuse_everything(stage *s, gw_str sql)
{
    (void)s;
    if (gw_str_starts(sql, "DROP INDEX"))
        fake = (fake_server){.refuse = ""};
}

static void
notes_what_could_not_be_removed(void **state)
{
    stage *const s = *state;
    stage_first(s, "-- godwit:tx none\nDROP INDEX CONCURRENTLY i;\nSELECT 1;\n");
    s->server.on_statement = refuse_everything;
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_non_null(strstr(s->e.notes, "and what it left could not be removed: refused: tidy"));
}

/* ---- where begin() is the lock ---- */

static void
other_comes_in_between(stage *s, gw_str sql)
{
    if (!gw_str_starts(sql, "INSERT INTO a VALUES (2)"))
        return;
    (void)stage_rows(s, gw_printf(s->arena, other_record, "applied", 3));
    fake = (fake_server){.refuse = "INSERT INTO a", .refuse_times = 1};
}

static void
writes_no_failure_over_what_another_runner_did_meanwhile(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_SQLITE);
    stage_first(s, one_unit);
    s->server.on_statement = other_comes_in_between;
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up applied 3/3;");
}

static void
says_when_a_failure_could_not_be_written_because_the_lock_is_held(void **state)
{
    static const char *const steps[] = {"begin", "commit"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        stage_engine_is(s, STAGE_SQLITE);
        stage_first(s, "CREATE TABLE a (n);\nNONSENSE;\n");
        fake = (fake_server){.refuse = steps[i], .refuse_after = i == 0 ? 1 : 0, .refuse_times = 1};
        assert_int_equal(stage_up(s), GODWIT_FAILED);
        assert_non_null(strstr(s->told.ptr, "note: the failure could not be recorded: refused: "));
        assert_string_equal(stage_history(s), STAGE_BASELINE);
        assert_int_equal(stage_end(&again), 0);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_a_transaction_again_whose_connection_was_lost),
        STAGE_TEST(begins_a_transaction_again_whose_commit_was_not_kept),
        cmocka_unit_test(says_to_the_new_session_what_the_kept_statements_said),
        STAGE_TEST(resets_the_session_again_that_could_not_be_reset),
        STAGE_TEST(leaves_a_session_alone_that_somebody_ended_on_a_server_that_still_runs),
        cmocka_unit_test(says_what_came_first_when_it_cannot_connect_again),
        STAGE_TEST(finds_that_another_runner_did_it_while_the_connection_was_gone),
        STAGE_TEST(leaves_it_to_another_runner_that_took_over_while_the_connection_was_gone),
        STAGE_TEST(goes_on_behind_a_statement_that_happened_although_its_answer_was_lost),
        STAGE_TEST(repeats_a_statement_that_did_not_happen),
        STAGE_TEST(stops_where_nobody_can_tell_and_stays_there_until_it_is_settled),
        cmocka_unit_test(believes_its_own_eyes_when_only_the_mark_was_lost),
        STAGE_TEST(writes_a_mark_again_that_was_refused_for_a_passing_reason),
        cmocka_unit_test(finds_the_row_that_says_that_it_began_or_writes_it_again),
        STAGE_TEST(says_what_is_about_to_run_also_behind_statements_that_need_no_mark),
        STAGE_TEST(goes_on_between_lock_and_unlock_behind_what_was_kept),
        STAGE_TEST(marks_what_was_done_between_lock_and_unlock_whatever_comes_next),
        STAGE_TEST(tries_again_between_lock_and_unlock),
        STAGE_TEST(does_not_guess_what_happened_between_lock_and_unlock),
        STAGE_TEST(commits_what_a_file_left_open_with_its_mark),
        STAGE_TEST(leaves_it_to_the_user_how_much_of_an_open_transaction_was_kept),
        cmocka_unit_test(keeps_nothing_of_an_open_transaction_whose_end_was_refused),
        cmocka_unit_test(keeps_what_a_procedure_did_with_its_mark_also_when_it_commits_by_itself),
        cmocka_unit_test(runs_a_procedure_again_that_failed_for_a_passing_reason_and_committed_nothing),
        cmocka_unit_test(never_runs_a_procedure_again_that_committed_something),
        STAGE_TEST(counts_a_procedure_as_entered_when_the_history_cannot_be_read),
        cmocka_unit_test(tidies_before_a_statement_that_needs_it_and_skips_what_is_completed_so),
        STAGE_TEST(goes_on_when_tidying_completed_what_failed),
        STAGE_TEST(tidies_after_a_failure_and_says_when_that_fails_too),
        STAGE_TEST(notes_what_could_not_be_removed),
        STAGE_TEST(writes_no_failure_over_what_another_runner_did_meanwhile),
        cmocka_unit_test(says_when_a_failure_could_not_be_written_because_the_lock_is_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
