/*
 * cli/hook_run - what git's hooks call: pre-commit looks at what is staged, pre-push at the commits that are pushed.
 *
 * Each folder of migrations in which something changed is validated as git has it; the others cost two calls of git for all of them
 * together. Which folders there are, godwit.yaml of the work tree says.
 */
#ifndef GW_CLI_HOOK_RUN_H
#define GW_CLI_HOOK_RUN_H

#include "cli/invocation.h"

gw_command_fn gw_hooks_run;

#endif
