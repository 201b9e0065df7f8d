/*
 * cli/command - the one table of commands and options.
 *
 * Parsing, help, completions, the manual page and the documentation check read these rows. Every setting of the library
 * (godwit_settings()) is an option of every command besides, so that the two never differ; secrets alone are not, since a
 * process list shows options.
 */
#ifndef GW_CLI_COMMAND_H
#define GW_CLI_COMMAND_H

#include <godwit.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the options of one invocation say. */
typedef struct gw_number {
    bool is_said;
    size_t value;
} gw_number;

typedef struct gw_options {
    bool json, quiet, verbose, help, version, all_services; /* of every command */
    bool pretend, exit_code, yes, force, no_down, applied, reverted, retry;
    bool man;
    size_t steps;
    int64_t timeout_ms;
    const char *pattern;
    gw_number done;
} gw_options;

typedef enum gw_option_kind {
    GW_OPTION_FLAG,
    GW_OPTION_TEXT,
    GW_OPTION_COUNT,
    GW_OPTION_NUMBER,
    GW_OPTION_DURATION
} gw_option_kind;

typedef struct gw_option {
    const char *name; /* "steps"; NULL ends a list */
    char letter;      /* 0: none */
    gw_option_kind kind;
    size_t offset;     /* of its member in gw_options */
    const char *value; /* "N"; NULL for flags */
    const char *summary;
} gw_option;

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
    const godwit_report *report; /* NULL: none */
    godwit_lock lock;
    bool has_lock;
    godwit_error error;
} gw_result;

typedef godwit_rc gw_command_fn(const gw_invocation *in, gw_result *out);

typedef struct gw_command {
    const char *name;     /* "up", "db create"; NULL ends the table */
    const char *alias;    /* NULL: none */
    const char *operands; /* "[TARGET]"; "" none */
    size_t least, most;   /* operands */
    const char *summary;  /* one line */
    const char *detail;   /* a paragraph or more */
    const gw_option *options;
    gw_command_fn *run; /* NULL: answered by main (help, completion) */
    bool per_service;   /* --all runs it once a service */
} gw_command;

extern const gw_command gw_commands[];
extern const gw_option gw_common_options[];

typedef struct gw_exit_code {
    int code;
    const char *meaning;
} gw_exit_code;
extern const gw_exit_code gw_exit_codes[];
extern const size_t gw_exit_code_count;

/* A setting's option: "lock_wait" → "lock-wait", "migrations" → "dir". false: it has none. */
bool gw_setting_has_option(const godwit_setting *setting);
void gw_setting_option_name(const godwit_setting *setting, char name[64]);

#endif
