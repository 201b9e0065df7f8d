#include "cli/command.h"

#include <string.h>

#include "cli/action.h"
#include "cli/ci.h"
#include "cli/hook_run.h"
#include "cli/hooks.h"

#define FLAG(name, letter, member, summary)                                                                            \
    {                                                                                                                  \
        name, letter, GW_OPTION_FLAG, offsetof(gw_options, member), NULL, summary                                      \
    }
#define VALUE(name, letter, kind, member, value, summary)                                                              \
    {                                                                                                                  \
        name, letter, kind, offsetof(gw_options, member), value, summary                                               \
    }
#define END                                                                                                            \
    {                                                                                                                  \
        NULL, 0, GW_OPTION_FLAG, 0, NULL, NULL                                                                         \
    }

const gw_option gw_common_options[] = {
    FLAG("json", 0, json, "one JSON object an event and a final report"),
    FLAG("quiet", 'q', quiet, "only errors"),
    FLAG("verbose", 'v', verbose, "every statement and its time"),
    FLAG("all", 0, all_services, "once for each service of godwit.yaml"),
    FLAG("help", 'h', help, "help for the command"),
    FLAG("version", 'V', version, "the version of godwit"),
    END,
};

static const gw_option no_options[] = {END};

static const gw_option up_options[] = {
    VALUE("steps", 'n', GW_OPTION_COUNT, steps, "N", "at most N migrations"),
    FLAG("pretend", 0, pretend, "say what would run; write nothing, not even a table"),
    END,
};

static const gw_option redo_options[] = {
    FLAG("pretend", 0, pretend, "say what would run; write nothing"),
    END,
};

static const gw_option status_options[] = {
    FLAG("exit-code", 0, exit_code, "exit 6 when anything is pending, failed, missing or edited"),
    END,
};

static const gw_option validate_options[] = {
    VALUE("base", 0, GW_OPTION_TEXT, base, "COMMIT",
          "also: what is there stays as it is, and what is new comes behind it; origin/main, say"),
    FLAG("staged", 0, staged, "the folder as it is staged in git"),
    VALUE("commit", 0, GW_OPTION_TEXT, commit, "COMMIT", "the folder as this commit has it"),
    END,
};

static const gw_option adopt_options[] = {
    VALUE("from", 0, GW_OPTION_TEXT, from, "TOOL", "whose history; needed where there is more than one"),
    FLAG("edited", 0, edited, "take files that are not what the tool applied as they are now"),
    FLAG("pretend", 0, pretend, "say what would be taken over; write nothing"),
    END,
};

static const gw_option hash_options[] = {
    VALUE("sign", 0, GW_OPTION_TEXT, sign, "KEY", "and sign it: the path of an ed25519 private key in PEM"),
    END,
};

static const gw_option convert_options[] = {
    VALUE("to", 0, GW_OPTION_TEXT, to, "LAYOUT", "the layout of the new folder"),
    VALUE("without", 0, GW_OPTION_TEXT, without, "PART,...",
          "leave out what the layout has no place for: down, verify, repeatable, checkpoint"),
    END,
};

static const gw_option rebase_options[] = {
    VALUE("base", 0, GW_OPTION_TEXT, base, "COMMIT", "come behind what is there; origin/main without it"),
    FLAG("renumber", 0, renumber, "the next numbers for all of them, without gaps and each once"),
    END,
};

static const gw_option squash_options[] = {
    VALUE("name", 0, GW_OPTION_TEXT, name, "NAME", "of the new file; that of the last without it"),
    VALUE("base", 0, GW_OPTION_TEXT, base, "COMMIT", "what is there stays as it is; origin/main without it"),
    FLAG("offline", 0, offline, "do not ask the database what is applied there"),
    FLAG("no-down", 0, no_down, "no way down"),
    END,
};

