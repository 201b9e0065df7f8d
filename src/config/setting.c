#include "config/setting.h"

#include <string.h>

/* clang-format off */
const godwit_setting gw_settings[GW_SETTING__COUNT] = {
    [GW_SETTING_CONFIG] = {"config", "path", "GODWIT_CONFIG", "godwit.yaml", "configuration file"},
    [GW_SETTING_ENV] = {"env", "text", "GODWIT_ENV", NULL, "environment of the configuration file to act on"},
    [GW_SETTING_SERVICE] = {"service", "text", "GODWIT_SERVICE", NULL, "service of the configuration file to act on"},
    [GW_SETTING_URL] = {"url", "text", "GODWIT_URL DATABASE_URL_MIGRATION DATABASE_URL", NULL, "URL of the database"},
    [GW_SETTING_USER] = {"user", "text", "GODWIT_USER DB_MIGRATE_USER", NULL,
                         "user who migrates, instead of the URL's"},
    [GW_SETTING_PASSWORD] = {"password", "secret", "GODWIT_PASSWORD DB_MIGRATE_PASSWORD", NULL,
                             "password of that user, instead of the URL's"},
    [GW_SETTING_MIGRATIONS] = {"migrations", "path", "GODWIT_MIGRATIONS", "migrations",
                               "folder of the migrations; db/migrations serves when the default does not exist"},
    [GW_SETTING_LAYOUT] = {"layout", "text", "GODWIT_LAYOUT", "auto",
                           "how the folder keeps its migrations; auto detects it"},
    [GW_SETTING_HISTORY] = {"history", "text", "GODWIT_HISTORY", "godwit_history",
                            "table of the history, with or without its schema"},
    [GW_SETTING_LOCK_KEY] = {"lock_key", "text", "GODWIT_LOCK_KEY", NULL,
                             "key of the lock; from database and history table when not given"},
    [GW_SETTING_LOCK] = {"lock", "choice auto|session|lease", "GODWIT_LOCK", "auto",
                         "kind of lock that keeps other runners out"},
    [GW_SETTING_LEASE] = {"lease", "duration", "GODWIT_LEASE", "30s",
                          "how long a lease lasts when its owner does not prolong it"},
    [GW_SETTING_LOCK_WAIT] = {"lock_wait", "duration", "GODWIT_LOCK_WAIT", "5m", "how long to wait for another runner"},
    [GW_SETTING_LOCK_POLL] = {"lock_poll", "duration", "GODWIT_LOCK_POLL", "1s",
                              "how often to look whether it is done"},
    [GW_SETTING_LOCK_TIMEOUT] = {"lock_timeout", "duration", "GODWIT_LOCK_TIMEOUT", NULL,
                                 "how long a statement may wait for locks on tables"},
    [GW_SETTING_STATEMENT_TIMEOUT] = {"statement_timeout", "duration", "GODWIT_STATEMENT_TIMEOUT", NULL,
                                      "how long a statement may take"},
    [GW_SETTING_TIMEOUT] = {"timeout", "duration", "GODWIT_TIMEOUT MIGRATION_TIMEOUT", NULL,
                            "how long a migration may take"},
    [GW_SETTING_RUN_TIMEOUT] = {"run_timeout", "duration", "GODWIT_RUN_TIMEOUT", NULL,
                                "how long the whole run may take"},
    [GW_SETTING_CONNECT_TIMEOUT] = {"connect_timeout", "duration", "GODWIT_CONNECT_TIMEOUT", "10s",
                                    "how long connecting may take"},
    [GW_SETTING_CONNECT_TRIES] = {"connect_tries", "count", "GODWIT_CONNECT_TRIES", "3",
                                  "how often to try again when connecting fails"},
    [GW_SETTING_CONNECT_BACKOFF] = {"connect_backoff", "duration", "GODWIT_CONNECT_BACKOFF", "10s",
                                    "pause before trying again; then twice, three times that"},
    [GW_SETTING_RETRIES] = {"retries", "count", "GODWIT_RETRIES", "3",
                            "retries after a deadlock, a lost connection and the like"},
    [GW_SETTING_RETRY_BACKOFF] = {"retry_backoff", "duration", "GODWIT_RETRY_BACKOFF", "1s",
                                  "wait before the first retry; then twice, four times that"},
    [GW_SETTING_APP_ENV] = {"app_env", "text", "GODWIT_APP_ENV APP_ENV", NULL,
                            "name that skip-on and only-on compare; the environment's when not given"},
    [GW_SETTING_DIRECTIVES] = {"directives", "list", "GODWIT_DIRECTIVES", NULL,
                               "further prefixes of directives that mean the same as godwit:"},
    [GW_SETTING_ENCODING] = {"encoding", "choice utf8|bytes", "GODWIT_ENCODING", "utf8",
                             "encoding of migration files; bytes accepts anything"},
    [GW_SETTING_VERIFY_KEY] = {"verify_key", "key", "GODWIT_VERIFY_KEY", NULL,
                               "public key that must have signed the folder: a PEM file, or the key itself; or none"},
    [GW_SETTING_ISSUES] = {"issues", "command", "GODWIT_ISSUES", NULL,
                           "command that prints the state of an issue, {} in it stands for its number"},
    [GW_SETTING_OUT_OF_ORDER] = {"out_of_order", "switch", "GODWIT_OUT_OF_ORDER", NULL,
                                 "run pending migrations that are older than applied ones"},
    [GW_SETTING_GAPS] = {"gaps", "switch", "GODWIT_GAPS", NULL, "allow gaps between the numbers of migrations"},
    [GW_SETTING_EMPTY] = {"empty", "switch", "GODWIT_EMPTY", NULL, "allow migrations without a statement"},
    [GW_SETTING_ALLOW_MISSING] = {"allow_missing", "switch", "GODWIT_ALLOW_MISSING", NULL,
                                  "do nothing when the folder of migrations does not exist"},
    [GW_SETTING_CREATE] = {"create", "switch", "GODWIT_CREATE", NULL, "create the database when it does not exist"},
    [GW_SETTING_BEFORE_UP] = {"before_up", "text", "GODWIT_BEFORE_UP", NULL, "command before the first migration"},
    [GW_SETTING_AFTER_UP] = {"after_up", "text", "GODWIT_AFTER_UP", NULL, "command after the last migration"},
    [GW_SETTING_AFTER_EACH] = {"after_each", "text", "GODWIT_AFTER_EACH", NULL, "command after each migration"},
    [GW_SETTING_ON_FAILURE] = {"on_failure", "text", "GODWIT_ON_FAILURE", NULL, "command after a migration failed"},
    [GW_SETTING_HOOK_TIMEOUT] = {"hook_timeout", "duration", "GODWIT_HOOK_TIMEOUT", "1m", "how long a hook may take"},
};

