/*
 * engine/mysql/statement - statements of the contract: executed, queried with parameters, and what the server had to
 * remark.
 */
#ifndef GW_ENGINE_MYSQL_STATEMENT_H
#define GW_ENGINE_MYSQL_STATEMENT_H

#include "engine/mysql/connection.h"

GW_CHECKED gw_rc gw_mysql_exec(gw_conn *c, gw_str sql, gw_err *e);
GW_CHECKED gw_rc gw_mysql_query(gw_conn *c, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn,
                                void *ctx, gw_err *e);

#endif
