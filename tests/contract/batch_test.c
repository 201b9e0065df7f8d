#include "contract.h"

#include <pthread.h>
#include <stdlib.h>

#include "db/history_read.h"
#include "db/history_write.h"

/* GW_CAP_BATCH: many migrations in few round trips. What each engine alone promises for them is tried elsewhere. */

enum { ITEMS_MOST = 40, OPS_MOST = 6, MEGABYTE = 1 << 20 };
#define KEY "4711"

/* A batch that is being written: items of steps, with a history that nobody else has. */
typedef struct batch {
    fixture *fx;
    gw_history history;
    const char *table; /* (n INTEGER, v TEXT) */
    gw_op ops[ITEMS_MOST][OPS_MOST];
    gw_batch_item items[ITEMS_MOST];
    size_t count;
    gw_batch_end end;
} batch;

static bool
has_batches(const fixture *fx)
{
    if ((fx->engine->caps & GW_CAP_BATCH) != 0)
        return true;
    assert_null(fx->engine->batch);
    return false;
}

static void
hold(batch *b, bool taken)
{
    gw_err e = {0};
    gw_conn *const c = b->fx->conn;
    bool got = false;
    if (taken)
        ok(c->engine->try_lock(c, KEY, &got, &e), &e);
    assert_int_equal(got, taken);
    gw_history_hold(b->fx->arena, &b->history, KEY, NULL);
}

static batch *
new_batch(fixture *fx)
{
    gw_err e = {0};
    gw_history_probe probe;
    const char *const name = any_name(fx);
    batch *const b = gw_new(fx->arena, batch);
    b->fx = fx;
    b->table = new_table(fx);
    drop_later(fx, say(fx, "DROP TABLE IF EXISTS {t}", name));
    ok(gw_history_probe_new(fx->arena, fx->engine, name, &probe, &e), &e);
    ok(gw_history_open(fx->arena, fx->conn, &probe, &b->history, &e), &e);
    ok(gw_history_create(&b->history, &e), &e);
    return b;
}

static gw_batch_item *
add_item(batch *b)
{
    assert_true(b->count < ITEMS_MOST);
    gw_batch_item *const item = &b->items[b->count];
    *item = (gw_batch_item){.ops = b->ops[b->count], .transaction = true, .duration_ms = -1};
    b->count++;
    return item;
}

/* A step of the newest item. */
static void
add_op(batch *b, gw_op op)
{
    gw_batch_item *const item = &b->items[b->count - 1];
    assert_true(item->count < OPS_MOST);
    b->ops[b->count - 1][item->count++] = op;
}

/* {t} is the batch's table. */
static void
add_sql(batch *b, const char *sql)
{
    add_op(b, (gw_op){.sql = gw_str_of(say(b->fx, sql, b->table))});
}

static gw_record
record_of(const batch *b, godwit_state state)
{
    return (gw_record){.version = gw_printf(b->fx->arena, "%04zu", b->count),
                       .name = "n'a\\me \"é𝄞\" $1 ?",
                       .kind = "versioned",
                       .direction = "up",
                       .state = state,
                       .checksum = "abc",
                       .statements = 1,
                       .done = state == GODWIT_RUNNING ? 0 : 1,
                       .run_id = "run",
                       .down = "DROP TABLE x;\n-- 'é'\n"};
}

static void
add_row(batch *b, godwit_state state)
{
    const gw_record r = record_of(b, state);
    add_op(b, gw_history_op_add(b->fx->arena, &b->history, &r, NULL));
}

/* An item that inserts its number, and the row in the history. */
static void
add_ordinary(batch *b)
{
    add_item(b);
    add_sql(b, gw_printf(b->fx->arena, "INSERT INTO {t} VALUES (%zu, 'it''s one')", b->count));
    add_row(b, GODWIT_APPLIED);
}

static gw_rc
run(batch *b, gw_err *e)
{
    return b->fx->engine->batch(b->fx->conn, b->items, b->count, &b->end, e);
}

static void
run_well(batch *b)
{
    gw_err e = {0};
    ok(run(b, &e), &e);
    assert_int_equal(b->end.done, b->count);
    assert_false(b->fx->engine->in_transaction(b->fx->conn));
}

