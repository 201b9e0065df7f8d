/*
 * sql/target - an object that a statement creates, changes or drops, and how much its state tells.
 */
#ifndef GW_SQL_TARGET_H
#define GW_SQL_TARGET_H

#include "base/vec.h"
#include "sql/object.h"

/* With this at its end, the state of an object says that it is certainly not as the statement makes it. */
#define GW_STATE_FOREIGN "x"

typedef enum gw_target_role { GW_TARGET_CREATED, GW_TARGET_CHANGED, GW_TARGET_DROPPED } gw_target_role;

typedef struct gw_target {
    gw_target_role role;
    gw_object_kind kind;
    /* As written, qualified and quoted as in the text. Empty: the server chooses one, and all of that kind on the table
     * are meant; "(a, b)": likewise, but those of these columns. A table's option is called as engines know it. */
    gw_str name;
    gw_str on; /* the table of an index, a trigger or a part, the type of a label, as written; empty: not said */
    /* Of a column: what the statement makes of it, the text behind its name. Empty: not said. */
    gw_str definition;
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

#endif