static const gw_option reset_options[] = {
    VALUE("base", 0, GW_OPTION_TEXT, base, "COMMIT", "as it is there; origin/main without it"),
    FLAG("force", 0, force, "also what is not committed, and is lost then"),
    END,
};

static const gw_option resolve_options[] = {
    FLAG("applied", 0, applied, "record it as applied: you finished it by hand"),
    FLAG("reverted", 0, reverted, "record it as not applied: you undid what was kept"),
    FLAG("retry", 0, retry, "go on with the statement at which it stopped"),
    VALUE("done", 0, GW_OPTION_NUMBER, done, "N",
          "with --retry: the first N statements are done, whatever is recorded"),
    END,
};

static const gw_option lock_options[] = {
    FLAG("force", 0, force, "also when its owner is at work"),
    END,
};

static const gw_option new_options[] = {
    VALUE("pattern", 'p', GW_OPTION_TEXT, pattern, "P",
          "begin with a scaffold: add-table, add-column, add-function, modify-function, add-index, data-migration, "
          "config"),
    VALUE("config", 0, GW_OPTION_TEXT, config, "NAME",
          "config_NAME: rows that the application needs; the name of a file is a configuration file here too"),
    FLAG("no-down", 0, no_down, "no down file"),
    END,
};

static const gw_option confirm_options[] = {
    FLAG("yes", 'y', yes, "delete everything in the database"),
    END,
};

static const gw_option wait_options[] = {
    VALUE("for", 0, GW_OPTION_DURATION, timeout_ms, "DURATION", "at most so long; a minute otherwise"),
    END,
};

static const gw_option ci_options[] = {
    VALUE("engine", 0, GW_OPTION_TEXT, engine, "E",
          "postgres, mysql, mariadb or sqlite; that of the configured URL without it"),
    VALUE("output", 0, GW_OPTION_TEXT, output, "FILE", "a new file instead of standard output"),
    END,
};

static const gw_option help_options[] = {
    FLAG("man", 0, man, "the manual page, as roff"),
    END,
};

