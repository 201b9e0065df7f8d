#include "config/env.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "cases.h"
#include "show_error.h"

static const char *const process[] = {"HOST=db.internal", "EMPTY=", "WORD", "EQUALS=a=b", "SHARED=process", NULL};

/* Line breaks and the like as a reader of a case wants to see them. */
static void
show_value(gw_buf *out, const char *value)
{
    gw_buf_putc(out, '[');
    for (; *value != '\0'; value++) {
        static const char from[] = "\n\r\t", to[] = "nrt";
        const char *const known = strchr(from, *value);
        if (known == NULL)
            gw_buf_putc(out, *value);
        else
            gw_buf_printf(out, "\\%c", to[known - from]);
    }
    gw_buf_puts(out, "]\n");
}

/* `\R` in a case is a carriage return, since an editor would lose it. */
static gw_str
with_returns(gw_arena *a, gw_str input)
{
    gw_buf b = gw_buf_new(a);
    for (size_t i = 0; i < input.len; i++) {
        const bool is_return = input.ptr[i] == '\\' && i + 1 < input.len && input.ptr[i + 1] == 'R';
        gw_buf_putc(&b, is_return ? '\r' : input.ptr[i]);
        i += is_return;
    }
    return gw_buf_str(&b);
}

static gw_str
read_file(gw_arena *a, const test_case *c, void *ctx)
{
    (void)ctx;
    gw_buf out = gw_buf_new(a);
    gw_env env;
    gw_err e = {0};
    assert_int_equal(gw_env_load(a, process, NULL, &env, &e), GODWIT_OK);
    if (gw_env_parse(a, "conf/.env", with_returns(a, c->input), &env, &e) != GODWIT_OK)
        show_error(&out, &e);
    for (size_t i = 0; e.rc == GODWIT_OK && i < env.file->entries.len; i++) {
        const gw_map_entry *const entry = &env.file->entries.at[i];
        gw_buf_printf(&out, "%.*s=", GW_STR_ARG(entry->key));
        show_value(&out, entry->value);
    }
    return gw_buf_str(&out);
}

static void
reads_env_files_and_refuses_wrong_lines(void **state)
{
    (void)state;
    assert_int_equal(run_cases("config/env.txt", read_file, NULL), 0);
}

static gw_str
expand(gw_arena *a, const test_case *c, void *ctx)
{
    (void)ctx;
    gw_buf out = gw_buf_new(a);
    gw_env env;
    gw_err e = {0};
    const char *text = NULL;
    assert_int_equal(gw_env_load(a, process, NULL, &env, &e), GODWIT_OK);
    assert_int_equal(gw_env_parse(a, ".env", GW_STR_LIT("SHARED=file\nONLY_FILE=file\n"), &env, &e), GODWIT_OK);
    if (gw_env_expand(a, &env, c->input, &text, &e) == GODWIT_OK)
        show_value(&out, text);
    else
        show_error(&out, &e);
    return gw_buf_str(&out);
}

static void
expands_references_in_values(void **state)
{
    (void)state;
    assert_int_equal(run_cases("config/expand.txt", expand, NULL), 0);
}

static void
the_process_wins_over_the_file(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_env env;
    gw_err e = {0};
    const char *origin = NULL;
    bool from_file = false;
    assert_int_equal(gw_env_load(a, process, NULL, &env, &e), GODWIT_OK);
    assert_null(gw_env_get(a, &env, "ONLY_FILE", &origin));
    assert_null(gw_env_added(a, &env)[0]);
    const gw_str text = GW_STR_LIT("SHARED=file\nEMPTY=file\nFIRST=file\nNOTHING=\n");
    assert_int_equal(gw_env_parse(a, ".env", text, &env, &e), GODWIT_OK);

    assert_string_equal(gw_env_get(a, &env, "SHARED", &origin), "process");
    assert_string_equal(origin, "environment SHARED");
    assert_string_equal(gw_env_get(a, &env, "EMPTY", &origin), "file"); /* an empty one counts as absent */
    assert_string_equal(origin, ".env EMPTY");
    assert_string_equal(gw_env_get(a, &env, "EQUALS", NULL), "a=b");
    assert_null(gw_env_get(a, &env, "NOTHING", NULL));
    assert_null(gw_env_get(a, &env, "WORD", NULL));

    /* Also when a name of higher precedence stands in the file. */
    assert_string_equal(gw_env_first(a, &env, "NONE FIRST SHARED", &origin, &from_file), "process");
    assert_false(from_file);
    assert_string_equal(gw_env_first(a, &env, "NONE FIRST EMPTY", &origin, &from_file), "file");
    assert_string_equal(origin, ".env FIRST");
    assert_true(from_file);

    const char *const *const added = gw_env_added(a, &env);
    assert_string_equal(added[0], "EMPTY=file");
    assert_string_equal(added[1], "FIRST=file");
    assert_string_equal(added[2], "NOTHING=");
    assert_null(added[3]);
}

static void
works_without_any_environment(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_env env;
    gw_err e = {0};
    assert_int_equal(gw_env_load(a, NULL, NULL, &env, &e), GODWIT_OK);
    assert_null(gw_env_get(a, &env, "HOME", NULL));
}

static void
refuses_bytes_that_are_no_text(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_env env = {0};
    gw_err e = {0};
    assert_int_equal(gw_env_parse(a, ".env", GW_STR_LIT("A=1\nB=\xFF\n"), &env, &e), GODWIT_USAGE);
    assert_string_equal(e.message, "this byte is not valid UTF-8");
    assert_int_equal(e.line, 2);
    e = (gw_err){0};
    assert_int_equal(gw_env_parse(a, ".env", GW_STR_LIT("A=1\nB=\0\n"), &env, &e), GODWIT_USAGE);
    assert_int_equal(e.column, 3);
}

static void
reads_the_file_when_there_is_one(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_env env;
    gw_err e = {0};
    char folder[] = "/tmp/godwit-env-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *const path = gw_path_join(a, folder, ".env");

    assert_int_equal(gw_env_load(a, NULL, path, &env, &e), GODWIT_OK); /* none */
    assert_null(env.file);
    assert_int_equal(mkdir(path, 0700), 0); /* a Python environment */
    assert_int_equal(gw_env_load(a, NULL, path, &env, &e), GODWIT_OK);
    assert_null(env.file);
    assert_int_equal(rmdir(path), 0);

    assert_int_equal(gw_file_write(path, GW_STR_LIT("A=1\n"), &e), GODWIT_OK);
    assert_int_equal(gw_env_load(a, NULL, path, &env, &e), GODWIT_OK);
    assert_string_equal(gw_env_get(a, &env, "A", NULL), "1");

    assert_int_equal(gw_file_write(path, (gw_str){gw_alloc(a, GW_ENV_FILE_MAX + 1), GW_ENV_FILE_MAX + 1}, &e),
                     GODWIT_OK);
    assert_int_equal(gw_env_load(a, NULL, path, &env, &e), GODWIT_IO);
    assert_non_null(strstr(e.message, "larger than 1048576 bytes"));
    assert_int_equal(unlink(path), 0);

    assert_int_equal(symlink("nowhere", path), 0); /* dangling: there is none */
    e = (gw_err){0};
    assert_int_equal(gw_env_load(a, NULL, path, &env, &e), GODWIT_OK);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_env_files_and_refuses_wrong_lines), cmocka_unit_test(expands_references_in_values),
        cmocka_unit_test(the_process_wins_over_the_file),          cmocka_unit_test(works_without_any_environment),
        cmocka_unit_test(refuses_bytes_that_are_no_text),          cmocka_unit_test(reads_the_file_when_there_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
