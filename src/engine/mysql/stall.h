/*
 * engine/mysql/stall - a packet whose rest the server has forgotten.
 *
 * When MariaDB is told to end a statement at the moment between two of one packet, it drops those that are left. It has
 * promised their results by then, and never sends them: whoever waits for the next one waits for ever.
 */
#ifndef GW_ENGINE_MYSQL_STALL_H
#define GW_ENGINE_MYSQL_STALL_H

#include "engine/mysql/cancel.h"

/* After a cancellation, ahead of the next result of a packet: wait until there is something to read, or the connection was shut because
 * the server took too long. True: there never will be, since the server waits for us; the connection is ready for the next statement. */
bool gw_mysql_stall_wait(MYSQL *my, const gw_mysql_target *target, gw_mysql_cancel *cancel);

#endif
