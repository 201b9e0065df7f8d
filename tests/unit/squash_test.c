/* Several migrations as one text, or why they cannot be one. */
#include "migration/squash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"
#include "migration/layouts.h"
#include "show_error.h"

static const char *
get_variable(const void *ctx, gw_str name)
{
    (void)ctx;
    return gw_str_is(name, "T") ? "secret" : NULL;
}

typedef struct wish {
    const gw_layout *layout;
    gw_dialect_kind dialect;
    gw_way way;
    gw_file_kind kind;
} wish;

/* "native postgres [down|checkpoint]" */
static wish
read_wish(gw_arena *a, gw_str line)
{
    static const char *const dialects[] = {
        [GW_DIALECT_POSTGRES] = "postgres", [GW_DIALECT_MYSQL] = "mysql", [GW_DIALECT_SQLITE] = "sqlite"};
    wish w = {.layout = gw_layout_find(gw_strdup(a, gw_str_cut(line, ' ', &line)))};
    const gw_str dialect = gw_str_cut(line, ' ', &line);
    while (!gw_str_is(dialect, dialects[w.dialect]))
        w.dialect++;
    w.way = gw_str_is(line, "down") ? GW_WAY_DOWN : gw_str_is(line, "verify") ? GW_WAY_VERIFY : GW_WAY_UP;
    w.kind = gw_str_is(line, "checkpoint") ? GW_FILE_CHECKPOINT : GW_FILE_VERSIONED;
    assert_non_null(w.layout);
    return w;
}

/* "@ 0001_a.sql", and its text up to the next one. */
static gw_joint_parts
read_parts(gw_arena *a, const test_case *c, const wish *w, gw_str rest)
{
    gw_joint_parts parts = {0};
    while (rest.len > 0) {
        gw_joint_part *const part = gw_vec_push(a, &parts);
        const gw_str name = gw_str_cut(rest, '\n', &rest);
        part->file = gw_strdup(a, gw_str_slice(name, 2, name.len));
        const char *const next = rest.len == 0 ? NULL : memmem(rest.ptr, rest.len, "\n@ ", 3);
        const size_t len = next == NULL ? rest.len : (size_t)(next - rest.ptr);
        gw_err e = {0};
        const gw_script_params sp = {.path = gw_printf(a, "m/%s", part->file),
                                     .text = gw_str_copy(a, gw_str_slice(rest, 0, len)),
                                     .frame = w->way == GW_WAY_VERIFY ? NULL : w->layout->frame,
                                     .down = w->way == GW_WAY_DOWN,
                                     .is_check = w->way == GW_WAY_VERIFY,
                                     .dialect = {.kind = w->dialect},
                                     .variables = {get_variable, NULL},
                                     .allow_empty = true};
        if (gw_script_read(a, &sp, &part->script, &e) != GODWIT_OK)
            fail_msg("%s: %s", c->name, e.message);
        rest = next == NULL ? (gw_str){0} : gw_str_slice(rest, len + 1, rest.len);
    }
    return parts;
}

static gw_str
squash_case(gw_arena *a, const test_case *c, void *ctx)
{
    (void)ctx;
    gw_str rest;
    gw_err e = {0};
    gw_buf out = gw_buf_new(a);
    const wish w = read_wish(a, gw_str_cut(c->input, '\n', &rest));
    const gw_joint_parts parts = read_parts(a, c, &w, rest);
    const gw_tree tree = {.path = "m"};
    gw_layout_new made = {
        .tree = &tree, .version = "0009", .name = "all", .up = GW_STR_LIT("SELECT 1;\n"), .kind = w.kind};
    const gw_squash_params p = {.layout = w.layout, .way = w.way, .parts = &parts, .made = &made};
    if (gw_squash(a, &p, &e) != GODWIT_OK)
        show_error(&out, &e);
    else
        gw_buf_add(&out, w.way == GW_WAY_UP ? made.up : w.way == GW_WAY_DOWN ? made.down : made.verify);
    if (made.tx[w.way] == GW_TX_NONE)
        gw_buf_puts(&out, "marked: no transaction\n");
    return gw_buf_str(&out);
}

static void
makes_one_text_or_says_why_not(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/squash.txt", squash_case, NULL), 0);
}

static void
finds_what_a_squash_that_was_broken_off_left(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_file at[] = {{.path = "m/0002_b.sql"}, {.path = "m/0003_c.sql"}, {.path = "m/10002_b.sql"}};
    gw_files files = {.at = at, .len = 3};
    static const char text[] =
        "-- squashed: 0001_a.sql\nSELECT 1;\n\n  -- squashed: 0002_b.sql\n-- squashed: 0003_c.sql\n";
    assert_string_equal(gw_squash_rest(a, gw_str_of(text), "0003_c.sql", &files), "0002_b.sql");
    at[0].path = "m/0004_d.sql";
    assert_null(gw_squash_rest(a, gw_str_of(text), "0003_c.sql", &files));
    assert_null(gw_squash_rest(a, (gw_str){0}, "0003_c.sql", &files));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_one_text_or_says_why_not),
        cmocka_unit_test(finds_what_a_squash_that_was_broken_off_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
