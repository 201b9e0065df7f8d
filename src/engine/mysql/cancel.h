/*
 * engine/mysql/cancel - ending a statement from another thread.
 *
 * The server ends a statement only when a second connection asks it to. That is dialled for the moment, with short
 * time limits, and asks only a server that is the one we mean: behind a name or a balancer there may be several, and
 * session numbers repeat. When nobody can be asked, or the statement has not ended 5 s later, our own connection is shut, so
 * that whoever waits for the answer does not wait for ever. While a cancellation is under way the statement cannot end, so
 * that it never hits the next one.
 */
#ifndef GW_ENGINE_MYSQL_CANCEL_H
#define GW_ENGINE_MYSQL_CANCEL_H

#include "engine/mysql/library.h"
#include <pthread.h>
#include <stdatomic.h>

#include "engine/mysql/target.h"

typedef struct gw_mysql_cancel {
    const gw_mysql_target *target;
    const char *server; /* what gw_mysql_cancel_server says there; NULL: not known yet */
    unsigned long session;
    int socket;                 /* a duplicate of the connection's */
    atomic_bool is_slow;        /* the next statement may take as long as what it undoes */
    pthread_mutex_t mutex;      /* guards what follows */
    bool busy;                  /* a statement is with the server */
    bool delivered;             /* the server was told that somebody cancelled it */
    int64_t began_ms, asked_ms; /* gw_clock_ms(); asked_ms 0: nobody cancelled it */
} gw_mysql_cancel;

/* An expression that is another one on every server. */
#define GW_MYSQL_SERVER_IDENTITY "CONCAT_WS(':', @@hostname, @@port, @@server_id, @@datadir)"

void gw_mysql_cancel_open(gw_mysql_cancel *c, const gw_mysql_target *t, MYSQL *my);
void gw_mysql_cancel_close(gw_mysql_cancel *c);
void gw_mysql_cancel_enter(gw_mysql_cancel *c);
bool gw_mysql_cancel_is_asked(gw_mysql_cancel *c); /* since it was entered */
bool gw_mysql_cancel_leave(gw_mysql_cancel *c);    /* was it asked for? */
/* Any thread. Between statements they do nothing. */
void gw_mysql_cancel_ask(gw_mysql_cancel *c);
void gw_mysql_cancel_drop(gw_mysql_cancel *c, int64_t ms);

#endif
