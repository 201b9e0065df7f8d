#include "migration/likeness.h"

#include "migration/rewrite.h"

/* A statement that is sent, and how it is kept. */
typedef struct sent {
    size_t index;
    bool transaction, enters;
    bool joins; /* the one before it */
} sent;
typedef gw_vec(sent) sents;

static void
list(gw_arena *a, const gw_script *s, sents *out)
{
    size_t last = SIZE_MAX, unit = 0; /* a verify script has no units */
    for (size_t i = 0; i < s->stmts.len; i++) {
        while (unit < s->units.len && i >= s->units.at[unit].first + s->units.at[unit].count)
            unit++;
        if (gw_rewrite_is_own(s, i))
            continue;
        sent *const one = gw_vec_push(a, out);
        *one = (sent){.index = i, .joins = unit == last};
        one->transaction = unit < s->units.len && s->units.at[unit].transaction;
        one->enters = unit < s->units.len && s->units.at[unit].enters;
        last = unit < s->units.len ? unit : SIZE_MAX;
    }
}

static const char *
compare_files(const gw_script *one, const gw_script *other)
{
    const gw_directives *const a = &one->file_rules, *const b = &other->file_rules;
    bool is_same = a->assertions.len == b->assertions.len;
    for (size_t i = 0; is_same && i < a->assertions.len; i++)
        is_same = gw_str_eq(a->assertions.at[i].query, b->assertions.at[i].query);
    if (!is_same)
        return "what is to hold before it";
    if (!gw_strs_eq(&a->skip_on, &b->skip_on) || !gw_strs_eq(&a->only_on, &b->only_on))
        return "where it runs";
    return (one->expanded == NULL) != (other->expanded == NULL) ? "whether variables are expanded" : NULL;
}

static const char *
compare(const gw_script *one, const gw_script *other, const sent *x, const sent *y)
{
    const gw_directives *const a = &one->rules[x->index], *const b = &other->rules[y->index];
    if (!gw_str_eq(gw_script_statement(one, x->index), gw_script_statement(other, y->index)))
        return "its text";
    if (one->stmts.at[x->index].has_data != other->stmts.at[y->index].has_data ||
        !gw_str_eq(gw_script_data(one, x->index), gw_script_data(other, y->index)))
        return "its data";
    if (x->transaction != y->transaction || x->enters != y->enters || x->joins != y->joins)
        return "the transaction in which it runs";
    if (a->timeout_ms != b->timeout_ms || a->lock_timeout_ms != b->lock_timeout_ms)
        return "its timeout";
    return gw_strs_eq(&a->nolint, &b->nolint) ? NULL : "what lint leaves out";
}

gw_difference
gw_likeness(gw_arena *a, const gw_script *one, const gw_script *other)
{
    sents xs = {0}, ys = {0};
    list(a, one, &xs);
    list(a, other, &ys);
    const char *what = compare_files(one, other);
    if (what != NULL)
        return (gw_difference){what, SIZE_MAX};
    for (size_t i = 0; i < xs.len && i < ys.len; i++) {
        what = compare(one, other, &xs.at[i], &ys.at[i]);
        if (what != NULL)
            return (gw_difference){what, xs.at[i].index};
    }
    if (xs.len == ys.len)
        return (gw_difference){0};
    return (gw_difference){"how many statements there are", ys.len < xs.len ? xs.at[ys.len].index : SIZE_MAX};
}
