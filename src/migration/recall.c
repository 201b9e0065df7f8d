#include "migration/recall.h"

#include "sql/reliance.h"

/* ---- what a session holds ---- */

typedef struct entry {
    gw_memory_item item;
    size_t set_by, root;
    bool is_lost;     /* a new session has another, or none */
    bool can_be_said; /* though not with the same value */
    bool is_gone;
} entry;
typedef gw_vec(entry) entries;

typedef struct session {
    gw_arena *a;
    const gw_script *script;
    gw_memory *memories; /* one a kept statement */
    size_t done, tail;   /* from `tail` on the kept statements only looked */
    entries held;
    entries told; /* what an EXECUTE may set */
    bool *says, *can_say;
} session;

static entry *
find(const entries *list, const gw_memory_item *item)
{
    for (size_t i = 0; i < list->len; i++)
        if (!list->at[i].is_gone && gw_memory_is_same(&list->at[i].item, item))
            return &list->at[i];
    return NULL;
}

/* What is lost and the statement relies on; the one that began earliest. NULL: nothing. */
static const entry *
find_lost(const entries *list, const gw_memory *m)
{
    const entry *found = NULL;
    for (size_t i = 0; i < list->len; i++) {
        const entry *const one = &list->at[i];
        if (one->is_lost && !one->is_gone && (found == NULL || one->root < found->root) &&
            gw_reliance_on(m, &one->item))
            found = one;
    }
    return found;
}

static bool
asks(const gw_memory *m, gw_memory_kind kind)
{
    return gw_reliance_on(m, &(gw_memory_item){.kind = kind, .name = {"", 0}});
}

static bool
leaves(const gw_memory *m, gw_memory_kind kind)
{
    for (size_t i = 0; i < m->items.len; i++)
        if (m->items.at[i].kind == kind)
            return true;
    return false;
}

/* ---- the kept statements ---- */

/* It speaks to the session, or only looks. */
static bool
is_quiet(const gw_memory *m)
{
    return m->source != GW_MEMORY_ACTS && !leaves(m, GW_MEMORY_GLOBAL);
}

/* A setting of the server stays as a later statement set it. */
static bool
is_overtaken(const session *s, size_t index)
{
    for (size_t i = index + 1; i < s->done; i++)
        for (size_t k = 0; k < s->memories[i].items.len; k++) {
            const gw_memory_item *const item = &s->memories[i].items.at[k];
            if (item->kind == GW_MEMORY_GLOBAL && gw_reliance_on(&s->memories[index], item))
                return true;
        }
    return false;
}

/* LOCK TABLES, UNLOCK TABLES: the locks are the runner's business. */
static bool
locks(const session *s, size_t index)
{
    for (size_t i = 0; i < s->script->units.len; i++) {
        const gw_unit *const unit = &s->script->units.at[i];
        if (!unit->transaction && unit->count > 1 && (index == unit->first || index == unit->first + unit->count - 1))
            return true;
    }
    return false;
}

/* Would saying it again give what it gave? */
static bool
is_same_again(const session *s, size_t index, const entry *lost)
{
    const gw_memory *const m = &s->memories[index];
    if (lost != NULL || !is_quiet(m) || asks(m, GW_MEMORY_LAST_ID) || asks(m, GW_MEMORY_ROW_COUNT))
        return false;
    return index >= s->tail || (m->source == GW_MEMORY_SAME && !is_overtaken(s, index));
}

/* What cannot even be said: a function that may act is not called again, nor what was made of its result. */
static bool
relies_on_unsayable(const entries *list, const gw_memory *m)
{
    for (size_t i = 0; i < list->len; i++)
        if (list->at[i].is_lost && !list->at[i].is_gone && !list->at[i].can_be_said &&
            gw_reliance_on(m, &list->at[i].item))
            return true;
    return false;
}

static bool
can_say(const session *s, size_t index)
{
    const gw_memory *const m = &s->memories[index];
    return m->class.kind == GW_CLASS_SESSION && is_quiet(m) && !locks(s, index) && !relies_on_unsayable(&s->held, m);
}

static void
unsay(const session *s, size_t index)
{
    s->says[index] = s->can_say[index] = false;
}

/* A prepared statement that is gone again need not be made; another of its name was made in its place. */
static void
unsay_prepared(const session *s, const entry *old)
{
    if (old->item.kind == GW_MEMORY_PREPARED)
        unsay(s, old->set_by);
}

