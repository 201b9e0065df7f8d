/*
 * tests/e2e/library_test - every call of godwit.h, as a program that links the installed library, on SQLite.
 *
 * Each test works in a folder of its own below the current one. test_library.py compiles this and runs it under valgrind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <godwit.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#define URL "sqlite:app.db"
#define SLOW                                                                                                           \
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c WHERE n < 9000000000;\n"

typedef struct fixture {
    godwit *gw;
    godwit_error e;
    const godwit_report *report;
    char above[4096]; /* the folder to go back to */
    size_t events[GODWIT_EVENT_RUN_END + 1];
    char last_note[256];
} fixture;

/* ---- a folder and a handle for each test ---- */

static void
count_event(const godwit_event *event, void *context)
{
    fixture *const fx = context;
    fx->events[event->kind]++;
    if (event->kind == GODWIT_EVENT_NOTE)
        snprintf(fx->last_note, sizeof(fx->last_note), "%s", event->text);
}

static void
write_file(const char *path, const char *text)
{
    FILE *const file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void
set(fixture *fx, const char *name, const char *value)
{
    assert_int_equal(godwit_set(fx->gw, name, value, &fx->e), GODWIT_OK);
}

static int
begin_test(void **state)
{
    fixture *const fx = calloc(1, sizeof(*fx));
    char folder[] = "library_XXXXXX";
    *state = fx;
    if (fx == NULL || getcwd(fx->above, sizeof(fx->above)) == NULL || mkdtemp(folder) == NULL || chdir(folder) != 0 ||
        mkdir("migrations", 0777) != 0)
        return -1;
    fx->gw = godwit_new();
    godwit_own_process(fx->gw);
    godwit_on_event(fx->gw, count_event, fx);
    return 0;
}

static int
end_test(void **state)
{
    fixture *const fx = *state;
    godwit_free(fx->gw);
    const int left = chdir(fx->above);
    free(fx);
    return left;
}

static void
write_three(void)
{
    write_file("migrations/0001_a.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY);\n");
    write_file("migrations/0001_a_down.sql", "DROP TABLE a;\n");
    write_file("migrations/0002_b.sql", "CREATE TABLE b (id INTEGER);\nINSERT INTO b VALUES (1);\n");
    write_file("migrations/0002_b_down.sql", "DROP TABLE b;\n");
    write_file("migrations/0003_c.sql", "CREATE TABLE c (id INTEGER);\n");
    write_file("migrations/0003_c_down.sql", "DROP TABLE c;\n");
}

static void
ok(const fixture *fx, godwit_rc rc)
{
    if (rc != GODWIT_OK)
        fail_msg("%d: %s (%s) (%s)", (int)rc, fx->e.message, fx->e.notes, fx->e.hint);
    assert_int_equal(fx->e.rc, GODWIT_OK);
}

static void
up(fixture *fx)
{
    ok(fx, godwit_up(fx->gw, &(godwit_up_params){0}, &fx->report, &fx->e));
    assert_true(fx->report->success);
}

/* ---- the main job ---- */

static void
applies_shows_and_reverts(void **state)
{
    fixture *const fx = *state;
    write_three();
    set(fx, "url", URL);
    ok(fx, godwit_up(fx->gw, &(godwit_up_params){.target = "1"}, &fx->report, &fx->e));
    assert_int_equal(fx->report->files_executed, 1);
    assert_int_equal(fx->report->pending, 2);
    assert_string_equal(fx->report->target, URL);
    ok(fx, godwit_up(fx->gw, &(godwit_up_params){.steps = 1}, &fx->report, &fx->e));
    assert_string_equal(fx->report->migrations[0].version, "0002");
    assert_string_equal(fx->report->migrations[0].direction, "up");
    assert_int_equal(fx->report->migrations[0].statements, 2);
    up(fx);
    assert_int_equal(fx->events[GODWIT_EVENT_MIGRATION_BEGIN], 3);
    assert_int_equal(fx->events[GODWIT_EVENT_MIGRATION_END], 3);
    assert_int_equal(fx->events[GODWIT_EVENT_STATEMENT], 4);
    assert_int_equal(fx->events[GODWIT_EVENT_RUN_BEGIN], fx->events[GODWIT_EVENT_RUN_END]);
    ok(fx, godwit_status(fx->gw, &fx->report, &fx->e));
    assert_int_equal(fx->report->migration_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fx->report->migrations[i].state, GODWIT_APPLIED);
        assert_true(fx->report->migrations[i].reversible);
        assert_string_equal(fx->report->migrations[i].checksum, fx->report->migrations[i].recorded_checksum);
    }
    ok(fx, godwit_redo(fx->gw, false, &fx->report, &fx->e));
    assert_int_equal(fx->report->migration_count, 2);
    ok(fx, godwit_down(fx->gw, &(godwit_down_params){0}, &fx->report, &fx->e));
    assert_string_equal(fx->report->migrations[0].version, "0003");
    assert_int_equal(fx->report->migrations[0].state, GODWIT_REVERTED);
    ok(fx, godwit_down(fx->gw, &(godwit_down_params){.target = "0"}, &fx->report, &fx->e));
    assert_int_equal(fx->report->files_executed, 2);
    ok(fx, godwit_history(fx->gw, &fx->report, &fx->e));
    assert_int_equal(fx->report->attempt_count, 8);
    assert_string_equal(fx->report->attempts[7].state, "reverted");
    assert_string_equal(fx->report->attempts[7].tool, godwit_version());
    assert_non_null(fx->report->attempts[0].applied_by);
}

