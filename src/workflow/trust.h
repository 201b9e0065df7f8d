/*
 * workflow/trust - may what is in the folder run here? It agrees with its sum file, and is signed where the configuration demands that
 * (verify_key).
 *
 * Who looks at a whole folder lists what is wrong (gw_trust_problems); who would run anything is refused.
 */
#ifndef GW_WORKFLOW_TRUST_H
#define GW_WORKFLOW_TRUST_H

#include "migration/item.h"
#include "workflow/call.h"

/* The folder was read. GODWIT_FOLDER: it differs from its sum file; it is to be signed, and is not, or not so; the demanded key is none.
 * GODWIT_IO: its file cannot be read. */
GW_CHECKED gw_rc gw_trust_check(gw_call *call, const gw_folder *folder, gw_err *e);
/* Everything of that, each as an error. */
GW_CHECKED gw_rc gw_trust_problems(gw_arena *a, gw_call *call, const gw_folder *folder, gw_problems *out, gw_err *e);
/* A text that is in no folder: the way down that the history keeps. GODWIT_FOLDER where signatures are demanded. */
GW_CHECKED gw_rc gw_trust_check_kept(gw_call *call, const gw_item *item, gw_err *e);

#endif
