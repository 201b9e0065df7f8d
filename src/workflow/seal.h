/*
 * workflow/seal - the sum file of the folder is written, for whoever changed something in it, and signed for who has the key.
 */
#ifndef GW_WORKFLOW_SEAL_H
#define GW_WORKFLOW_SEAL_H

#include "workflow/migrations.h"

/* Write it as the folder is now; *changed: it was not so already. A signature that it had fits no longer then: that is told. */
GW_CHECKED gw_rc gw_seal(gw_call *call, const gw_folder *folder, bool *changed, gw_err *e);
/* The same, and sign it with the private key in the file `key`. With a key that is none nothing is written. */
GW_CHECKED gw_rc gw_seal_signed(gw_call *call, const gw_folder *folder, const char *key, bool *changed, gw_err *e);

#endif