static void
run_badly(batch *b, size_t done, size_t op, gw_err *e)
{
    assert_int_not_equal(run(b, e), GODWIT_OK);
    if (b->end.done != done || b->end.op != op)
        fail_msg("done %zu instead of %zu, step %zu instead of %zu: %s [%s]", b->end.done, done, b->end.op, op,
                 e->message, e->code);
    assert_false(b->fx->engine->in_transaction(b->fx->conn));
    exec(b->fx->conn, "SELECT 1");
}

/* The table as another session sees it: "1,2,3,". */
static const char *
numbers(const batch *b)
{
    const char *const rows =
        rows_of(b->fx, open_another(b->fx), say(b->fx, "SELECT n FROM {t} ORDER BY n", b->table), NULL, 0);
    char *const out = gw_text(b->fx->arena, rows);
    for (char *p = out; *p != '\0'; p++)
        if (*p == '\n')
            *p = ',';
    return out;
}

static gw_records
recorded(batch *b)
{
    gw_err e = {0};
    gw_records out = {0};
    ok(b->fx->engine->reset(b->fx->conn, &e), &e);
    ok(gw_history_list(b->fx->arena, &b->history, &out, &e), &e);
    return out;
}

/* ---- in order ---- */

void
applies_a_batch_in_order_and_records_it(void **state)
{
    fixture *const fx = *state;
    if (!has_batches(fx))
        return;
    batch *const b = new_batch(fx);
    hold(b, true);
    for (size_t i = 0; i < ITEMS_MOST; i++)
        add_ordinary(b);
    run_well(b);
    const gw_records rows = recorded(b);
    assert_int_equal(rows.len, ITEMS_MOST);
    const gw_record first = record_of(&(batch){.fx = fx, .count = 1}, GODWIT_APPLIED);
    assert_string_equal(rows.at[0].version, first.version);
    for (size_t i = 0; i < rows.len; i++) {
        const gw_record *const r = &rows.at[i];
        assert_string_equal(r->name, first.name);
        assert_string_equal(r->down, first.down);
        assert_int_equal(r->state, GODWIT_APPLIED);
        assert_int_equal(r->done, 1);
        assert_null(r->error);
        assert_true(strcmp(r->started_at, r->finished_at) <= 0);
        assert_in_range(r->duration_ms, 0, 60000);
        assert_in_range(b->items[i].duration_ms, 0, 60000);
        assert_true(i == 0 || strcmp(rows.at[i - 1].version, r->version) < 0);
    }
    assert_int_equal(strlen(numbers(b)), 9 * 2 + (ITEMS_MOST - 9) * 3);
}

void
has_nothing_to_do_with_an_empty_batch(void **state)
{
    fixture *const fx = *state;
    if (!has_batches(fx))
        return;
    batch *const b = new_batch(fx);
    b->end.done = b->end.op = 7;
    run_well(b);
    assert_int_equal(b->end.op, 0);
}

void
measures_how_long_an_item_of_a_batch_took(void **state)
{
    fixture *const fx = *state;
    if (!has_batches(fx) || fx->words->nap == NULL)
        return;
    batch *const b = new_batch(fx);
    hold(b, true);
    add_ordinary(b);
    add_item(b);
    add_sql(b, fx->words->nap);
    add_row(b, GODWIT_APPLIED);
    add_ordinary(b);
    run_well(b);
    assert_in_range(b->items[1].duration_ms, 190, 5000);
    assert_true(b->items[0].duration_ms < b->items[1].duration_ms);
    assert_true(b->items[2].duration_ms < b->items[1].duration_ms);
}

void
drops_the_rows_and_passes_on_the_notices_of_a_batch(void **state)
{
    fixture *const fx = *state;
    if (!has_batches(fx))
        return;
    batch *const b = new_batch(fx);
    hold(b, true);
    add_item(b)->transaction = (fx->engine->caps & GW_CAP_TX_DDL) != 0;
    add_sql(b, say(fx, "DROP TABLE IF EXISTS {t}", any_name(fx)));
    add_item(b);
    add_sql(b, "INSERT INTO {t} VALUES (1, 'a')");
    add_sql(b, "SELECT n, v FROM {t}");
    add_row(b, GODWIT_APPLIED);
    add_ordinary(b);
    fx->notices = 0;
    run_well(b);
    assert_string_equal(numbers(b), "1,3,");
    assert_int_equal(fx->notices > 0, fx->words->notices);
}

