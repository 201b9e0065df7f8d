/*
 * config/config - what a call is to do, out of flags, environment, .env, godwit.yaml and defaults, in this precedence.
 *
 * The process's environment as a whole wins over .env as a whole: DATABASE_URL that was exported beats
 * DATABASE_URL_MIGRATION of the file. Within godwit.yaml the environment of a service wins over the service, that
 * over the environment, that over the top. .env is read in the caller's folder.
 *
 * godwit.yaml: paths and relative SQLite files are relative to its folder, and so is the default of `migrations`.
 * Values may use ${NAME}, ${NAME:-default} and $$; hooks are left to their shell. `!exec command` asks a command (a
 * secret store). Expanding and asking happen when a value is needed, once, and only when nothing of higher precedence
 * said it; loading runs nothing. Where a setting is a command itself, `!exec` is only a way to write it. Unknown keys are errors with position and "did you mean". Secrets are never part of
 * an error.
 *
 * The environment is the one that `env` names; else the one that APP_ENV names, if godwit.yaml has it; else the only
 * one there is, unless a URL stands above the environments; else "local"; else none, and then asking for the URL fails
 * when nobody said it.
 *
 * User and password: what the settings say replaces what the URL says, but not what a URL of higher precedence says:
 * `--url postgres://me@host/db` keeps its user, whatever DB_MIGRATE_USER is. A URL of higher precedence that brings its
 * password is complete: neither user nor password of a lower source are used or asked for.
 */
#ifndef GW_CONFIG_CONFIG_H
#define GW_CONFIG_CONFIG_H

#include "base/err.h"
#include "base/interrupt.h"
#include "config/env.h"
#include "config/project.h"
#include "config/setting.h"
#include "config/url.h"

/* Who said a value; a higher one wins. */
typedef enum gw_config_rank {
    GW_RANK_NONE,
    GW_RANK_DEFAULT,
    GW_RANK_TOP, /* godwit.yaml, from here */
    GW_RANK_ENV,
    GW_RANK_SERVICE,
    GW_RANK_SERVICE_ENV, /* to here */
    GW_RANK_DOTENV,
    GW_RANK_ENVIRONMENT,
    GW_RANK_FLAG
} gw_config_rank;

/* What a setting was said to be, and by whom. Ask gw_config_text for the text: here it may be unfinished. */
typedef struct gw_config_value {
    const char *text;   /* NULL: not set. A `!exec` command before it was asked: see exec. */
    const char *exec;   /* the command that will say it; NULL: text is the value */
    const char *origin; /* "flag", "environment X", ".env X", "godwit.yaml:4", "default" */
    gw_config_rank rank;
    size_t offset;      /* in project.text */
    bool is_unfinished; /* to be asked or expanded */
    bool is_hidden;     /* holds what a command or a variable said; never part of an error */
} gw_config_value;

typedef gw_vec(const char *) gw_config_names;

typedef struct gw_config {
    gw_arena *arena; /* of everything below; belongs to the caller of gw_config_load */
    gw_env env;
    gw_project project;
    const char *path; /* of godwit.yaml; NULL: there is none */
    const char
        *folder; /* of godwit.yaml, "." without one: where hooks and `!exec` run is the caller's folder all the same */
    const char *env_name;     /* NULL: none chosen */
    const char *service;      /* NULL: none */
    gw_config_names services; /* all that godwit.yaml names */
    gw_config_value values[GW_SETTING__COUNT];
    const gw_interrupt *interrupt; /* ends a command that is asked; NULL, as loaded: nobody can */
} gw_config;

/* flags[id] is NULL where none was given. environ as for gw_env_load. GODWIT_USAGE, GODWIT_IO. */
GW_CHECKED gw_rc gw_config_load(gw_arena *a, const char *const flags[GW_SETTING__COUNT],
                                const char *const *environ_entries, gw_config *out, gw_err *e);

/* The text of a setting: asks its `!exec` command at the first need. NULL *out: not set and no default.
 * app_env is the name of the environment when nobody says otherwise. */
GW_CHECKED gw_rc gw_config_text(gw_config *c, gw_setting_id id, const char **out, gw_err *e);
/* Typed. A wrong value is GODWIT_USAGE naming the setting and its origin. Unset durations and counts are 0, switches
 * false; a duration "none" is 0 as well. */
GW_CHECKED gw_rc gw_config_ms(gw_config *c, gw_setting_id id, int64_t *out, gw_err *e);
GW_CHECKED gw_rc gw_config_count(gw_config *c, gw_setting_id id, size_t *out, gw_err *e);
GW_CHECKED gw_rc gw_config_switch(gw_config *c, gw_setting_id id, bool *out, gw_err *e);
/* A command in which {} stands for what it is asked about; NULL: not set. */
GW_CHECKED gw_rc gw_config_command(gw_config *c, gw_setting_id id, const char **out, gw_err *e);
/* The URL with user and password put in, as said above; a file has neither, and they are not asked for.
 * No URL: GODWIT_USAGE that says the ways to give one. */
GW_CHECKED gw_rc gw_config_url(gw_config *c, gw_url *out, gw_err *e);

#endif
