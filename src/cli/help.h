/*
 * cli/help - the tables of cli/command as people read them: help, the manual page, and as JSON for tools.
 */
#ifndef GW_CLI_HELP_H
#define GW_CLI_HELP_H

#include "base/err.h"
#include "cli/command.h"

void gw_help_overview(void);
void gw_help_command(const gw_command *command);
void gw_help_manual(void); /* roff, man(7) */
void gw_help_json(void);
/* The `help` command. GODWIT_USAGE: no such command. */
GW_CHECKED gw_rc gw_help_run(const gw_invocation *in, gw_err *e);

#endif
