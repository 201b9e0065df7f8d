#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../unit/fake_engine.h"
#ifdef GW_WITH_POSTGRES
extern const gw_engine gw_postgres;
#endif
#ifdef GW_WITH_MYSQL
extern const gw_engine gw_mysql;
#endif
#ifdef GW_WITH_SQLITE
extern const gw_engine gw_sqlite;
#endif

static const gw_engine *const engines[] = {
    &gw_fake,
#ifdef GW_WITH_POSTGRES
    &gw_postgres,
#endif
#ifdef GW_WITH_MYSQL
    &gw_mysql,
#endif
#ifdef GW_WITH_SQLITE
    &gw_sqlite,
#endif
};

/* The program's one state: what GODWIT_TEST_URL says, for every fixture. */
static struct {
    const gw_engine *engine;
    gw_url url;
    bool created; /* by us */
} target;

void
ok(gw_rc rc, const gw_err *e)
{
    if (rc != GODWIT_OK)
        fail_msg("%d: %s [%s] (%s) (%s)", (int)rc, e->message, e->code, e->notes, e->hint);
}

/* ---- connections ---- */

static void
hear(void *ctx, const char *text)
{
    fixture *const fx = ctx;
    fx->notices++;
    gw_err_copy(fx->notice, sizeof(fx->notice), gw_str_of(text));
}

gw_open_params
params_of(fixture *fx)
{
    return (gw_open_params){
        .url = fx->url, .connect_timeout_ms = 10000, .lock_wait_ms = 500, .notice = hear, .notice_ctx = fx};
}

gw_conn *
open_on(gw_arena *scope, const gw_open_params *p)
{
    gw_err e = {0};
    gw_conn *c = NULL;
    ok(target.engine->open(scope, p, &c, &e), &e);
    assert_non_null(c);
    return c;
}

static void
end_scope(void *subject)
{
    gw_arena_free(subject);
}

gw_arena *
scope_of(fixture *fx)
{
    gw_arena *const scope = gw_arena_new();
    gw_defer(fx->arena, end_scope, scope);
    return scope;
}

gw_conn *
open_another(fixture *fx)
{
    const gw_open_params p = params_of(fx);
    return open_on(fx->arena, &p);
}

/* ---- names and words ---- */

const char *
any_name(fixture *fx)
{
    static unsigned count;
    return gw_printf(fx->arena, "contract_%u_%lld_%u", (unsigned)getpid(), (long long)gw_clock_ms() % 1000000, ++count);
}

const char *
say(fixture *fx, const char *text, const char *table)
{
    gw_buf out = gw_buf_new(fx->arena);
    const char *mark;
    for (; (mark = strstr(text, "{t}")) != NULL; text = mark + 3) {
        gw_buf_add(&out, (gw_str){text, (size_t)(mark - text)});
        gw_buf_puts(&out, table);
    }
    gw_buf_puts(&out, text);
    return gw_buf_text(&out);
}

void
drop_later(fixture *fx, const char *sql)
{
    *gw_vec_push(fx->arena, &fx->drops.sql) = sql;
}

const char *
new_table(fixture *fx)
{
    const char *const name = any_name(fx);
    drop_later(fx, say(fx, "DROP TABLE IF EXISTS {t}", name));
    exec(fx->conn, say(fx, gw_printf(fx->arena, "CREATE TABLE {t} (n INTEGER, v TEXT%s)", fx->words->any_text), name));
    return name;
}

/* ---- statements ---- */

gw_rc
try_exec(gw_conn *c, const char *sql, gw_err *e)
{
    return c->engine->exec(c, gw_str_of(sql), e);
}

void
exec(gw_conn *c, const char *sql)
{
    gw_err e = {0};
    ok(try_exec(c, sql, &e), &e);
}

static bool
add_row(void *ctx, size_t columns, const char *const *values)
{
    gw_buf *const out = ctx;
    for (size_t i = 0; i < columns; i++)
        gw_buf_printf(out, "%s%s", i == 0 ? "" : "|", values[i] == NULL ? "NULL" : values[i]);
    gw_buf_putc(out, '\n');
    return true;
}

const char *
rows_of(fixture *fx, gw_conn *c, const char *sql, const gw_param *params, size_t count)
{
    gw_err e = {0};
    gw_buf out = gw_buf_new(fx->arena);
    ok(c->engine->query(c, sql, params, count, add_row, &out, &e), &e);
    return gw_buf_text(&out);
}

