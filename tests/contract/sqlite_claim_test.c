/*
 * The claim on an SQLite database, and whom `lock status` names.
 */
#include "sqlite_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

static bool
claims(gw_conn *c)
{
    gw_err e = {0};
    bool taken = false;
    ok(gw_sqlite.claim(c, &taken, &e), &e);
    return taken;
}

static gw_lock_holder
holder_of(fixture *fx, gw_conn *c)
{
    gw_err e = {0};
    gw_lock_holder holder;
    ok(gw_sqlite.lock_holder(fx->arena, c, "4711", &holder, &e), &e);
    return holder;
}

static void
claim_it(gw_conn *c, const void *ctx)
{
    (void)ctx;
    if (!claims(c))
        _exit(1);
}

/* ---- taking it ---- */

static void
is_claimed_by_one_at_a_time(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx), *const other = open_db(fx);
    assert_true(claims(c));
    assert_true(claims(c));
    assert_false(claims(other));
    assert_string_equal(files_of(fx), "app.db app.db-godwit");
    gw_sqlite.unclaim(other);
    assert_false(claims(other));
    gw_sqlite.unclaim(c);
    gw_sqlite.unclaim(c);
    assert_string_equal(files_of(fx), "app.db");
    assert_true(claims(other));
    assert_false(claims(c));
}

static void
frees_the_claim_of_a_connection_that_closes(void **state)
{
    fixture *const fx = *state;
    gw_arena *const a = gw_arena_new();
    const gw_open_params p = params_of(fx);
    assert_true(claims(open_on(a, &p)));
    gw_arena_free(a);
    assert_string_equal(files_of(fx), "app.db");
    assert_true(claims(open_db(fx)));
}

static void
frees_the_claim_of_a_process_that_is_killed(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    const process owner = start_process(fx, claim_it, NULL);
    const bool taken = claims(c);
    const char *const who = gw_text(fx->arena, holder_of(fx, c).who);
    stop_process(&owner);
    assert_false(taken);
    assert_non_null(who);
    assert_non_null(strstr(who, gw_printf(fx->arena, "pid %d (", (int)owner.pid)));
    assert_string_equal(files_of(fx), "app.db app.db-godwit");
    assert_null(holder_of(fx, c).who);
    assert_true(claims(c));
    gw_sqlite.unclaim(c);
    assert_string_equal(files_of(fx), "app.db");
}

static void
lets_everybody_claim_a_database_in_memory(void **state)
{
    fixture *const fx = *state;
    fx->url.database = ":memory:";
    gw_conn *const c = open_db(fx), *const other = open_db(fx);
    assert_true(claims(c));
    assert_true(claims(other));
    assert_null(holder_of(fx, c).who);
    gw_sqlite.unclaim(c);
}

/* Claim, read, nap, write, give back: who got in beside another would lose a count. */
static void
count_up(fixture *fx, const char *path, int times)
{
    gw_conn *const c = open_db(fx);
    for (int i = 0; i < times; i++) {
        GW_SCOPE(a);
        gw_err e = {0};
        gw_str text = {0};
        while (!claims(c))
            gw_sleep_ms(1);
        ok(gw_file_read(a, path, 64, &text, &e), &e);
        const long next = strtol(gw_strdup(a, text), NULL, 10) + 1;
        ok(gw_file_write(path, gw_str_of(gw_printf(a, "%ld", next)), &e), &e);
        gw_sqlite.unclaim(c);
    }
}

static void
lets_one_of_many_processes_in(void **state)
{
    enum { RUNNERS = 8, TIMES = 40 };
    fixture *const fx = *state;
    pid_t pids[RUNNERS];
    const char *const path = in_dir(fx, "count");
    write_file(path, "0");
    for (int i = 0; i < RUNNERS; i++) {
        pids[i] = start_child();
        if (pids[i] == 0) {
            count_up(fx, path, TIMES);
            end_child();
        }
    }
    for (int i = 0; i < RUNNERS; i++)
        wait_for_end(pids[i]);
    gw_str text = {0};
    ok(gw_file_read(fx->arena, path, 64, &text, &fx->e), &fx->e);
    assert_string_equal(gw_strdup(fx->arena, text), "320");
    assert_string_equal(files_of(fx), "app.db count");
}

