/*
 * The database as a file: opening, reading, creating and deleting it.
 */
#include "sqlite_fixture.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- opening ---- */

static void
never_creates_a_file_by_opening_it(void **state)
{
    fixture *const fx = *state;
    static const char *const modes[] = {"ro", "rw", "rwc"};
    fx->url.database = in_dir(fx, "other.db");
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        gw_err e = {0};
        gw_url_param param = {"mode", modes[i]};
        fx->url.params.at = &param;
        fx->url.params.len = 1;
        const gw_open_params p = params_of(fx);
        assert_int_equal(try_open(fx, &p, &e), GODWIT_CONNECT);
        assert_string_equal(e.code, "14");
        assert_true(gw_sqlite.is_missing_database(&e));
        assert_string_equal(e.message, gw_printf(fx->arena, "database %s/other.db does not exist", fx->dir));
    }
    assert_string_equal(files_of(fx), "app.db");
}

static void
refuses_a_mode_that_it_does_not_know(void **state)
{
    fixture *const fx = *state;
    gw_url_param param = {"mode", "memory"};
    fx->url.params.at = &param;
    fx->url.params.len = 1;
    const gw_open_params p = params_of(fx);
    assert_int_equal(try_open(fx, &p, &fx->e), GODWIT_USAGE);
    assert_non_null(strstr(fx->e.message, "mode=memory"));
}

static void
refuses_a_file_that_is_no_database(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    write_file(in_dir(fx, "notes.txt"), "This is a text of some length, and surely no database of any kind.\n");
    fx->url.database = in_dir(fx, "notes.txt");
    const gw_open_params p = params_of(fx);
    assert_int_equal(try_open(fx, &p, &e), GODWIT_CONNECT);
    assert_string_equal(e.code, "26");
    assert_non_null(strstr(e.message, "not a database"));
    assert_non_null(strstr(e.notes, "notes.txt"));
    assert_false(gw_sqlite.is_missing_database(&e));
}

static void
says_what_a_path_is_that_is_no_file(void **state)
{
    fixture *const fx = *state;
    const struct {
        const char *path, *code, *message;
    } paths[] = {
        {fx->dir, "526", "it is a folder"},
        {"/dev/null", "26", "it is not a file"},
        {in_dir(fx, "app.db/x"), "782", "Not a directory"},
    };
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        gw_err e = {0};
        fx->url.database = paths[i].path;
        const gw_open_params p = params_of(fx);
        assert_int_equal(try_open(fx, &p, &e), GODWIT_CONNECT);
        assert_string_equal(e.code, paths[i].code);
        assert_non_null(strstr(e.message, paths[i].message));
    }
}

static void
takes_every_name_for_a_path(void **state)
{
    fixture *const fx = *state;
    static const char *const names[] = {"file:x.db", "file:x.db?mode=memory", ":x", "a b?c#d%20e", "ž.db"};
    char old[4096];
    assert_non_null(getcwd(old, sizeof(old)));
    assert_int_equal(chdir(fx->dir), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        bool exists = false;
        struct stat st;
        fx->url.database = names[i];
        ok(gw_sqlite.database_create(NULL, &fx->url, &fx->e), &fx->e);
        gw_conn *const c = open_db(fx);
        exec(c, "CREATE TABLE t (n)");
        assert_string_equal(c->facts.database, in_dir(fx, names[i]));
        assert_int_equal(stat(in_dir(fx, names[i]), &st), 0);
        assert_true(st.st_size > 0);
        ok(gw_sqlite.database_exists(NULL, &fx->url, &exists, &fx->e), &fx->e);
        assert_true(exists);
    }
    assert_int_equal(chdir(old), 0);
}

static void
keeps_a_database_in_memory_to_itself(void **state)
{
    fixture *const fx = *state;
    bool exists = false;
    fx->url.database = ":memory:";
    ok(gw_sqlite.database_create(NULL, &fx->url, &fx->e), &fx->e);
    ok(gw_sqlite.database_exists(NULL, &fx->url, &exists, &fx->e), &fx->e);
    assert_true(exists);
    gw_conn *const c = open_db(fx);
    exec(c, "CREATE TABLE t (n)");
    assert_string_equal(c->facts.database, ":memory:");
    assert_true(gw_sqlite.is_alive(c));
    ok(gw_sqlite.reset(c, &fx->e), &fx->e);
    exec(c, "SELECT n FROM t");
    ok(gw_sqlite.database_drop(NULL, &fx->url, &fx->e), &fx->e);
    assert_int_equal(try_exec(open_db(fx), "SELECT n FROM t", &fx->e), GODWIT_FAILED);
}

