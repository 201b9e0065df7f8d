/*
 * engine/mysql/state - an object of a DDL statement as an expression: "absent", "there", or digits that are others after the next
 * DDL statement about it.
 *
 * A part of a table is looked for alone, without its place among the others; an index or a foreign key that was given no name by its
 * columns, and where that cannot be, all of its sort on the table together.
 *
 * Over information_schema, so that data, statistics and AUTO_INCREMENT change nothing, and every user may ask. The expression means
 * the same in every sql_mode, under every character set of the session, and fits into an UPDATE of the history. A name without a
 * schema is looked for in the database that is current when the expression is evaluated.
 *
 * Nobody can tell: what happened to a sequence, a user or a table space that is altered, what there is of a kind that this user may not
 * read, and anything on servers whose information_schema is not that of MariaDB 10.6 or MySQL 8.0.21.
 */
#ifndef GW_ENGINE_MYSQL_STATE_H
#define GW_ENGINE_MYSQL_STATE_H

#include "db/engine.h"

/* Of the contract. That of a user, a role or a server costs a question: may we read who there is? */
char *gw_mysql_state(gw_arena *a, gw_conn *c, const gw_target *target);

#endif
