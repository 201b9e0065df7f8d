/*
 * cli/completion - completion scripts for bash, zsh and fish, made from the tables of cli/command.
 */
#ifndef GW_CLI_COMPLETION_H
#define GW_CLI_COMPLETION_H

#include "base/err.h"

/* GODWIT_USAGE: another shell. */
GW_CHECKED gw_rc gw_completion_print(const char *shell, gw_err *e);

#endif