static void
end(session *s, const gw_memory_item *item, size_t index)
{
    for (size_t i = 0; i < s->held.len; i++) {
        entry *const one = &s->held.at[i];
        const bool is_meant = item->name.len == 0 ? one->item.kind == item->kind : gw_memory_is_same(&one->item, item);
        if (one->is_gone || !is_meant)
            continue;
        unsay_prepared(s, one);
        one->is_gone = true;
    }
    if (item->kind == GW_MEMORY_PREPARED && item->name.len > 0)
        unsay(s, index);
}

static void
set(session *s, const gw_memory_item *item, const entry *made)
{
    entry *const old = find(&s->held, item);
    entry now = *made;
    now.item = *item;
    if (old != NULL) {
        unsay_prepared(s, old);
        now.is_lost |= item->act == GW_MEMORY_MAY_SET && old->is_lost;
        *old = now;
        return;
    }
    *gw_vec_push(s->a, &s->held) = now;
}

/* What the texts may set that were said until now. */
static void
execute(session *s, size_t index)
{
    for (size_t i = 0; i < s->told.len; i++)
        set(s, &s->told.at[i].item, &(entry){.set_by = index, .root = index, .is_lost = true});
}

static void
keep(session *s, size_t index)
{
    const gw_memory *const m = &s->memories[index];
    const entry *const lost = find_lost(&s->held, m);
    const bool is_same = is_same_again(s, index, lost);
    entry made = {.set_by = index, .root = index, .is_lost = !is_same};
    s->can_say[index] = made.can_be_said = can_say(s, index);
    s->says[index] =
        is_same &&
        (m->class.kind == GW_CLASS_SESSION ? s->can_say[index] : m->class.kind == GW_CLASS_QUERY && m->items.len > 0);
    if (lost != NULL && lost->root < index)
        made.root = lost->root;
    else if (index > 0 && asks(m, GW_MEMORY_ROW_COUNT))
        made.root = index - 1;
    for (size_t i = 0; i < m->items.len; i++) {
        const gw_memory_item *const item = &m->items.at[i];
        if (item->act == GW_MEMORY_ENDS)
            end(s, item, index);
        else if (item->act == GW_MEMORY_TELLS)
            *gw_vec_push(s->a, &s->told) = (entry){.item = *item};
        else if (item->kind != GW_MEMORY_GLOBAL)
            set(s, item, &made);
    }
    if (m->executes)
        execute(s, index);
}

/* ---- the statements still to come ---- */

static bool
find_gap(session *s, size_t index, const gw_memory *m, gw_recall_gap *out)
{
    const entry *const lost = find_lost(&s->held, m);
    if (lost != NULL) {
        *out = (gw_recall_gap){.item = lost->item, .used_by = index, .set_by = lost->set_by, .root = lost->root};
        return true;
    }
    if (index != s->done || s->done == 0 || !asks(m, GW_MEMORY_ROW_COUNT))
        return false;
    *out = (gw_recall_gap){.item = {.kind = GW_MEMORY_ROW_COUNT, .name = {"", 0}},
                           .used_by = index,
                           .set_by = index - 1,
                           .root = index - 1};
    return true;
}

/* From here on it is as if nothing had happened to it. */
static void
renew(session *s, const gw_memory *m)
{
    for (size_t i = 0; i < m->items.len; i++) {
        const gw_memory_item *const item = &m->items.at[i];
        for (size_t k = 0; k < s->held.len; k++) {
            const bool is_all = item->act == GW_MEMORY_ENDS && item->name.len == 0;
            entry *const one = &s->held.at[k];
            if (item->act != GW_MEMORY_TELLS &&
                (is_all ? one->item.kind == item->kind : gw_memory_is_same(&one->item, item)))
                one->is_gone = true;
        }
    }
}

/* To give up a prepared statement one must have it, whatever it says. */
static bool
gives_up(const session *s, const gw_memory *m, size_t index, gw_recall_gap *out)
{
    for (size_t i = 0; i < m->items.len; i++) {
        const gw_memory_item *const item = &m->items.at[i];
        const entry *const one = find(&s->held, item);
        if (item->kind != GW_MEMORY_PREPARED || item->act != GW_MEMORY_ENDS || one == NULL || !one->is_lost)
            continue;
        *out = (gw_recall_gap){.item = one->item, .used_by = index, .set_by = one->set_by, .root = one->root};
        for (size_t k = one->root; one->can_be_said && k <= one->set_by; k++)
            s->says[k] |= s->can_say[k];
        return !one->can_be_said;
    }
    return false;
}

