#include "sql/part.h"

#include <string.h>

#include "sql/object.h"
#include "sql/quote.h"

enum { MOST = 100 }; /* each part is compared with all others, and asked for */

/* ---- names ---- */

bool
gw_part_columns(gw_arena *a, gw_str list, gw_dialect dialect, gw_names *out)
{
    gw_cursor c = gw_cursor_at(list, dialect);
    *out = (gw_names){0};
    do {
        gw_str parts[3];
        gw_cursor_next(&c); /* the bracket, or a comma */
        const gw_str name = gw_object_read_name(&c, false);
        if (name.len == 0 || gw_name_parts(a, name, dialect, parts) != 1)
            return false;
        *gw_vec_push(a, out) = parts[0];
        gw_cursor_skip_group(&c); /* how much of it */
        if (!gw_cursor_accept(&c, "ASC"))
            (void)gw_cursor_accept(&c, "DESC");
    } while (gw_cursor_sign(&c, ','));
    return c.t.kind == GW_TOKEN_CLOSE;
}

bool
gw_part_is_like(gw_arena *a, gw_str one, gw_str other, gw_dialect dialect)
{
    gw_str x[3], y[3];
    const size_t count = gw_name_parts(a, one, dialect, x);
    return count > 0 && count == gw_name_parts(a, other, dialect, y) && x[count - 1].len == y[count - 1].len &&
           strncasecmp(x[count - 1].ptr, y[count - 1].ptr, x[count - 1].len) == 0;
}

/* ---- one ---- */

gw_part *
gw_parts_add(gw_arena *a, gw_parts *parts, gw_target t)
{
    gw_part *const p = gw_vec_push(a, parts);
    *p = (gw_part){.t = t, .bare = t.name};
    p->t.vague = t.name.len == 0;
    if (t.kind == GW_OBJECT_TABLE)
        p->t.on = (gw_str){"", 0};
    return p;
}

/* ---- all ---- */

static bool
has_twins(const gw_target *t)
{
    return t->name.len > 0 && t->name.ptr[0] != '(' && t->kind != GW_OBJECT_TABLE;
}

/* A constraint may be an index, a foreign key or a check. */
static bool
may_be(gw_object_kind kind, gw_object_kind other)
{
    return kind == other || (kind == GW_OBJECT_CONSTRAINT &&
                             (other == GW_OBJECT_INDEX || other == GW_OBJECT_CHECK || other == GW_OBJECT_FOREIGN_KEY));
}

static bool
is_same(const gw_part *x, const gw_part *y)
{
    return has_twins(&x->t) && has_twins(&y->t) && (may_be(x->t.kind, y->t.kind) || may_be(y->t.kind, x->t.kind)) &&
           x->bare.len == y->bare.len && strncasecmp(x->bare.ptr, y->bare.ptr, x->bare.len) == 0;
}

/* Whose name is given away and taken again: it may look as before. What is dropped and made anew can be so once more, but a
 * column or a partition would lose what came in since; and names that change hands would change them back. */
static void
remake(gw_part *p, bool is_swap, bool may_be_absent)
{
    const gw_object_kind kind = p->t.kind;
    p->t.role = may_be_absent ? GW_TARGET_CREATED : GW_TARGET_CHANGED;
    p->t.lenient = false;
    p->t.again = kind == GW_OBJECT_PARTITION ? is_swap : kind != GW_OBJECT_COLUMN && !is_swap;
    p->t.unsure = !p->t.again;
    p->t.vague = p->t.again || !is_swap;
}

/* Two actions about one part. */
static void
join(gw_part *p, const gw_part *more)
{
    const gw_part *const dropped = p->t.role == GW_TARGET_DROPPED ? p : more;
    const bool may_be_absent = dropped->t.lenient;
    if (more->t.role == GW_TARGET_CHANGED || p->t.role == more->t.role)
        return;
    if (p->t.role == GW_TARGET_CHANGED) {
        *p = *more;
        return;
    }
    if (p->t.kind != more->t.kind)
        p->t.kind =
            p->t.kind == GW_OBJECT_INDEX || more->t.kind == GW_OBJECT_INDEX ? GW_OBJECT_INDEX : GW_OBJECT_CONSTRAINT;
    if (p->t.role == GW_TARGET_DROPPED)
        p->t.definition = more->t.definition;
    remake(p, p->moved && more->moved, may_be_absent);
}

static void
join_all(gw_parts *parts)
{
    size_t kept = 0;
    for (size_t i = 0; i < parts->len; i++) {
        size_t twin = 0;
        while (twin < kept && !is_same(&parts->at[twin], &parts->at[i]))
            twin++;
        if (twin < kept)
            join(&parts->at[twin], &parts->at[i]);
        else
            parts->at[kept++] = parts->at[i];
    }
    parts->len = kept;
}

static bool
is_plain(const gw_part *p, gw_object_kind kind, gw_target_role role)
{
    return p->t.kind == kind && p->t.role == role && !p->moved;
}

/* An index goes with its columns: one of the same name may have been there before. */
static void
loosen_indexes(gw_parts *parts)
{
    size_t i = 0;
    while (i < parts->len && !is_plain(&parts->at[i], GW_OBJECT_COLUMN, GW_TARGET_DROPPED))
        i++;
    if (i == parts->len)
        return;
    for (i = 0; i < parts->len; i++)
        parts->at[i].t.vague |= is_plain(&parts->at[i], GW_OBJECT_INDEX, GW_TARGET_CREATED);
}

static void
unquote_all(gw_arena *a, gw_parts *parts, gw_dialect dialect)
{
    for (size_t i = 0; i < parts->len; i++) {
        gw_str names[3];
        gw_part *const p = &parts->at[i];
        const size_t count = gw_name_parts(a, p->t.name, dialect, names);
        p->bare = count > 0 ? names[count - 1] : p->t.name;
    }
}

bool
gw_parts_sum(gw_arena *a, gw_parts *parts, gw_dialect dialect, gw_targets *out)
{
    if (parts->len > MOST)
        return false;
    unquote_all(a, parts, dialect);
    join_all(parts);
    loosen_indexes(parts);
    for (size_t i = 0; i < parts->len; i++)
        *gw_vec_push(a, out) = parts->at[i].t;
    return true;
}
