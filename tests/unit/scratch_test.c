#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/scratch.h"

static void
goes_with_its_arena_and_all_that_is_in_it(void **state)
{
    GW_SCOPE(a);
    gw_arena *const short_lived = gw_arena_new();
    const char *path;
    gw_err e = {0};
    struct stat st;
    (void)state;
    assert_int_equal(gw_scratch_make(short_lived, &path, &e), GODWIT_OK);
    const char *const kept = gw_text(a, path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    const char *const deep = gw_path_join(a, path, "one/two");
    assert_int_equal(gw_dir_make(deep, &e), GODWIT_OK);
    assert_int_equal(gw_file_create(gw_path_join(a, deep, "file"), GW_STR_LIT("text"), &e), GODWIT_OK);
    assert_int_equal(symlink("/", gw_path_join(a, deep, "link")), 0);
    gw_arena_free(short_lived);
    assert_int_equal(gw_path_is(kept), GW_PATH_NONE);
    assert_int_equal(gw_path_is("/"), GW_PATH_DIR);
}

static void
two_have_different_names(void **state)
{
    GW_SCOPE(a);
    const char *one, *two;
    gw_err e = {0};
    (void)state;
    assert_int_equal(gw_scratch_make(a, &one, &e), GODWIT_OK);
    assert_int_equal(gw_scratch_make(a, &two, &e), GODWIT_OK);
    assert_string_not_equal(one, two);
}

static void
says_why_there_can_be_none(void **state)
{
    GW_SCOPE(a);
    const char *path;
    gw_err e = {0};
    (void)state;
    assert_int_equal(setenv("TMPDIR", "/nonexistent", 1), 0);
    assert_int_equal(gw_scratch_make(a, &path, &e), GODWIT_IO);
    assert_non_null(strstr(e.message, "/nonexistent/"));
    assert_int_equal(unsetenv("TMPDIR"), 0);
}

static void
what_was_made_beside_a_name_gets_it(void **state)
{
    GW_SCOPE(a);
    gw_arena *const short_lived = gw_arena_new();
    const char *outer, *place;
    gw_err e = {0};
    gw_str text;
    (void)state;
    assert_int_equal(gw_scratch_make(a, &outer, &e), GODWIT_OK);
    const char *const name = gw_path_join(a, outer, "new");
    assert_int_equal(gw_scratch_make_beside(short_lived, name, &place, &e), GODWIT_OK);
    assert_int_equal(strncmp(place, outer, strlen(outer)), 0);
    assert_int_equal(strncmp(place + strlen(outer), "/.godwit-", 9), 0);
    const char *const made = gw_path_join(a, place, "made");
    assert_int_equal(gw_scratch_put(gw_path_join(a, made, "deep/file"), GW_STR_LIT("text"), &e), GODWIT_OK);
    assert_int_equal(gw_scratch_keep(made, name, &e), GODWIT_OK);
    const char *const hidden = gw_text(a, place);
    gw_arena_free(short_lived);
    assert_int_equal(gw_path_is(hidden), GW_PATH_NONE);
    assert_int_equal(gw_file_read(a, gw_path_join(a, name, "deep/file"), 10, &text, &e), GODWIT_OK);
    assert_true(gw_str_is(text, "text"));
}

static void
says_what_cannot_be_made(void **state)
{
    GW_SCOPE(a);
    const char *place;
    gw_err e = {0};
    (void)state;
    assert_int_equal(gw_scratch_make(a, &place, &e), GODWIT_OK);
    const char *const file = gw_path_join(a, place, "file");
    assert_int_equal(gw_scratch_put(file, GW_STR_LIT("text"), &e), GODWIT_OK);
    assert_int_equal(gw_scratch_put(file, GW_STR_LIT("text"), &e), GODWIT_IO);
    assert_non_null(strstr(e.message, "cannot create"));
    e = (gw_err){0};
    assert_int_equal(gw_scratch_put(gw_path_join(a, file, "x"), GW_STR_LIT("text"), &e), GODWIT_IO);
    e = (gw_err){0};
    assert_int_equal(gw_scratch_make_beside(a, gw_path_join(a, place, "no/such"), &place, &e), GODWIT_IO);
    e = (gw_err){0};
    assert_int_equal(gw_scratch_keep(gw_path_join(a, place, "nothing"), gw_path_join(a, place, "new"), &e), GODWIT_IO);
    assert_non_null(strstr(e.message, "cannot make the folder"));
    e = (gw_err){0};
    const char *const full = gw_path_join(a, place, "full");
    assert_int_equal(gw_scratch_put(gw_path_join(a, full, "file"), GW_STR_LIT("text"), &e), GODWIT_OK);
    assert_int_equal(gw_dir_make(gw_path_join(a, place, "made"), &e), GODWIT_OK);
    assert_int_equal(gw_scratch_keep(gw_path_join(a, place, "made"), full, &e), GODWIT_IO);
    assert_non_null(strstr(e.message, "full"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_with_its_arena_and_all_that_is_in_it),
        cmocka_unit_test(two_have_different_names),
        cmocka_unit_test(says_why_there_can_be_none),
        cmocka_unit_test(what_was_made_beside_a_name_gets_it),
        cmocka_unit_test(says_what_cannot_be_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
