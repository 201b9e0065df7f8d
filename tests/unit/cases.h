/*
 * tests/cases - cases as text files.
 *
 *     == name of the case, a sentence
 *     input lines
 *     --
 *     expected lines
 *
 * The last line break of input and of expected text is not part of them. In both, `\e` stands for nothing, so that a
 * line can begin with `==` or be `--`; other escapes are the reader's own. White space at both ends of what is expected
 * and what came out is not compared. A case without `--`, or a file without cases, fails.
 */
#ifndef GW_TESTS_CASES_H
#define GW_TESTS_CASES_H

#include "base/arena.h"

typedef struct test_case {
    const char *name;
    gw_str input, expected;
    unsigned line; /* of the name */
} test_case;

/* What the tested code makes of c->input, to be compared with c->expected. */
typedef gw_str case_fn(gw_arena *a, const test_case *c, void *ctx);

/* Run fn on every case of TEST_DATA/path; reports the file and line of each case that fails. Returns how many failed, so
 * that assert_int_equal(run_cases("sql/split_postgres.txt", check, ctx), 0) reads. */
int run_cases(const char *path, case_fn *fn, void *ctx);

#endif
