/* What a runner that is gone left: told from the row, the file and the database. */
#include "stage.h"

#include <string.h>

static const char tables[] = "CREATE TABLE a (n);\nCREATE TABLE b (n);\nCREATE TABLE c (n);\n";

/* The runner of 0001 is gone in its second statement, which happened or did not. */
static void
die(stage *s, const char *text, const char *in, bool happened)
{
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, text);
    s->flags[GW_SETTING_RETRIES] = "0";
    if (happened)
        s->server.lose_after = in;
    else
        fake = (fake_server){.refuse = in, .refuse_rc = GODWIT_CONNECT};
    assert_int_equal(stage_up(s), GODWIT_CONNECT);
    s->server.lose_after = NULL;
    fake = (fake_server){0};
    fake_log_clear();
}

static gw_rc
show(stage *s)
{
    return STAGE_PLAY(
        s, gw_resolve(&s->call, &(godwit_resolve_params){.version = "1", .resolution = GODWIT_RESOLVE_SHOW}, &s->e));
}

static gw_rc
retry_behind(stage *s, size_t done)
{
    const godwit_resolve_params p = {.version = "1", .resolution = GODWIT_RESOLVE_RETRY, .counts = true, .done = done};
    return STAGE_PLAY(s, gw_resolve(&s->call, &p, &s->e));
}

static const char *
note_of(const stage *s, size_t index)
{
    assert_true(s->call.report.statement_count > index);
    return s->call.report.statements[index].note == NULL ? "" : s->call.report.statements[index].note;
}

/* ---- the database tells ---- */

static void
goes_on_behind_a_statement_that_was_carried_out(void **state)
{
    stage *const s = *state;
    die(s, tables, "CREATE TABLE b", true);
    assert_int_equal(show(s), GODWIT_OK);
    assert_string_equal(note_of(s, 1), "was under way, and happened (table b: absent before, v1 now)");
    assert_string_equal(note_of(s, 0), "");
    assert_int_equal(STAGE_PLAY(s, gw_status(&s->call, &s->e)), GODWIT_OK);
    assert_string_equal(note_of(s, 1), "was under way, and happened (table b: absent before, v1 now)");
    fake_log_clear();
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_non_null(strstr(s->told.ptr,
                           "note: statement 2 of 0001 first was under way when its runner ended: it was carried out;"));
    assert_int_equal(stage_count("CREATE TABLE"), 1);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 2/3;0001 up applied 3/3;");
    assert_string_equal(stage_rows(s, "SELECT error FROM godwit_history WHERE id = 2"),
                        "its runner ended in the middle;");
}

static void
repeats_a_statement_that_was_not_carried_out(void **state)
{
    stage *const s = *state;
    die(s, tables, "CREATE TABLE b", false);
    assert_int_equal(show(s), GODWIT_OK);
    assert_string_equal(note_of(s, 1), "was under way, and did not happen (table b: absent before, absent now)");
    fake_log_clear();
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_non_null(strstr(s->told.ptr, "it was not carried out;"));
    assert_int_equal(stage_count("CREATE TABLE"), 2);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 1/3;0001 up applied 3/3;");
}

static void
begins_with_the_first_statement_where_none_was_carried_out(void **state)
{
    stage *const s = *state;
    die(s, tables, "CREATE TABLE a", false);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 0/3;0001 up applied 3/3;");
}

static void
ends_what_was_carried_out_to_its_last_statement(void **state)
{
    stage *const s = *state;
    die(s, tables, "CREATE TABLE c", true);
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("CREATE TABLE"), 0);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 3/3;0001 up applied 3/3;");
}

static void
reverts_the_rest_of_what_was_being_reverted(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, "CREATE TABLE a (n);\nCREATE TABLE b (n);\n");
    stage_file(s, "0001_first_down.sql", "DROP TABLE b;\nDROP TABLE a;\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    s->flags[GW_SETTING_RETRIES] = "0";
    s->server.lose_after = "DROP TABLE b";
    assert_int_equal(stage_down(s), GODWIT_CONNECT);
    assert_int_equal(stage_down(s), GODWIT_OK);
    assert_int_equal(stage_count("DROP TABLE"), 2);
    assert_string_equal(stage_history(s),
                        STAGE_BASELINE "0001 up applied 2/2;0001 down failed 1/2;0001 down reverted 2/2;");
}

