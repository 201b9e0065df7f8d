/*
 * sql/alter - which parts of its table an ALTER TABLE of MySQL or MariaDB is about.
 *
 * Columns, indexes, constraints and partitions by their names; indexes and foreign keys that are given none by their
 * columns; table options by themselves. So it can be told later whether this statement happened, whoever else changed
 * the table meanwhile. Of what it does not know it says so (`whole`).
 */
#ifndef GW_SQL_ALTER_H
#define GW_SQL_ALTER_H

#include "sql/cursor.h"
#include "sql/target.h"

typedef struct gw_alter {
    bool hidden;      /* it holds something that leaves no trace in any definition: EXCHANGE PARTITION … */
    gw_str renamed;   /* the table's new name; empty: it keeps its own */
    gw_targets parts; /* each once, whatever is done to it; also tables that become partitions, and the reverse */
    bool whole;       /* it also does what shows in the table's definition and nowhere else */
} gw_alter;

/* The cursor stands behind the table's name. Nothing at all in *out: it can be said again without harm (FORCE). */
void gw_alter_read(gw_arena *a, gw_cursor *c, gw_str table, gw_alter *out);

#endif
