/*
 * cli/ci - a workflow file for a CI system, for the folders and the engines that are configured.
 *
 * It builds godwit from its source, which is how it is installed today, and then does to an empty database in a container what a deploy
 * does: validate, up, verify, status.
 */
#ifndef GW_CLI_CI_H
#define GW_CLI_CI_H

#include "cli/invocation.h"

gw_command_fn gw_ci_print;

#endif
