/*
 * workflow/twin - a statement that goes on in the server although its runner is gone: waited for, before anything is said about it.
 *
 * Behind a pooler the server does not notice that a client has died, nor does the lease. As long as somebody runs just this statement,
 * nobody can tell what became of it.
 */
#ifndef GW_WORKFLOW_TWIN_H
#define GW_WORKFLOW_TWIN_H

#include "migration/script.h"
#include "workflow/session.h"

/* Until nobody runs statement `index` of the script any more. GODWIT_LOCKED, naming him, when lock_wait is over. */
GW_CHECKED gw_rc gw_twin_await(gw_session *s, const gw_script *script, size_t index, gw_err *e);

#endif
