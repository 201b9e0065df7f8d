/*
 * engine/mysql/connection - one connection: its state, and how statements go through it.
 *
 * Every statement, the user's and godwit's, goes through gw_mysql_send_parts(): one place that can be cancelled, that
 * drains results and that turns failures into errors.
 *
 * A packet may hold several statements; the server carries them out one by one and stops at the first that fails. It may be told to
 * take only one: that costs a round trip, so it is done when the first statement comes that it could read as two.
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
    gw_mysql_session session;
    gw_arena *foresight; /* engine/mysql/foresight: NULL, or that of `absent` */
    gw_map *absent;
    gw_arena *arena;      /* the connection's own */
    gw_notice_fn *notice; /* may be NULL */
    void *notice_ctx;
    unsigned long max_packet; /* the server takes no longer packet; 0: not known */
    bool takes_several;       /* it would take several statements in a packet now */
    bool refuses_several;     /* it never does */
    bool was_cancelled;       /* somebody wanted the newest packet to end */
    bool lost;
} gw_mysql_conn;

/* A statement on its way, and what came of it. */
typedef struct gw_mysql_part {
    gw_str sql;
    gw_row_fn *fn; /* of every result; NULL: rows are read and dropped */
    void *ctx;
    bool is_users; /* what it changes in the session is looked for */
    /* out */
    int64_t affected, inserted, ended_ms;
    unsigned warnings;
    bool has_rows;
} gw_mysql_part;

gw_mysql_conn *gw_mysql_of(gw_conn *c);

/* One statement of ours; rows of every result go to fn (may be NULL). */
GW_CHECKED gw_rc gw_mysql_send(gw_mysql_conn *c, gw_str sql, gw_row_fn *fn, void *ctx, gw_err *e);
/* One statement of the user's, whatever the server would make of it; `traits` of gw_mysql_traits(). *part: without its text. */
GW_CHECKED gw_rc gw_mysql_send_users(gw_mysql_conn *c, gw_str sql, unsigned traits, gw_mysql_part *part, gw_err *e);
/* Several, each with one result but the last, in as few packets as hold them. *done: how many were carried out; the next one failed. */
GW_CHECKED gw_rc gw_mysql_send_parts(gw_mysql_conn *c, gw_mysql_part *parts, size_t count, size_t *done, gw_err *e);

/* The traits of a statement as the session reads it now. */
unsigned gw_mysql_traits_now(const gw_mysql_conn *c, gw_str sql);

/* Of the contract. */
bool gw_mysql_is_alive(gw_conn *c);

#endif
