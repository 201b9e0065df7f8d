/*
 * engine/postgres/settings - what godwit sets in a session, and how the session gets back to what it began with.
 *
 * What a migration can change in a session is known here and in reset.sql, and only there. Behind a pooler nothing is set outside a
 * transaction: see engine/postgres/transaction.
 */
#ifndef GW_ENGINE_POSTGRES_SETTINGS_H
#define GW_ENGINE_POSTGRES_SETTINGS_H

#include "engine/postgres/session.h"

/* The statements that make a session again what open() promised, one a line: what reset.sql says, and godwit's settings. */
void gw_pg_reset_text(gw_buf *out, const gw_pg *c);
/* Those settings as columns of the first query, each with a comma before it; behind a pooler they end with that. The last one is not
 * null when the server took client_connection_check_interval. */
void gw_pg_settings_ask(gw_buf *out, const gw_pg *c);

/* Of the contract. */
GW_CHECKED gw_rc gw_pg_reset(gw_conn *c, gw_err *e);
GW_CHECKED gw_rc gw_pg_set_lock_timeout(gw_conn *c, int64_t ms, gw_err *e);

#endif
