/*
 * workflow/workflow - what godwit can do: one file and one function each, called by src/api alone.
 *
 * The meaning of each is that of its namesake in godwit.h. The answer is in call->report and call->answer.
 */
#ifndef GW_WORKFLOW_WORKFLOW_H
#define GW_WORKFLOW_WORKFLOW_H

#include "workflow/call.h"

GW_CHECKED gw_rc gw_up(gw_call *call, const godwit_up_params *p, gw_err *e);
GW_CHECKED gw_rc gw_down(gw_call *call, const godwit_down_params *p, gw_err *e);
GW_CHECKED gw_rc gw_redo(gw_call *call, bool pretend, gw_err *e);
GW_CHECKED gw_rc gw_status(gw_call *call, gw_err *e);
GW_CHECKED gw_rc gw_history_show(gw_call *call, gw_err *e);
GW_CHECKED gw_rc gw_verify(gw_call *call, gw_err *e);
GW_CHECKED gw_rc gw_resolve(gw_call *call, const godwit_resolve_params *p, gw_err *e);
GW_CHECKED gw_rc gw_baseline(gw_call *call, const char *version, gw_err *e);
GW_CHECKED gw_rc gw_adopt(gw_call *call, const godwit_adopt_params *p, gw_err *e);
GW_CHECKED gw_rc gw_lock_show(gw_call *call, godwit_lock *out, gw_err *e);
GW_CHECKED gw_rc gw_lock_release(gw_call *call, bool force, godwit_lock *out, gw_err *e);
GW_CHECKED gw_rc gw_new_migration(gw_call *call, const godwit_new_params *p, gw_err *e);
GW_CHECKED gw_rc gw_init(gw_call *call, gw_err *e);
GW_CHECKED gw_rc gw_hash(gw_call *call, const char *sign, gw_err *e);
GW_CHECKED gw_rc gw_convert(gw_call *call, const godwit_convert_params *p, gw_err *e);
GW_CHECKED gw_rc gw_rebase(gw_call *call, const char *base, bool is_renumbered, gw_err *e);
GW_CHECKED gw_rc gw_squash_migrations(gw_call *call, const godwit_squash_params *p, gw_err *e);
GW_CHECKED gw_rc gw_checkpoint(gw_call *call, const char *words, gw_err *e);
GW_CHECKED gw_rc gw_reset_migrations(gw_call *call, const char *base, bool force, gw_err *e);
GW_CHECKED gw_rc gw_validate(gw_call *call, const godwit_validate_params *p, gw_err *e);
GW_CHECKED gw_rc gw_database_create(gw_call *call, gw_err *e);
GW_CHECKED gw_rc gw_database_drop(gw_call *call, bool confirmed, gw_err *e);
GW_CHECKED gw_rc gw_database_reset(gw_call *call, bool confirmed, gw_err *e);
GW_CHECKED gw_rc gw_database_wait(gw_call *call, int64_t timeout_ms, gw_err *e);

#endif
