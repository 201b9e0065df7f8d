/*
 * workflow/foresight - what a batch is going to create is looked at once, before it, and not before each statement.
 *
 * Only where nothing that the batch does could make it different: no other statement of it has the name, none leads to another database, and
 * of each it is known what it is about. And only up to the first statement that others may keep waiting: the server goes on with a batch whose
 * runner was killed, and what somebody else created while it waited would be taken for ours.
 */
#ifndef GW_WORKFLOW_FORESIGHT_H
#define GW_WORKFLOW_FORESIGHT_H

#include "workflow/apply.h"

/* From here until gw_foresight_end() the engine's states know it. A question that fails is none: each is asked then. */
void gw_foresight_begin(const gw_session *s, const gw_apply_params *params, size_t count);
void gw_foresight_end(const gw_session *s);

#endif
