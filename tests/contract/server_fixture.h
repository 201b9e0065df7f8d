/*
 * tests/contract/server_fixture - a connection for each test of what one kind of server alone does.
 *
 * GODWIT_TEST_URL says where. The database must exist; the user must be allowed to create tables, functions and roles.
 */
#ifndef GW_TESTS_SERVER_FIXTURE_H
#define GW_TESTS_SERVER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/clock.h"
#include "db/engine.h"

#define SERVER_TEST(name) cmocka_unit_test_setup_teardown(name, begin_server_test, end_server_test)

/* The test's. */
extern const gw_engine *const tested;

typedef struct fixture {
    gw_arena *arena;
    gw_url url;
    gw_conn *conn;
    gw_buf notices; /* a line each */
} fixture;

int begin_server_test(void **state);
int end_server_test(void **state);

/* Fails the test and shows the error unless rc is GODWIT_OK. */
void ok(gw_rc rc, const gw_err *e);
gw_rc open_url(fixture *fx, const char *text, gw_conn **out, gw_err *e);
/* Like fx->conn; `p` without a URL means that of the test. */
gw_conn *open_on(fixture *fx, gw_open_params p);

gw_rc try_exec(gw_conn *c, const char *sql, gw_err *e);
void exec(gw_conn *c, const char *sql);
void reset(gw_conn *c);
/* Rows as "a|b\nc|NULL". `param` NULL: none. */
const char *ask(fixture *fx, gw_conn *c, const char *sql, const char *param);

#endif
