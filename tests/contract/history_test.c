#include "contract.h"

#include "db/history_ahead.h"
#include "db/history_current.h"
#include "db/history_group.h"
#include "db/history_read.h"
#include "db/history_write.h"
#include "sql/quote.h"

static gw_history_probe
probe_of(fixture *fx, const char *name)
{
    gw_err e = {0};
    gw_history_probe probe;
    ok(gw_history_probe_new(fx->arena, fx->engine, name, &probe, &e), &e);
    return probe;
}

static gw_history
open_history(fixture *fx, gw_conn *c, const char *name)
{
    gw_err e = {0};
    gw_history h;
    const gw_history_probe probe = probe_of(fx, name);
    ok(gw_history_open(fx->arena, c, &probe, &h, &e), &e);
    return h;
}

static gw_history
new_history_named(fixture *fx, const char *name)
{
    gw_err e = {0};
    gw_buf drop = gw_buf_new(fx->arena);
    gw_buf_puts(&drop, "DROP TABLE IF EXISTS ");
    gw_quote_qualified(&drop, gw_str_of(name), fx->conn->facts.dialect);
    gw_history h = open_history(fx, fx->conn, name);
    assert_false(h.exists);
    drop_later(fx, gw_buf_text(&drop));
    ok(gw_history_create(&h, &e), &e);
    assert_true(h.exists);
    return h;
}

static const gw_record full = {
    .version = "0007",
    .name = "add_users",
    .kind = "versioned",
    .direction = "up",
    .state = GODWIT_RUNNING,
    .checksum = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    .statements = 3,
    .done = 1,
    .fingerprint = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
    .started_at = "2026-03-26 17:09:03.123",
    .finished_at = NULL,
    .duration_ms = 0,
    .applied_by = "app@host, it's \\me",
    .run_id = "01HV-run",
    .tool = "godwit 0.1.0",
    .error = NULL,
    .down = "DROP TABLE users; -- žluťoučký \\ 'x'\n",
};

static void
assert_same_text(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        assert_ptr_equal(a, b);
    else
        assert_string_equal(a, b);
}

static void
assert_same_record(const gw_record *a, const gw_record *b)
{
    assert_same_text(a->version, b->version);
    assert_same_text(a->name, b->name);
    assert_same_text(a->kind, b->kind);
    assert_same_text(a->direction, b->direction);
    assert_int_equal(a->state, b->state);
    assert_same_text(a->checksum, b->checksum);
    assert_int_equal(a->statements, b->statements);
    assert_int_equal(a->done, b->done);
    assert_same_text(a->fingerprint, b->fingerprint);
    assert_same_text(a->started_at, b->started_at);
    assert_same_text(a->finished_at, b->finished_at);
    assert_int_equal(a->duration_ms, b->duration_ms);
    assert_same_text(a->applied_by, b->applied_by);
    assert_same_text(a->run_id, b->run_id);
    assert_same_text(a->tool, b->tool);
    assert_same_text(a->error, b->error);
    assert_same_text(a->down, b->down);
}

static gw_record
newest(fixture *fx, const gw_history *h, const char *version)
{
    gw_err e = {0};
    gw_record r = {0};
    bool found = false;
    ok(gw_history_newest(fx->arena, h, version, &r, &found, &e), &e);
    assert_true(found);
    return r;
}

static gw_records
list(fixture *fx, const gw_history *h)
{
    gw_err e = {0};
    gw_records rows;
    ok(gw_history_list(fx->arena, h, &rows, &e), &e);
    return rows;
}

static int64_t
add(const gw_history *h, const gw_record *r)
{
    gw_err e = {0};
    int64_t id = 0;
    ok(gw_history_add(h, r, NULL, &id, &e), &e);
    assert_true(id > 0);
    return id;
}

