#include "sql/rename.h"

#include <assert.h>
#include <string.h>

#include "sql/quote.h"

/* A name on its way through the list. Objects are numbered by the name that they had first. */
typedef struct place {
    gw_str name;
    gw_str parts[3];
    size_t count;
    size_t was, is; /* the object; `nobody`: there is none */
} place;

typedef gw_vec(place) places;

typedef enum likeness { DIFFERENT, SAME, UNCERTAIN } likeness;

enum { MOST = 1000 }; /* each name is compared with all others */
static const size_t nobody = SIZE_MAX;

static bool
is_like(gw_str a, gw_str b)
{
    return a.len == b.len && strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

/* Users are compared by their names alone: which hosts are the same nobody here knows. */
static likeness
compare(const place *a, const place *b, gw_object_kind kind)
{
    assert(a->count > 0 && b->count > 0);
    if (gw_str_eq(a->name, b->name))
        return SAME;
    if (kind == GW_OBJECT_ROLE)
        return is_like(a->parts[0], b->parts[0]) ? UNCERTAIN : DIFFERENT;
    if (!is_like(a->parts[a->count - 1], b->parts[b->count - 1]))
        return DIFFERENT;
    if (a->count != b->count)
        return UNCERTAIN;
    likeness all = SAME;
    for (size_t i = 0; i < a->count; i++) {
        if (!is_like(a->parts[i], b->parts[i]))
            return DIFFERENT;
        all = gw_str_eq(a->parts[i], b->parts[i]) ? all : UNCERTAIN;
    }
    return all;
}

/* 'u'@'h' without the host. */
static gw_str
user_of(gw_str name)
{
    gw_str rest;
    const char quote = name.len > 1 && strchr("'\"`", name.ptr[0]) != NULL ? name.ptr[0] : '\0';
    const gw_str begin = gw_str_slice(name, quote != '\0', name.len);
    return gw_str_trim(gw_str_cut(begin, quote != '\0' ? quote : '@', &rest));
}

/* Its index; a new one is the place of object `object`. SIZE_MAX: perhaps that of another name. */
static size_t
find_place(gw_arena *a, const gw_renames_params *p, places *all, gw_str name, bool is_taken)
{
    place new = {.name = name};
    if (p->kind == GW_OBJECT_ROLE) {
        new.parts[0] = user_of(name);
        new.count = 1;
    } else {
        new.count = gw_name_parts(a, name, p->dialect, new.parts);
    }
    for (size_t i = 0; i < all->len; i++) {
        const likeness like = compare(&new, &all->at[i], p->kind);
        if (like == SAME)
            return i;
        if (like == UNCERTAIN && p->renames->len > 1) /* a single one does no harm twice if both are the same */
            return SIZE_MAX;
    }
    new.was = new.is = is_taken ? all->len : nobody;
    *gw_vec_push(a, all) = new;
    return all->len - 1;
}

static void
add_target(gw_arena *a, const gw_renames_params *p, const place *n, gw_targets *out)
{
    const bool was = n->was != nobody;
    const bool is = n->is != nobody;
    *gw_vec_push(a, out) = (gw_target){
        .role = was && is ? GW_TARGET_CHANGED
                : was     ? GW_TARGET_DROPPED
                          : GW_TARGET_CREATED,
        .kind = p->kind,
        .name = n->name,
        .on = {"", 0},
        .lenient = p->lenient,
        .unsure = was && is,
    };
}

bool
gw_renames_sum(gw_arena *a, const gw_renames_params *p, gw_targets *out)
{
    places all = {0};
    if (p->renames->len > MOST)
        return false;
    for (size_t i = 0; i < p->renames->len; i++) {
        const gw_rename *const r = &p->renames->at[i];
        const size_t from = find_place(a, p, &all, r->from, true);
        const size_t to = find_place(a, p, &all, r->to, false);
        if (from == SIZE_MAX || to == SIZE_MAX)
            return false;
        if (from == to)
            continue;
        all.at[to].is = all.at[from].is;
        all.at[from].is = nobody;
    }
    for (size_t i = 0; i < all.len; i++)
        if (all.at[i].was != all.at[i].is)
            add_target(a, p, &all.at[i], out);
    return true;
}