static void
pretends_without_writing_anything(void **state)
{
    fixture *const fx = *state;
    write_three();
    set(fx, "url", URL);
    ok(fx, godwit_up(fx->gw, &(godwit_up_params){.pretend = true}, &fx->report, &fx->e));
    assert_true(fx->report->pretend);
    assert_int_equal(fx->report->migration_count, 3);
    assert_int_equal(fx->report->files_executed, 0);
    ok(fx, godwit_status(fx->gw, &fx->report, &fx->e));
    ok(fx, godwit_verify(fx->gw, &fx->report, &fx->e));
    ok(fx, godwit_history(fx->gw, &fx->report, &fx->e));
    assert_int_equal(access("app.db", F_OK), -1);
    up(fx);
    ok(fx, godwit_down(fx->gw, &(godwit_down_params){.steps = 2, .pretend = true}, &fx->report, &fx->e));
    assert_int_equal(fx->report->migration_count, 2);
    ok(fx, godwit_redo(fx->gw, true, &fx->report, &fx->e));
    ok(fx, godwit_history(fx->gw, &fx->report, &fx->e));
    assert_int_equal(fx->report->attempt_count, 3);
}

static void
finds_every_difference(void **state)
{
    fixture *const fx = *state;
    write_three();
    set(fx, "url", URL);
    up(fx);
    ok(fx, godwit_verify(fx->gw, &fx->report, &fx->e));
    write_file("migrations/0001_a.sql", "CREATE TABLE a (id INTEGER);\n");
    unlink("migrations/0003_c.sql");
    unlink("migrations/0003_c_down.sql");
    assert_int_equal(godwit_verify(fx->gw, &fx->report, &fx->e), GODWIT_FOLDER);
    assert_int_equal(fx->report->error_count, 2);
    assert_false(fx->report->success);
    ok(fx, (fx->e = (godwit_error){0}, godwit_status(fx->gw, &fx->report, &fx->e)));
    assert_true(fx->report->migrations[0].edited);
    assert_true(fx->report->migrations[2].missing);
    assert_null(fx->report->migrations[2].path);
}

static void
seals_a_folder_and_tells_what_differs(void **state)
{
    fixture *const fx = *state;
    write_three();
    set(fx, "url", URL);
    ok(fx, godwit_hash(fx->gw, NULL, &fx->report, &fx->e));
    assert_int_equal(fx->report->path_count, 1);
    assert_string_equal(fx->report->paths[0], "migrations/godwit.sum");
    ok(fx, godwit_validate(fx->gw, NULL, &fx->report, &fx->e));
    write_file("migrations/0001_a.sql", "CREATE TABLE a (id INTEGER);\n");
    write_file("migrations/0004_d.sql", "CREATE TABLE d (id INTEGER);\n");
    assert_int_equal(godwit_validate(fx->gw, NULL, &fx->report, &fx->e), GODWIT_FOLDER);
    assert_int_equal(fx->report->error_count, 2);
    assert_string_equal(fx->report->errors[0].path, "migrations/godwit.sum");
    fx->e = (godwit_error){0};
    assert_int_equal(godwit_up(fx->gw, &(godwit_up_params){0}, &fx->report, &fx->e), GODWIT_FOLDER);
    assert_int_equal(access("app.db", F_OK), -1);
    fx->e = (godwit_error){0};
    assert_int_equal(godwit_rebase(fx->gw, "nowhere", &fx->report, &fx->e), GODWIT_USAGE);
}

