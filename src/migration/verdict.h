/*
 * migration/verdict - did a statement happen whose runner did not live to say so? By what its objects were before, and
 * are now.
 *
 *   created   absent before: there now, it happened; absent now, it did not
 *   dropped   there before: absent now, it happened; unchanged, it did not
 *   changed   there before: unchanged, it did not happen; changed, it did, if the server does a DDL statement wholly or
 *             not at all
 * But what is certainly not as the statement makes it (GW_STATE_FOREIGN) somebody else made: that fits neither.
 * Where it had to fail, since what it creates was there before or what it needs was not, it did not happen. Everything
 * else fits neither: somebody else was there, or the server did a part. Several must agree; but what is told from more than
 * the statement names (gw_target.vague) counts only where nothing else tells. With IF [NOT] EXISTS or OR REPLACE, and for
 * statements that are repeatable, what could be run again without harm did not happen. Pure.
 */
#ifndef GW_MIGRATION_VERDICT_H
#define GW_MIGRATION_VERDICT_H

#include "sql/effect.h"

typedef enum gw_verdict { GW_VERDICT_NOT_DONE, GW_VERDICT_DONE, GW_VERDICT_UNKNOWN } gw_verdict;

typedef struct gw_verdict_params {
    const gw_effect *effect;
    const gw_str *before, *now; /* one for each target: "absent", or a state; see gw_engine.state. Empty: not known */
    /* Of states that were recorded. None: only what can be run again without harm is decided (not done); another number
     * than that of the targets: UNKNOWN. */
    size_t count;
    bool atomic_ddl;
} gw_verdict_params;

/* UNKNOWN: *odd is the first target that fits neither state; when they contradict each other, the first to which it did
 * not happen; when none proves anything, the first that is unsure. SIZE_MAX: there is none to name. */
gw_verdict gw_verdict_of(const gw_verdict_params *p, size_t *odd);

#endif
