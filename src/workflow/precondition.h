/*
 * workflow/precondition - what a migration asserts (migration/assertion) is asked, on its session, before its first statement.
 */
#ifndef GW_WORKFLOW_PRECONDITION_H
#define GW_WORKFLOW_PRECONDITION_H

#include "workflow/application.h"

/* Each query, under the time-outs of a statement. GODWIT_FAILED with the place of the directive and the first row: one does not hold, or the
 * server refuses it. */
GW_CHECKED gw_rc gw_precondition_check(const gw_application *app, gw_err *e);

#endif
