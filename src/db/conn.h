/*
 * db/conn - a connection: how it is wanted, what every engine has of it, and what goes through it.
 */
#ifndef GW_DB_CONN_H
#define GW_DB_CONN_H

#include "base/interrupt.h"
#include "config/url.h"
#include "db/facts.h"

typedef struct gw_engine gw_engine;

/* The head of every engine's own connection struct. */
typedef struct gw_conn {
    const gw_engine *engine;
    gw_facts facts;
    int64_t affected; /* rows that the newest query() or exec() inserted, updated or deleted */
    int64_t inserted; /* the id that it gave to a new row; 0: none, or the engine has to be asked */
} gw_conn;

typedef void gw_notice_fn(void *ctx, const char *text);

/* One row; values are zero-terminated and live only during the call; NULL: SQL null. Returning false ends the query. */
typedef bool gw_row_fn(void *ctx, size_t columns, const char *const *values);

typedef struct gw_open_params {
    const gw_url *url;
    int64_t connect_timeout_ms;
    int64_t lock_timeout_ms; /* a statement's wait for table locks; 0: the server's own */
    /* GW_CAP_TX_LOCK: how long open() and begin() wait for another runner (GODWIT_LOCKED then); `interrupt` and cancel() end it. */
    int64_t lock_wait_ms;
    bool maintenance;  /* connect to the server, not to the database: for create, drop, exists */
    bool owns_process; /* see godwit_own_process() */
    bool read_only;    /* never create the file, write nothing (status, --pretend) */
    const gw_interrupt *
        interrupt; /* asked: open() ends with GODWIT_INTERRUPTED where it can (else within connect_timeout_ms); NULL: none */
    int64_t until_ms;     /* gw_clock_ms(): open() ends by then, whatever time-out the URL says; 0: no such end */
    gw_notice_fn *notice; /* may be NULL */
    void *notice_ctx;
    const char *first; /* a query that goes along with what open() has to ask itself; NULL: none */
    const char *
        otherwise; /* asked when the server refuses the first, or other nodes may know more; NULL: refused is refused */
    gw_row_fn *first_fn; /* for the rows of both */
    void *first_ctx;
} gw_open_params;

typedef struct gw_param {
    const char *text; /* NULL: SQL null */
} gw_param;

#endif
