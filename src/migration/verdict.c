#include "migration/verdict.h"

/* What became of an object, whoever did it. */
typedef enum fate { STILL_ABSENT, CAME, WENT, SAME, OTHER, FATE_COUNT } fate;

/* What that tells of the statement. */
typedef enum sign {
    NO,       /* it did not happen */
    YES,      /* it happened */
    ANY,      /* nothing, and nothing is wrong */
    ODD,      /* that is none of its outcomes */
    YES_ATOM, /* YES of a server that does a DDL statement wholly or not at all; else ODD */
    ANY_ATOM  /* likewise; else ANY */
} sign;

/* In the order of the fates. */
typedef sign reading[FATE_COUNT];

static const reading created = {NO, YES, ODD, NO, ODD};
static const reading changed = {NO, ODD, ODD, NO, YES_ATOM};
static const reading dropped = {NO, ODD, YES, NO, ODD};
/* IF NOT EXISTS and OR REPLACE: what was there before is no hindrance. */
static const reading created_leniently = {NO, YES, NO, ANY, ANY_ATOM};
/* IF EXISTS: what was absent stays so. It is no leave to touch what somebody else made meanwhile. */
static const reading changed_leniently = {ANY, ODD, ODD, NO, YES_ATOM};
static const reading dropped_leniently = {ANY, ODD, YES, NO, ODD};
/* Its state is that of all of its sort; or it was made anew, and may have been there before. */
static const reading created_among_others = {NO, YES, ODD, NO, YES_ATOM};

static bool
is_foreign(gw_str state)
{
    return gw_str_ends(state, GW_STATE_FOREIGN);
}

static gw_str
plain(gw_str state)
{
    return is_foreign(state) ? gw_str_slice(state, 0, state.len - (sizeof(GW_STATE_FOREIGN) - 1)) : state;
}

static fate
fate_of(gw_str before, gw_str now)
{
    const bool was = !gw_str_is(before, "absent");
    const bool is = !gw_str_is(now, "absent");
    if (!was || !is)
        return was ? WENT : is ? CAME : STILL_ABSENT;
    return gw_str_eq(plain(before), plain(now)) ? SAME : OTHER;
}

static bool
is_among_others(const gw_target *t)
{
    return t->role == GW_TARGET_CREATED && (t->name.len == 0 || t->name.ptr[0] == '(' || t->vague);
}

static const sign *
reading_of(const gw_target *t)
{
    static const reading *const by_role[][2] = {
        [GW_TARGET_CREATED] = {&created, &created_leniently},
        [GW_TARGET_CHANGED] = {&changed, &changed_leniently},
        [GW_TARGET_DROPPED] = {&dropped, &dropped_leniently},
    };
    return is_among_others(t) ? created_among_others : *by_role[t->role][t->lenient];
}

/* Found so, it may have happened all the same. */
static fate
unsure_fate(const gw_target *t)
{
    return t->role == GW_TARGET_CREATED && !t->vague ? STILL_ABSENT : SAME;
}

static sign
sign_of(const gw_verdict_params *p, size_t i)
{
    const gw_target *const t = &p->effect->targets.at[i];
    if (p->before[i].len == 0 || p->now[i].len == 0)
        return ODD;
    const fate became = fate_of(p->before[i], p->now[i]);
    if (is_foreign(p->now[i]) && (became == CAME || became == OTHER))
        return t->lenient && t->role == GW_TARGET_CREATED ? ANY : ODD;
    if (t->unsure && became == unsure_fate(t))
        return is_foreign(p->now[i]) ? NO : ANY;
    const sign told = reading_of(t)[became];
    if (told == YES_ATOM)
        return p->atomic_ddl ? YES : ODD;
    if (told == ANY_ATOM)
        return p->atomic_ddl ? YES : ANY;
    return told;
}

/* No target says anything, and unsure ones are among them. Names that changed hands would show it, had they not all
 * looked alike. What was made anew has the name that it had. */