/* ---- what is in its way ---- */

static void
says_that_the_folder_must_be_writable(void **state)
{
    enum { NOBODY = 65534 };
    fixture *const fx = *state;
    bool taken = true;
    gw_conn *const c = open_db(fx);
    const bool is_root = geteuid() == 0; /* whom no folder refuses */
    assert_int_equal(chmod(fx->dir, 0555), 0);
    if (is_root)
        assert_int_equal(seteuid(NOBODY), 0);
    const gw_rc rc = gw_sqlite.claim(c, &taken, &fx->e);
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(fx->dir, 0755), 0);
    assert_int_equal(rc, GODWIT_IO);
    assert_false(taken);
    assert_non_null(strstr(fx->e.message, "app.db-godwit"));
    assert_non_null(strstr(fx->e.hint, "writable"));
}

/* Whatever it is: it stays, and nobody is taken for its owner. */
static void
refuses_what_is_there(fixture *fx, gw_conn *c)
{
    gw_err e = {0};
    bool taken = true;
    assert_int_equal(gw_sqlite.claim(c, &taken, &e), GODWIT_REFUSED);
    assert_false(taken);
    assert_non_null(strstr(e.message, "app.db-godwit is not a file of godwit's"));
    assert_non_null(strstr(e.hint, "move it away"));
    gw_sqlite.unclaim(c);
    assert_string_equal(files_of(fx), "app.db app.db-godwit");
    assert_null(holder_of(fx, c).who);
}

static void
follows_no_link_and_waits_for_no_pipe(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx);
    const char *const path = in_dir(fx, "app.db-godwit");
    assert_int_equal(symlink(fx->url.database, path), 0);
    refuses_what_is_there(fx, c);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    refuses_what_is_there(fx, c);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    refuses_what_is_there(fx, c);
    assert_int_equal(rmdir(path), 0);
}

static void
leaves_a_file_of_somebody_else_alone(void **state)
{
    fixture *const fx = *state;
    struct stat before, after;
    gw_conn *const c = open_db(fx);
    const char *const path = in_dir(fx, "app.db-godwit");
    write_file(path, "mine\n");
    assert_int_equal(stat(path, &before), 0);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    refuses_what_is_there(fx, c);
    close(fd);
    refuses_what_is_there(fx, c);
    assert_int_equal(gw_sqlite.database_drop(NULL, &fx->url, &fx->e), GODWIT_REFUSED);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(after.st_size, 5);
    assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof(before.st_mtim));
    /* And one that somebody writes into while we have it. */
    assert_int_equal(unlink(path), 0);
    assert_true(claims(c));
    const int other = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(write(other, "theirs\n", 7), 7);
    close(other);
    gw_sqlite.unclaim(c);
    assert_string_equal(files_of(fx), "app.db app.db-godwit");
}

static void
takes_over_what_a_dead_runner_of_another_user_left(void **state)
{
    enum { NOBODY = 65534 };
    fixture *const fx = *state;
    struct stat st;
    const char *const path = in_dir(fx, "app.db-godwit");
    gw_conn *const c = open_db(fx);
    write_file(path, "");
    assert_int_equal(chmod(path, 0444), 0);
    const struct timespec old[] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
    assert_int_equal(chmod(fx->dir, 0777), 0);
    const bool is_root = geteuid() == 0;
    if (is_root)
        assert_int_equal(seteuid(NOBODY), 0);
    const bool taken = claims(c);
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    assert_true(taken);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_mtime > 1000000000);
    assert_false(claims(open_db(fx)));
}

