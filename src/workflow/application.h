/*
 * workflow/application - one migration under way, on an open and locked session: what is known of it, and its transactions.
 */
#ifndef GW_WORKFLOW_APPLICATION_H
#define GW_WORKFLOW_APPLICATION_H

#include "migration/plan.h"
#include "migration/progress.h"
#include "workflow/session.h"

typedef struct gw_apply_params {
    const gw_step *step;
    const gw_script *script; /* of the step's direction */
    const char *down;        /* up: the down file's text, to be kept; NULL none */
    size_t index, total;     /* of the run, for events */
    bool look_first;         /* something of this run may have been recorded already: a batch broke off */
} gw_apply_params;

typedef struct gw_application {
    gw_session *session;
    const gw_apply_params *p;
    const gw_script *script;
    gw_arena *arena;
    gw_record record;  /* as it stands, or will stand, in the history; done: statements kept */
    gw_record seen;    /* the newest row of the version as we know it, when it is not ours; id 0: none */
    bool is_begun;     /* something may have been executed, or recorded */
    bool is_recorded;  /* record.id is a row that says "running" */
    bool is_uncertain; /* whether the newest statement or commit happened is not known */
    bool is_partial;   /* a part of it did */
    size_t marked;     /* statements that the recorded row calls done; record.done may be ahead of it */
    unsigned reopened; /* gw_session.reopened when the session was last told what the kept statements say */
    bool is_done;      /* it turned out that all of it is done */
    bool already;      /* by another runner */
    gw_prefix *prefix; /* of the statements that are kept */
    size_t at;         /* the statement that was given to the server */
    int64_t started_ms;
} gw_application;

/* The state that it has in the end: applied, or reverted. */
godwit_state gw_application_goal(const gw_application *app);

/* `own` is the user's BEGIN text, or empty. */
GW_CHECKED gw_rc gw_application_begin(gw_application *app, gw_str own, gw_err *e);
/* `kept`: what the history holds when this succeeds. Whether it did is found out when the connection is lost meanwhile. */
GW_CHECKED gw_rc gw_application_commit(gw_application *app, const gw_record *kept, gw_err *e);
void gw_application_rollback(const gw_application *app);

#endif