const gw_command gw_commands[] = {
    {"init", NULL, "", 0, 0, "begin here: godwit.yaml, a migrations folder, an example",
     "Writes godwit.yaml and, where there is none yet, a migrations folder with an example for SQLite. A folder, a "
     "layout and a "
     ".env file that are there already are taken over. Nothing is overwritten.",
     no_options, gw_action_init, false},
    {"new", NULL, "[NAME...]", 0, GW_OPERANDS_MAX, "a new migration in the folder's layout",
     "Writes an up and a down file named as the folder's other files are: the next number, or the time of day in UTC. "
     "A pattern "
     "fills them with a scaffold for the configured database.",
     new_options, gw_action_new, false},
    {"up", "migrate", "[TARGET]", 0, 1, "apply pending migrations",
     "Applies what is pending, in order, up to and including TARGET. Every file is read and checked before anything "
     "runs; each runs "
     "in a transaction of its own where the database can; each is recorded in the history. Safe on every deploy: "
     "nothing pending is "
     "success, and two runners wait for one another.",
     up_options, gw_action_up, true},
    {"down", NULL, "[TARGET]", 0, 1, "revert the newest migration, or everything newer than TARGET",
     "Runs down files, newest first; 0 as TARGET reverts everything. The down text that was recorded with the "
     "migration serves "
     "when its file is gone.",
     up_options, gw_action_down, true},
    {"redo", NULL, "", 0, 0, "revert the newest migration and apply it again",
     "For the migration that you are writing: one step down, one step up.", redo_options, gw_action_redo, true},
    {"status", NULL, "", 0, 0, "what is applied, pending, failed, missing, edited",
     "Compares the folder with the history. Writes nothing; a database that does not exist counts as empty.",
     status_options, gw_action_status, true},
    {"history", NULL, "", 0, 0, "who ran what, when, how long",
     "The rows of the history table, oldest first: every attempt, also the failed ones.", no_options, gw_action_history,
     true},
    {"verify", NULL, "", 0, 0, "check files against the history",
     "Reads and splits every file and compares checksums with the history; exit 3 and every difference when there is "
     "one.",
     no_options, gw_action_verify, true},
    {"validate", NULL, "", 0, 0, "check the folder by itself: names, order, SQL, sum file",
     "Needs no connection. Tells what was added, edited, removed or reordered since the sum file was written. With "
     "--base the folder may only have "
     "grown at its end since the branch left that commit. What is checked is the work tree, or what is staged, or what "
     "a "
     "commit has.",
     validate_options, gw_action_validate, true},
    {"hash", NULL, "", 0, 0, "write the sum file of the folder",
     "godwit.sum, or atlas.sum where that exists, byte by byte as Atlas writes it. From then on `up` refuses a folder "
     "that differs from it, and `new` "
     "keeps it. With --sign it is signed, for environments whose verify_key demands that.",
     hash_options, gw_action_hash, true},
    {"convert", NULL, "FOLDER", 1, 1, "write the migrations into a new folder, in another layout",
     "For another tool, or for another habit: goose, dbmate, Flyway, sqitch and the others that godwit reads. The new "
     "folder is read again and "
     "compared with the old one, statement by statement, before it gets its name. What the layout cannot say is "
     "refused with its place. Needs "
     "no connection, and changes nothing of the old folder.",
     convert_options, gw_action_convert, false},
    {"rebase", NULL, "", 0, 0, "give this branch's migrations versions behind those of its base",
     "Renames the files that the branch added and that do not come behind all that the base has by now, in their "
     "order, down files with them; then "
     "writes the sum file anew, if there is one. Needs no connection.",
     rebase_options, gw_action_rebase, true},
    {"squash", NULL, "[FROM [TO]]", 0, 2, "one migration in place of several",
     "Makes one file of the migrations from FROM to TO (up to the newest without it), or of what this branch added, "
     "which does what they do one after the other. What is on the base branch, or "
     "applied in the environment, stays as it is; what one file cannot say is refused with its place.",
     squash_options, gw_action_squash, true},
    {"checkpoint", NULL, "[NAME...]", 0, GW_OPERANDS_MAX, "a migration that new databases begin with",
     "Writes a migration that does what all those before it do. A database in which nothing was run begins with it; "
     "any other passes over it.",
     no_options, gw_action_checkpoint, true},
    {"reset-migrations", NULL, "", 0, 0, "the folder as it is on the base branch",
     "Removes what this branch added and restores what it edited or removed, the sum file too. What is not committed "
     "is refused unless forced. Nothing is staged.",
     reset_options, gw_action_reset_migrations, true},
    {"resolve", NULL, "VERSION", 1, 1, "settle what a failure left",
     "Without an option: which statements of the migration were kept, and which were not. With one: settles it.",
     resolve_options, gw_action_resolve, false},
    {"baseline", NULL, "[VERSION]", 0, 1, "start on a database that exists",
     "Records every migration up to and including VERSION (all, without one) as applied, and runs none of them.",
     no_options, gw_action_baseline, true},
    {"adopt", NULL, "", 0, 0, "take over another tool's history",
     "Finds the table in which another migration tool keeps what it applied, says what follows from it and what only "
     "can be assumed, compares "
     "the files with the hashes that the tool kept, and records the migrations as applied. Runs none of them, and "
     "changes nothing of the other "
     "tool's.",
     adopt_options, gw_action_adopt, true},
    {"lock", NULL, "[status|release]", 0, 1, "who holds the lock, since when; release it",
     "The lock ends with the session that holds it. release ends that session on the server; it refuses an owner that "
     "is at work "
     "unless forced.",
     lock_options, gw_action_lock, true},
    {"db create", NULL, "", 0, 0, "create the database", "Creates the database of the URL; one that exists is fine.",
     no_options, gw_action_db_create, true},
    {"db drop", NULL, "", 0, 0, "delete the database", "Deletes the database of the URL and ends its sessions.",
     confirm_options, gw_action_db_drop, true},
    {"db reset", NULL, "", 0, 0, "drop, create, migrate",
     "For development: an empty database with every migration applied.", confirm_options, gw_action_db_reset, true},
    {"db wait", NULL, "", 0, 0, "wait until the server accepts connections",
     "For containers that start together. A wrong password or a database that does not exist ends the wait at once.",
     wait_options, gw_action_db_wait, true},
    {"hooks install", NULL, "", 0, 0, "git hooks that check migrations",
     "Writes pre-commit and pre-push where git has its hooks, for the godwit.yaml of the current folder. A hook of "
     "yours is never touched.",
     no_options, gw_hooks_install, false},
    {"hooks remove", NULL, "", 0, 0, "take the git hooks away", "Removes what `hooks install` wrote, and nothing else.",
     no_options, gw_hooks_remove, false},
    {"hooks run", NULL, "pre-commit|pre-push [REMOTE [URL]]", 1, 3, "what the git hooks call",
     "pre-commit validates what is staged in each folder of migrations, pre-push what the pushed commits have, against "
     "the default branch of the remote; where nothing changed there is nothing to do. pre-push reads from its standard "
     "input what git tells it.",
     no_options, gw_hooks_run, false},
    {"ci", NULL, "github|gitlab", 1, 1, "a workflow file for your CI",
     "Prints a file that builds godwit and runs validate, up, verify and status on an empty database in a container, "
     "for "
     "each service of godwit.yaml. Needs no connection.",
     ci_options, gw_ci_print, false},
    {"help", NULL, "[COMMAND...]", 0, 2, "help for a command, or for all",
     "With --man the manual page; with --json the tables of commands, "
     "options, settings and exit codes.",
     help_options, NULL, false},
    {"completion", NULL, "bash|zsh|fish", 1, 1, "completions for your shell",
     "Prints a script: source it, or put it where your shell looks for completions.", no_options, NULL, false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, false},
};

