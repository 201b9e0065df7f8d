/*
 * engine/mysql/cancel - ending a statement from another thread.
 *
 * The server ends a statement only when a second connection asks it to. That is a request of its own thread (engine/mysql/request):
 * cancel() and drop() do not wait for it. One that is still under way when the statement has ended is waited for before the next one is
 * sent, so that it can never hit that. When the statement has not ended 5 s after it was to, whether anybody could be asked or not, our
 * own connection is shut, so that whoever waits for the answer does not wait for ever.
 */
#ifndef GW_ENGINE_MYSQL_CANCEL_H
#define GW_ENGINE_MYSQL_CANCEL_H

#include "engine/mysql/library.h"
#include <pthread.h>
#include <stdatomic.h>

#include "engine/mysql/request.h"

typedef struct gw_mysql_cancel {
    const gw_mysql_target *target;
    const char *server; /* its GW_MYSQL_SERVER_IDENTITY; NULL: not known yet */
    unsigned long session;
    int socket;                 /* a duplicate of the connection's */
    atomic_bool is_slow;        /* the next statement may take as long as what it undoes */
    pthread_mutex_t mutex;      /* guards what follows */
    bool busy;                  /* a statement is with the server */
    bool delivered;             /* the server was told that somebody cancelled it */
    int64_t began_ms, asked_ms; /* gw_clock_ms(); asked_ms 0: nobody cancelled it */
    gw_mysql_request *request;  /* to end it; may be under way. NULL: none */
    gw_mysql_request *question; /* whether the server is still at work on it; likewise */
} gw_mysql_cancel;

void gw_mysql_cancel_open(gw_mysql_cancel *c, const gw_mysql_target *t, MYSQL *my);
void gw_mysql_cancel_close(gw_mysql_cancel *c);
void gw_mysql_cancel_enter(gw_mysql_cancel *c);
/* Since it was entered: until when (gw_clock_ms()) the server has time to end it; 0: nobody asked for that. */
int64_t gw_mysql_cancel_until(gw_mysql_cancel *c);
bool gw_mysql_cancel_leave(gw_mysql_cancel *c); /* was it asked for? */
/* Any thread. Between statements they do nothing. */
void gw_mysql_cancel_ask(gw_mysql_cancel *c);
void gw_mysql_cancel_drop(gw_mysql_cancel *c, int64_t ms);

#endif
