#include "migration/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cases.h"

/* "name: before > now"; the name is only for the reader's eyes, but it must be the target's. */
static void
read_states(const gw_effect *effect, gw_str text, size_t i, gw_str *before, gw_str *now)
{
    gw_str rest;
    const gw_str name = gw_str_cut(text, ':', &rest);
    if (i < effect->targets.len)
        assert_true(gw_str_eq(name, effect->targets.at[i].name));
    *before = gw_str_trim(gw_str_cut(rest, '>', now));
    *now = gw_str_trim(*now);
}

/*
 * Input: "postgres" and "not atomic", if so, each on a line of its own; a statement; then a line for each verdict: the
 * states of its targets, separated by commas.
 */
static gw_str
judges(gw_arena *a, const test_case *c, void *ctx)
{
    (void)ctx;
    enum { MOST = 4 };
    gw_dialect d = {.kind = GW_DIALECT_MYSQL};
    gw_str before[MOST], now[MOST];
    gw_effect effect;
    gw_verdict_params p = {.effect = &effect, .before = before, .now = now, .atomic_ddl = true};
    gw_buf out = gw_buf_new(a);
    gw_str rest;
    gw_str line = gw_str_cut(c->input, '\n', &rest);
    if (gw_str_is(line, "postgres")) {
        d.kind = GW_DIALECT_POSTGRES;
        line = gw_str_cut(rest, '\n', &rest);
    }
    if (gw_str_is(line, "not atomic")) {
        p.atomic_ddl = false;
        line = gw_str_cut(rest, '\n', &rest);
    }
    gw_effect_read(a, line, d, &effect);
    while (rest.ptr != NULL) {
        gw_str states = gw_str_cut(rest, '\n', &rest);
        size_t odd = 7;
        for (p.count = 0; states.len > 0; p.count++) {
            assert_true(p.count < MOST);
            const gw_str one = gw_str_trim(gw_str_cut(states, ',', &states));
            read_states(&effect, one, p.count, &before[p.count], &now[p.count]);
        }
        const gw_verdict verdict = gw_verdict_of(&p, &odd);
        assert_true(verdict == GW_VERDICT_UNKNOWN || odd == SIZE_MAX);
        gw_buf_puts(&out, verdict == GW_VERDICT_DONE       ? "done"
                          : verdict == GW_VERDICT_NOT_DONE ? "not done"
                                                           : "unknown");
        if (odd != SIZE_MAX)
            gw_buf_printf(&out, ": %.*s", GW_STR_ARG(effect.targets.at[odd].name));
        gw_buf_putc(&out, '\n');
    }
    return gw_buf_str(&out);
}

static void
judges_by_what_was_and_what_is(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/verdict.txt", judges, NULL), 0);
}

/* ---- every combination, against the rules ---- */

enum { TARGETS = 2, STATES = 3 };
static const char *const states[STATES] = {"absent", "a1", "b2"};

static gw_verdict
judge(const gw_effect *effect, const size_t *before, const size_t *now, bool atomic, size_t *odd)
{
    gw_str was[TARGETS], is[TARGETS];
    for (size_t i = 0; i < effect->targets.len; i++) {
        was[i] = gw_str_of(states[before[i]]);
        is[i] = gw_str_of(states[now[i]]);
    }
    const gw_verdict_params p = {effect, was, is, effect->targets.len, atomic};
    return gw_verdict_of(&p, odd);
}

/* Could the statement, done on `before`, have led to this? */
static bool
could_lead(const gw_target *t, size_t before, size_t now)
{
    switch (t->role) {
    case GW_TARGET_CREATED:
        return before == 0 ? now != 0 : (t->lenient || t->vague) && now != 0;
    case GW_TARGET_CHANGED:
        return before == 0 ? t->lenient && now == 0 : now != 0;
    case GW_TARGET_DROPPED:
        return before == 0 ? t->lenient && now == 0 : now == 0;
    }
    return false;
}

/* It does no harm a second time; or others may have done it. */
static bool
is_harmless(const gw_target *t)
{
    return t->lenient || t->vague;
}

/* What holds for each answer, whatever the tables in the room say. */
static void
check(const gw_effect *effect, const size_t *before, const size_t *now, bool atomic)
{
    size_t odd;
    const gw_verdict verdict = judge(effect, before, now, atomic, &odd);
    bool led = true;
    bool same = true;
    bool harmless = true;
    for (size_t i = 0; i < effect->targets.len; i++) {
        led &= could_lead(&effect->targets.at[i], before[i], now[i]);
        same &= before[i] == now[i];
        harmless &= before[i] == now[i] || is_harmless(&effect->targets.at[i]);
    }
    /* It happened: what is there is what it leads to, and something became different. */
    if (verdict == GW_VERDICT_DONE)
        assert_true(led && !same);
    /* It did not: what became different does not mind a second time. */
    if (verdict == GW_VERDICT_NOT_DONE)
        assert_true(harmless);
    /* Nobody knows: something became different, and is named. */
    if (verdict == GW_VERDICT_UNKNOWN)
        assert_true(!same && odd < effect->targets.len);
    else
        assert_int_equal(odd, SIZE_MAX);
}

static void
every_answer_can_be_reasoned(void **state)
{
    (void)state;
    enum { LOOKS = STATES * STATES, WEIGHTS = 3, KINDS = 3 * 2 * WEIGHTS };
    GW_SCOPE(a);
    gw_effect effect = {0};
    for (size_t i = 0; i < TARGETS; i++)
        *gw_vec_push(a, &effect.targets) = (gw_target){.kind = GW_OBJECT_TABLE, .name = GW_STR_LIT("t")};
    for (size_t kinds = 0; kinds < KINDS * KINDS; kinds++)
        for (size_t looks = 0; looks < LOOKS * LOOKS; looks++) {
            const size_t kind[TARGETS] = {kinds % KINDS, kinds / KINDS};
            const size_t look[TARGETS] = {looks % LOOKS, looks / LOOKS};
            size_t before[TARGETS], now[TARGETS];
            for (size_t i = 0; i < TARGETS; i++) {
                effect.targets.at[i].role = (gw_target_role)(kind[i] % 3);
                effect.targets.at[i].lenient = kind[i] / 3 % 2 == 1;
                /* what is dropped has a name, and is gone */
                effect.targets.at[i].vague = kind[i] / 6 > 0 && effect.targets.at[i].role != GW_TARGET_DROPPED;
                effect.targets.at[i].again = kind[i] / 6 > 1 && effect.targets.at[i].vague;
                before[i] = look[i] % STATES;
                now[i] = look[i] / STATES;
            }
            for (effect.targets.len = 1; effect.targets.len <= TARGETS; effect.targets.len++) {
                check(&effect, before, now, true);
                check(&effect, before, now, false);
            }
        }
}

/* Where a DDL statement may be done in part, an ALTER that left its trace proves nothing. */
static void
never_trusts_a_change_that_may_be_half(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_effect effect = {0};
    *gw_vec_push(a, &effect.targets) =
        (gw_target){.role = GW_TARGET_CHANGED, .kind = GW_OBJECT_TABLE, .name = GW_STR_LIT("t")};
    const size_t before = 1, now = 2;
    size_t odd;
    assert_int_equal(judge(&effect, &before, &now, true, &odd), GW_VERDICT_DONE);
    assert_int_equal(judge(&effect, &before, &now, false, &odd), GW_VERDICT_UNKNOWN);
    assert_int_equal(odd, 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_by_what_was_and_what_is),
        cmocka_unit_test(every_answer_can_be_reasoned),
        cmocka_unit_test(never_trusts_a_change_that_may_be_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
