#include "migration/items.h"
#include "migration/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"
#include "show_error.h"

/*
 * Input lines, words separated by blanks:
 *
 *     file 0001_a.sql [sum=X] [down] [repeatable|checkpoint]
 *     no folder
 *     listed (the layout says the order)
 *     row 0001 a up applied [done=N/M] [sum=X] [down] [kind=baseline] [by=X] [error=X] [put-off]
 *     up|down [target] [steps=N] [out-of-order]
 *     items | problems
 */
typedef struct scene {
    gw_arena *arena;
    gw_folder folder;
    gw_records records;
    gw_items items;
    gw_buf out;
} scene;

static gw_str
word_of(gw_str *line)
{
    const gw_str word = gw_str_cut(*line, ' ', line);
    if (line->ptr == NULL)
        *line = gw_str_of("");
    return word;
}

/* The value of "key=value"; NULL when the word is another. */
static const char *
value_of(gw_arena *a, gw_str word, const char *key)
{
    const size_t len = strlen(key);
    return gw_str_starts(word, key) && word.len > len && word.ptr[len] == '='
               ? gw_strdup(a, gw_str_slice(word, len + 1, word.len))
               : NULL;
}

static void
read_file(scene *s, gw_str line)
{
    gw_str rest;
    const gw_str name = word_of(&line);
    gw_file *const f = gw_vec_push(s->arena, &s->folder.files);
    f->path = gw_printf(s->arena, "m/%.*s", GW_STR_ARG(name));
    f->version = gw_strdup(s->arena, gw_str_cut(name, '_', &rest));
    f->name = gw_strdup(s->arena, gw_str_slice(rest, 0, rest.len - strlen(".sql")));
    while (line.len > 0) {
        const gw_str word = word_of(&line);
        if (gw_str_is(word, "repeatable") || gw_str_is(word, "checkpoint"))
            f->kind = gw_str_is(word, "repeatable") ? GW_FILE_REPEATABLE : GW_FILE_CHECKPOINT;
        else if (gw_str_is(word, "down"))
            f->down_path = "m/down.sql";
        else
            f->checksum = value_of(s->arena, word, "sum");
    }
}

static godwit_state
state_of(gw_str word)
{
    static const struct {
        const char *name;
        godwit_state state;
    } states[] = {{"pending", GODWIT_PENDING},     {"applied", GODWIT_APPLIED},   {"running", GODWIT_RUNNING},
                  {"failed", GODWIT_FAILED_STATE}, {"reverted", GODWIT_REVERTED}, {"skipped", GODWIT_SKIPPED},
                  {"deferred", GODWIT_DEFERRED}};
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (gw_str_is(word, states[i].name))
            return states[i].state;
    fail_msg("no state %.*s", GW_STR_ARG(word));
    return GODWIT_PENDING;
}

static void
read_row(scene *s, gw_str line)
{
    gw_arena *const a = s->arena;
    gw_record *const r = gw_vec_push(a, &s->records);
    r->id = (int64_t)s->records.len;
    r->version = gw_strdup(a, word_of(&line));
    r->name = gw_strdup(a, word_of(&line));
    r->direction = gw_strdup(a, word_of(&line));
    r->state = state_of(word_of(&line));
    r->kind = "versioned";
    r->started_at = "2026-03-26 17:09:03.123";
    while (line.len > 0) {
        const gw_str word = word_of(&line);
        const char *const done = value_of(a, word, "done");
        const char *const kind = value_of(a, word, "kind");
        r->checksum = value_of(a, word, "sum") != NULL ? value_of(a, word, "sum") : r->checksum;
        r->error = value_of(a, word, "error") != NULL ? value_of(a, word, "error") : r->error;
        r->applied_by = value_of(a, word, "by") != NULL ? value_of(a, word, "by") : r->applied_by;
        r->kind = kind != NULL ? kind : r->kind;
        r->has_down |= gw_str_is(word, "down");
        r->was_put_off |= gw_str_is(word, "put-off");
        r->started_at = gw_str_is(word, "never") ? NULL : r->started_at;
        if (done != NULL) {
            char *slash;
            r->done = strtoul(done, &slash, 10);
            r->statements = strtoul(slash + 1, NULL, 10);
        }
    }
}

