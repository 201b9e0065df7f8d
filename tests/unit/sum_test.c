#include "migration/sum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "cases.h"
#include "migration/sum_check.h"
#include "show_error.h"

typedef struct shown_file {
    const char *name;
    gw_str bytes;
} shown_file;
typedef gw_vec(shown_file) shown_files;

/* \n, \r and \xEF: the bytes of a file stand on one line. */
static gw_str
decode(gw_arena *a, gw_str text)
{
    gw_buf out = gw_buf_new(a);
    for (size_t i = 0; i < text.len; i++) {
        const bool is_escape = text.ptr[i] == '\\' && i + 1 < text.len;
        const char c = is_escape ? text.ptr[++i] : text.ptr[i];
        if (!is_escape)
            gw_buf_putc(&out, c);
        else if (c == 'b')
            gw_buf_puts(&out, "\xef\xbb\xbf");
        else
            gw_buf_putc(&out, c == 'n' ? '\n' : '\r');
    }
    return gw_buf_str(&out);
}

/* Lines "name: bytes", up to an empty line. */
static shown_files
read_files(gw_arena *a, gw_str *rest)
{
    shown_files files = {0};
    while (rest->ptr != NULL) {
        gw_str bytes;
        const gw_str line = gw_str_cut(*rest, '\n', rest);
        if (line.len == 0)
            break;
        const gw_str name = gw_str_cut(line, ':', &bytes);
        *gw_vec_push(a, &files) = (shown_file){gw_strdup(a, name), decode(a, gw_str_slice(bytes, 1, bytes.len))};
    }
    return files;
}

static gw_sum
sum_of(gw_arena *a, const shown_files *files)
{
    gw_sum sum;
    gw_sum_begin(a, &sum);
    for (size_t i = 0; i < files->len; i++)
        gw_sum_add(&sum, files->at[i].name, files->at[i].bytes);
    return sum;
}

/* Input: the files. */
static gw_str
write_case(gw_arena *a, const test_case *c, void *ctx)
{
    (void)ctx;
    gw_str rest = c->input;
    const shown_files files = read_files(a, &rest);
    const gw_sum sum = sum_of(a, &files);
    return gw_str_of(gw_sum_text(a, &sum));
}

static void
writes_what_atlas_writes(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/sum_write.txt", write_case, NULL), 0);
}

/* Input: a sum file. */
static gw_str
read_case(gw_arena *a, const test_case *c, void *ctx)
{
    (void)ctx;
    gw_buf out = gw_buf_new(a);
    gw_err e = {0};
    gw_sum sum;
    if (gw_sum_read(a, "m/godwit.sum", decode(a, c->input), &sum, &e) == GODWIT_OK)
        gw_buf_puts(&out, gw_sum_text(a, &sum));
    else
        show_error(&out, &e);
    return gw_buf_str(&out);
}

static void
reads_sum_files_and_says_what_is_wrong_with_them(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/sum_read.txt", read_case, NULL), 0);
}

/* Input: the files when the sum was written, an empty line, the files now. */
static gw_str
check_case(gw_arena *a, const test_case *c, void *ctx)
{
    (void)ctx;
    gw_buf out = gw_buf_new(a);
    gw_str rest = c->input;
    gw_sum_problems problems;
    const shown_files before = read_files(a, &rest);
    const shown_files now = read_files(a, &rest);
    const gw_sum recorded = sum_of(a, &before);
    gw_sum_check *const check = gw_sum_check_new(a, &recorded);
    for (size_t i = 0; i < now.len; i++)
        gw_sum_check_add(check, now.at[i].name, now.at[i].bytes);
    gw_sum_check_end(check, &problems);
    for (size_t i = 0; i < problems.len; i++) {
        const gw_sum_problem *const p = &problems.at[i];
        gw_buf_printf(&out, "%u: %s %s%s%s\n", p->line, p->name, gw_sum_difference_text(p->difference),
                      p->is_last ? ", last" : "", p->hides_more ? ", hides more" : "");
    }
    return problems.len == 0 ? GW_STR_LIT("agrees") : gw_buf_str(&out);
}

static void
tells_what_became_of_the_files(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/sum_check.txt", check_case, NULL), 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_what_atlas_writes),
        cmocka_unit_test(reads_sum_files_and_says_what_is_wrong_with_them),
        cmocka_unit_test(tells_what_became_of_the_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
