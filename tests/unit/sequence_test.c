#include "migration/sequence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "cases.h"
#include "migration/layouts.h"
#include "show_error.h"

/* "a=A b=B/D Bc=C!": versions, the text of the way up, perhaps that of the way down, and a checkpoint's mark. Files are "a.sql", with the way
 * down beside it; "f.sql:a" says another file, which has both. */
static gw_sequence_step
step_of(gw_arena *a, gw_str word)
{
    gw_str texts, version, down;
    gw_sequence_step out = {.is_checkpoint = gw_str_ends(word, "!")};
    gw_str file = gw_str_cut(gw_str_slice(word, 0, word.len - out.is_checkpoint), '=', &texts);
    file = gw_str_cut(file, ':', &version);
    out.version = gw_strdup(a, version.ptr == NULL ? file : version);
    out.name = "n";
    out.file = version.ptr == NULL ? gw_printf(a, "%s.sql", out.version) : gw_strdup(a, file);
    out.up = gw_strdup(a, gw_str_cut(texts, '/', &down));
    if (down.ptr != NULL) {
        out.down = gw_strdup(a, down);
        out.down_file = version.ptr == NULL ? gw_printf(a, "%s_down.sql", out.version) : out.file;
    }
    return out;
}

static gw_sequence
sequence_of(gw_arena *a, gw_str line)
{
    gw_sequence out = {0};
    for (gw_str rest = line; rest.len > 0;)
        *gw_vec_push(a, &out) = step_of(a, gw_str_cut(rest, ' ', &rest));
    return out;
}

/* Input: the layout, and three lines: where the branch left the base, the base today, the folder. */
static gw_str
sequence_case(gw_arena *a, const test_case *c, void *ctx)
{
    (void)ctx;
    gw_str rest;
    gw_buf out = gw_buf_new(a);
    gw_problems problems = {0};
    const gw_layout *const layout = gw_layout_find(gw_strdup(a, gw_str_cut(c->input, '\n', &rest)));
    assert_non_null(layout);
    const gw_sequence common = sequence_of(a, gw_str_cut(rest, '\n', &rest));
    const gw_sequence tip = sequence_of(a, gw_str_cut(rest, '\n', &rest));
    const gw_sequence now = sequence_of(a, rest);
    const gw_folder folder = {.path = "m", .layout = layout, .exists = true};
    gw_sequence_problems(a, &(gw_sequence_params){&folder, "main", &common, &tip, &now}, &problems);
    for (size_t i = 0; i < problems.len; i++)
        show_error(&out, &problems.at[i]);
    return problems.len == 0 ? GW_STR_LIT("grew at its end") : gw_buf_str(&out);
}

static void
tells_a_sequence_that_only_grew_at_its_end_from_others(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/sequence.txt", sequence_case, NULL), 0);
}

/* ---- reading ---- */

static const char *
new_folder(gw_arena *a)
{
    char *const path = gw_printf(a, "/tmp/godwit-sequence-XXXXXX");
    assert_non_null(mkdtemp(path));
    return path;
}

/* Its only file, laid out and removed again. */
static gw_rc
read_text(gw_arena *a, const char *name, const char *text, gw_sequence *out, gw_err *e)
{
    const char *const place = new_folder(a);
    const char *const path = gw_path_join(a, place, name);
    gw_folder folder;
    assert_int_equal(gw_file_write(path, gw_str_of(text), e), GODWIT_OK);
    gw_rc rc = gw_folder_open(a, &(gw_folder_params){.path = place}, &folder, e);
    if (rc == GODWIT_OK)
        rc = gw_sequence_read(a, &folder, out, e);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(place), 0);
    return rc;
}

#define CHANGELOG(first, second)                                                                                       \
    "--liquibase formatted sql\n\n--changeset ann:1\n" first "--rollback DROP TABLE a;\n\n--changeset ann:2\n" second

static void
reads_each_migration_of_a_file_with_both_ways_by_itself(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_sequence before, edited;
    gw_err e = {0};
    assert_int_equal(read_text(a, "c.sql", CHANGELOG("CREATE TABLE a (n int);\n", "SELECT 2;\n"), &before, &e),
                     GODWIT_OK);
    assert_int_equal(read_text(a, "c.sql", CHANGELOG("CREATE TABLE a (n int);\n", "SELECT 3;\n"), &edited, &e),
                     GODWIT_OK);
    assert_int_equal(before.len, 2);
    assert_string_equal(before.at[0].version, "c.sql::1::ann");
    assert_string_equal(before.at[0].file, "c.sql");
    assert_string_equal(before.at[0].down_file, "c.sql");
    assert_null(before.at[1].down);
    assert_string_equal(before.at[0].up, edited.at[0].up);
    assert_string_equal(before.at[0].down, edited.at[0].down);
    assert_string_not_equal(before.at[1].up, edited.at[1].up);
}

static void
takes_line_ends_that_git_changed_for_the_same_text(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_sequence one, other, more;
    gw_err e = {0};
    assert_int_equal(read_text(a, "1_a.sql", "SELECT 1,\n2;\n", &one, &e), GODWIT_OK);
    assert_int_equal(read_text(a, "1_a.sql", "SELECT 1,\r\n2;\r\n", &other, &e), GODWIT_OK);
    assert_int_equal(read_text(a, "1_a.sql", "SELECT 1,\r2;\n", &more, &e), GODWIT_OK);
    assert_string_equal(one.at[0].up, other.at[0].up);
    assert_string_not_equal(one.at[0].up, more.at[0].up);
}

static void
names_the_file_whose_marks_are_wrong(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_sequence out;
    gw_err e = {0};
    const char *const text = "-- +goose Up\nSELECT 1;\n-- +goose StatementEnd\nSELECT 2;\n";
    assert_int_equal(read_text(a, "1_a.sql", text, &out, &e), GODWIT_FOLDER);
    assert_non_null(strstr(e.path, "/1_a.sql"));
    assert_int_equal(e.line, 3);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_sequence_that_only_grew_at_its_end_from_others),
        cmocka_unit_test(reads_each_migration_of_a_file_with_both_ways_by_itself),
        cmocka_unit_test(takes_line_ends_that_git_changed_for_the_same_text),
        cmocka_unit_test(names_the_file_whose_marks_are_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
