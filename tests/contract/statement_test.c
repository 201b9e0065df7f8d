#include "contract.h"

#include <pthread.h>

#include "sql/quote.h"

void
reads_back_the_rows_that_it_wrote(void **state)
{
    fixture *const fx = *state;
    const char *const table = new_table(fx);
    gw_err e = {0};
    exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (3, 'three')", table));
    ok(fx->engine->query(fx->conn, say(fx, "INSERT INTO {t} VALUES ($1, $2)", table), (gw_param[]){{"1"}, {"one"}}, 2,
                         NULL, NULL, &e),
       &e);
    ok(fx->engine->query(fx->conn, say(fx, "INSERT INTO {t} VALUES ($1, $2)", table), (gw_param[]){{"2"}, {NULL}}, 2,
                         NULL, NULL, &e),
       &e);
    assert_string_equal(rows_of(fx, fx->conn, say(fx, "SELECT n, v FROM {t} ORDER BY n", table), NULL, 0),
                        "1|one\n2|NULL\n3|three\n");
    assert_string_equal(
        rows_of(fx, fx->conn, say(fx, "SELECT n, v FROM {t} WHERE n = $1", table), (gw_param[]){{"2"}}, 1), "2|NULL\n");
    assert_string_equal(
        rows_of(fx, fx->conn, say(fx, "SELECT n, v FROM {t} WHERE n = $1", table), (gw_param[]){{"7"}}, 1), "");
}

static const char *const awkward[] = {
    "",
    "it's",
    "''",
    "\"quoted\" `and` [more]",
    "back\\slash \\' \\\\ \\n \\0 \\",
    "two\nlines\r\nand a\ttab",
    "žluťoučký kůň, 日本語, 🐎",
    "$1 $2 ? :name @name %s {table}",
    "-- no comment /* nor this */ # nor that; SELECT 1",
    " blanks around ",
};

void
passes_parameters_unchanged(void **state)
{
    fixture *const fx = *state;
    for (size_t i = 0; i < sizeof(awkward) / sizeof(awkward[0]); i++) {
        const gw_param params[] = {{awkward[i]}, {"second"}};
        assert_string_equal(rows_of(fx, fx->conn, fx->words->echo, params, 2),
                            gw_printf(fx->arena, "%s|second\n", awkward[i]));
    }
}

void
reads_quoted_strings_unchanged(void **state)
{
    fixture *const fx = *state;
    const char *const table = new_table(fx);
    for (size_t i = 0; i < sizeof(awkward) / sizeof(awkward[0]); i++) {
        gw_buf sql = gw_buf_new(fx->arena);
        gw_buf_puts(&sql, say(fx, "INSERT INTO {t} VALUES (", table));
        gw_buf_printf(&sql, "%zu, ", i);
        gw_quote_string(&sql, gw_str_of(awkward[i]), fx->conn->facts.dialect);
        gw_buf_putc(&sql, ')');
        exec(fx->conn, gw_buf_text(&sql));
        assert_string_equal(rows_of(fx, fx->conn, say(fx, "SELECT v FROM {t} WHERE n = $1", table),
                                    (gw_param[]){{gw_printf(fx->arena, "%zu", i)}}, 1),
                            gw_printf(fx->arena, "%s\n", awkward[i]));
    }
}

void
tells_null_from_empty_text(void **state)
{
    fixture *const fx = *state;
    assert_string_equal(rows_of(fx, fx->conn, fx->words->echo, (gw_param[]){{NULL}, {""}}, 2), "NULL|\n");
    assert_string_equal(rows_of(fx, fx->conn, fx->words->echo, (gw_param[]){{""}, {NULL}}, 2), "|NULL\n");
}

void
passes_a_megabyte_of_text(void **state)
{
    enum { MEGABYTE = 1 << 20 };
    fixture *const fx = *state;
    char *const text = gw_alloc(fx->arena, MEGABYTE + 1);
    for (size_t i = 0; i < MEGABYTE; i++)
        text[i] = (char)('a' + i % 23);
    const char *const got = rows_of(fx, fx->conn, fx->words->echo, (gw_param[]){{text}, {"end"}}, 2);
    assert_int_equal(strlen(got), MEGABYTE + strlen("|end\n"));
    assert_memory_equal(got, text, MEGABYTE);
    assert_string_equal(got + MEGABYTE, "|end\n");
}

void
drops_the_rows_of_a_statement_that_is_only_executed(void **state)
{
    fixture *const fx = *state;
    const char *const table = new_table(fx);
    exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (1, 'one')", table));
    exec(fx->conn, say(fx, "SELECT n, v FROM {t}", table));
    exec(fx->conn, say(fx, "SELECT n, v FROM {t}", table));
    assert_string_equal(rows_of(fx, fx->conn, say(fx, "SELECT v FROM {t}", table), NULL, 0), "one\n");
}

static bool
has_enough(void *ctx, size_t columns, const char *const *values)
{
    (void)columns;
    (void)values;
    ++*(int *)ctx;
    return false;
}