/* Closing any descriptor of the database would drop what SQLite has locked. */
static void
leaves_the_locks_of_the_database_alone(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_conn *const c = open_db(fx);
    exec(c, "CREATE TABLE t (n)");
    ok(gw_sqlite.begin(c, (gw_str){0}, &e), &e);
    exec(c, "INSERT INTO t VALUES (1)");
    assert_true(claims(c));
    (void)holder_of(fx, c);
    gw_sqlite.unclaim(c);
    const pid_t child = start_child();
    if (child == 0) {
        if (gw_sqlite.begin(open_db(fx), (gw_str){0}, &e) != GODWIT_LOCKED)
            _exit(1);
        end_child();
    }
    wait_for_end(child);
    ok(gw_sqlite.commit(c, &e), &e);
}

static void
deletes_no_database_that_is_claimed(void **state)
{
    fixture *const fx = *state;
    const process owner = start_process(fx, claim_it, NULL);
    const gw_rc rc = gw_sqlite.database_drop(NULL, &fx->url, &fx->e);
    stop_process(&owner);
    assert_int_equal(rc, GODWIT_LOCKED);
    assert_non_null(strstr(fx->e.message, gw_printf(fx->arena, "pid %d (", (int)owner.pid)));
    assert_string_equal(files_of(fx), "app.db app.db-godwit");
    gw_err e = {0};
    ok(gw_sqlite.database_drop(NULL, &fx->url, &e), &e);
    assert_string_equal(files_of(fx), "");
}

/* ---- who ---- */

static void
names_whoever_writes_and_no_reader(void **state)
{
    fixture *const fx = *state;
    static const char *const modes[] = {"DELETE", "WAL"};
    static const char *const reading[] = {"BEGIN", "SELECT n FROM t", NULL};
    static const char *const writing[] = {"BEGIN IMMEDIATE", "INSERT INTO t VALUES (1)", NULL};
    gw_conn *const c = open_db(fx);
    exec(c, "CREATE TABLE t (n)");
    exec(c, "INSERT INTO t VALUES (1)");
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        exec(c, gw_printf(fx->arena, "PRAGMA journal_mode = %s", modes[i]));
        const process reader = start_statements(fx, reading);
        const char *const nobody = holder_of(fx, c).who;
        const process writer = start_statements(fx, writing);
        const gw_lock_holder holder = holder_of(fx, c);
        stop_process(&writer);
        stop_process(&reader);
        assert_null(nobody);
        assert_non_null(holder.who);
        assert_non_null(strstr(holder.who, gw_printf(fx->arena, "pid %d (", (int)writer.pid)));
        assert_null(holder.since);
        assert_null(holder_of(fx, c).who);
    }
}

static void
says_since_when_it_is_claimed(void **state)
{
    fixture *const fx = *state;
    gw_conn *const c = open_db(fx), *const other = open_db(fx);
    const char *const today = gw_clock_utc(fx->arena);
    assert_true(claims(c));
    const gw_lock_holder own = holder_of(fx, c), seen = holder_of(fx, other);
    const char *const later = gw_clock_utc(fx->arena);
    assert_string_equal(own.who, "this process");
    assert_string_equal(seen.who, "this process");
    assert_string_equal(seen.since, own.since);
    assert_int_equal(strlen(seen.since), strlen("2026-03-26 17:09:03"));
    assert_true(strncmp(seen.since, today, 19) >= 0 && strncmp(seen.since, later, 19) <= 0);
    assert_int_equal(seen.session, 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        SQLITE_TEST(is_claimed_by_one_at_a_time),
        SQLITE_TEST(frees_the_claim_of_a_connection_that_closes),
        SQLITE_TEST(frees_the_claim_of_a_process_that_is_killed),
        SQLITE_TEST(lets_everybody_claim_a_database_in_memory),
        SQLITE_TEST(lets_one_of_many_processes_in),
        SQLITE_TEST(says_that_the_folder_must_be_writable),
        SQLITE_TEST(follows_no_link_and_waits_for_no_pipe),
        SQLITE_TEST(leaves_a_file_of_somebody_else_alone),
        SQLITE_TEST(takes_over_what_a_dead_runner_of_another_user_left),
        SQLITE_TEST(leaves_the_locks_of_the_database_alone),
        SQLITE_TEST(deletes_no_database_that_is_claimed),
        SQLITE_TEST(names_whoever_writes_and_no_reader),
        SQLITE_TEST(says_since_when_it_is_claimed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
