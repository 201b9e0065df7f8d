/*
 * cli/invocation - what the command line asks for, understood, and what carrying it out leaves to be shown.
 */
#ifndef GW_CLI_INVOCATION_H
#define GW_CLI_INVOCATION_H

#include <godwit.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* What the options of one invocation say. */
typedef struct gw_number {
    bool is_said;
    size_t value;
} gw_number;

typedef struct gw_options {
    bool json, quiet, verbose, help, version, all_services; /* of every command */
    bool pretend, exit_code, yes, force, no_down, applied, reverted, retry, edited;
    bool man, staged, offline, renumber;
    size_t steps;
    int64_t timeout_ms;
    const char *pattern, *base, *from, *commit, *engine, *output, *sign, *to, *without, *name, *config;
    gw_number done;
} gw_options;

enum { GW_OPERANDS_MAX = 16 };

typedef struct gw_invocation {
    const struct gw_command *command;
    gw_options options;
    const char *operands[GW_OPERANDS_MAX];
    size_t operand_count;
    godwit *gw;
} gw_invocation;

/* What a command leaves to be shown. */
typedef struct gw_result {
    gw_arena *arena;             /* of what an action makes by itself */
    const godwit_report *report; /* NULL: none */
    godwit_lock lock;
    bool has_lock;
    godwit_error error;
} gw_result;

typedef godwit_rc gw_command_fn(const gw_invocation *in, gw_result *out);

#endif