static void
show_plan(scene *s, gw_str direction, gw_str line)
{
    gw_plan_params p = {0};
    gw_plan plan;
    gw_err e = {0};
    while (line.len > 0) {
        const gw_str word = word_of(&line);
        const char *const steps = value_of(s->arena, word, "steps");
        if (steps != NULL)
            p.steps = strtoul(steps, NULL, 10);
        else if (gw_str_is(word, "out-of-order"))
            p.out_of_order = true;
        else
            p.target = gw_strdup(s->arena, word);
    }
    const bool is_up = gw_str_is(direction, "up");
    const gw_rc rc =
        is_up ? gw_plan_up(s->arena, &s->items, &p, &plan, &e) : gw_plan_down(s->arena, &s->items, &p, &plan, &e);
    assert_int_equal(rc, e.rc);
    if (rc != GODWIT_OK) {
        show_error(&s->out, &e);
        return;
    }
    if (plan.len == 0)
        gw_buf_puts(&s->out, "nothing\n");
    for (size_t i = 0; i < plan.len; i++) {
        const gw_step *const step = &plan.at[i];
        assert_int_equal(step->down, !is_up);
        gw_buf_printf(&s->out, "%s %s", is_up ? "up" : "down", step->item->version);
        if (step->action == GW_ACTION_RESUME)
            gw_buf_printf(&s->out, " behind %zu%s", step->from, step->was_running ? ", was running" : "");
        else if (step->action == GW_ACTION_COVER)
            gw_buf_puts(&s->out, ", covered");
        else
            assert_true(step->from == 0 && !step->was_running);
        gw_buf_putc(&s->out, '\n');
    }
}

static void
show_items(scene *s)
{
    static const char *const names[] = {"pending", "applied", "running", "failed", "reverted", "skipped", "deferred"};
    for (size_t i = 0; i < s->items.len; i++) {
        const gw_item *const item = &s->items.at[i];
        gw_buf_printf(&s->out, "%s %s %s%s%s%s%s", item->version, item->name, names[item->state],
                      item->file == NULL ? ", no file" : "", item->out_of_order ? ", out of order" : "",
                      item->missing ? ", missing" : "", item->edited ? ", edited" : "");
        gw_buf_puts(&s->out, item->is_passed ? ", passed" : "");
        if (item->record != NULL)
            gw_buf_printf(&s->out, ", row %d", (int)item->record->id);
        if (item->applied != NULL)
            gw_buf_printf(&s->out, ", applied by row %d", (int)item->applied->id);
        gw_buf_putc(&s->out, '\n');
    }
}

static void
show_problems(scene *s)
{
    gw_problems problems;
    gw_items_problems(s->arena, &s->items, &problems);
    if (problems.len == 0)
        gw_buf_puts(&s->out, "none\n");
    for (size_t i = 0; i < problems.len; i++)
        show_error(&s->out, &problems.at[i]);
}

static const gw_layout listed = {.name = "listed", .keeps_order = true};

static gw_str
plan_case(gw_arena *a, const test_case *c, void *ctx)
{
    scene s = {.arena = a, .folder = {.path = "m", .exists = true}, .out = gw_buf_new(a)};
    (void)ctx;
    for (gw_str rest = c->input; rest.ptr != NULL;) {
        gw_str line = gw_str_cut(rest, '\n', &rest);
        const gw_str word = word_of(&line);
        if (gw_str_is(word, "file")) {
            read_file(&s, line);
            continue;
        }
        if (gw_str_is(word, "row")) {
            read_row(&s, line);
            continue;
        }
        if (gw_str_is(word, "listed")) {
            s.folder.layout = &listed;
            continue;
        }
        if (gw_str_is(word, "no")) {
            s.folder.exists = false;
            continue;
        }
        gw_items_of(a, &s.folder, &s.records, &s.items);
        if (gw_str_is(word, "items"))
            show_items(&s);
        else if (gw_str_is(word, "problems"))
            show_problems(&s);
        else
            show_plan(&s, word, line);
    }
    return gw_buf_str(&s.out);
}

static void
reads_files_and_history_together(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/items.txt", plan_case, NULL), 0);
}

static void
plans_the_way_up(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/plan_up.txt", plan_case, NULL), 0);
}

static void
plans_the_way_down(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/plan_down.txt", plan_case, NULL), 0);
}

static void
goes_by_the_order_that_a_layout_says(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/plan_listed.txt", plan_case, NULL), 0);
}

static void
knows_what_comes_again_and_what_stands_for_others(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/plan_kinds.txt", plan_case, NULL), 0);
}

static void
plans_ten_thousand_files_in_linear_time(void **state)
{
    (void)state;
    enum { COUNT = 10000 };
    GW_SCOPE(a);
    scene s = {.arena = a, .folder = {.path = "m", .exists = true}};
    gw_plan plan;
    gw_err e = {0};
    for (unsigned i = 0; i < COUNT; i++) {
        read_file(&s, gw_str_of(gw_printf(a, "%05u_x.sql", i)));
        if (i < COUNT / 2)
            read_row(&s, gw_str_of(gw_printf(a, "%05u x up applied", COUNT / 2 - 1 - i)));
    }
    gw_items_of(a, &s.folder, &s.records, &s.items);
    assert_int_equal(gw_plan_up(a, &s.items, &(gw_plan_params){0}, &plan, &e), GODWIT_OK);
    assert_int_equal(plan.len, COUNT / 2);
    assert_string_equal(plan.at[0].item->version, "05000");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_files_and_history_together),
        cmocka_unit_test(plans_the_way_up),
        cmocka_unit_test(plans_the_way_down),
        cmocka_unit_test(knows_what_comes_again_and_what_stands_for_others),
        cmocka_unit_test(goes_by_the_order_that_a_layout_says),
        cmocka_unit_test(plans_ten_thousand_files_in_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
