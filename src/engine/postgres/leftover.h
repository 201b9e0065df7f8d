/*
 * engine/postgres/leftover - INVALID indexes: looked for, and dropped without ever hitting another one.
 *
 * SQL drops by name, and between a look at an index and its drop the name can have come to mean another index: somebody else may have
 * dropped the one and built the other, and the drop would wait until that was finished. So an index is first given a name with its number in
 * it, godwit_invalid_4711, and only if it was the right one, and still INVALID, that is kept. Should the drop not come to pass, the name
 * tells what it is.
 */
#ifndef GW_ENGINE_POSTGRES_LEFTOVER_H
#define GW_ENGINE_POSTGRES_LEFTOVER_H

#include "engine/postgres/session.h"

typedef struct gw_pg_leftover {
    const char *oid, *name; /* qualified and quoted */
    const char *who;        /* works on its table so that he may be building it; NULL: nobody */
    const char *table;      /* its oid */
    const char *aside;      /* the name with its number */
    bool is_aside;          /* it has that already */
} gw_pg_leftover;

typedef struct gw_pg_leftovers {
    gw_arena *arena;
    gw_vec(gw_pg_leftover) items;
} gw_pg_leftovers;

/* Those for which the condition `which` holds: over i, c and n of sql/leftovers.sql. */
GW_CHECKED gw_rc gw_pg_leftovers_look(gw_arena *a, gw_pg *c, const char *which, gw_pg_leftovers *out, gw_err *e);
/* Drop those, and say so. `by_name`: nothing but leftovers ever has such a name. GODWIT_FAILED, transient, when somebody may be building one. */
GW_CHECKED gw_rc gw_pg_leftovers_drop(gw_arena *a, gw_pg *c, const char *which, bool by_name, gw_err *e);
/* A condition: those of the table, an expression, that were put aside and not dropped. */
char *gw_pg_leftovers_aside(gw_arena *a, const char *table);

#endif
