#include "migration/adoption.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"
#include "show_error.h"
#include "trees.h"

/* A column of a row; "-" is null. */
static const char *
column(gw_arena *a, gw_str *rest)
{
    const gw_str text = gw_str_trim(gw_str_cut(*rest, '|', rest));
    return text.ptr == NULL || text.len == 0 || gw_str_is(text, "-") ? NULL : gw_strdup(a, text);
}

static gw_legacy
row_of(gw_arena *a, gw_str text)
{
    static const char *const states[] = {
        [GW_LEGACY_APPLIED] = "applied", [GW_LEGACY_GONE] = "gone",     [GW_LEGACY_UP_TO] = "up_to",
        [GW_LEGACY_PARTIAL] = "partial", [GW_LEGACY_FAILED] = "failed", [GW_LEGACY_UNKNOWN] = "odd"};
    gw_legacy row = {.key = column(a, &text)};
    const char *const state = column(a, &text);
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (state != NULL && strcmp(states[i], state) == 0)
            row.state = (gw_legacy_state)i;
    row.at = column(a, &text);
    row.project = column(a, &text);
    const char *const done = column(a, &text);
    row.done = done == NULL ? 0 : strtoull(done, NULL, 10);
    row.error = column(a, &text);
    return row;
}

static void
show(gw_buf *out, const gw_adoption *taken)
{
    for (size_t i = 0; i < taken->records.len; i++) {
        const gw_record *const r = &taken->records.at[i];
        gw_buf_printf(out, "%s %s %s", r->version, r->name, gw_state_name(r->state));
        if (r->done > 0)
            gw_buf_printf(out, ", %zu done", r->done);
        if (r->error != NULL)
            gw_buf_printf(out, ", \"%s\"", r->error);
        gw_buf_printf(out, ", %s\n", r->started_at == NULL ? "nobody knows when" : r->started_at);
    }
    for (size_t i = 0; i < taken->assumed.len; i++)
        gw_buf_printf(out, "%s\n", taken->assumed.at[i]);
}

/* Lines "row: key | state | when | project | done | error", perhaps "project: …", and the files of a folder. */
static gw_str
judge_case(gw_arena *a, const test_case *c, void *ctx)
{
    gw_buf out = gw_buf_new(a), files = gw_buf_new(a);
    gw_folder folder;
    gw_adoption taken;
    gw_legacies rows = {0};
    gw_err e = {0};
    gw_adoption_params p = {.tool = "sometool", .folder = &folder, .rows = &rows};
    (void)ctx;
    for (gw_str rest = c->input; rest.ptr != NULL;) {
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        if (gw_str_starts(line, "row: "))
            *gw_vec_push(a, &rows) = row_of(a, gw_str_slice(line, 5, line.len));
        else if (gw_str_starts(line, "project: "))
            p.project = gw_strdup(a, gw_str_slice(line, 9, line.len));
        else
            gw_buf_printf(&files, "%.*s\n", GW_STR_ARG(line));
    }
    const gw_tree tree = tree_of(a, "m", gw_buf_str(&files));
    const gw_folder_params fp = {.path = "m"};
    if (gw_folder_arrange(a, &fp, &tree, &folder, &e) == GODWIT_OK && gw_adoption_judge(a, &p, &taken, &e) == GODWIT_OK)
        show(&out, &taken);
    else
        show_error(&out, &e);
    return gw_buf_str(&out);
}

static void
takes_what_is_certain_tells_what_is_assumed_and_refuses_the_rest(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/adoption.txt", judge_case, NULL), 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_is_certain_tells_what_is_assumed_and_refuses_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
