/*
 * migration/dependence - does a migration depend on one that has to wait for the next run?
 *
 * On the safe side, by the names that statements mention (sql/mention). A statement depends on what waits when
 *   - it mentions an object that the waiting migration works on;
 *   - it creates, changes or drops what the waiting migration mentions, or what its shim is about: behind such a change the waiting one
 *     would meet something else, or the shim, which is still there, is in the way;
 *   - one of the two runs what is not in its text (CALL, EXECUTE, a DO block, a function that nobody here knows).
 * Pure.
 */
#ifndef GW_MIGRATION_DEPENDENCE_H
#define GW_MIGRATION_DEPENDENCE_H

#include "migration/script.h"
#include "sql/mention.h"

/* What waits. */
typedef struct gw_waiting {
    gw_mentions objects; /* that it works on */
    gw_mentions mentioned;
    bool is_hidden;
} gw_waiting;

/* The migration that waits. */
void gw_waiting_of(gw_arena *a, const gw_script *script, gw_waiting *out);
/* The file that makes its shim: the statements of it that mention that. */
void gw_waiting_add_shim(gw_arena *a, const gw_script *script, const gw_shim *shim, gw_waiting *out);

typedef struct gw_dependence {
    size_t statement; /* index */
    gw_str name;      /* through which; empty: nobody can tell */
} gw_dependence;

/* Does it? *out is the first statement that does. */
bool gw_dependence_find(const gw_waiting *waiting, const gw_script *script, gw_dependence *out);

#endif