void
takes_megabytes_in_a_batch(void **state)
{
    enum { COUNT = 12 };
    fixture *const fx = *state;
    if (!has_batches(fx))
        return;
    batch *const b = new_batch(fx);
    char *const filler = gw_new_array(fx->arena, char, MEGABYTE + 1);
    memset(filler, 'x', MEGABYTE);
    hold(b, true);
    for (int i = 0; i < COUNT; i++) {
        add_item(b);
        add_op(b, (gw_op){.sql = gw_str_of(gw_printf(fx->arena, "INSERT INTO %s VALUES (%d, '%.100s') /* %s */",
                                                     b->table, i, filler, filler))});
        add_row(b, GODWIT_APPLIED);
    }
    run_well(b);
    assert_string_equal(numbers(b), "0,1,2,3,4,5,6,7,8,9,10,11,");
}

/* ---- sessions ---- */

void
gives_every_item_of_a_batch_a_clean_session(void **state)
{
    fixture *const fx = *state;
    if (!has_batches(fx) || fx->words->elsewhere == NULL)
        return;
    batch *const b = new_batch(fx);
    hold(b, true);
    exec(fx->conn, fx->words->elsewhere); /* also the first one */
    add_ordinary(b);
    for (int i = 0; i < 3; i++) {
        add_item(b);
        add_sql(b, gw_printf(fx->arena, "INSERT INTO {t} VALUES (%zu, 'x')", b->count));
        add_sql(b, fx->words->elsewhere);
        add_row(b, GODWIT_APPLIED);
    }
    run_well(b);
    assert_string_equal(numbers(b), "1,2,3,4,");
    assert_int_equal(recorded(b).len, 4);
}

/* ---- failures ---- */

void
executes_nothing_behind_the_first_failure_of_a_batch(void **state)
{
    fixture *const fx = *state;
    if (!has_batches(fx))
        return;
    static const char bad[] = "INSERT INTO {t} (n, nosuch) VALUES (1, 'é')";
    gw_err alone = {0}, e = {0};
    batch *const b = new_batch(fx);
    hold(b, true);
    for (size_t i = 0; i < 6; i++) {
        add_ordinary(b);
        if (i == 3)
            add_sql(b, bad);
    }
    assert_int_equal(try_exec(fx->conn, say(fx, bad, b->table), &alone), GODWIT_FAILED);
    run_badly(b, 3, 2, &e);
    assert_int_equal(e.rc, GODWIT_FAILED);
    assert_string_equal(e.code, alone.code);
    assert_string_equal(e.message, alone.message);
    assert_int_equal(e.offset, alone.offset);
    assert_string_equal(numbers(b), "1,2,3,");
    assert_int_equal(recorded(b).len, 3);
}

void
fails_a_batch_at_its_first_step(void **state)
{
    fixture *const fx = *state;
    if (!has_batches(fx))
        return;
    gw_err e = {0};
    batch *const b = new_batch(fx);
    hold(b, true);
    add_item(b);
    add_sql(b, "SELECT 1,, 2");
    add_row(b, GODWIT_APPLIED);
    add_ordinary(b);
    run_badly(b, 0, 0, &e);
    assert_string_equal(e.code, fx->words->syntax_code);
    assert_string_equal(numbers(b), "");
    assert_int_equal(recorded(b).len, 0);
}

void
keeps_the_steps_before_a_failure_that_commit_by_themselves(void **state)
{
    fixture *const fx = *state;
    if (!has_batches(fx))
        return;
    gw_err e = {0};
    batch *const b = new_batch(fx);
    hold(b, true);
    add_ordinary(b);
    add_item(b)->transaction = false;
    add_sql(b, "INSERT INTO {t} VALUES (2, 'kept')");
    add_sql(b, "SELECT n FROM {t}_nosuch");
    add_sql(b, "INSERT INTO {t} VALUES (3, 'never')");
    add_ordinary(b);
    run_badly(b, 1, 1, &e);
    assert_string_equal(e.code, fx->words->missing_code);
    assert_string_equal(numbers(b), "1,2,");
}