static void
converts_a_folder_into_another_layout(void **state)
{
    fixture *const fx = *state;
    const godwit_convert_params p = {.folder = "for-goose", .to = "goose"};
    write_three();
    set(fx, "url", URL);
    ok(fx, godwit_convert(fx->gw, &p, &fx->report, &fx->e));
    assert_int_equal(fx->report->path_count, 3);
    assert_string_equal(fx->report->paths[0], "for-goose/0001_a.sql");
    assert_int_equal(access("app.db", F_OK), -1);
    assert_int_equal(godwit_convert(fx->gw, &p, NULL, &fx->e), GODWIT_IO);
    fx->e = (godwit_error){0};
    assert_int_equal(godwit_convert(fx->gw, NULL, &fx->report, &fx->e), GODWIT_USAGE);
}

static void
makes_one_migration_of_several(void **state)
{
    fixture *const fx = *state;
    write_three();
    set(fx, "url", URL);
    ok(fx, godwit_checkpoint(fx->gw, NULL, &fx->report, &fx->e));
    assert_int_equal(fx->report->path_count, 1);
    assert_string_equal(fx->report->paths[0], "migrations/0004_checkpoint.sql");
    assert_int_equal(unlink("migrations/0004_checkpoint.sql"), 0);
    const godwit_squash_params range = {.from = "1", .name = "all", .no_down = true};
    ok(fx, godwit_squash(fx->gw, &range, &fx->report, &fx->e));
    assert_string_equal(fx->report->paths[0], "migrations/0001_all.sql");
    ok(fx, godwit_up(fx->gw, NULL, &fx->report, &fx->e));
    assert_int_equal(fx->report->migration_count, 1);
    assert_int_equal(godwit_squash(fx->gw, NULL, &fx->report, &fx->e), GODWIT_USAGE);
    fx->e = (godwit_error){0};
    assert_int_equal(godwit_renumber(fx->gw, "nowhere", &fx->report, &fx->e), GODWIT_USAGE);
    fx->e = (godwit_error){0};
    assert_int_equal(godwit_reset_migrations(fx->gw, NULL, false, &fx->report, &fx->e), GODWIT_USAGE);
}

static void
writes_rows_of_configuration(void **state)
{
    fixture *const fx = *state;
    set(fx, "url", URL);
    const godwit_new_params rows = {.name = "limits", .no_down = true, .config = true};
    ok(fx, godwit_new_migration(fx->gw, &rows, &fx->report, &fx->e));
    assert_int_equal(fx->report->path_count, 1);
    assert_non_null(strstr(fx->report->paths[0], "_config_limits.sql"));
}

/* ---- failures ---- */

static void
tells_a_failure_with_its_place(void **state)
{
    fixture *const fx = *state;
    write_file("migrations/0001_a.sql", "CREATE TABLE a (id INTEGER);\n\nINSERT INTO nowhere VALUES (1);\n");
    set(fx, "url", URL);
    assert_int_equal(godwit_up(fx->gw, &(godwit_up_params){0}, &fx->report, &fx->e), GODWIT_FAILED);
    assert_int_equal(fx->e.rc, GODWIT_FAILED);
    assert_string_equal(fx->e.path, "migrations/0001_a.sql");
    assert_int_equal(fx->e.line, 3);
    assert_int_equal(fx->e.column, 13);
    assert_string_equal(fx->e.excerpt, "INSERT INTO nowhere VALUES (1);");
    assert_int_equal(fx->e.caret, 13);
    assert_non_null(strstr(fx->e.message, "nowhere"));
    assert_non_null(strstr(fx->e.notes, "statement 2 of 2"));
    assert_non_null(strstr(fx->e.hint, "godwit up"));
    assert_false(fx->report->success);
    assert_int_equal(fx->report->error_count, 1);
    assert_string_equal(fx->report->errors[0].message, fx->e.message);
    assert_int_equal(fx->report->statement_count, 2);
    assert_false(fx->report->statements[0].done);
}

