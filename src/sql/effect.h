/*
 * sql/effect - which objects a statement creates, changes or drops, so that one can look later whether it happened.
 *
 * For statements that commit by themselves or run outside a transaction. Never fails: of what it does not know it says
 * that nobody can tell.
 *
 * A rename drops one name and creates another; of a list of renames the whole is told, name by name: what had a name
 * before and what has it after.
 */
#ifndef GW_SQL_EFFECT_H
#define GW_SQL_EFFECT_H

#include "sql/dialect.h"
#include "sql/target.h"

typedef struct gw_effect {
    /* A second time changes nothing more: VACUUM, ANALYZE, SET, GRANT … TRUNCATE is among them: what others wrote
     * between the first time and the second goes too. It may still be refused the second time (REVOKE in MySQL): then
     * the server says so. */
    bool repeatable;
    gw_targets targets; /* none, and not repeatable: nobody can tell whether it happened (CALL, EXCHANGE PARTITION …) */
} gw_effect;

/* Points into the statement, or to constants. An ALTER TABLE of MySQL is told by the parts that it names, see sql/alter;
 * the table itself is among the targets when something shows nowhere else. DETACH PARTITION drops a TABLE, the partition, `on` its parent: from it, not from the
 * database. */
void gw_effect_read(gw_arena *a, gw_str statement, gw_dialect dialect, gw_effect *out);

#endif