/* ---- before and after ---- */

static int
begin_test(void **state)
{
    gw_arena *const a = gw_arena_new();
    fixture *const fx = gw_new(a, fixture);
    gw_err e = {0};
    *state = fx;
    *fx = (fixture){.arena = a, .engine = target.engine, .words = tongue_of(target.engine->name), .url = &target.url};
    const gw_open_params p = params_of(fx);
    if (fx->words != NULL && target.engine->open(a, &p, &fx->conn, &e) == GODWIT_OK)
        return 0;
    print_error("%s\n", fx->words == NULL ? "an engine without words in tongue.c" : e.message);
    gw_arena_free(a);
    return -1;
}

/* A new connection, since the test may have left its own in any state; and after it, since it may hold locks. */
static int
end_test(void **state)
{
    fixture *const fx = *state;
    GW_SCOPE(a);
    contract_drops drops = {0};
    for (size_t i = fx->drops.sql.len; i > 0; i--)
        *gw_vec_push(a, &drops.sql) = gw_text(a, fx->drops.sql.at[i - 1]);
    gw_arena_free(fx->arena);
    gw_err e = {0};
    gw_conn *c = NULL;
    const gw_open_params p = {.url = &target.url, .connect_timeout_ms = 10000, .lock_wait_ms = 500};
    if (drops.sql.len == 0 || target.engine->open(a, &p, &c, &e) != GODWIT_OK)
        return e.rc == GODWIT_OK ? 0 : -1;
    for (size_t i = 0; i < drops.sql.len; i++) {
        gw_err dropping = {0};
        if (try_exec(c, drops.sql.at[i], &dropping) != GODWIT_OK)
            print_error("%s: %s\n", drops.sql.at[i], dropping.message);
    }
    return 0;
}

/* The engine's maintenance connection, or NULL for files. */
static gw_rc
open_server(gw_arena *a, gw_conn **c, gw_err *e)
{
    if ((target.engine->caps & GW_CAP_DATABASES) == 0)
        return GODWIT_OK;
    const gw_open_params p = {.url = &target.url, .connect_timeout_ms = 10000, .maintenance = true};
    return target.engine->open(a, &p, c, e);
}

static gw_rc
make_database(gw_err *e)
{
    GW_SCOPE(a);
    gw_conn *c = NULL;
    bool exists = false;
    GW_TRY(open_server(a, &c, e));
    GW_TRY(target.engine->database_exists(c, &target.url, &exists, e));
    target.created = !exists;
    return exists ? GODWIT_OK : target.engine->database_create(c, &target.url, e);
}

static gw_rc
drop_database(gw_err *e)
{
    GW_SCOPE(a);
    gw_conn *c = NULL;
    if (!target.created)
        return GODWIT_OK;
    GW_TRY(open_server(a, &c, e));
    return target.engine->database_drop(c, &target.url, e);
}

static gw_rc
read_target(gw_arena *a, gw_err *e)
{
    const char *const text = getenv("GODWIT_TEST_URL");
    if (text == NULL || gw_str_starts(gw_str_of(text), "fake:"))
        target.url = (gw_url){.scheme = "fake", .user = "app", .password = "secret", .database = "contract"};
    else
        GW_TRY(gw_url_parse(a, gw_str_of(text), &target.url, e));
    for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
        for (const char *const *scheme = engines[i]->schemes; *scheme != NULL; scheme++)
            if (strcmp(*scheme, target.url.scheme) == 0)
                target.engine = engines[i];
    if (target.engine == NULL)
        return gw_fail(e, GODWIT_USAGE, "no engine for %s:// was built", target.url.scheme);
    return make_database(e);
}

#define CONTRACT_ROW(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test),
static const struct CMUnitTest tests[] = {CONTRACT_TESTS(CONTRACT_ROW)};

int
main(void)
{
    GW_SCOPE(a);
    gw_err e = {0};
    if (read_target(a, &e) != GODWIT_OK) {
        fprintf(stderr, "contract_test: %s\n", e.message);
        return 1;
    }
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (drop_database(&e) != GODWIT_OK) {
        fprintf(stderr, "contract_test: %s\n", e.message);
        return 1;
    }
    return failed;
}