void
keeps_a_history(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_history h = new_history_named(fx, any_name(fx));
    gw_record r = full;
    bool found = true;
    ok(gw_history_newest(fx->arena, &h, full.version, &r, &found, &e), &e);
    assert_false(found);
    assert_int_equal(list(fx, &h).len, 0);

    r = full;
    r.id = add(&h, &full);
    gw_record seen = newest(fx, &h, full.version);
    assert_int_equal(seen.id, r.id);
    assert_same_record(&seen, &r);

    ok(gw_history_mark(&h, r.id, &(gw_mark){.done = 2, .fingerprint = "second"}, &e), &e);
    r.done = 2;
    r.fingerprint = "second";
    seen = newest(fx, &h, full.version);
    assert_same_record(&seen, &r);

    r.state = GODWIT_FAILED_STATE;
    r.done = 3;
    r.fingerprint = NULL;
    r.finished_at = "2026-03-26 17:09:04.007";
    r.duration_ms = 884;
    r.error = "relation \"user\" does not exist; it's \\gone";
    ok(gw_history_end(&h, &r, &e), &e);
    seen = newest(fx, &h, full.version);
    assert_same_record(&seen, &r);

    gw_record second = full;
    second.state = GODWIT_APPLIED;
    second.id = add(&h, &second);
    assert_true(second.id > r.id);
    seen = newest(fx, &h, full.version);
    assert_int_equal(seen.id, second.id);
    const gw_history again = open_history(fx, open_another(fx), h.table);
    const gw_records rows = list(fx, &again);
    assert_int_equal(rows.len, 2);
    assert_same_record(&rows.at[0], &r);
    assert_same_record(&rows.at[1], &second);
}

void
reads_the_same_times_under_another_time_zone(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_history h = new_history_named(fx, any_name(fx));
    gw_record r = full;
    gw_conn *const other = open_another(fx);
    if (fx->words->other_zone != NULL)
        exec(other, fx->words->other_zone);
    gw_history there = open_history(fx, other, h.table);
    r.id = add(&there, &r);
    r.state = GODWIT_APPLIED;
    r.finished_at = "2026-03-26 17:09:04.007";
    ok(gw_history_end(&there, &r, &e), &e);
    const gw_record here = newest(fx, &h, full.version);
    assert_string_equal(here.started_at, full.started_at);
    assert_string_equal(here.finished_at, r.finished_at);
    const gw_records rows = list(fx, &there);
    assert_string_equal(rows.at[0].started_at, full.started_at);
    assert_string_equal(rows.at[0].finished_at, r.finished_at);
}

void
writes_the_history_wherever_bare_names_lead(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_history h = new_history_named(fx, any_name(fx));
    if (fx->words->elsewhere != NULL)
        exec(fx->conn, fx->words->elsewhere);
    const int64_t id = add(&h, &full);
    ok(gw_history_mark(&h, id, &(gw_mark){.done = 2}, &e), &e);
    assert_int_equal(newest(fx, &h, full.version).done, 2);
    ok(fx->engine->reset(fx->conn, &e), &e);
    assert_int_equal(newest(fx, &h, full.version).id, id);
}

/* More than go in one statement, and some that are left. */
void
keeps_the_rows_of_a_group_in_their_order(void **state)
{
    enum { ROWS = 2 * GW_GROUP_ROWS + 3 };
    fixture *const fx = *state;
    gw_history h = new_history_named(fx, "godwit_group_rows");
    gw_records rows = {0}, read = {0};
    gw_err e = {0};
    for (int i = 0; i < ROWS; i++) {
        gw_record *const r = gw_vec_push(fx->arena, &rows);
        *r = full;
        r->version = gw_printf(fx->arena, "%04d", i);
        r->state = GODWIT_APPLIED;
        r->done = (size_t)i;
        r->duration_ms = 1000 * i;
        r->checksum = i % 2 == 0 ? full.checksum : NULL;
    }
    ok(gw_history_add_group(&h, &rows, &e), &e);
    ok(gw_history_list(fx->arena, &h, &read, &e), &e);
    assert_int_equal(read.len, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        assert_true(i == 0 || read.at[i].id > read.at[i - 1].id);
        assert_same_record(&read.at[i], &rows.at[i]);
    }
}