/* What other tools call it. */
static const struct {
    const char *word;
    gw_setting_id id;
} synonyms[] = {
    {"database", GW_SETTING_URL},           {"database_url", GW_SETTING_URL},
    {"datasource", GW_SETTING_URL},         {"dir", GW_SETTING_MIGRATIONS},
    {"dsn", GW_SETTING_URL},                {"environment", GW_SETTING_ENV},
    {"folder", GW_SETTING_MIGRATIONS},      {"history_table", GW_SETTING_HISTORY},
    {"migrations_dir", GW_SETTING_MIGRATIONS}, {"migrations_table", GW_SETTING_HISTORY},
    {"path", GW_SETTING_MIGRATIONS},        {"table", GW_SETTING_HISTORY},
    {"username", GW_SETTING_USER},
};
/* clang-format on */
enum { SYNONYMS = sizeof(synonyms) / sizeof(synonyms[0]) };

static bool
is_name(gw_str name, const char *of)
{
    if (strlen(of) != name.len)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (of[i] != (name.ptr[i] == '-' ? '_' : name.ptr[i]))
            return false;
    return true;
}

gw_setting_id
gw_setting_find(gw_str name)
{
    gw_setting_id id = 0;
    while (id < GW_SETTING__COUNT && !is_name(name, gw_settings[id].name))
        id++;
    return id;
}

const char *
gw_setting_nearest(gw_str name)
{
    const char *words[GW_SETTING__COUNT + SYNONYMS];
    for (size_t i = 0; i < GW_SETTING__COUNT; i++)
        words[i] = gw_settings[i].name;
    for (size_t i = 0; i < SYNONYMS; i++) {
        words[GW_SETTING__COUNT + i] = synonyms[i].word;
        if (is_name(name, synonyms[i].word))
            return gw_settings[synonyms[i].id].name;
    }
    const char *const near = gw_str_nearest(name, words, GW_SETTING__COUNT + SYNONYMS);
    for (size_t i = 0; i < SYNONYMS; i++)
        if (near == synonyms[i].word)
            return gw_settings[synonyms[i].id].name;
    return near;
}