static void
settles_what_a_failure_left(void **state)
{
    static const godwit_resolution ways[] = {GODWIT_RESOLVE_APPLIED, GODWIT_RESOLVE_REVERTED, GODWIT_RESOLVE_RETRY};
    static const godwit_state ends[] = {GODWIT_APPLIED, GODWIT_PENDING, GODWIT_APPLIED};
    fixture *const fx = *state;
    for (size_t i = 0; i < 3; i++) {
        char url[32];
        snprintf(url, sizeof(url), "sqlite:%zu.db", i);
        set(fx, "url", url);
        write_file("migrations/0001_a.sql", "CREATE TABLE a (id INTEGER);\nNONSENSE;\n");
        assert_int_equal(godwit_up(fx->gw, &(godwit_up_params){0}, NULL, NULL), GODWIT_FAILED);
        ok(fx, (fx->e = (godwit_error){0},
                godwit_resolve(fx->gw, &(godwit_resolve_params){.version = "0001"}, &fx->report, &fx->e)));
        assert_int_equal(fx->report->statement_count, 2);
        assert_string_equal(fx->report->statements[1].text, "NONSENSE");
        assert_int_equal(fx->report->statements[1].line, 2);
        write_file("migrations/0001_a.sql", "CREATE TABLE a (id INTEGER);\n");
        ok(fx, godwit_resolve(fx->gw, &(godwit_resolve_params){.version = "1", .resolution = ways[i]}, &fx->report,
                              &fx->e));
        ok(fx, godwit_status(fx->gw, &fx->report, &fx->e));
        assert_int_equal(fx->report->migrations[0].state, ends[i]);
    }
    assert_int_equal(godwit_resolve(fx->gw,
                                    &(godwit_resolve_params){.version = "7", .resolution = GODWIT_RESOLVE_APPLIED},
                                    &fx->report, &fx->e),
                     GODWIT_USAGE);
}

static void
is_as_good_as_new_after_an_error(void **state)
{
    fixture *const fx = *state;
    write_three();
    assert_int_equal(godwit_up(fx->gw, &(godwit_up_params){0}, &fx->report, &fx->e), GODWIT_USAGE);
    assert_non_null(strstr(fx->e.message, "no database URL"));
    set(fx, "url", "sqlite:no/such/folder/app.db");
    assert_int_not_equal(godwit_up(fx->gw, &(godwit_up_params){0}, &fx->report, &fx->e), GODWIT_OK);
    assert_int_equal(fx->report->error_count, 1);
    set(fx, "url", URL);
    up(fx);
    assert_int_equal(fx->report->error_count, 0);
}

/* ---- the start, the lock, files, the database ---- */

static void
starts_on_a_database_that_exists(void **state)
{
    fixture *const fx = *state;
    write_three();
    set(fx, "url", URL);
    ok(fx, godwit_db_create(fx->gw, &fx->report, &fx->e));
    ok(fx, godwit_baseline(fx->gw, "0002", &fx->report, &fx->e));
    assert_int_equal(fx->report->migration_count, 2);
    assert_string_equal(fx->report->migrations[0].kind, "baseline");
    up(fx);
    assert_int_equal(fx->report->files_executed, 1);
    assert_int_equal(godwit_baseline(fx->gw, NULL, &fx->report, &fx->e), GODWIT_USAGE);
}

static void
takes_over_the_history_of_another_tool(void **state)
{
    fixture *const fx = *state;
    const godwit_adopt_params params = {.from = "goose"};
    write_file("migrations/0001_other.sql",
               "CREATE TABLE goose_db_version (id integer, version_id integer, is_applied integer, "
               "tstamp text);\nINSERT INTO goose_db_version VALUES (1, 2, 1, NULL);\n");
    set(fx, "url", URL);
    up(fx);
    assert_int_equal(remove("migrations/0001_other.sql"), 0);
    write_three();
    set(fx, "history", "adopted_history");
    ok(fx, godwit_adopt(fx->gw, &params, &fx->report, &fx->e));
    assert_int_equal(fx->report->migration_count, 1);
    assert_string_equal(fx->report->migrations[0].kind, "adopted");
    assert_string_equal(fx->report->migrations[0].version, "0002");
    assert_int_equal(godwit_adopt(fx->gw, &params, &fx->report, &fx->e), GODWIT_USAGE);
}

