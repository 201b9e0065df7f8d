#include "migration/content.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hash.h"
#include "cases.h"
#include "migration/layouts.h"
#include "show_error.h"
#include "trees.h"

/* Take "key: " off the line. */
static bool
take(gw_str *line, const char *key)
{
    if (!gw_str_starts(*line, key))
        return false;
    *line = gw_str_slice(*line, strlen(key), line->len);
    return true;
}

static void
show_folder(gw_buf *out, const gw_folder *f)
{
    static const char *const kinds[] = {"", ", repeatable", ", checkpoint"};
    gw_buf_printf(out, "%s%s\n", f->layout->name, f->timestamped ? " timestamped" : "");
    for (size_t i = 0; i < f->files.len; i++) {
        const gw_file *const file = &f->files.at[i];
        gw_buf_printf(out, "%s %s %s", file->version, file->name, file->path);
        if (file->down_path != NULL)
            gw_buf_printf(out, " %s", file->down_path);
        if (file->verify_path != NULL)
            gw_buf_printf(out, ", verified by %s", file->verify_path);
        gw_buf_puts(out, kinds[file->kind]);
        gw_buf_puts(out, file->is_literal ? ", as it stands" : "");
        gw_buf_puts(out, file->tx == GW_TX_NONE   ? ", without a transaction"
                         : file->tx == GW_TX_FILE ? ", in a transaction"
                                                  : "");
        gw_buf_putc(out, '\n');
    }
}

/* Input: "layout: …", perhaps "gaps: true", then names; a folder's ends in '/'. */
static gw_str
arrange_case(gw_arena *a, const test_case *c, void *ctx)
{
    gw_folder_params p = {.path = "m"};
    gw_buf out = gw_buf_new(a);
    gw_folder folder;
    gw_err e = {0};
    (void)ctx;
    gw_str lines = c->input;
    while (gw_str_starts(lines, "layout: ") || gw_str_starts(lines, "gaps: ")) {
        gw_str line = gw_str_cut(lines, '\n', &lines);
        if (take(&line, "layout: "))
            p.layout = gw_strdup(a, line);
        else if (take(&line, "gaps: "))
            p.allow_gaps = gw_str_is(line, "true");
    }
    const gw_tree tree = tree_of(a, p.path, lines);
    if (gw_folder_arrange(a, &p, &tree, &folder, &e) == GODWIT_OK)
        show_folder(&out, &folder);
    else
        show_error(&out, &e);
    return gw_buf_str(&out);
}

static void
arranges_files_or_says_what_is_wrong(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/folder.txt", arrange_case, NULL), 0);
    assert_int_equal(run_cases("migration/folder_marks.txt", arrange_case, NULL), 0);
}

static void
lists_the_layouts_where_one_is_not_known(void **state)
{
    (void)state;
    GW_SCOPE(a);
    const gw_tree tree = {.path = "m"};
    gw_folder folder;
    gw_err near = {0}, far = {0};
    assert_int_equal(gw_folder_arrange(a, &(gw_folder_params){.path = "m", .layout = "updown"}, &tree, &folder, &near),
                     GODWIT_USAGE);
    assert_string_equal(near.message, "there is no layout 'updown'");
    assert_non_null(strstr(near.hint, "did you mean 'up-down'?"));
    assert_int_equal(gw_folder_arrange(a, &(gw_folder_params){.path = "m", .layout = "rails"}, &tree, &folder, &far),
                     GODWIT_USAGE);
    assert_null(strstr(far.hint, "did you mean"));
    for (size_t i = 0; i < gw_layout_count; i++) {
        assert_non_null(strstr(near.hint, gw_layouts[i]->name));
        assert_non_null(strstr(far.hint, gw_layouts[i]->name));
    }
}

static void
arranges_the_folders_of_other_tools(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/folder_nested.txt", arrange_case, NULL), 0);
    assert_int_equal(run_cases("migration/folder_journal.txt", arrange_case, NULL), 0);
    assert_int_equal(run_cases("migration/folder_manifest.txt", arrange_case, NULL), 0);
    assert_int_equal(run_cases("migration/folder_flyway.txt", arrange_case, NULL), 0);
    assert_int_equal(run_cases("migration/folder_sqitch.txt", arrange_case, NULL), 0);
}

