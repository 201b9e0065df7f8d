/*
 * workflow/apply - one migration, in one direction, on an open and locked session.
 *
 * One unit after the other (migration/script): what is one transaction carries its history row or its progress mark
 * inside; what is none is marked directly after. A migration that is a single transaction leaves no trace when it fails
 * but a failed row. Every file starts with a clean session. A connection that is lost during a commit is made again, and
 * the history decides (workflow/doubt).
 */
#ifndef GW_WORKFLOW_APPLY_H
#define GW_WORKFLOW_APPLY_H

#include "migration/plan.h"
#include "migration/script.h"
#include "workflow/session.h"

typedef struct gw_apply_params {
    const gw_step *step;
    const gw_script *script; /* of the step's direction */
    const char *down;        /* up: the down file's text, to be kept; NULL none */
    size_t index, total;     /* of the run, for events */
} gw_apply_params;

typedef struct gw_outcome {
    godwit_state state; /* APPLIED, REVERTED or FAILED; RUNNING: its end is not recorded, or not known */
    size_t done;        /* statements kept, also after a failure */
    char started_at[32];
    int64_t duration_ms;
    bool already; /* another runner had done it meanwhile: nothing was executed */
} gw_outcome;

GW_CHECKED gw_rc gw_apply(gw_session *s, const gw_apply_params *p, gw_outcome *out, gw_err *e);

#endif
