/*
 * engine/postgres/change - the user's statements, and what they may change in their session.
 */
#ifndef GW_ENGINE_POSTGRES_CHANGE_H
#define GW_ENGINE_POSTGRES_CHANGE_H

#include "engine/postgres/session.h"

/* What a statement may change in its session, by its first word and its text: what functions do is not seen. */
typedef enum gw_pg_change {
    GW_PG_ROLE = 1,
    GW_PG_ENCODING = 2,
    GW_PG_PREPARED = 4,  /* prepared statements */
    GW_PG_READ_ONLY = 8, /* this transaction, or those after it */
    GW_PG_LOCKS = 16     /* advisory locks */
} gw_pg_change;
unsigned gw_pg_may_change(gw_str verb, gw_str sql);

/* Execute one, and remember what it may have changed. */
GW_CHECKED gw_rc gw_pg_exec_users(gw_pg *c, gw_str sql, gw_err *e);

#endif