static void
shows_and_releases_the_lock(void **state)
{
    fixture *const fx = *state;
    godwit_lock lock = {0};
    write_three();
    set(fx, "url", URL);
    up(fx);
    ok(fx, godwit_lock_status(fx->gw, &lock, &fx->e));
    assert_false(lock.held);
    assert_string_equal(lock.method, "database file");
    ok(fx, godwit_lock_release(fx->gw, true, &lock, &fx->e));
    assert_false(lock.held);
}

static void
writes_new_migrations(void **state)
{
    fixture *const fx = *state;
    size_t count = 0;
    const godwit_pattern *const patterns = godwit_patterns(&count);
    assert_int_equal(count, 7);
    write_three();
    set(fx, "url", URL);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(patterns[i].summary);
        const bool is_function = strstr(patterns[i].name, "function") != NULL;
        const godwit_new_params p = {.name = "Some words", .pattern = patterns[i].name, .no_down = i == 0};
        fx->e = (godwit_error){0};
        assert_int_equal(godwit_new_migration(fx->gw, &p, &fx->report, &fx->e), is_function ? GODWIT_USAGE : GODWIT_OK);
        assert_int_equal(fx->report->path_count, is_function ? 0 : i == 0 ? 1 : 2);
    }
    const godwit_new_params p = {.name = "The last"};
    ok(fx, (fx->e = (godwit_error){0}, godwit_new_migration(fx->gw, &p, &fx->report, &fx->e)));
    assert_string_equal(fx->report->paths[0], "migrations/0009_the_last.sql");
    assert_string_equal(fx->report->paths[1], "migrations/0009_the_last_down.sql");
    assert_int_equal(access(fx->report->paths[1], R_OK), 0);
}

static void
begins_a_project(void **state)
{
    fixture *const fx = *state;
    assert_int_equal(rmdir("migrations"), 0);
    ok(fx, godwit_init(fx->gw, &fx->report, &fx->e));
    assert_int_equal(fx->report->path_count, 3);
    assert_string_equal(fx->report->paths[0], "godwit.yaml");
    up(fx);
    assert_string_equal(fx->report->env, "local");
    assert_int_equal(godwit_init(fx->gw, &fx->report, &fx->e), GODWIT_IO);
}

static void
creates_resets_and_drops_the_database_only_when_confirmed(void **state)
{
    fixture *const fx = *state;
    write_three();
    set(fx, "url", URL);
    ok(fx, godwit_db_create(fx->gw, &fx->report, &fx->e));
    assert_int_equal(access("app.db", F_OK), 0);
    ok(fx, godwit_db_wait(fx->gw, 1000, &fx->report, &fx->e));
    assert_int_equal(godwit_db_reset(fx->gw, false, &fx->report, &fx->e), GODWIT_REFUSED);
    assert_int_equal(godwit_db_drop(fx->gw, false, &fx->report, &fx->e), GODWIT_REFUSED);
    assert_int_equal(access("app.db", F_OK), 0);
    fx->e = (godwit_error){0};
    ok(fx, godwit_db_reset(fx->gw, true, &fx->report, &fx->e));
    assert_int_equal(fx->report->files_executed, 3);
    ok(fx, godwit_db_drop(fx->gw, true, &fx->report, &fx->e));
    assert_int_equal(access("app.db", F_OK), -1);
    assert_non_null(strstr(fx->last_note, "dropped"));
}

/* ---- settings ---- */

static void
assert_setting(fixture *fx, const char *name, const char *value, const char *origin)
{
    const char *got = NULL, *from = NULL;
    ok(fx, godwit_get(fx->gw, name, &got, &from, &fx->e));
    if (value == NULL)
        assert_null(got);
    else
        assert_string_equal(got, value);
    if (origin != NULL)
        assert_string_equal(from, origin);
}

