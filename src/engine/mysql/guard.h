/*
 * engine/mysql/guard - an end to waiting for a server, for the first words with it.
 *
 * libmariadb has one time-out for the whole life of a connection, and statements may take hours. So a thread looks after the first ones:
 * when the time is over, or somebody wants to stop, it shuts the socket.
 */
#ifndef GW_ENGINE_MYSQL_GUARD_H
#define GW_ENGINE_MYSQL_GUARD_H

#include <pthread.h>

#include "base/interrupt.h"

typedef struct gw_mysql_guard {
    int socket, wake;
    const gw_interrupt *interrupt; /* may be NULL */
    int64_t until_ms;              /* gw_clock_ms(); 0: no end */
    pthread_t thread;
    bool is_started, has_shut;
} gw_mysql_guard;

void gw_mysql_guard_start(gw_mysql_guard *g, int socket, const gw_interrupt *interrupt, int64_t until_ms);
/* Whether it shut the socket. */
bool gw_mysql_guard_end(gw_mysql_guard *g);

#endif