static int64_t
add_attempt(const gw_history *h, const char *version, const char *direction, godwit_state state, const char *down)
{
    int64_t id;
    gw_err e = {0};
    gw_record r = full;
    r.version = version;
    r.direction = direction;
    r.state = state;
    r.error = "what went wrong";
    r.down = down;
    ok(gw_history_add(h, &r, NULL, &id, &e), &e);
    return id;
}

void
reads_for_a_plan_what_counts_of_each_version(void **state)
{
    fixture *const fx = *state;
    gw_history h = new_history_named(fx, "godwit_plan_rows");
    gw_records read = {0};
    gw_err e = {0};
    const char *down;
    (void)add_attempt(&h, "1", "up", GODWIT_APPLIED, "DROP old;");
    (void)add_attempt(&h, "2", "up", GODWIT_FAILED_STATE, NULL);
    (void)add_attempt(&h, "1", "down", GODWIT_REVERTED, NULL);
    const int64_t applied = add_attempt(&h, "1", "up", GODWIT_APPLIED, full.down);
    (void)add_attempt(&h, "1", "down", GODWIT_RUNNING, NULL);
    const int64_t failed = add_attempt(&h, "1", "down", GODWIT_FAILED_STATE, NULL);
    (void)add_attempt(&h, "2", "up", GODWIT_APPLIED, "");
    ok(gw_history_current_read(fx->arena, &h, &read, &e), &e);
    const gw_record *newest[3] = {NULL}, *undone = NULL;
    for (size_t i = 0; i < read.len; i++) {
        const gw_record *const r = &read.at[i];
        newest[r->version[0] - '0'] = r;
        if (r->id == applied)
            undone = r;
    }
    assert_int_equal(read.len, 3);
    assert_int_equal(newest[1]->id, failed);
    assert_string_equal(newest[1]->error, "what went wrong");
    assert_int_equal(newest[2]->state, GODWIT_APPLIED);
    assert_true(newest[2]->has_down);
    assert_non_null(undone);
    assert_true(undone < newest[1]);
    assert_true(undone->has_down);
    assert_string_equal(undone->started_at, full.started_at);
    assert_string_equal(undone->fingerprint, full.fingerprint);
    ok(gw_history_current_down(fx->arena, &h, applied, &down, &e), &e);
    assert_string_equal(down, full.down);
    assert_int_equal(gw_history_current_down(fx->arena, &h, failed, &down, &e), GODWIT_LOCKED);
}

void
tells_a_plan_what_was_put_off(void **state)
{
    fixture *const fx = *state;
    gw_history h = new_history_named(fx, "godwit_put_off_rows");
    gw_records read = {0};
    gw_err e = {0};
    gw_record r = full;
    r.state = GODWIT_DEFERRED;
    r.error = "it waits";
    r.finished_at = r.started_at;
    ok(gw_history_add(&h, &r, NULL, NULL, &e), &e);
    r.version = "open";
    r.finished_at = NULL;
    ok(gw_history_add(&h, &r, NULL, &r.id, &e), &e);
    ok(gw_history_current_read(fx->arena, &h, &read, &e), &e);
    assert_int_equal(read.len, 2);
    assert_non_null(read.at[0].finished_at);
    assert_null(read.at[1].finished_at);
    assert_string_equal(read.at[1].error, "it waits");
    r.finished_at = r.started_at;
    ok(gw_history_end(&h, &r, &e), &e);
    r.state = GODWIT_FAILED_STATE;
    r.done = 0;
    ok(gw_history_add(&h, &r, NULL, NULL, &e), &e);
    ok(gw_history_add(&h, &r, NULL, NULL, &e), &e);
    ok(gw_history_current_read(fx->arena, &h, &read, &e), &e);
    assert_int_equal(read.len, 2);
    assert_false(read.at[0].was_put_off);
    assert_int_equal(read.at[1].state, GODWIT_FAILED_STATE);
    assert_true(read.at[1].was_put_off);
}