static void
says_what_a_setting_is_and_who_said_it(void **state)
{
    fixture *const fx = *state;
    write_file("godwit.yaml", "lock_wait: 7s\nurl: postgres://me:s3cret@db.internal/shop\n");
    write_file(".env", "GODWIT_LOCK_POLL=8s\n");
    assert_int_equal(setenv("GODWIT_LAYOUT", "native", 1), 0);
    set(fx, "lock-timeout", "9s");
    set(fx, "password", "an0ther");
    assert_setting(fx, "lock_timeout", "9s", "flag");
    assert_setting(fx, "layout", "native", "environment GODWIT_LAYOUT");
    assert_setting(fx, "lock_poll", "8s", ".env GODWIT_LOCK_POLL");
    assert_setting(fx, "lock_wait", "7s", "godwit.yaml:1");
    assert_setting(fx, "history", "godwit_history", "default");
    assert_setting(fx, "url", "postgres://me@db.internal/shop", "godwit.yaml:2");
    assert_setting(fx, "password", "***", "flag");
    assert_setting(fx, "before_up", NULL, NULL);
    assert_int_equal(unsetenv("GODWIT_LAYOUT"), 0);
}

static void
refuses_a_setting_that_there_is_not(void **state)
{
    fixture *const fx = *state;
    const char *value = NULL, *origin = NULL;
    assert_int_equal(godwit_set(fx->gw, "lock_wiat", "1s", &fx->e), GODWIT_USAGE);
    assert_non_null(strstr(fx->e.hint, "lock_wait"));
    assert_int_equal(godwit_set(fx->gw, "lock_wiat", "1s", NULL), GODWIT_USAGE);
    assert_int_equal(godwit_get(fx->gw, "lock_wiat", &value, &origin, &fx->e), GODWIT_USAGE);
    set(fx, "lock_wait", "soon");
    write_three();
    set(fx, "url", URL);
    assert_int_equal(godwit_up(fx->gw, &(godwit_up_params){0}, &fx->report, &fx->e), GODWIT_USAGE);
    assert_non_null(strstr(fx->e.message, "'soon'"));
}

static void
lists_settings_directives_services_and_states(void **state)
{
    fixture *const fx = *state;
    size_t count = 0, services = 0, supported = 0;
    const char *const *names = NULL;
    const godwit_setting *const settings = godwit_settings(&count);
    assert_true(count > 20);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(settings[i].name);
        assert_non_null(settings[i].kind);
        assert_non_null(settings[i].env);
        assert_non_null(settings[i].summary);
    }
    const godwit_directive *const directives = godwit_directives(&count);
    assert_true(count >= 10);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(directives[i].name);
        assert_non_null(directives[i].summary);
        assert_true(directives[i].file || directives[i].statement);
        supported += directives[i].supported;
    }
    assert_true(supported > 0);
    ok(fx, godwit_services(fx->gw, &names, &services, &fx->e));
    assert_int_equal(services, 0);
    write_file("godwit.yaml", "services: { auth: { url: 'sqlite:auth.db' }, shop: { url: 'sqlite:shop.db' } }\n");
    ok(fx, godwit_services(fx->gw, &names, &services, &fx->e));
    assert_int_equal(services, 2);
    assert_string_equal(names[0], "auth");
    assert_string_equal(names[1], "shop");
    set(fx, "service", "shop");
    write_three();
    up(fx);
    assert_string_equal(fx->report->service, "shop");
    assert_string_equal(fx->report->target, "sqlite:shop.db");
    assert_string_equal(godwit_state_name(GODWIT_FAILED_STATE), "failed");
    assert_string_equal(godwit_state_name((godwit_state)99), "unknown");
    assert_true(strlen(godwit_version()) >= 5);
    godwit_free(NULL);
}

/* ---- threads ---- */

typedef struct canceller {
    godwit *gw;
    atomic_bool begun;
    pthread_t thread;
} canceller;

static void
tell_begun(const godwit_event *event, void *context)
{
    canceller *const c = context;
    if (event->kind == GODWIT_EVENT_MIGRATION_BEGIN)
        atomic_store(&c->begun, true);
}

static void *
cancel_soon(void *subject)
{
    canceller *const c = subject;
    while (!atomic_load(&c->begun))
        usleep(1000);
    usleep(200000);
    godwit_cancel(c->gw);
    return NULL;
}

