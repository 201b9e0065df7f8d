#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/vec.h"

typedef gw_vec(test_case) test_cases;

static gw_str
line_of(gw_str *rest)
{
    gw_str after;
    const gw_str line = gw_str_cut(*rest, '\n', &after);
    *rest = after.ptr == NULL ? (gw_str){rest->ptr + rest->len, 0} : after;
    return line;
}

/* The text without the last line break and without `\e`. */
static gw_str
plain(gw_arena *a, gw_str s)
{
    gw_buf out = gw_buf_new(a);
    if (gw_str_ends(s, "\n"))
        s.len--;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\\' && i + 1 < s.len && s.ptr[i + 1] == 'e')
            i++;
        else
            gw_buf_putc(&out, s.ptr[i]);
    }
    return gw_buf_str(&out);
}

static void
read_cases(gw_arena *a, gw_str text, test_cases *out)
{
    test_case *c = NULL;
    gw_str *part = NULL;
    unsigned number = 0;
    while (text.len > 0) {
        const gw_str line = line_of(&text);
        number++;
        if (gw_str_starts(line, "== ")) {
            c = gw_vec_push(a, out);
            *c = (test_case){.name = gw_strdup(a, gw_str_slice(line, 3, line.len)), .line = number};
            c->input = (gw_str){line.ptr + line.len + 1, 0};
            part = &c->input;
        } else if (c != NULL && part == &c->input && gw_str_is(line, "--")) {
            c->expected = (gw_str){line.ptr + line.len + 1, 0};
            part = &c->expected;
        } else if (part != NULL) {
            part->len = (size_t)(text.ptr - part->ptr);
        }
    }
    for (size_t i = 0; i < out->len; i++) {
        out->at[i].input = plain(a, out->at[i].input);
        if (out->at[i].expected.ptr != NULL)
            out->at[i].expected = plain(a, out->at[i].expected);
    }
}

/* 1 when it fails. */
static int
run_case(gw_arena *a, const char *path, const test_case *c, case_fn *fn, void *ctx)
{
    if (c->expected.ptr == NULL) {
        fprintf(stderr, "%s:%u: %s: no line \"--\" begins what is expected\n", path, c->line, c->name);
        return 1;
    }
    const gw_str got = gw_str_trim(fn(a, c, ctx));
    if (gw_str_eq(got, gw_str_trim(c->expected)))
        return 0;
    fprintf(stderr, "%s:%u: %s\n--- expected\n%.*s\n--- got\n%.*s\n", path, c->line, c->name, GW_STR_ARG(c->expected),
            GW_STR_ARG(got));
    return 1;
}

int
run_cases(const char *path, case_fn *fn, void *ctx)
{
    GW_SCOPE(a);
    gw_err e = {0};
    gw_str text = {0};
    test_cases cases = {0};
    const char *const full = gw_path_join(a, TEST_DATA, path);
    if (gw_file_read(a, full, 16u << 20, &text, &e) != GODWIT_OK) {
        fprintf(stderr, "%s\n", e.message);
        return 1;
    }
    read_cases(a, text, &cases);
    if (cases.len == 0) {
        fprintf(stderr, "%s: no line \"== name\" begins a case\n", full);
        return 1;
    }
    int failed = 0;
    for (size_t i = 0; i < cases.len; i++)
        failed += run_case(a, full, &cases.at[i], fn, ctx);
    return failed;
}
