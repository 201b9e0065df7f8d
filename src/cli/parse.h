/*
 * cli/parse - the command line into an invocation, by the tables of cli/command and the library's settings.
 *
 * Options may stand anywhere, as `--name value`, `--name=value`, `-n value` or `-nvalue`; `--` ends them. Settings are handed to the
 * library as they come. Errors say what was wrong and what was perhaps meant.
 */
#ifndef GW_CLI_PARSE_H
#define GW_CLI_PARSE_H

#include "base/err.h"
#include "cli/command.h"

/* out->gw must be set. Without a command, out->command stays NULL. GODWIT_USAGE. */
GW_CHECKED gw_rc gw_parse(int argc, char *const *argv, gw_invocation *out, gw_err *e);

/* The command of one or two words; NULL: none. *words becomes how many it took. */
const gw_command *gw_command_find(const char *first, const char *second, size_t *words);

#endif