static void
is_cancelled_from_another_thread(void **state)
{
    fixture *const fx = *state;
    canceller c = {.gw = fx->gw};
    write_file("migrations/0001_slow.sql", "CREATE TABLE a (id INTEGER);\n" SLOW);
    set(fx, "url", URL);
    godwit_on_event(fx->gw, tell_begun, &c);
    assert_int_equal(pthread_create(&c.thread, NULL, cancel_soon, &c), 0);
    assert_int_equal(godwit_up(fx->gw, &(godwit_up_params){0}, &fx->report, &fx->e), GODWIT_INTERRUPTED);
    pthread_join(c.thread, NULL);
    assert_int_equal(fx->e.line, 2);
    godwit_on_event(fx->gw, NULL, NULL);
    /* What was meant for that call does not reach the next one. */
    write_file("migrations/0001_slow.sql", "CREATE TABLE a (id INTEGER);\n");
    up(fx);
    assert_int_equal(fx->report->files_executed, 1);
}

static void
stops_the_next_call_when_it_was_cancelled_before(void **state)
{
    fixture *const fx = *state;
    write_three();
    set(fx, "url", URL);
    godwit_cancel(fx->gw);
    godwit_cancel(fx->gw);
    assert_int_equal(godwit_up(fx->gw, &(godwit_up_params){0}, &fx->report, &fx->e), GODWIT_INTERRUPTED);
    assert_int_equal(fx->report->files_executed, 0);
    fx->e = (godwit_error){0};
    up(fx);
    assert_int_equal(fx->report->files_executed, 3);
}

typedef struct worker {
    const char *url;
    size_t executed;
    godwit_rc rc;
    pthread_t thread;
    godwit_error e;
} worker;

static void *
migrate(void *subject)
{
    worker *const w = subject;
    const godwit_report *report = NULL;
    godwit *const gw = godwit_new();
    w->rc = godwit_set(gw, "url", w->url, &w->e);
    if (w->rc == GODWIT_OK)
        w->rc = godwit_set(gw, "lock_poll", "20ms", &w->e);
    if (w->rc == GODWIT_OK)
        w->rc = godwit_up(gw, &(godwit_up_params){0}, &report, &w->e);
    w->executed = report == NULL ? 0 : report->files_executed;
    godwit_free(gw);
    return NULL;
}

static size_t
migrate_in_two_threads(const char *one, const char *other)
{
    worker workers[2] = {{.url = one}, {.url = other}};
    size_t executed = 0;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&workers[i].thread, NULL, migrate, &workers[i]), 0);
    for (size_t i = 0; i < 2; i++) {
        pthread_join(workers[i].thread, NULL);
        if (workers[i].rc != GODWIT_OK)
            fail_msg("%s: %s", workers[i].e.message, workers[i].e.notes);
        executed += workers[i].executed;
    }
    return executed;
}

static void
serves_two_handles_in_two_threads(void **state)
{
    fixture *const fx = *state;
    write_three();
    assert_int_equal(migrate_in_two_threads("sqlite:one.db", "sqlite:other.db"), 6);
    set(fx, "url", URL);
    ok(fx, godwit_db_create(fx->gw, NULL, &fx->e));
    assert_int_equal(migrate_in_two_threads(URL, URL), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)

static const struct CMUnitTest tests[] = {
    TEST(applies_shows_and_reverts),
    TEST(pretends_without_writing_anything),
    TEST(finds_every_difference),
    TEST(seals_a_folder_and_tells_what_differs),
    TEST(converts_a_folder_into_another_layout),
    TEST(makes_one_migration_of_several),
    TEST(writes_rows_of_configuration),
    TEST(tells_a_failure_with_its_place),
    TEST(settles_what_a_failure_left),
    TEST(is_as_good_as_new_after_an_error),
    TEST(starts_on_a_database_that_exists),
    TEST(takes_over_the_history_of_another_tool),
    TEST(shows_and_releases_the_lock),
    TEST(writes_new_migrations),
    TEST(begins_a_project),
    TEST(creates_resets_and_drops_the_database_only_when_confirmed),
    TEST(says_what_a_setting_is_and_who_said_it),
    TEST(refuses_a_setting_that_there_is_not),
    TEST(lists_settings_directives_services_and_states),
    TEST(is_cancelled_from_another_thread),
    TEST(stops_the_next_call_when_it_was_cancelled_before),
    TEST(serves_two_handles_in_two_threads),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
