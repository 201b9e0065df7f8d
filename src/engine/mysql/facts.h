/*
 * engine/mysql/facts - what the server is, and how the session began: one query at connect.
 */
#ifndef GW_ENGINE_MYSQL_FACTS_H
#define GW_ENGINE_MYSQL_FACTS_H

#include "engine/mysql/connection.h"

void gw_mysql_facts_query(const gw_mysql_conn *c, gw_buf *out);

/* Where the row goes. Fills c->head.facts, c->session, c->max_packet, c->cancel.server; texts on a. */
typedef struct gw_mysql_facts_answer {
    gw_arena *a;
    gw_mysql_conn *c;
} gw_mysql_facts_answer;
bool gw_mysql_facts_take(void *answer, size_t columns, const char *const *values);

#endif
