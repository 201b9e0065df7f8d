/*
 * engine/mysql/foresight - tables that are to be created and are not there, found by one question for many.
 *
 * information_schema is asked in a packet of its own: one look takes MySQL 0.2 ms, a hundred at once hardly more. What it does not tell in
 * plain words (names that are not ASCII, of other schemas, that are there, or written otherwise) is not foreseen.
 */
#ifndef GW_ENGINE_MYSQL_FORESIGHT_H
#define GW_ENGINE_MYSQL_FORESIGHT_H

#include "engine/mysql/connection.h"

/* Of the contract. */
void gw_mysql_foresee(gw_conn *c, const gw_target *targets, size_t count);

bool gw_mysql_foresight_is_absent(const gw_mysql_conn *c, const gw_target *target);
void gw_mysql_foresight_end(gw_mysql_conn *c);

#endif
