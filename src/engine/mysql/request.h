/*
 * engine/mysql/request - one word about a session to its server, on a connection of the moment and in a thread of its own.
 *
 * Dialling waits for the server, and for names to be resolved: where the way is stalled, whoever has to end in time cannot wait for
 * that. Asked is only a server that is the one we mean: behind a name or a balancer there may be several, and session numbers repeat.
 * A request that is still under way when nobody waits for it any longer ends by itself; until then it may still be heard, so that a
 * session which is to be told must not execute anything else.
 */
#ifndef GW_ENGINE_MYSQL_REQUEST_H
#define GW_ENGINE_MYSQL_REQUEST_H

#include "engine/mysql/target.h"

/* An expression that is another one on every server. */
#define GW_MYSQL_SERVER_IDENTITY "CONCAT_WS(':', @@hostname, @@port, @@server_id, @@datadir)"

typedef enum gw_mysql_request_kind {
    GW_MYSQL_KILL, /* end what the session executes; yes: it was told */
    GW_MYSQL_IDLE, /* is it certain that the server waits for a statement of the session? */
    GW_MYSQL_WORK  /* is it certain that it carries one out? */
} gw_mysql_request_kind;

typedef struct gw_mysql_request gw_mysql_request;

/* `server` is what the identity is there; NULL: not known, and then nobody is asked. Returns NULL when there is no thread for it. */
gw_mysql_request *
gw_mysql_request_start(gw_mysql_request_kind kind, const gw_mysql_target *t, const char *server, unsigned long session);
/* Answered, or it cannot be. */
bool gw_mysql_request_is_over(const gw_mysql_request *r);
/* Waits until it is over, at most until until_ms (gw_clock_ms()); r is gone in any case. False: it is still under way. */
bool gw_mysql_request_end(gw_mysql_request *r, int64_t until_ms, bool *yes);

#endif
