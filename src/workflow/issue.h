/*
 * workflow/issue - the issues with which shims are to be dropped: as long as a shim lives, its issue is open.
 *
 * The setting `issues` is a command that prints the state of one. What stands for {} in it is the issue as the directive says it, without
 * its '#': migration/shim lets nothing through that means something to a shell.
 */
#ifndef GW_WORKFLOW_ISSUE_H
#define GW_WORKFLOW_ISSUE_H

#include "migration/phase.h"
#include "workflow/call.h"

/* Asks for each shim that lives, each issue once; one that is closed is a problem. Nothing without the setting. GODWIT_USAGE: the command has
 * no {}; GODWIT_IO: it fails, or prints no state that is known; GODWIT_INTERRUPTED. */
GW_CHECKED gw_rc gw_issues_check(gw_arena *a, gw_call *call, const gw_phases *phases, gw_problems *out, gw_err *e);

#endif
