/*
 * engine/postgres/backend - who is connected, and what he runs. Of other users' sessions not everybody may know that.
 */
#ifndef GW_ENGINE_POSTGRES_BACKEND_H
#define GW_ENGINE_POSTGRES_BACKEND_H

#include "db/engine.h"

/* The session s of pg_stat_activity for people, as an expression; `pid` is its number when s is missing too. */
char *gw_pg_backend_who(gw_arena *a, const char *pid);
/* The first row of `sql`, with one parameter: its pid, who that is, since when, what it runs. who NULL: there is none. */
GW_CHECKED gw_rc gw_pg_backend_find(gw_arena *a, gw_conn *c, const char *sql, const char *param, gw_lock_holder *out,
                                    gw_err *e);
/* Of the contract. */
GW_CHECKED gw_rc gw_pg_twin(gw_arena *a, gw_conn *c, gw_str sql, gw_lock_holder *out, gw_err *e);

#endif
