#include "engine/postgres/leftover.h"

#include "engine/postgres/backend.h"
#include "engine/postgres/resolve.h"
#include "engine/postgres/send.h"
#include "engine/postgres/transaction.h"
#include "postgres_sql.h"

#define ASIDE "godwit_invalid_"

static bool
take_leftover(void *ctx, size_t columns, const char *const *values)
{
    gw_pg_leftovers *const l = ctx;
    (void)columns;
    *gw_vec_push(l->arena, &l->items) = (gw_pg_leftover){
        .oid = gw_text(l->arena, values[0]),
        .name = gw_text(l->arena, values[1]),
        .who = gw_text(l->arena, values[2]),
        .table = gw_text(l->arena, values[3]),
        .aside = gw_text(l->arena, values[4]),
        .is_aside = gw_str_is(gw_str_of(values[5]), "t"),
    };
    return true;
}

/* As the role that the user's statements run as: theirs is what is dropped. */
gw_rc
gw_pg_leftovers_look(gw_arena *a, gw_pg *c, const char *which, gw_pg_leftovers *out, gw_err *e)
{
    const gw_pg_mark marks[] = {{"{which}", which}, {"{who}", gw_pg_backend_who(a, "l.pid")}, {"{aside}", ASIDE}};
    *out = (gw_pg_leftovers){.arena = a};
    return gw_pg_ask(c, gw_pg_fill(a, gw_sql_leftovers, marks, sizeof(marks) / sizeof(marks[0])), take_leftover, out,
                     e);
}

char *
gw_pg_leftovers_aside(gw_arena *a, const char *table)
{
    return gw_printf(a,
                     "(i.indrelid OPERATOR(pg_catalog.=) %s AND c.relname::pg_catalog.text OPERATOR(pg_catalog.=) "
                     "pg_catalog.concat('" ASIDE "', i.indexrelid))",
                     table);
}

static gw_rc
fail_in_use(const gw_pg_leftover *l, gw_err *e)
{
    gw_fail(e, GODWIT_FAILED, "the index %s is INVALID, and another session works on its table: %s", l->name, l->who);
    e->transient = true;
    e->lock_wait = true;
    return gw_err_hint(e, "it may be building that index, or dropping it: let it come to its end, then try again");
}

static bool
take_any(void *ctx, size_t columns, const char *const *values)
{
    (void)columns;
    (void)values;
    *(bool *)ctx = true;
    return false;
}

/* The name with the number. *right false: the old name means another index by now, or the index was finished. */
static gw_rc
rename_aside(gw_arena *a, gw_pg *c, const gw_pg_leftover *l, bool *right, gw_err *e)
{
    *right = false;
    GW_TRY(gw_pg_own(c, "BEGIN", e));
    GW_TRY(gw_pg_own(c, gw_printf(a, "ALTER INDEX IF EXISTS %s RENAME TO " ASIDE "%s", l->name, l->oid), e));
    const char *const which = gw_printf(a, "i.indexrelid OPERATOR(pg_catalog.=) %s::pg_catalog.oid AND %s", l->oid,
                                        gw_pg_leftovers_aside(a, "i.indrelid"));
    GW_TRY(gw_pg_ask(c,
                     gw_printf(a,
                               "SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c "
                               "ON c.oid OPERATOR(pg_catalog.=) i.indexrelid WHERE NOT i.indisvalid AND %s",
                               which),
                     take_any, right, e));
    return *right ? gw_pg_own(c, "COMMIT", e) : GODWIT_OK;
}

static gw_rc
drop(gw_arena *a, gw_pg *c, const gw_pg_leftover *l, bool by_name, gw_err *e)
{
    bool right = by_name || l->is_aside;
    const char *const name = right ? l->name : l->aside;
    if (!right && rename_aside(a, c, l, &right, e) != GODWIT_OK)
        right = false;
    gw_pg_rollback(&c->head); /* when it was not kept */
    if (!right)
        return e->rc;
    GW_TRY(gw_pg_own(c, gw_printf(a, "DROP INDEX CONCURRENTLY IF EXISTS %s", name), e));
    if (c->notice != NULL)
        c->notice(c->notice_ctx, gw_printf(a, "dropped the index %s, which an earlier try left INVALID", l->name));
    return GODWIT_OK;
}

static bool
holds(const gw_pg_leftovers *l, const gw_pg_leftover *wanted)
{
    for (size_t i = 0; i < l->items.len; i++)
        if (gw_str_is(gw_str_of(l->items.at[i].oid), wanted->oid))
            return true;
    return false;
}

/* Of those that were there before, the ones that still are: nobody may be building any of them. */
static gw_rc
look_again(gw_arena *a, gw_pg *c, const char *which, const gw_pg_leftovers *before, gw_pg_leftovers *out, gw_err *e)
{
    gw_pg_leftovers now;
    GW_TRY(gw_pg_leftovers_look(a, c, which, &now, e));
    *out = (gw_pg_leftovers){.arena = a};
    for (size_t i = 0; i < now.items.len; i++) {
        const gw_pg_leftover *const l = &now.items.at[i];
        if (before != NULL && !holds(before, l))
            continue;
        if (l->who != NULL)
            return fail_in_use(l, e);
        *gw_vec_push(a, &out->items) = *l;
    }
    return GODWIT_OK;
}

/* Looked at three times. Who had released his lock by the first is seen changing the row by the second, and has finished the index by the
 * third, in rename_aside(). */
gw_rc
gw_pg_leftovers_drop(gw_arena *a, gw_pg *c, const char *which, bool by_name, gw_err *e)
{
    gw_pg_leftovers first, l;
    GW_TRY(look_again(a, c, which, NULL, &first, e));
    if (first.items.len == 0)
        return GODWIT_OK;
    GW_TRY(look_again(a, c, which, &first, &l, e));
    c->quiet = true; /* somebody else may have dropped it meanwhile */
    for (size_t i = 0; i < l.items.len && e->rc == GODWIT_OK; i++)
        if (drop(a, c, &l.items.at[i], by_name, e) != GODWIT_OK)
            gw_err_note(e, "while dropping the index %s, which an earlier try left INVALID", l.items.at[i].name);
    c->quiet = false;
    return e->rc;
}
