#include "base/remove.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

static void
removes_files_and_folders_that_nothing_is_left_in(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_err e = {0};
    char *const folder = gw_text(a, "/tmp/godwit-remove-XXXXXX");
    assert_non_null(mkdtemp(folder));
    const char *const file = gw_path_join(a, folder, "a.sql");
    assert_int_equal(gw_file_write(file, GW_STR_LIT("SELECT 1;\n"), &e), GODWIT_OK);
    assert_false(gw_remove_folder(folder));
    const char *const other = gw_path_join(a, folder, "b.sql");
    assert_int_equal(gw_rename(file, other, &e), GODWIT_OK);
    assert_int_equal(gw_file_write(file, GW_STR_LIT("SELECT 2;\n"), &e), GODWIT_OK);
    assert_int_equal(gw_rename(file, other, &e), GODWIT_IO); /* nothing is overwritten */
    assert_non_null(strstr(e.message, "cannot rename"));
    e = (gw_err){0};
    assert_int_equal(gw_remove_file(other, &e), GODWIT_OK);
    assert_int_equal(gw_remove_file(file, &e), GODWIT_OK);
    assert_int_equal(gw_path_is(file), GW_PATH_NONE);
    assert_int_equal(gw_remove_file(file, &e), GODWIT_OK); /* it is gone already */
    assert_int_equal(gw_remove_file(folder, &e), GODWIT_IO);
    assert_non_null(strstr(e.message, "cannot remove"));
    assert_string_equal(e.path, folder);
    assert_true(gw_remove_folder(folder));
    assert_true(gw_remove_folder(folder));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(removes_files_and_folders_that_nothing_is_left_in)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
