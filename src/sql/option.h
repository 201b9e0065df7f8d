/*
 * sql/option - the options of a table in MySQL: ENGINE = x, COMMENT 'x', DEFAULT CHARACTER SET x …
 */
#ifndef GW_SQL_OPTION_H
#define GW_SQL_OPTION_H

#include "sql/cursor.h"

/* One option with its value, passed over; any word with a sign of equality behind it is one. *name is that of what shows
 * it, a constant: engine, comment, collation, character set (of the columns too), options (all others); empty: nothing
 * does. */
bool gw_option_read(gw_cursor *c, gw_str *name);

#endif
