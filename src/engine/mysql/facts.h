/*
 * engine/mysql/facts - what the server is, and how the session began: one query at connect.
 */
#ifndef GW_ENGINE_MYSQL_FACTS_H
#define GW_ENGINE_MYSQL_FACTS_H

#include "engine/mysql/connection.h"

/* Fills c->head.facts, c->session, c->max_packet, c->cancel.server; texts on a. */
GW_CHECKED gw_rc gw_mysql_facts_ask(gw_arena *a, gw_mysql_conn *c, gw_err *e);

#endif
