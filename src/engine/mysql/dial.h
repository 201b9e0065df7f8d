/*
 * engine/mysql/dial - reaching the server that a target means.
 *
 * libmariadb's option files are read first, then every option that the URL speaks of is set, so that the URL wins;
 * host, user, password, port and socket that it does not name are theirs. Without a host there is 127.0.0.1, and
 * "localhost" is reached by TCP: a socket is used when somebody names one.
 */
#ifndef GW_ENGINE_MYSQL_DIAL_H
#define GW_ENGINE_MYSQL_DIAL_H

#include "engine/mysql/library.h"

#include "engine/mysql/target.h"

/* Connect; any thread. *out is to be given to gw_mysql_hang_up(). `answer_timeout_ms` limits each wait for an answer
 * later on; 0: none. */
GW_CHECKED gw_rc gw_mysql_dial(const gw_mysql_target *t, int64_t answer_timeout_ms, MYSQL **out, gw_err *e);
/* mysql_close() that does not wait for a last word of the server, as it does under TLS: it might never come. */
void gw_mysql_hang_up(MYSQL *my);

#endif