/* ---- reading only ---- */

static void
leaves_nothing_beside_a_wal_database_that_it_reads(void **state)
{
    fixture *const fx = *state;
    gw_arena *a = gw_arena_new();
    gw_open_params p = params_of(fx);
    gw_conn *c = open_on(a, &p);
    exec(c, "PRAGMA journal_mode = WAL");
    exec(c, "CREATE TABLE t (n)");
    gw_arena_reset(a);
    assert_string_equal(files_of(fx), "app.db");
    p.read_only = true;
    c = open_on(a, &p);
    assert_value(c, "SELECT count(*) FROM t", "0");
    assert_int_equal(try_exec(c, "INSERT INTO t VALUES (1)", &fx->e), GODWIT_FAILED);
    assert_string_equal(fx->e.code, "8");
    gw_arena_free(a);
    assert_string_equal(files_of(fx), "app.db");
}

/* In a child: change more than the cache holds, and die in the middle. */
static void
die_while_writing(fixture *fx)
{
    const pid_t child = start_child();
    if (child == 0) {
        gw_conn *const c = open_db(fx);
        exec(c, "PRAGMA cache_size = 5");
        exec(c, "BEGIN");
        exec(c,
             "INSERT INTO t SELECT hex(randomblob(500)) FROM (WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 "
             "FROM r LIMIT 500) SELECT n FROM r)");
        end_child();
    }
    wait_for_end(child);
}

static void
reads_what_a_crash_left(void **state)
{
    fixture *const fx = *state;
    gw_open_params p = params_of(fx);
    gw_arena *const a = gw_arena_new();
    exec(open_on(a, &p), "CREATE TABLE t (n)");
    gw_arena_free(a);
    die_while_writing(fx);
    assert_string_equal(files_of(fx), "app.db app.db-journal");
    p.read_only = true;
    gw_conn *const c = open_on(fx->arena, &p);
    assert_value(c, "SELECT count(*) FROM t", "0");
    assert_value(c, "PRAGMA integrity_check", "ok");
}

static void
says_that_a_file_is_read_only(void **state)
{
    fixture *const fx = *state;
    gw_url_param param = {"mode", "ro"};
    exec(open_db(fx), "CREATE TABLE t (n)");
    fx->url.params.at = &param;
    fx->url.params.len = 1;
    gw_conn *const c = open_db(fx);
    assert_true(c->facts.read_only);
    assert_int_equal(try_exec(c, "INSERT INTO t VALUES (1)", &fx->e), GODWIT_FAILED);
    assert_string_equal(fx->e.code, "8");
    assert_non_null(strstr(fx->e.hint, "mode=ro"));
    gw_err e = {0};
    ok(gw_sqlite.begin(c, (gw_str){0}, &e), &e);
    gw_sqlite.rollback(c);
}

/* ---- creating and deleting ---- */

static void
creates_no_folder(void **state)
{
    fixture *const fx = *state;
    fx->url.database = in_dir(fx, "data/app.db");
    assert_int_equal(gw_sqlite.database_create(NULL, &fx->url, &fx->e), GODWIT_IO);
    assert_non_null(strstr(fx->e.message, "data/app.db"));
    assert_non_null(strstr(fx->e.hint, "folder"));
}

static void
creates_a_database_whose_page_size_and_encoding_are_still_open(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    exec(c, "PRAGMA page_size = 1024");
    exec(c, "PRAGMA encoding = 'UTF-16le'");
    exec(c, "CREATE TABLE t (v)");
    exec(c, "INSERT INTO t VALUES ('žluť')");
    assert_value(c, "PRAGMA page_size", "1024");
    assert_value(c, "SELECT v FROM t", "žluť");
    assert_int_equal(try_exec(c, "SELECT 'ž' ,, 1", &fx->e), GODWIT_FAILED);
    assert_int_equal(fx->e.offset, strlen("SELECT 'ž' ,") + 1);
}

