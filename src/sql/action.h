/*
 * sql/action - where one action of an ALTER TABLE of MySQL ends, and what the definition of a column in it makes beside the column.
 *
 * Actions have commas between them; what stands behind the last one (PARTITION BY) has none.
 */
#ifndef GW_SQL_ACTION_H
#define GW_SQL_ACTION_H

#include "sql/cursor.h"

bool gw_action_is_over(const gw_cursor *c);
void gw_action_skip(gw_cursor *c);

/* From here to the end of the action, as written: behind a column's name its definition. */
gw_str gw_action_definition(gw_cursor c);
/* It may make an index or a constraint beside the column, and another one the second time. */
bool gw_action_makes_more(gw_cursor c);
/* PRIMARY KEY, or KEY alone. */
bool gw_action_makes_primary_key(gw_cursor c);

#endif
