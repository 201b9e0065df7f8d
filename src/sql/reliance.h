/*
 * sql/reliance - does a statement rely on something that is in its session (sql/memory)?
 *
 * Where it cannot be told whether a name is meant, it is: a column that is called like a temporary table relies on that.
 */
#ifndef GW_SQL_RELIANCE_H
#define GW_SQL_RELIANCE_H

#include "sql/memory.h"

/* Would it do something else, or fail, if `what` were not as it is? */
bool gw_reliance_on(const gw_memory *m, const gw_memory_item *what);

#endif
