#include "migration/progress.h"

#include <string.h>

#include "base/hash.h"

enum { EACH_DIGITS = 8 };

static gw_str
each_of(gw_arena *a, const gw_script *s, size_t index)
{
    return gw_str_slice(gw_str_of(gw_script_digest(a, s, index)), 0, EACH_DIGITS);
}

/* ---- reading ---- */

static bool
is_hex(gw_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (strchr("0123456789abcdef", s.ptr[i]) == NULL)
            return false;
    return s.len > 0;
}

static gw_str
digest_in(gw_str word)
{
    return word.len == GW_SHA256_HEX && is_hex(word) ? word : (gw_str){"", 0};
}

static void
read_before(gw_arena *a, gw_str states, gw_progress *out)
{
    out->entered = gw_str_is(states, "entered");
    if (out->entered || states.len == 0)
        return;
    for (gw_str rest = states; rest.ptr != NULL;)
        *gw_vec_push(a, &out->before) = gw_str_cut(rest, ',', &rest);
}

void
gw_progress_read(gw_arena *a, const char *text, gw_progress *out)
{
    *out = (gw_progress){.prefix = {"", 0}, .each = {"", 0}, .next = {"", 0}};
    gw_str rest;
    out->prefix = digest_in(gw_str_cut(gw_str_of(text), ' ', &rest));
    while (rest.ptr != NULL) {
        gw_str value;
        const gw_str name = gw_str_cut(gw_str_cut(rest, ' ', &rest), '=', &value);
        if (value.ptr == NULL)
            continue;
        if (gw_str_is(name, "each") && is_hex(value) && value.len % EACH_DIGITS == 0)
            out->each = value;
        else if (gw_str_is(name, "next"))
            out->next = digest_in(value);
        else if (gw_str_is(name, "before"))
            read_before(a, value, out);
    }
}

/* ---- writing ---- */

char *
gw_progress_text(gw_arena *a, const gw_script *s, gw_prefix *prefix, size_t done, bool next)
{
    gw_buf out = gw_buf_new(a);
    gw_buf_puts(&out, gw_script_prefix_on(a, s, prefix, done)); /* which forgets `each` when it begins again */
    if (done > 0 && done <= GW_PROGRESS_EACH && done <= s->stmts.len) {
        if (prefix->each.arena == NULL)
            prefix->each = gw_buf_new(a);
        GW_SCOPE(scratch);
        for (size_t i = prefix->each.len / EACH_DIGITS; i < done; i++)
            gw_buf_add(&prefix->each, each_of(scratch, s, i));
        gw_buf_puts(&out, " each=");
        gw_buf_add(&out, gw_buf_str(&prefix->each));
    }
    if (next && done < s->stmts.len)
        gw_buf_printf(&out, " next=%s before=", gw_script_digest(a, s, done));
    return out.ptr;
}

/* ---- comparing ---- */

size_t
gw_progress_changed(gw_arena *a, const gw_progress *p, const gw_script *s, size_t done)
{
    const size_t there = done < s->stmts.len ? done : s->stmts.len;
    if (done == 0 || (there == done && gw_str_is(p->prefix, gw_script_prefix(a, s, done))))
        return SIZE_MAX;
    for (size_t i = 0; i < there && (i + 1) * EACH_DIGITS <= p->each.len; i++) {
        const gw_str kept = gw_str_slice(p->each, i * EACH_DIGITS, (i + 1) * EACH_DIGITS);
        if (!gw_str_eq(each_of(a, s, i), kept))
            return i;
    }
    return there;
}

bool
gw_progress_is_next(gw_arena *a, const gw_progress *p, const gw_script *s, size_t index)
{
    return p->next.len > 0 && index < s->stmts.len && gw_str_is(p->next, gw_script_digest(a, s, index));
}