void
rolls_the_history_back_with_its_transaction(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_history h = new_history_named(fx, any_name(fx));
    ok(fx->engine->begin(fx->conn, (gw_str){0}, &e), &e);
    (void)add(&h, &full);
    fx->engine->rollback(fx->conn);
    assert_int_equal(list(fx, &h).len, 0);
    ok(fx->engine->begin(fx->conn, (gw_str){0}, &e), &e);
    (void)add(&h, &full);
    ok(fx->engine->commit(fx->conn, &e), &e);
    assert_int_equal(list(fx, &h).len, 1);
}

void
takes_any_name_for_the_history(void **state)
{
    fixture *const fx = *state;
    const char *const name = any_name(fx);
    if (fx->words->history_schema_drop != NULL)
        drop_later(fx, say(fx, fx->words->history_schema_drop, name));
    for (size_t i = 0; i < TONGUE_NAMES; i++) {
        const char *const text = say(fx, fx->words->history_names[i], name);
        gw_history h = new_history_named(fx, text);
        (void)add(&h, &full);
        const gw_history again = open_history(fx, fx->conn, text);
        assert_true(again.exists);
        assert_int_equal(list(fx, &again).len, 1);
    }
}

void
refuses_a_table_that_is_no_history(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_history h;
    const char *const table = new_table(fx);
    const gw_history_probe probe = probe_of(fx, table);
    assert_int_equal(gw_history_open(fx->arena, fx->conn, &probe, &h, &e), GODWIT_FOLDER);
    assert_non_null(strstr(e.message, table));
    assert_non_null(strstr(e.message, "'id'"));
    assert_non_null(strstr(e.hint, "history:"));
}

/* ---- the question that goes along with open() ---- */

typedef struct listener {
    gw_history_probe probe;
    size_t rows;
} listener;

static bool
listen_to(void *ctx, size_t columns, const char *const *values)
{
    listener *const l = ctx;
    l->rows++;
    return gw_history_heard(&l->probe, columns, values);
}

static gw_history
open_asking(fixture *fx, const char *name, size_t *rows)
{
    gw_err e = {0};
    gw_history h;
    gw_open_params p = params_of(fx);
    listener l = {.probe = probe_of(fx, name)};
    p.first = l.probe.sql;
    p.first_fn = listen_to;
    p.first_ctx = &l;
    gw_conn *const c = open_on(fx->arena, &p);
    *rows = l.rows;
    ok(gw_history_open(fx->arena, c, &l.probe, &h, &e), &e);
    return h;
}

void
asks_for_the_history_together_with_the_connection(void **state)
{
    enum { COLUMNS = 18 };
    fixture *const fx = *state;
    const char *const name = any_name(fx);
    size_t rows;
    assert_false(open_asking(fx, name, &rows).exists);
    assert_int_equal(rows, 1);
    for (size_t i = 0; i < TONGUE_NAMES; i++) {
        if (i == 0 && fx->words->history_schema_drop != NULL)
            drop_later(fx, say(fx, fx->words->history_schema_drop, name));
        const char *const text = say(fx, fx->words->history_names[i], name);
        (void)new_history_named(fx, text);
        const gw_history h = open_asking(fx, text, &rows);
        assert_true(h.exists);
        assert_false(h.lease.exists);
        assert_true(rows >= 1); /* a name that the session may read otherwise is asked for again */
        assert_true(i > 0 || rows == COLUMNS + 1);
    }
}

