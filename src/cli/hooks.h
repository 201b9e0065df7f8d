/*
 * cli/hooks - git hooks that check migrations: written, taken away, and what they call.
 *
 * A hook is a few lines of shell with a mark of ours; a hook of the user's is never touched. Where hooks are is git's to say:
 * core.hooksPath counts, and the work trees of a repository share them.
 */
#ifndef GW_CLI_HOOKS_H
#define GW_CLI_HOOKS_H

#include "cli/invocation.h"

gw_command_fn gw_hooks_install, gw_hooks_remove;

#endif
