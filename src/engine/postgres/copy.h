/*
 * engine/postgres/copy - COPY … FROM STDIN with its data, as dumps hold it.
 */
#ifndef GW_ENGINE_POSTGRES_COPY_H
#define GW_ENGINE_POSTGRES_COPY_H

#include "db/engine.h"

/* Of the contract. `data` is what stands between the statement and the end mark, without that. */
GW_CHECKED gw_rc gw_pg_copy_in(gw_conn *c, gw_str sql, gw_str data, gw_err *e);

#endif
