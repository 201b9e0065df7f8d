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

#include "base/vec.h"
#include "sql/classify.h"

typedef enum gw_target_role { GW_TARGET_CREATED, GW_TARGET_CHANGED, GW_TARGET_DROPPED } gw_target_role;

typedef struct gw_target {
    gw_target_role role;
    gw_object_kind kind;
    /* As written, qualified and quoted as in the text. Empty: the server chooses one, and all of that kind on the table
     * are meant; "(a, b)": likewise, but those of these columns. A table's option is called as engines know it. */
    gw_str name;
    gw_str on;    /* the table of an index, a trigger or a part, the type of a label, as written; empty: not said */
    bool lenient; /* IF EXISTS, IF NOT EXISTS, OR REPLACE: no error when it is there (or not) already */
    /* Found as it was before, it may have happened all the same. CHANGED: another object has the name now, and may look
     * alike (RENAME TABLE a TO x, b TO a, x TO b); CREATED: it can be gone by itself (an event that runs once).
     * If it is `vague` too, it was dropped and made anew. */
    bool unsure;
    /* Not told from what others may have changed meanwhile (a table by its whole definition): where others of the
     * targets tell, it does not count. */
    bool vague;
    /* Likewise, and still less: a second time it changes nothing more (MODIFY, COMMENT = …), and the first may have
     * changed nothing. */
    bool again;
} gw_target;
typedef gw_vec(gw_target) gw_targets;

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