static void
repeats_what_changes_nothing_more_a_second_time(void **state)
{
    stage *const s = *state;
    die(s, "CREATE TABLE a (n);\nDROP TABLE IF EXISTS a;\n", "DROP TABLE IF", true);
    s->engine.caps &= ~(unsigned)GW_CAP_STATE; /* nothing tells */
    assert_int_equal(show(s), GODWIT_OK);
    assert_string_equal(note_of(s, 1), "was under way, and did not happen");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("DROP TABLE IF"), 1);
}

static void
stops_where_the_objects_fit_neither_state(void **state)
{
    stage *const s = *state;
    die(s, "CREATE TABLE a (n);\nDROP TABLE a;\n", "DROP TABLE", true);
    (void)stage_rows(s, "CREATE TABLE a (m)");
    assert_int_equal(show(s), GODWIT_OK);
    assert_string_equal(note_of(s, 1), "was under way; whether it happened is not known (table a: v1 before, v3 now)");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_string_equal(s->e.notes, "table a: v1 before, v3 now\nkept: 1 of 2 statements");
    assert_int_equal(s->e.line, 2);
    assert_int_equal(s->call.report.migrations[0].state, GODWIT_RUNNING);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up running 1/2;");
}

/* Somebody else changes the table before we come again: that is not our statement. */
static void
looks_for_what_the_statement_names_in_the_table(void **state)
{
    stage *const s = *state;
    die(s, "CREATE TABLE a (n);\nALTER TABLE a ADD COLUMN m int;\n", "ALTER TABLE", false);
    (void)stage_rows(s, "ALTER TABLE a ADD COLUMN other int");
    assert_int_equal(show(s), GODWIT_OK);
    assert_string_equal(note_of(s, 1), "was under way, and did not happen (column m of a: absent before, absent now)");
    fake_log_clear();
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("ALTER TABLE"), 1);
}

static void
takes_a_name_for_what_it_was_to_the_server(void **state)
{
    stage *const s = *state;
    die(s, "SET sql_mode = 'ANSI_QUOTES';\nCREATE TABLE \"b\" (n);\n", "CREATE TABLE", false);
    assert_string_equal(stage_rows(s, "SELECT done FROM godwit_history WHERE id = 2"), "1;");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_non_null(strstr(s->told.ptr, "it was not carried out;"));
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 1/2;0001 up applied 2/2;");
}

static void
names_every_object_of_the_statement(void **state)
{
    stage *const s = *state;
    die(s, "CREATE TABLE a (n);\nRENAME TABLE a TO b;\n", "RENAME TABLE", false);
    assert_int_equal(show(s), GODWIT_OK);
    assert_string_equal(note_of(s, 1), "was under way, and did not happen (table a: v1 before, v1 now; table b: absent "
                                       "before, absent now)");
}

static void
says_when_the_database_cannot_be_asked(void **state)
{
    stage *const s = *state;
    die(s, tables, "CREATE TABLE b", true);
    fake.refuse = "SELECT STATE_OF";
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_non_null(strstr(s->e.message, "refused: SELECT STATE_OF b"));
    assert_int_equal(STAGE_PLAY(s, gw_status(&s->call, &s->e)), GODWIT_OK);
    assert_non_null(strstr(s->told.ptr, "note: refused: SELECT STATE_OF b;"));
    assert_int_equal(show(s), GODWIT_FAILED);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up running 1/3;");
}

static void
says_to_the_session_what_the_kept_statements_said_before_it_asks(void **state)
{
    stage *const s = *state;
    die(s, "SET zone 'X';\nCREATE TABLE b (n);\nCREATE TABLE c (n);\n", "CREATE TABLE b", true);
    assert_int_equal(show(s), GODWIT_OK);
    assert_string_equal(note_of(s, 1), "was under way; whether it happened is not known (`--retry` finds out)");
    fake_log_clear();
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_non_null(strstr(stage_log(s),
                           "reset;SET zone 'X';SELECT STATE_OF b;begin;+NEWEST;+UPDATE;commit;reset;+INSERT;"
                           "SET zone 'X';CREATE TABLE c (n);"));
}

/* ---- the file ---- */

