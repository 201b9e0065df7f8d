/*
 * engine/mysql/connection - one connection: its state, and how a statement goes through it.
 *
 * Every statement, the user's and godwit's, goes through gw_mysql_send(): one place that can be cancelled, that
 * drains results and that turns failures into errors.
 */
#ifndef GW_ENGINE_MYSQL_CONNECTION_H
#define GW_ENGINE_MYSQL_CONNECTION_H

#include "engine/mysql/cancel.h"
#include "engine/mysql/session.h"

typedef struct gw_mysql_conn {
    gw_conn head; /* first: every gw_conn of this engine is one of these */
    MYSQL *my;
    gw_mysql_target target;
    gw_mysql_cancel cancel;
    gw_mysql_session session; /* as it began */
    gw_arena *arena;          /* the connection's own */
    gw_notice_fn *notice;     /* may be NULL */
    void *notice_ctx;
    unsigned long max_packet; /* the server takes no longer statement; 0: not known */
    bool lost;
} gw_mysql_conn;

gw_mysql_conn *gw_mysql_of(gw_conn *c);

/* One statement; rows of every result go to fn (may be NULL). */
GW_CHECKED gw_rc gw_mysql_send(gw_mysql_conn *c, gw_str sql, gw_row_fn *fn, void *ctx, gw_err *e);

/* Of the contract. */
GW_CHECKED gw_rc gw_mysql_open(gw_arena *a, const gw_open_params *p, gw_conn **out, gw_err *e);
bool gw_mysql_is_missing_database(const gw_err *e);
bool gw_mysql_is_alive(gw_conn *c);

#endif