static void
does_not_depend_on_the_order_of_the_entries(void **state)
{
    (void)state;
    GW_SCOPE(a);
    enum { COUNT = 2000 };
    gw_tree tree = {.path = "m"};
    gw_folder folder;
    gw_err e = {0};
    for (unsigned i = 0; i < COUNT; i++) { /* 7 and COUNT have no common divisor */
        const unsigned number = i * 7 % COUNT;
        *gw_vec_push(a, &tree.entries) = (gw_dir_entry){gw_printf(a, "%04u_x_down.sql", COUNT - 1 - number), false};
        *gw_vec_push(a, &tree.entries) = (gw_dir_entry){gw_printf(a, "%04u_x.sql", number), false};
    }
    const gw_folder_params p = {.path = "m"};
    assert_int_equal(gw_folder_arrange(a, &p, &tree, &folder, &e), GODWIT_OK);
    assert_int_equal(folder.files.len, COUNT);
    for (unsigned i = 0; i < COUNT; i++) {
        assert_string_equal(folder.files.at[i].version, gw_printf(a, "%04u", i));
        assert_string_equal(folder.files.at[i].down_path, gw_printf(a, "m/%04u_x_down.sql", i));
    }
}

/* ---- real folders ---- */

typedef struct place {
    gw_arena *arena;
    char *path;
} place;

static int
set_up(void **state)
{
    gw_arena *const a = gw_arena_new();
    place *const p = gw_new(a, place);
    p->arena = a;
    p->path = gw_strdup(a, GW_STR_LIT("/tmp/godwit-folder-XXXXXX"));
    *state = p;
    return mkdtemp(p->path) == NULL;
}

static int
tear_down(void **state)
{
    place *const p = *state;
    gw_dir_entries entries = {0};
    gw_err e = {0};
    (void)chmod(p->path, 0700);
    if (gw_dir_list(p->arena, p->path, &entries, &e) != GODWIT_OK)
        return 1;
    for (size_t i = 0; i < entries.len; i++)
        (void)remove(gw_path_join(p->arena, p->path, entries.at[i].name));
    const int failed = rmdir(p->path);
    gw_arena_free(p->arena);
    return failed;
}

static void
put(const place *p, const char *name, const char *text)
{
    gw_err e = {0};
    assert_int_equal(gw_file_write(gw_path_join(p->arena, p->path, name), gw_str_of(text), &e), GODWIT_OK);
}

static void
opens_a_folder_and_reads_its_files(void **state)
{
    place *const p = *state;
    const gw_folder_params params = {.path = p->path};
    gw_folder folder;
    gw_err e = {0};
    put(p, "0001_a.sql", "SELECT 1;\n");
    put(p, "0001_a_down.sql", "SELECT 2;\n");
    put(p, "0002_b.sql", "");
    assert_int_equal(gw_folder_open(p->arena, &params, &folder, &e), GODWIT_OK);
    assert_true(folder.exists);
    assert_string_equal(folder.path, p->path);
    assert_int_equal(folder.files.len, 2);
    assert_null(folder.files.at[0].checksum);
    assert_int_equal(gw_content_read(p->arena, &folder, &e), GODWIT_OK);
    assert_string_equal(folder.files.at[0].checksum, gw_sha256_hex(p->arena, GW_STR_LIT("SELECT 1;\n")));
    assert_string_equal(folder.files.at[1].checksum, gw_sha256_hex(p->arena, GW_STR_LIT("")));
    assert_true(gw_str_is(folder.files.at[0].text, "SELECT 1;\n"));
    assert_non_null(folder.files.at[1].text.ptr);
}

static void
says_which_file_it_cannot_read(void **state)
{
    place *const p = *state;
    const gw_folder_params params = {.path = p->path};
    gw_folder folder;
    gw_err e = {0};
    put(p, "0001_a.sql", "SELECT 1;\n");
    assert_int_equal(gw_folder_open(p->arena, &params, &folder, &e), GODWIT_OK);
    assert_int_equal(remove(folder.files.at[0].path), 0);
    assert_int_equal(gw_content_read(p->arena, &folder, &e), GODWIT_IO);
    assert_non_null(strstr(e.message, "0001_a.sql"));
}

/* Enough files for two threads. */
static void
put_many(place *p, gw_folder *folder)
{
    enum { MANY = 600 };
    const gw_folder_params params = {.path = p->path};
    gw_err e = {0};
    for (int i = 1; i <= MANY; i++)
        put(p, gw_printf(p->arena, "%06d_step.sql", i), gw_printf(p->arena, "SELECT %d;\n", i));
    assert_int_equal(gw_folder_open(p->arena, &params, folder, &e), GODWIT_OK);
    assert_int_equal(folder->files.len, MANY);
}