static void
refuses_a_file_whose_kept_part_was_changed(void **state)
{
    static const struct {
        const char *text, *message;
        unsigned line;
    } rows[] = {
        {"CREATE TABLE a (m);\nCREATE TABLE b (n);\n", "statement 1 of %s was changed, and it is already applied", 1},
        {"CREATE TABLE a (n);\n\nCREATE TABLE bb (n);\n", "statement 2 of %s was changed, and it is already applied",
         3},
        {"CREATE TABLE a (n);\n", "%s has 1 statements now, and 2 of it are already applied", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        die(s, tables, "CREATE TABLE c", true);
        stage_file(s, "0001_first.sql", rows[i].text);
        const char *const path = gw_printf(s->arena, "%s/0001_first.sql", s->folder);
        gw_buf message = gw_buf_new(s->arena);
        gw_str rest;
        gw_buf_add(&message, gw_str_cut(gw_str_of(rows[i].message), '%', &rest));
        gw_buf_printf(&message, "%s%s", path, rest.ptr + 1);
        assert_int_equal(stage_up(s), GODWIT_FOLDER);
        assert_string_equal(s->e.message, gw_buf_text(&message));
        assert_string_equal(s->e.path, path);
        assert_int_equal(s->e.line, rows[i].line);
        assert_non_null(strstr(s->e.hint, "restore what is applied; the statements after it may be mended"));
        assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up running 2/3;");
        assert_int_equal(show(s), GODWIT_OK);
        assert_non_null(strstr(s->told.ptr, gw_printf(s->arena, "note: %s;", gw_buf_text(&message))));
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
refuses_a_row_that_does_not_say_what_is_kept(void **state)
{
    stage *const s = *state;
    die(s, tables, "CREATE TABLE c", true);
    (void)stage_rows(s, "UPDATE godwit_history SET fingerprint = NULL WHERE id = 2");
    assert_int_equal(stage_up(s), GODWIT_FOLDER);
    assert_non_null(strstr(s->e.message, "was changed within the 2 statements that are already applied"));
    assert_int_equal(s->e.line, 0);
}

static void
takes_a_file_that_was_mended_behind_what_is_kept(void **state)
{
    stage *const s = *state;
    stage_engine_is(s, STAGE_MYSQL);
    stage_first(s, "CREATE TABLE a (n);\nNONSENSE;\n");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    stage_file(s, "0001_first.sql", "CREATE TABLE a (n);\nCREATE TABLE b (n);\nCREATE TABLE c (n);\n");
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 1/2;0001 up applied 3/3;");
}

static void
does_not_judge_a_statement_that_was_changed_since_it_was_under_way(void **state)
{
    stage *const s = *state;
    die(s, tables, "CREATE TABLE b", true);
    stage_file(s, "0001_first.sql", "CREATE TABLE a (n);\nCREATE TABLE bb (n);\n");
    assert_int_equal(show(s), GODWIT_OK);
    assert_string_equal(note_of(s, 1),
                        "was under way; whether it happened is not known (it was changed since, or is gone "
                        "from the file)");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_non_null(strstr(s->e.notes, "it was changed since, or is gone from the file"));
    stage_file(s, "0001_first.sql", "CREATE TABLE a (n);\n");
    assert_int_equal(stage_up(s), GODWIT_FAILED);
    assert_int_equal(s->e.line, 0);
    assert_int_equal(show(s), GODWIT_OK);
    assert_int_equal(s->call.report.statement_count, 1);
    assert_int_equal(retry_behind(s, 1), GODWIT_OK);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 1/3;0001 up applied 1/1;");
}

/* ---- the user tells ---- */

static void
goes_on_where_the_user_says(void **state)
{
    static const struct {
        size_t done;
        const char *history;
        size_t created;
    } rows[] = {{0, "0001 up failed 0/3;0001 up failed 0/3;", 1},
                {1, "0001 up failed 1/3;0001 up failed 1/3;", 1},
                {2, "0001 up failed 2/3;0001 up applied 3/3;", 1},
                {3, "0001 up failed 3/3;0001 up applied 3/3;", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        void *again;
        assert_int_equal(stage_begin(&again), 0);
        stage *const s = again;
        die(s, tables, "CREATE TABLE b", true);
        assert_int_equal(retry_behind(s, rows[i].done), i < 2 ? GODWIT_FAILED : GODWIT_OK);
        assert_int_equal(stage_count("CREATE TABLE"), rows[i].created);
        assert_int_equal(stage_count("SELECT STATE_OF"), 0);
        assert_string_equal(stage_history(s), gw_printf(s->arena, "%s%s", STAGE_BASELINE, rows[i].history));
        assert_int_equal(stage_end(&again), 0);
    }
}

static void
refuses_more_statements_than_there_are(void **state)
{
    stage *const s = *state;
    die(s, tables, "CREATE TABLE b", true);
    assert_int_equal(retry_behind(s, 4), GODWIT_USAGE);
    assert_non_null(strstr(s->e.message, "0001_first.sql has 3 statements: --done 4 is more"));
    assert_string_equal(s->e.hint, "`godwit resolve 0001` lists them");
    stage_file(s, "0001_first.sql", "CREATE TABLE a (n);\n");
    assert_int_equal(retry_behind(s, 2), GODWIT_USAGE);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up running 1/3;");
    const godwit_resolve_params odd = {.version = "1", .resolution = GODWIT_RESOLVE_APPLIED, .counts = true, .done = 2};
    assert_int_equal(STAGE_PLAY(s, gw_resolve(&s->call, &odd, &s->e)), GODWIT_USAGE);
}

static void
takes_the_number_also_of_statements_that_were_added_since(void **state)
{
    stage *const s = *state;
    die(s, "CREATE TABLE a (n);\nCREATE TABLE b (n);\n", "CREATE TABLE b", true);
    stage_file(s, "0001_first.sql", tables);
    (void)stage_rows(s, "CREATE TABLE c (n)");
    assert_int_equal(retry_behind(s, 3), GODWIT_OK);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 3/2;0001 up applied 3/3;");
}

/* ---- the other's row ---- */

static void
other_goes_on(stage *s, const godwit_event *event)
{
    if (event->kind == GODWIT_EVENT_NOTE)
        (void)stage_rows(s, "UPDATE godwit_history SET done = 3 WHERE id = 2");
}

static void
does_not_end_a_row_that_somebody_works_on(void **state)
{
    stage *const s = *state;
    die(s, tables, "CREATE TABLE b", true);
    s->on_event = other_goes_on;
    assert_int_equal(stage_up(s), GODWIT_LOCKED);
    assert_string_equal(s->e.message, "another runner took over 0001 first");
    assert_int_equal(stage_count("CREATE TABLE"), 0);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up running 3/3;");
}

static void
runs_nothing_when_the_others_row_cannot_be_ended(void **state)
{
    static const char *const steps[] = {"reset", "begin", "NEWEST", "UPDATE", "commit"};
    stage *const s = *state;
    die(s, tables, "CREATE TABLE b", true);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        fake = (fake_server){.refuse = steps[i], .refuse_times = 1};
        assert_int_equal(stage_up(s), GODWIT_FAILED);
        assert_int_equal(stage_count("CREATE TABLE"), 0);
        assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up running 1/3;");
    }
    assert_int_equal(stage_up(s), GODWIT_OK);
}

static void
reads_again_what_it_ended_when_the_connection_is_lost_then(void **state)
{
    stage *const s = *state;
    die(s, tables, "CREATE TABLE b", true);
    s->flags[GW_SETTING_RETRIES] = "1";
    fake = (fake_server){
        .refuse = "INSERT INTO", .refuse_rc = GODWIT_CONNECT, .refuse_times = 1, .refuse_transient = true};
    assert_int_equal(stage_up(s), GODWIT_OK);
    assert_int_equal(stage_count("CREATE TABLE"), 1);
    assert_string_equal(stage_history(s), STAGE_BASELINE "0001 up failed 2/3;0001 up applied 3/3;");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        STAGE_TEST(goes_on_behind_a_statement_that_was_carried_out),
        STAGE_TEST(repeats_a_statement_that_was_not_carried_out),
        STAGE_TEST(begins_with_the_first_statement_where_none_was_carried_out),
        STAGE_TEST(ends_what_was_carried_out_to_its_last_statement),
        STAGE_TEST(reverts_the_rest_of_what_was_being_reverted),
        STAGE_TEST(repeats_what_changes_nothing_more_a_second_time),
        STAGE_TEST(stops_where_the_objects_fit_neither_state),
        STAGE_TEST(looks_for_what_the_statement_names_in_the_table),
        STAGE_TEST(takes_a_name_for_what_it_was_to_the_server),
        STAGE_TEST(names_every_object_of_the_statement),
        STAGE_TEST(says_when_the_database_cannot_be_asked),
        STAGE_TEST(says_to_the_session_what_the_kept_statements_said_before_it_asks),
        cmocka_unit_test(refuses_a_file_whose_kept_part_was_changed),
        STAGE_TEST(refuses_a_row_that_does_not_say_what_is_kept),
        STAGE_TEST(takes_a_file_that_was_mended_behind_what_is_kept),
        STAGE_TEST(does_not_judge_a_statement_that_was_changed_since_it_was_under_way),
        cmocka_unit_test(goes_on_where_the_user_says),
        STAGE_TEST(refuses_more_statements_than_there_are),
        STAGE_TEST(takes_the_number_also_of_statements_that_were_added_since),
        STAGE_TEST(does_not_end_a_row_that_somebody_works_on),
        STAGE_TEST(runs_nothing_when_the_others_row_cannot_be_ended),
        STAGE_TEST(reads_again_what_it_ended_when_the_connection_is_lost_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