void
completes_the_row_of_an_item_that_commits_several_times(void **state)
{
    fixture *const fx = *state;
    if (!has_batches(fx) || fx->engine->sql[GW_SQL_BATCH_MARK][0] == '\0')
        return;
    batch *const b = new_batch(fx);
    hold(b, true);
    for (int i = 0; i < 3; i++) {
        add_item(b)->transaction = false;
        gw_record r = record_of(b, GODWIT_RUNNING);
        add_op(b, gw_history_op_add(fx->arena, &b->history, &r, NULL));
        add_sql(b, gw_printf(fx->arena, "INSERT INTO {t} VALUES (%zu, 'x')", b->count));
        add_op(b, gw_history_op_mark(fx->arena, &b->history, &(gw_mark){.done = 1, .fingerprint = "it's"}));
        add_sql(b, gw_printf(fx->arena, "INSERT INTO {t} VALUES (1%zu, 'x')", b->count));
        r.state = i == 1 ? GODWIT_RUNNING : GODWIT_APPLIED;
        r.done = 2;
        if (i != 1)
            add_op(b, gw_history_op_end(fx->arena, &b->history, &r));
    }
    run_well(b);
    const gw_records rows = recorded(b);
    assert_int_equal(rows.len, 3);
    assert_int_equal(rows.at[0].state, GODWIT_APPLIED);
    assert_int_equal(rows.at[0].done, 2);
    assert_non_null(rows.at[0].finished_at);
    assert_int_equal(rows.at[1].state, GODWIT_RUNNING);
    assert_int_equal(rows.at[1].done, 1);
    assert_string_equal(rows.at[1].fingerprint, "it's");
    assert_null(rows.at[1].finished_at);
    assert_int_equal(rows.at[2].done, 2);
    assert_string_equal(numbers(b), "1,2,3,11,12,13,");
}

void
records_nothing_of_a_batch_without_the_lock(void **state)
{
    fixture *const fx = *state;
    if (!has_batches(fx))
        return;
    gw_err e = {0};
    batch *const b = new_batch(fx);
    hold(b, false);
    add_ordinary(b);
    add_ordinary(b);
    run_badly(b, 0, 1, &e);
    assert_int_equal(gw_history_explain(&b->history, &e), GODWIT_LOCKED);
    assert_int_equal(e.rc, GODWIT_LOCKED);
    assert_string_equal(numbers(b), "");
    assert_int_equal(recorded(b).len, 0);
}

void
blames_no_lock_for_what_a_statement_of_a_batch_did(void **state)
{
    fixture *const fx = *state;
    if (!has_batches(fx))
        return;
    gw_err e = {0};
    batch *const b = new_batch(fx);
    hold(b, true);
    add_item(b);
    add_sql(b, "SELECT n FROM {t}_nosuch");
    run_badly(b, 0, 0, &e);
    assert_int_equal(gw_history_explain(&b->history, &e), GODWIT_FAILED);
    assert_string_equal(e.code, fx->words->missing_code);
}

/* ---- interruption ---- */

static void *
cancel_soon(void *subject)
{
    gw_conn *const c = subject;
    for (int i = 0; i < 3; i++) {
        gw_sleep_ms(200);
        c->engine->cancel(c);
    }
    return NULL;
}

void
is_interrupted_in_the_middle_of_a_batch(void **state)
{
    fixture *const fx = *state;
    if (!has_batches(fx))
        return;
    for (size_t i = 0; i < TONGUE_SLOW; i++) {
        gw_err e = {0};
        pthread_t thread;
        batch *const b = new_batch(fx);
        hold(b, true);
        add_ordinary(b);
        add_item(b);
        add_sql(b, "INSERT INTO {t} VALUES (2, 'never')");
        add_sql(b, fx->words->slow[i]);
        add_row(b, GODWIT_APPLIED);
        add_ordinary(b);
        assert_int_equal(pthread_create(&thread, NULL, cancel_soon, fx->conn), 0);
        const gw_rc rc = run(b, &e);
        pthread_join(thread, NULL);
        assert_int_equal(rc, GODWIT_INTERRUPTED);
        assert_int_equal(b->end.done, 1);
        assert_int_equal(b->end.op, 1);
        assert_string_equal(numbers(b), "1,");
        assert_int_equal(recorded(b).len, 1);
    }
}

void
is_not_disturbed_by_a_cancel_before_a_batch(void **state)
{
    fixture *const fx = *state;
    if (!has_batches(fx))
        return;
    batch *const b = new_batch(fx);
    hold(b, true);
    fx->engine->cancel(fx->conn);
    add_ordinary(b);
    add_ordinary(b);
    run_well(b);
}