static bool
open_reading(fixture *fx, const char *name, gw_history_ahead *ahead, gw_history *h)
{
    gw_err e = {0};
    bool fits;
    gw_open_params p = params_of(fx);
    gw_history_probe *const probe = gw_new(fx->arena, gw_history_probe);
    *probe = probe_of(fx, name);
    *ahead = gw_history_ahead_new(fx->arena, probe);
    p.first = ahead->sql;
    p.otherwise = probe->sql;
    p.first_fn = gw_history_ahead_heard;
    p.first_ctx = ahead;
    gw_conn *const c = open_on(fx->arena, &p);
    ok(gw_history_ahead_open(fx->arena, c, ahead, h, &fits, &e), &e);
    if (!fits)
        ok(gw_history_open(fx->arena, c, probe, h, &e), &e);
    return fits;
}

void
reads_the_history_together_with_the_connection(void **state)
{
    fixture *const fx = *state;
    gw_history_ahead ahead;
    gw_history h;
    const char *const name = any_name(fx);
    assert_false(open_reading(fx, name, &ahead, &h));
    assert_false(h.exists);
    for (size_t i = 0; i < TONGUE_NAMES; i++) {
        if (i == 0 && fx->words->history_schema_drop != NULL)
            drop_later(fx, say(fx, fx->words->history_schema_drop, name));
        const char *const text = say(fx, fx->words->history_names[i], name);
        gw_history made = new_history_named(fx, text);
        const bool fits = open_reading(fx, text, &ahead, &h);
        assert_true(h.exists);
        assert_true(fits || i > 0); /* a name that the session may read otherwise is asked for again */
        assert_int_equal(ahead.current.records.len, 0);
        (void)add(&made, &full);
        assert_int_equal(open_reading(fx, text, &ahead, &h), fits);
        assert_int_equal(fits ? ahead.current.records.len : list(fx, &h).len, 1);
        const gw_record *const read = fits ? &ahead.current.records.at[0] : &list(fx, &h).at[0];
        assert_string_equal(read->version, full.version);
        assert_string_equal(read->started_at, full.started_at);
        assert_true(!h.is_brief || h.lease.read != NULL);
    }
}

/* ---- states ---- */

void
appends_the_states_of_objects_to_what_it_writes(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    if ((fx->engine->caps & GW_CAP_STATE) == 0) {
        assert_null(fx->engine->state);
        return;
    }
    gw_history h = new_history_named(fx, any_name(fx));
    const char *const table = new_table(fx);
    const gw_target there = {.kind = GW_OBJECT_TABLE, .role = GW_TARGET_CHANGED, .name = gw_str_of(table)};
    const gw_target gone = {.kind = GW_OBJECT_TABLE, .role = GW_TARGET_CREATED, .name = GW_STR_LIT("no_such_table")};
    const char *const states = gw_printf(fx->arena, "%s, %s", fx->engine->state(fx->arena, fx->conn, &there),
                                         fx->engine->state(fx->arena, fx->conn, &gone));
    gw_record r = full;
    int64_t id = 0;
    r.fingerprint = "it's \\ next=1 before=";
    ok(gw_history_add(&h, &r, states, &id, &e), &e);
    const char *const before = newest(fx, &h, r.version).fingerprint;
    assert_true(gw_str_starts(gw_str_of(before), r.fingerprint));
    assert_true(gw_str_ends(gw_str_of(before), ",absent"));
    assert_int_not_equal(before[strlen(r.fingerprint)], ',');
    exec(fx->conn, say(fx, "ALTER TABLE {t} ADD COLUMN more INTEGER", table));
    ok(gw_history_mark(&h, id, &(gw_mark){.done = 2, .fingerprint = r.fingerprint, .states = states}, &e), &e);
    const char *const after = newest(fx, &h, r.version).fingerprint;
    assert_true(gw_str_starts(gw_str_of(after), r.fingerprint));
    assert_true(gw_str_ends(gw_str_of(after), ",absent"));
    assert_string_not_equal(after, before);
}
