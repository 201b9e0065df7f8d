/*
 * cli/error - an error as a compiler shows one: place, cause, the line with a caret, context, next step.
 */
#ifndef GW_CLI_ERROR_H
#define GW_CLI_ERROR_H

#include "cli/screen.h"

void gw_error_print(gw_screen *s, const godwit_error *e); /* to standard error */

#endif