const gw_command_group gw_command_groups[] = {
    {"db", "the database around the migrations"},
    {"hooks", "git hooks that check migrations"},
    {NULL, NULL},
};

const char *
gw_command_within(const gw_command *c, const char *group)
{
    const size_t len = strlen(group);
    return strncmp(c->name, group, len) == 0 && c->name[len] == ' ' ? c->name + len + 1 : NULL;
}

const gw_exit_code gw_exit_codes[] = {
    {GODWIT_OK, "done"},
    {GODWIT_FAILED, "a migration or a statement failed"},
    {GODWIT_USAGE, "usage or configuration"},
    {GODWIT_FOLDER, "the folder is invalid, or does not match the history"},
    {GODWIT_CONNECT, "could not connect"},
    {GODWIT_LOCKED, "the lock is held"},
    {GODWIT_FOUND, "a check found something (status --exit-code)"},
    {GODWIT_IO, "reading or writing files"},
    {GODWIT_REFUSED, "refused: something godwit does not model, or a loss of data that nobody allowed"},
    {GODWIT_BUG, "a bug in godwit"},
    {GODWIT_INTERRUPTED, "interrupted"},
};
const size_t gw_exit_code_count = sizeof(gw_exit_codes) / sizeof(gw_exit_codes[0]);

bool
gw_setting_has_option(const godwit_setting *setting)
{
    return strcmp(setting->kind, "secret") != 0;
}

void
gw_setting_option_name(const godwit_setting *setting, char name[64])
{
    const char *const from = strcmp(setting->name, "migrations") == 0 ? "dir" : setting->name;
    size_t i = 0;
    for (; from[i] != '\0' && i < 63; i++)
        name[i] = from[i] == '_' ? '-' : from[i];
    name[i] = '\0';
}
