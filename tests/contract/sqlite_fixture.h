/*
 * tests/contract/sqlite_fixture - a folder of its own with an empty database in it, for tests of what SQLite alone does.
 */
#ifndef GW_TESTS_SQLITE_FIXTURE_H
#define GW_TESTS_SQLITE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

#include "base/file.h"
#include "engine/sqlite/sqlite.h"

#define SQLITE_TEST(name) cmocka_unit_test_setup_teardown(name, begin_sqlite_test, end_sqlite_test)

typedef struct fixture {
    gw_arena *arena;
    char dir[32];
    gw_url url; /* dir/app.db */
    char notice[512];
    gw_err e;
} fixture;

int begin_sqlite_test(void **state);
int end_sqlite_test(void **state);

/* Fails the test and shows the error unless rc is GODWIT_OK. */
void ok(gw_rc rc, const gw_err *e);
const char *in_dir(fixture *fx, const char *name);
const char *files_of(fixture *fx); /* their names, blank-separated */
void write_file(const char *path, const char *text);

gw_open_params params_of(fixture *fx); /* short waits */
gw_rc try_open(fixture *fx, const gw_open_params *p, gw_err *e);
gw_conn *open_on(gw_arena *a, const gw_open_params *p);
gw_conn *open_db(fixture *fx);

gw_rc try_exec(gw_conn *c, const char *sql, gw_err *e);
void exec(gw_conn *c, const char *sql);
/* For gw_engine.query: the only value into char[64]. */
bool keep_value(void *ctx, size_t columns, const char *const *values);
void assert_value(gw_conn *c, const char *sql, const char *expected);

/* A child process that shares nothing with this one but the file. A failure ends it with status 1 instead of going on with the
 * tests; end_child() kills it, as a crash would: what it holds is freed by nobody but the system. */
pid_t start_child(void);
_Noreturn void end_child(void);
void wait_for_end(pid_t child); /* fails the test unless end_child() ended it */

typedef struct process {
    pid_t pid;
    int tell, hear; /* close to let it end; it wrote a byte when it was ready */
} process;

/* A child that does the work on a connection of its own, says so, and waits for stop_process(), which kills it. */
process start_process(fixture *fx, void (*work)(gw_conn *c, const void *ctx), const void *ctx);
void stop_process(const process *p);
/* The same; the work is to execute statements, NULL-terminated. */
process start_statements(fixture *fx, const char *const *statements);

#endif