static void
reads_each_file_of_a_large_folder(void **state)
{
    place *const p = *state;
    gw_folder folder;
    gw_err e = {0};
    put_many(p, &folder);
    assert_int_equal(gw_content_read(p->arena, &folder, &e), GODWIT_OK);
    for (size_t i = 0; i < folder.files.len; i++) {
        const gw_str text = gw_str_of(gw_printf(p->arena, "SELECT %zu;\n", i + 1));
        assert_string_equal(folder.files.at[i].checksum, gw_sha256_hex(p->arena, text));
        assert_true(gw_str_eq(folder.files.at[i].text, text));
    }
}

static void
names_the_first_of_several_that_it_cannot_read(void **state)
{
    place *const p = *state;
    gw_folder folder;
    gw_err e = {0};
    put_many(p, &folder);
    assert_int_equal(remove(folder.files.at[500].path), 0);
    assert_int_equal(gw_content_read(p->arena, &folder, &e), GODWIT_IO);
    assert_non_null(strstr(e.message, "000501_step.sql"));
    e = (gw_err){0};
    assert_int_equal(remove(folder.files.at[20].path), 0);
    assert_int_equal(gw_content_read(p->arena, &folder, &e), GODWIT_IO);
    assert_non_null(strstr(e.message, "000021_step.sql"));
}

static void
says_that_a_file_is_no_folder(void **state)
{
    place *const p = *state;
    gw_folder folder;
    gw_err e = {0};
    put(p, "x", "");
    const gw_folder_params params = {.path = gw_path_join(p->arena, p->path, "x"), .allow_missing = true};
    assert_int_equal(gw_folder_open(p->arena, &params, &folder, &e), GODWIT_IO);
    assert_string_equal(e.message, gw_printf(p->arena, "%s is not a folder", params.path));
    assert_string_equal(e.path, params.path);
}

static void
says_that_a_folder_is_missing_unless_that_is_allowed(void **state)
{
    place *const p = *state;
    gw_folder folder;
    gw_err e = {0};
    gw_folder_params params = {.path = gw_path_join(p->arena, p->path, "nowhere")};
    assert_int_equal(gw_folder_open(p->arena, &params, &folder, &e), GODWIT_IO);
    assert_string_equal(e.message, gw_printf(p->arena, "there is no migrations folder %s", params.path));
    assert_non_null(strstr(e.hint, "--allow-missing"));

    params.allow_missing = true;
    e = (gw_err){0};
    assert_int_equal(gw_folder_open(p->arena, &params, &folder, &e), GODWIT_OK);
    assert_false(folder.exists);
    assert_int_equal(folder.files.len, 0);
    assert_string_equal(folder.layout->name, "native");

    params.layout = "nonsense";
    assert_int_equal(gw_folder_open(p->arena, &params, &folder, &e), GODWIT_USAGE);
}

static void
says_that_a_folder_cannot_be_read(void **state)
{
    place *const p = *state;
    const gw_folder_params params = {.path = p->path, .allow_missing = true};
    const uid_t user = geteuid();
    gw_folder folder;
    gw_err e = {0};
    assert_int_equal(chmod(p->path, 0), 0);
    assert_int_equal(user == 0 ? seteuid(65534) : 0, 0); /* the administrator may read everything */
    const gw_rc rc = gw_folder_open(p->arena, &params, &folder, &e);
    assert_int_equal(user == 0 ? seteuid(user) : 0, 0);
    assert_int_equal(rc, GODWIT_IO);
    assert_non_null(strstr(e.message, p->path));
    assert_non_null(strstr(e.message, "Permission denied"));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(arranges_files_or_says_what_is_wrong),
        cmocka_unit_test(lists_the_layouts_where_one_is_not_known),
        cmocka_unit_test(arranges_the_folders_of_other_tools),
        cmocka_unit_test(does_not_depend_on_the_order_of_the_entries),
        cmocka_unit_test_setup_teardown(opens_a_folder_and_reads_its_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_which_file_it_cannot_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_each_file_of_a_large_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_the_first_of_several_that_it_cannot_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_that_a_file_is_no_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_that_a_folder_is_missing_unless_that_is_allowed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_that_a_folder_cannot_be_read, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
