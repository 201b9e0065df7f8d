#include "migration/growth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "cases.h"
#include "migration/layouts.h"
#include "show_error.h"

/* "0001_a.sql=A 0002_b.sql=B": names and blobs. */
static gw_growth_files
files_of(gw_arena *a, gw_str line)
{
    gw_growth_files files = {0};
    for (gw_str rest = line; rest.len > 0;) {
        gw_str blob;
        const gw_str name = gw_str_cut(gw_str_cut(rest, ' ', &rest), '=', &blob);
        *gw_vec_push(a, &files) = (gw_growth_file){gw_strdup(a, name), gw_strdup(a, blob)};
    }
    return files;
}

/* Input: three lines, where the branch left the base, the base today, the folder. */
static gw_str
growth_case(gw_arena *a, const test_case *c, void *ctx)
{
    (void)ctx;
    gw_str rest;
    gw_buf out = gw_buf_new(a);
    gw_problems problems = {0};
    const gw_growth_files common = files_of(a, gw_str_cut(c->input, '\n', &rest));
    const gw_growth_files tip = files_of(a, gw_str_cut(rest, '\n', &rest));
    const gw_growth_files now = files_of(a, rest);
    const gw_folder folder = {.path = "m", .layout = gw_layout_find("native"), .exists = true};
    const gw_growth_params p = {&folder, "main", &common, &tip, &now};
    gw_growth_problems(a, &p, &problems);
    for (size_t i = 0; i < problems.len; i++)
        show_error(&out, &problems.at[i]);
    return problems.len == 0 ? GW_STR_LIT("grew at its end") : gw_buf_str(&out);
}

static void
tells_a_folder_that_only_grew_at_its_end_from_others(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/growth.txt", growth_case, NULL), 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_folder_that_only_grew_at_its_end_from_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