void
ends_a_query_when_the_reader_has_enough(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    int seen = 0;
    const char *const table = new_table(fx);
    for (int i = 0; i < 3; i++)
        exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (1, 'one')", table));
    ok(fx->engine->query(fx->conn, say(fx, "SELECT v FROM {t}", table), NULL, 0, has_enough, &seen, &e), &e);
    assert_int_equal(seen, 1);
    assert_string_equal(rows_of(fx, fx->conn, say(fx, "SELECT v FROM {t}", table), NULL, 0), "one\none\none\n");
}

/* ---- errors ---- */

/* Fails the test unless the engine finds the second of two commas, where it is. */
static void
assert_place(fixture *fx, const char *sql)
{
    gw_err e = {0};
    assert_int_equal(try_exec(fx->conn, sql, &e), GODWIT_FAILED);
    assert_string_equal(e.code, fx->words->syntax_code);
    assert_int_equal(e.offset, strstr(sql, ",,") - sql + 2);
    assert_string_not_equal(e.message, "");
    assert_false(e.transient);
}

void
tells_code_and_place_of_a_syntax_error(void **state)
{
    fixture *const fx = *state;
    assert_place(fx, "SELECT 1,\n  2,\n  3 ,, 4");
    assert_place(fx, "SELECT 1,, 2");
    assert_place(fx, "SELECT 1,\r\n  2\r\n\r\n ,, 4,\n 5");
}

void
counts_the_place_of_an_error_in_bytes(void **state)
{
    fixture *const fx = *state;
    assert_place(fx, "SELECT 'žluťoučký kůň',\n  '日本語', '🐎',\n  'ž' ,, 4");
}

void
tells_code_and_cause_of_a_missing_table(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    const char *const name = any_name(fx);
    assert_int_equal(try_exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (1, 'one')", name), &e), GODWIT_FAILED);
    assert_string_equal(e.code, fx->words->missing_code);
    assert_non_null(strstr(e.message, name));
    assert_false(e.transient);
}

void
passes_notices_on(void **state)
{
    fixture *const fx = *state;
    fx->notices = 0;
    const char *const name = any_name(fx);
    exec(fx->conn, say(fx, "DROP TABLE IF EXISTS {t}", name));
    assert_int_equal(fx->notices > 0, fx->words->notices);
    if (fx->words->notices)
        assert_non_null(strstr(fx->notice, name));
    gw_open_params p = params_of(fx);
    p.notice = NULL;
    exec(open_on(fx->arena, &p), say(fx, "DROP TABLE IF EXISTS {t}", name));
}

void
copies_rows_in_when_it_says_so(void **state)
{
    fixture *const fx = *state;
    if ((fx->engine->caps & GW_CAP_COPY) == 0) {
        assert_null(fx->engine->copy_in);
        return;
    }
    gw_err e = {0};
    const char *const table = new_table(fx);
    const gw_str copy = gw_str_of(say(fx, "COPY {t} FROM stdin", table));
    ok(fx->engine->copy_in(fx->conn, copy, GW_STR_LIT("1\tone\n2\t\\N\n3\tž\\\\\n"), &e), &e);
    ok(fx->engine->copy_in(fx->conn, copy, GW_STR_LIT(""), &e), &e);
    assert_string_equal(rows_of(fx, fx->conn, say(fx, "SELECT n, v FROM {t} ORDER BY n", table), NULL, 0),
                        "1|one\n2|NULL\n3|ž\\\n");
    assert_int_equal(fx->engine->copy_in(fx->conn, copy, GW_STR_LIT("4\tfour\nfive\tfive\n"), &e), GODWIT_FAILED);
    assert_string_equal(rows_of(fx, fx->conn, say(fx, "SELECT count(*) FROM {t}", table), NULL, 0), "3\n");
}

/* ---- cancel ---- */

typedef struct canceller {
    pthread_t thread;
    gw_conn *conn;
} canceller;

static void *
cancel_soon(void *ctx)
{
    gw_conn *const c = ctx;
    gw_sleep_ms(300);
    c->engine->cancel(c);
    return NULL;
}

void
is_interrupted_from_another_thread(void **state)
{
    fixture *const fx = *state;
    for (size_t i = 0; i < TONGUE_SLOW; i++) {
        gw_err e = {0};
        canceller other = {.conn = fx->conn};
        const int64_t began = gw_clock_ms();
        assert_int_equal(pthread_create(&other.thread, NULL, cancel_soon, other.conn), 0);
        const gw_rc rc = try_exec(fx->conn, fx->words->slow[i], &e);
        const int64_t took = gw_clock_ms() - began;
        pthread_join(other.thread, NULL);
        if (rc != GODWIT_INTERRUPTED)
            print_error("%s: %s\n", fx->words->slow[i], e.message);
        assert_int_equal(rc, GODWIT_INTERRUPTED);
        assert_in_range(took, 250, 20000);
        assert_string_equal(rows_of(fx, fx->conn, fx->words->echo, (gw_param[]){{"a"}, {"b"}}, 2), "a|b\n");
    }
}

void
is_not_disturbed_by_a_cancel_between_statements(void **state)
{
    fixture *const fx = *state;
    for (int i = 0; i < 20; i++) {
        fx->engine->cancel(fx->conn);
        assert_string_equal(rows_of(fx, fx->conn, fx->words->echo, (gw_param[]){{"a"}, {"b"}}, 2), "a|b\n");
    }
}
