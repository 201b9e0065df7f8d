/*
 * workflow/seal - the sum file of the folder is written, for whoever changed something in it.
 */
#ifndef GW_WORKFLOW_SEAL_H
#define GW_WORKFLOW_SEAL_H

#include "workflow/migrations.h"

/* Write it as the folder is now; *changed: it was not so already. */
GW_CHECKED gw_rc gw_seal(gw_call *call, const gw_folder *folder, bool *changed, gw_err *e);

#endif