static void
look_ahead(session *s, gw_recall *out)
{
    for (size_t i = s->done; i < s->script->stmts.len && !out->has_gap; i++) {
        gw_memory m;
        gw_memory_read(s->a, gw_script_statement(s->script, i), s->script->dialect, &m);
        out->has_gap = find_gap(s, i, &m, &out->gap) || gives_up(s, &m, i, &out->gap);
        renew(s, &m);
    }
}

void
gw_recall_read(gw_arena *a, const gw_script *s, size_t done, gw_recall *out)
{
    done = done < s->stmts.len ? done : s->stmts.len;
    session r = {.a = a, .script = s, .done = done, .tail = done};
    *out = (gw_recall){.says = gw_new_array(a, bool, done)};
    r.says = out->says;
    r.can_say = gw_new_array(a, bool, done);
    r.memories = gw_new_array(a, gw_memory, done);
    for (size_t i = 0; i < done; i++)
        gw_memory_read(a, gw_script_statement(s, i), s->dialect, &r.memories[i]);
    while (r.tail > 0 && is_quiet(&r.memories[r.tail - 1]))
        r.tail--;
    for (size_t i = 0; i < done; i++)
        keep(&r, i);
    look_ahead(&r, out);
}

const char *
gw_recall_show(gw_arena *a, const gw_recall_gap *gap)
{
    static const char *const verbs[] = {
        [GW_MEMORY_VARIABLE] = "set from data", [GW_MEMORY_TEMPORARY] = "made", [GW_MEMORY_PREPARED] = "made",
        [GW_MEMORY_CURSOR] = "opened",          [GW_MEMORY_SETTING] = "set",    [GW_MEMORY_GLOBAL] = "set",
        [GW_MEMORY_LAST_ID] = "gave",           [GW_MEMORY_ROW_COUNT] = "gave",
    };
    return gw_printf(a, "%s, which statement %zu %s", gw_memory_show(a, &gap->item), gap->set_by + 1,
                     verbs[gap->item.kind]);
}

/* ---- another try ---- */

bool
gw_recall_is_exposed(gw_arena *a, const gw_script *s, size_t from, size_t to, const gw_memory_item *what)
{
    for (size_t i = from; i < to; i++) {
        gw_memory m;
        gw_memory_read(a, gw_script_statement(s, i), s->dialect, &m);
        if (gw_reliance_on(&m, what))
            return true;
        for (size_t k = 0; k < m.items.len; k++) {
            const gw_memory_item *const item = &m.items.at[k];
            const bool is_all = item->act == GW_MEMORY_ENDS && item->name.len == 0;
            if (is_all ? item->kind != what->kind : !gw_memory_is_same(item, what))
                continue;
            if (item->refuses)
                return true;
            if (item->act == GW_MEMORY_SETS || item->act == GW_MEMORY_ENDS)
                return false;
        }
    }
    return false;
}

bool
gw_recall_is_dirty(const gw_script *s, size_t from, size_t to, size_t at)
{
    GW_SCOPE(a);
    for (size_t i = from; i < to && i <= at; i++) {
        gw_memory m;
        gw_memory_read(a, gw_script_statement(s, i), s->dialect, &m);
        if (m.executes && gw_memory_survives(GW_MEMORY_VARIABLE, s->dialect.kind))
            return true;
        for (size_t k = 0; k < m.items.len; k++)
            if (gw_memory_survives(m.items.at[k].kind, s->dialect.kind) &&
                gw_recall_is_exposed(a, s, from, to, &m.items.at[k]))
                return true;
    }
    return false;
}

/* Neither a setting nor an answer of the server's. */
static bool
is_own(gw_memory_kind kind)
{
    return kind == GW_MEMORY_VARIABLE || kind == GW_MEMORY_TEMPORARY || kind == GW_MEMORY_PREPARED ||
           kind == GW_MEMORY_CURSOR;
}

bool
gw_recall_leaves(const gw_script *s)
{
    for (size_t i = 0; i < s->stmts.len; i++) {
        GW_SCOPE(a);
        gw_memory m;
        gw_memory_read(a, gw_script_statement(s, i), s->dialect, &m);
        if (m.executes)
            return true;
        for (size_t k = 0; k < m.items.len; k++)
            if (m.items.at[k].act != GW_MEMORY_ENDS && is_own(m.items.at[k].kind))
                return true;
    }
    return false;
}