static bool
would_show(const gw_verdict_params *p)
{
    const gw_str *first = NULL;
    for (size_t i = 0; i < p->count; i++) {
        if (!p->effect->targets.at[i].unsure || p->effect->targets.at[i].vague)
            continue;
        if (first != NULL && !gw_str_eq(*first, p->before[i]))
            return true;
        first = &p->before[i];
    }
    return false;
}

/* The first unsure target; SIZE_MAX: there is none. */
static size_t
find_unsure(const gw_effect *effect)
{
    for (size_t i = 0; i < effect->targets.len; i++)
        if (effect->targets.at[i].unsure)
            return i;
    return SIZE_MAX;
}

/* What weighs more counts alone where it tells anything. */
typedef enum weight { AGAIN, VAGUE, FIRM } weight;

/* Others may have changed it, but it should not be as it was; unless what it was set to was just that. */
static weight
weight_of(const gw_target *t, sign told, gw_str before)
{
    if (told == NO && (!t->again || gw_str_is(before, "absent")))
        return FIRM;
    return t->again ? AGAIN : t->vague ? VAGUE : FIRM;
}

/* What the targets of one weight say. */
typedef struct tally {
    bool happened;
    bool harmless;  /* to do it again, where it happened */
    size_t missing; /* the first that says NO; SIZE_MAX: none */
} tally;

static tally
count(const gw_verdict_params *p, weight of)
{
    tally all = {.harmless = true, .missing = SIZE_MAX};
    for (size_t i = 0; i < p->count; i++) {
        const gw_target *const t = &p->effect->targets.at[i];
        const sign told = sign_of(p, i);
        if (weight_of(t, told, p->before[i]) != of)
            continue;
        all.happened |= told == YES;
        all.harmless &= told != YES || t->lenient || t->again;
        all.missing = told == NO && all.missing == SIZE_MAX ? i : all.missing;
    }
    return all;
}

/* Of all targets together; none is odd. */
static gw_verdict
weigh(const gw_verdict_params *p, size_t *odd)
{
    const size_t unsure = find_unsure(p->effect);
    tally all = {.missing = SIZE_MAX};
    for (int of = FIRM; of >= AGAIN && !all.happened && all.missing == SIZE_MAX; of--)
        all = count(p, (weight)of);
    if (all.happened && all.missing == SIZE_MAX)
        return GW_VERDICT_DONE;
    if (all.happened ? all.harmless && unsure == SIZE_MAX
                     : all.missing != SIZE_MAX || unsure == SIZE_MAX || would_show(p))
        return GW_VERDICT_NOT_DONE;
    *odd = all.happened ? all.missing : unsure;
    return GW_VERDICT_UNKNOWN;
}

/* CREATE … IF NOT EXISTS, OR REPLACE, DROP IF EXISTS, what is only set: whatever there is. */
static bool
is_harmless(const gw_effect *effect)
{
    for (size_t i = 0; i < effect->targets.len; i++) {
        const gw_target *const t = &effect->targets.at[i];
        if (!t->again && (!t->lenient || t->unsure || t->role == GW_TARGET_CHANGED))
            return false;
    }
    return true;
}

gw_verdict
gw_verdict_of(const gw_verdict_params *p, size_t *odd)
{
    const gw_effect *const effect = p->effect;
    *odd = SIZE_MAX;
    if (effect->repeatable)
        return GW_VERDICT_NOT_DONE;
    if (effect->targets.len == 0)
        return GW_VERDICT_UNKNOWN;
    if (p->count == 0 && is_harmless(effect))
        return GW_VERDICT_NOT_DONE;
    if (p->count != effect->targets.len)
        return GW_VERDICT_UNKNOWN;
    for (size_t i = 0; i < p->count; i++)
        if (sign_of(p, i) == ODD) {
            *odd = i;
            return GW_VERDICT_UNKNOWN;
        }
    return weigh(p, odd);
}
