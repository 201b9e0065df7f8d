/*
 * engine/mysql/attempt - dialling that can be given up.
 *
 * libmariadb waits for names to be resolved, for the server and for its first words, and can be stopped by nobody. So it is a thread that
 * dials; whoever waits for it may go, and what it gets then is hung up.
 */
#ifndef GW_ENGINE_MYSQL_ATTEMPT_H
#define GW_ENGINE_MYSQL_ATTEMPT_H

#include "base/interrupt.h"
#include "engine/mysql/dial.h"

/* As gw_mysql_dial() without a limit on later answers, until `interrupt` is asked (GODWIT_INTERRUPTED; NULL: by nobody) or until_ms
 * (gw_clock_ms(); 0: no end) has come. */
GW_CHECKED gw_rc gw_mysql_attempt(const gw_mysql_target *t, const gw_interrupt *interrupt, int64_t until_ms,
                                  MYSQL **out, gw_err *e);
/* The errors of whoever waited for a server in vain. */
GW_CHECKED gw_rc gw_mysql_fail_interrupted(const gw_mysql_target *t, gw_err *e);
GW_CHECKED gw_rc gw_mysql_fail_late(const gw_mysql_target *t, gw_err *e);

#endif
