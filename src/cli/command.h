/*
 * cli/command - the one table of commands and options.
 *
 * Parsing, help, completions, the manual page and the documentation check read these rows. Every setting of the library
 * (godwit_settings()) is an option of every command besides, so that the two never differ; secrets alone are not, since a
 * process list shows options.
 */
#ifndef GW_CLI_COMMAND_H
#define GW_CLI_COMMAND_H

#include "cli/invocation.h"

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

/* The first word of commands of two, and what they are about; a NULL name ends the table. */
typedef struct gw_command_group {
    const char *name, *summary;
} gw_command_group;
extern const gw_command_group gw_command_groups[];
/* The second word of a command that belongs to the group; NULL: it does not. */
const char *gw_command_within(const gw_command *c, const char *group);

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
