/*
 * cli/action - each command as calls of the library.
 */
#ifndef GW_CLI_ACTION_H
#define GW_CLI_ACTION_H

#include "cli/invocation.h"

gw_command_fn gw_action_init, gw_action_new, gw_action_up, gw_action_down, gw_action_redo, gw_action_status,
    gw_action_history, gw_action_verify, gw_action_validate, gw_action_hash, gw_action_convert, gw_action_rebase,
    gw_action_squash, gw_action_checkpoint, gw_action_reset_migrations, gw_action_resolve, gw_action_baseline,
    gw_action_adopt, gw_action_lock, gw_action_db_create, gw_action_db_drop, gw_action_db_reset, gw_action_db_wait;

#endif
