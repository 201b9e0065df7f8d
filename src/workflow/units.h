/*
 * workflow/units - the units of a migration, one after the other, and again where they fail for a passing reason.
 *
 * What is one transaction carries its history row or its progress mark inside; what is none is marked directly after, and before it a mark
 * says what is about to run and how the objects stand that it is about (migration/progress). Transient failures are tried again from the
 * newest mark on; a connection that was lost is made again, and the history decides (workflow/doubt, workflow/remains).
 */
#ifndef GW_WORKFLOW_UNITS_H
#define GW_WORKFLOW_UNITS_H

#include "workflow/application.h"

/* Up to the end, or the failure that no retry got past: rolled back, the connection possibly lost. */
GW_CHECKED gw_rc gw_units_run(gw_application *app, gw_err *e);

#endif
