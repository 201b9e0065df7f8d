/*
 * workflow/apply - one migration, in one direction, on an open and locked session: begun, carried out (workflow/units), and its end
 * or failure recorded and explained.
 *
 * A migration that is a single transaction leaves no trace when it fails but a failed row. Every file starts with a clean session.
 */
#ifndef GW_WORKFLOW_APPLY_H
#define GW_WORKFLOW_APPLY_H

#include "workflow/application.h"

typedef struct gw_outcome {
    godwit_state state; /* APPLIED, REVERTED or FAILED; RUNNING: its end is not recorded, or not known */
    size_t done;        /* statements kept, also after a failure */
    char started_at[32];
    int64_t duration_ms;
    bool already; /* another runner had done it meanwhile: nothing was executed */
} gw_outcome;

/* In a group (gw_engine.group_begin) a failure is not recorded: whoever opened the group has to end it first. */
GW_CHECKED gw_rc gw_apply(gw_session *s, const gw_apply_params *p, gw_outcome *out, gw_err *e);

/* The row that says that it is running; without times. */
gw_record gw_apply_record(const gw_session *s, const gw_apply_params *p);
/* A batch (workflow/burst) that ended in this migration, at statement `index`: put in place, recorded and explained as gw_apply would.
 * SIZE_MAX: between statements; the row is left as it is then, since the one before may be kept without its mark. Returns e->rc. */
gw_rc gw_apply_failed(gw_session *s, const gw_apply_params *p, size_t index, gw_outcome *out, gw_err *e);

#endif
