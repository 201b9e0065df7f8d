/*
 * fuzz_migration - sum files: whatever comes, an answer or an error with its place, and what was read is written again as it was meant.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "migration/sum_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_error(const gw_err *e)
{
    assert(e->rc == GODWIT_FOLDER && e->message[0] != '\0' && e->line > 0 && e->column > 0);
    assert(gw_str_utf8_valid(gw_str_of(e->message)) == strlen(e->message));
    assert(gw_str_utf8_valid(gw_str_of(e->excerpt)) == strlen(e->excerpt));
}

static void
try_again(gw_arena *a, const gw_sum *sum)
{
    gw_sum again;
    gw_err e = {0};
    const char *const text = gw_sum_text(a, sum);
    const gw_rc rc = gw_sum_read(a, "godwit.sum", gw_str_of(text), &again, &e);
    assert(rc == GODWIT_OK && again.lines.len == sum->lines.len);
    assert(strcmp(text, gw_sum_text(a, &again)) == 0);
}

/* None of the files is what its line says: every line is told once, and nothing else. */
static void
try_check(gw_arena *a, const gw_sum *sum, gw_str bytes)
{
    gw_sum_problems problems;
    gw_sum_check *const check = gw_sum_check_new(a, sum);
    for (size_t i = 0; i < sum->lines.len; i += 2)
        gw_sum_check_add(check, sum->lines.at[i].name, bytes);
    gw_sum_check_end(check, &problems);
    for (size_t i = 0; i < problems.len; i++)
        assert(problems.at[i].line >= 2 && problems.at[i].line < sum->lines.len + 2);
    assert(problems.len >= sum->lines.len / 2);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GW_SCOPE(a);
    gw_sum sum;
    gw_err e = {0};
    const gw_str text = {(const char *)data, size};
    (void)gw_sum_is_ignored(text);
    if (gw_sum_read(a, "godwit.sum", text, &sum, &e) == GODWIT_OK) {
        try_again(a, &sum);
        try_check(a, &sum, text);
    } else {
        check_error(&e);
    }
    return 0;
}
