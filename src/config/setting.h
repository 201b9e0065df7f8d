/*
 * config/setting - the one table of settings.
 *
 * Options, environment variables, keys of godwit.yaml, help, and the documentation check all read these rows.
 */
#ifndef GW_CONFIG_SETTING_H
#define GW_CONFIG_SETTING_H

#include <godwit.h>

#include "base/str.h"

typedef enum gw_setting_id {
    GW_SETTING_CONFIG,            /* config: godwit.yaml */
    GW_SETTING_ENV,               /* env */
    GW_SETTING_SERVICE,           /* service */
    GW_SETTING_URL,               /* url */
    GW_SETTING_USER,              /* user */
    GW_SETTING_PASSWORD,          /* password (secret) */
    GW_SETTING_MIGRATIONS,        /* migrations: the folder; option --dir */
    GW_SETTING_LAYOUT,            /* layout: auto, or a row of migration/layout */
    GW_SETTING_HISTORY,           /* history: [schema.]table of the history */
    GW_SETTING_LOCK_KEY,          /* lock_key: a number or text; default from database and history table */
    GW_SETTING_LOCK,              /* lock: auto | session | lease */
    GW_SETTING_LEASE,             /* lease: how long one lasts, 30s */
    GW_SETTING_LOCK_WAIT,         /* lock_wait: for another runner, 5m */
    GW_SETTING_LOCK_POLL,         /* lock_poll: 1s */
    GW_SETTING_LOCK_TIMEOUT,      /* lock_timeout: a statement's wait for table locks */
    GW_SETTING_STATEMENT_TIMEOUT, /* statement_timeout */
    GW_SETTING_TIMEOUT,           /* timeout: of one migration; MIGRATION_TIMEOUT */
    GW_SETTING_RUN_TIMEOUT,       /* run_timeout: of the whole call */
    GW_SETTING_CONNECT_TIMEOUT,   /* connect_timeout: 10s */
    GW_SETTING_CONNECT_TRIES,     /* connect_tries: 3 retries */
    GW_SETTING_CONNECT_BACKOFF,   /* connect_backoff: 10s, then twice, three times that */
    GW_SETTING_RETRIES,           /* retries: of what failed for a passing reason, 3 */
    GW_SETTING_RETRY_BACKOFF,     /* retry_backoff: 1s, then twice, four times that */
    GW_SETTING_APP_ENV,           /* app_env: APP_ENV, for skip-on and only-on */
    GW_SETTING_DIRECTIVES,        /* directives: further prefixes, list */
    GW_SETTING_ENCODING,          /* encoding: utf8 | bytes */
    GW_SETTING_VERIFY_KEY,        /* verify_key: who must have signed the folder; a public key or its path, or none */
    GW_SETTING_ISSUES,            /* issues: command that prints the state of an issue, {} in it */
    GW_SETTING_OUT_OF_ORDER,      /* out_of_order: switch */
    GW_SETTING_GAPS,              /* gaps: allow gaps in numbered folders, switch */
    GW_SETTING_EMPTY,             /* empty: allow files without a statement, switch */
    GW_SETTING_ALLOW_MISSING,     /* allow_missing: no folder is fine, switch */
    GW_SETTING_CREATE,            /* create: create the database when it does not exist, switch */
    GW_SETTING_BEFORE_UP,         /* hooks.before_up … */
    GW_SETTING_AFTER_UP,
    GW_SETTING_AFTER_EACH,
    GW_SETTING_ON_FAILURE,
    GW_SETTING_HOOK_TIMEOUT, /* hooks.timeout */
    GW_SETTING__COUNT
} gw_setting_id;

extern const godwit_setting gw_settings[GW_SETTING__COUNT];

/* GW_SETTING__COUNT when there is none; '-' and '_' are one. Hooks are named "before_up" and so on. */
gw_setting_id gw_setting_find(gw_str name);
/* The nearest name, for "did you mean"; NULL when none is near. */
const char *gw_setting_nearest(gw_str name);

#endif