static void
creates_nothing_over_what_is_there(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    exec(c, "CREATE TABLE t (n)");
    ok(gw_sqlite.database_create(NULL, &fx->url, &fx->e), &fx->e);
    exec(c, "SELECT n FROM t");
}

static void
deletes_nothing_that_is_no_database(void **state)
{
    fixture *const fx = *state;
    const char *const notes = in_dir(fx, "notes.txt");
    write_file(notes, "This is a text of some length, and surely no database of any kind.\n");
    fx->url.database = notes;
    assert_int_equal(gw_sqlite.database_drop(NULL, &fx->url, &fx->e), GODWIT_REFUSED);
    assert_non_null(strstr(fx->e.message, "notes.txt"));
    assert_int_equal(gw_path_is(notes), GW_PATH_FILE);
    gw_err e = {0};
    fx->url.database = fx->dir;
    assert_int_equal(gw_sqlite.database_drop(NULL, &fx->url, &e), GODWIT_CONNECT);
    assert_int_equal(gw_path_is(fx->dir), GW_PATH_DIR);
}

static void
deletes_what_lies_beside_a_database(void **state)
{
    fixture *const fx = *state;
    gw_open_params p = params_of(fx);
    gw_arena *const a = gw_arena_new();
    gw_conn *const c = open_on(a, &p);
    exec(c, "PRAGMA journal_mode = PERSIST");
    exec(c, "CREATE TABLE t (n)");
    gw_arena_free(a);
    assert_string_equal(files_of(fx), "app.db app.db-journal");
    ok(gw_sqlite.database_drop(NULL, &fx->url, &fx->e), &fx->e);
    assert_string_equal(files_of(fx), "");
}

static void
deletes_no_wal_database_that_someone_has_open(void **state)
{
    fixture *const fx = *state;
    gw_open_params p = params_of(fx);
    gw_arena *const a = gw_arena_new();
    gw_conn *const c = open_on(a, &p);
    exec(c, "PRAGMA journal_mode = WAL");
    exec(c, "CREATE TABLE t (n)");
    assert_int_equal(gw_sqlite.database_drop(NULL, &fx->url, &fx->e), GODWIT_LOCKED);
    exec(c, "INSERT INTO t VALUES (1)");
    assert_value(c, "PRAGMA journal_mode", "wal");
    gw_arena_free(a);
    gw_err e = {0};
    ok(gw_sqlite.database_drop(NULL, &fx->url, &e), &e);
    assert_string_equal(files_of(fx), "");
}

static void
deletes_a_damaged_database_too(void **state)
{
    fixture *const fx = *state;
    gw_open_params p = params_of(fx);
    gw_arena *const a = gw_arena_new();
    exec(open_on(a, &p), "CREATE TABLE t (n)");
    gw_arena_free(a);
    assert_int_equal(truncate(fx->url.database, 5000), 0);
    ok(gw_sqlite.database_drop(NULL, &fx->url, &fx->e), &fx->e);
    assert_string_equal(files_of(fx), "");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        SQLITE_TEST(never_creates_a_file_by_opening_it),
        SQLITE_TEST(refuses_a_mode_that_it_does_not_know),
        SQLITE_TEST(refuses_a_file_that_is_no_database),
        SQLITE_TEST(says_what_a_path_is_that_is_no_file),
        SQLITE_TEST(takes_every_name_for_a_path),
        SQLITE_TEST(keeps_a_database_in_memory_to_itself),
        SQLITE_TEST(leaves_nothing_beside_a_wal_database_that_it_reads),
        SQLITE_TEST(reads_what_a_crash_left),
        SQLITE_TEST(says_that_a_file_is_read_only),
        SQLITE_TEST(creates_no_folder),
        SQLITE_TEST(creates_a_database_whose_page_size_and_encoding_are_still_open),
        SQLITE_TEST(creates_nothing_over_what_is_there),
        SQLITE_TEST(deletes_nothing_that_is_no_database),
        SQLITE_TEST(deletes_what_lies_beside_a_database),
        SQLITE_TEST(deletes_no_wal_database_that_someone_has_open),
        SQLITE_TEST(deletes_a_damaged_database_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
