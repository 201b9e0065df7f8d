/*
 * godwit: take a PostgreSQL, MySQL/MariaDB or SQLite database from the schema it has to the schema you want.
 *
 *     godwit *gw = godwit_new();
 *     godwit_error error = {0};
 *     const godwit_report *report = NULL;
 *     if (godwit_set(gw, "url", "sqlite:app.db", &error) == GODWIT_OK &&
 *         godwit_set(gw, "migrations", "db/migrations", &error) == GODWIT_OK)
 *         godwit_up(gw, &(godwit_up_params){0}, &report, &error);
 *     if (error.rc != GODWIT_OK)
 *         fprintf(stderr, "%s\n", error.message);
 *     godwit_free(gw);
 *
 * A handle is one target: settings, at most one connection at a time, and the memory of its newest answer.
 * Everything an answer points to belongs to the handle and lives until the next call on it or godwit_free().
 * A handle belongs to one thread; godwit_cancel() alone may be called from anywhere, also from a signal handler.
 * The library never prints, never exits, installs no signal handler and starts no process that was not configured.
 * Out of memory calls abort().
 *
 * Text is UTF-8 and zero-terminated. A NULL text in an answer means "none".
 */
#ifndef GODWIT_H
#define GODWIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define GODWIT_API     __attribute__((visibility("default")))
#define GODWIT_CHECKED __attribute__((warn_unused_result))
#else
#define GODWIT_API
#define GODWIT_CHECKED
#endif

/* The class of an outcome; also the program's exit code. */
typedef enum godwit_rc {
    GODWIT_OK = 0,
    GODWIT_FAILED = 1,       /* a migration or a statement failed */
    GODWIT_USAGE = 2,        /* wrong use or configuration */
    GODWIT_FOLDER = 3,       /* the folder is invalid or does not match the history */
    GODWIT_CONNECT = 4,      /* no connection to the database */
    GODWIT_LOCKED = 5,       /* another runner holds the lock */
    GODWIT_FOUND = 6,        /* a check found something */
    GODWIT_IO = 7,           /* reading or writing files */
    GODWIT_REFUSED = 8,      /* not modelled, or a loss of data that nobody allowed */
    GODWIT_BUG = 70,         /* a bug in godwit */
    GODWIT_INTERRUPTED = 130 /* godwit_cancel() */
} godwit_rc;

/* One error: what, where, why, what next. Starts zeroed; filled once. Texts are cut to fit, never missing. */
typedef struct godwit_error {
    godwit_rc rc;
    char message[1024]; /* one line: the cause */
    char notes[1024];   /* lines of context, "while applying 0007 add_index, statement 2 of 3"; may be empty */
    char hint[512];     /* the next step; may be empty */
    char code[8];       /* SQLSTATE, or the server's error number; may be empty */
    char path[512];     /* the user's file; may be empty */
    unsigned line;      /* 1-based; 0 unknown */
    unsigned column;    /* 1-based, in characters; 0 unknown */
    char excerpt[256];  /* the source line at path:line, cut around the column; may be empty */
    unsigned caret;     /* 1-based column of the fault within excerpt; 0 none */
    size_t offset;      /* 1-based byte within the statement that the server was given; 0 unknown (used inside) */
    bool transient;     /* worth a retry: nothing of what failed was kept, and it may succeed later */
    bool lock_wait;     /* transient: it waited too long for a lock that another session holds */
} godwit_error;

/* ---- the handle ---- */

typedef struct godwit godwit;

GODWIT_API godwit *godwit_new(void);
GODWIT_API void godwit_free(godwit *gw); /* NULL is fine */

/* "1.0.0" */
GODWIT_API const char *godwit_version(void);

/* One row for each setting there is: what the program's options, the environment, and godwit.yaml can say. */
typedef struct godwit_setting {
    const char *name; /* "lock_timeout": the key in godwit.yaml; the option is the same with '-' */
    const char
        *kind; /* "text", "path", "duration", "count", "switch", "list", "secret", "key", "command" or "choice a|b" */
    const char *env;     /* environment variables that set it, by precedence, blank-separated */
    const char *initial; /* default as text; NULL none */
    const char *summary; /* one line */
} godwit_setting;
GODWIT_API const godwit_setting *godwit_settings(size_t *count);

/* Say a setting, as a flag of the program would: it wins over environment, .env and godwit.yaml.
 * `name` is a setting's name (also "config", "env", "service"). A wrong name is GODWIT_USAGE with a "did you mean". */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_set(godwit *gw, const char *name, const char *value, godwit_error *error);

/* What a setting ends up as, and where that came from ("flag", "environment DATABASE_URL", ".env", "godwit.yaml:4", "default").
 * Secrets answer as "***". */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_get(godwit *gw, const char *name, const char **value, const char **origin,
                                               godwit_error *error);

/* The services that the configuration names, in its order; none is fine. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_services(godwit *gw, const char *const **names, size_t *count,
                                                    godwit_error *error);

/* One row for each directive that a migration's comments may hold, `-- godwit:<name> <value>`. */
typedef struct godwit_directive {
    const char *name, *value, *summary; /* value: "none|file", "ENV,…", "DURATION" …; NULL: takes none */
    bool file, statement;               /* where it may stand: before the first statement, directly above a later one */
    bool supported;                     /* false: known, and refused by name until it is carried out */
} godwit_directive;
GODWIT_API const godwit_directive *godwit_directives(size_t *count);

/* Ask the running call to stop: the statement is cancelled on the server, the transaction rolled back, the lock
 * released, and the call returns GODWIT_INTERRUPTED. Safe in a signal handler and from another thread. A request that
 * comes before a call, or too late for one, stops the next: until GODWIT_INTERRUPTED was returned it stands. */
GODWIT_API void godwit_cancel(godwit *gw);

/* Say that nothing else in this process uses the databases' client libraries, now or later: they may be set for all of it as suits godwit best
 * (SQLite no longer counts its memory: heap limits do nothing). Before the first call. The program says so. */
GODWIT_API void godwit_own_process(godwit *gw);

/* ---- events: what happens while a call runs ---- */

typedef enum godwit_event_kind {
    GODWIT_EVENT_NOTE,            /* text: something worth a line (retrying, hook, created the database) */
    GODWIT_EVENT_NOTICE,          /* text: a notice or warning of the server */
    GODWIT_EVENT_WAITING,         /* text: whom we wait for; elapsed_ms */
    GODWIT_EVENT_RUN_BEGIN,       /* total: migrations to run */
    GODWIT_EVENT_MIGRATION_BEGIN, /* migration: index of total in this run */
    GODWIT_EVENT_STATEMENT,       /* a statement ended: index of total, elapsed_ms, text = its first words */
    GODWIT_EVENT_MIGRATION_END,   /* migration: applied or reverted, index of total, elapsed_ms */
    GODWIT_EVENT_RUN_END          /* index: migrations that ran, of total; elapsed_ms */
} godwit_event_kind;

typedef struct godwit_event {
    godwit_event_kind kind;
    const char *version; /* of the migration concerned; NULL none */
    const char *name;
    const char *direction; /* "up" or "down"; NULL none */
    const char *text;
    size_t index, total; /* 1-based */
    int64_t elapsed_ms;
    bool pretend; /* nothing is executed */
} godwit_event;

/* Called on the thread that runs the call; GODWIT_EVENT_WAITING also on one of godwit's own while that thread waits for the server.
 * Never two at a time. The event lives only during the callback. */
typedef void godwit_event_fn(const godwit_event *event, void *context);
GODWIT_API void godwit_on_event(godwit *gw, godwit_event_fn *callback, void *context);

/* ---- answers ---- */

typedef enum godwit_state {
    GODWIT_PENDING,
    GODWIT_APPLIED,
    GODWIT_RUNNING, /* started, and its end is not recorded */
    GODWIT_FAILED_STATE,
    GODWIT_REVERTED,
    GODWIT_SKIPPED,
    GODWIT_DEFERRED /* it waits for the next run: it drops a shim that was made in the same one */
} godwit_state;
GODWIT_API const char *godwit_state_name(godwit_state state); /* "pending", "applied", … */

/* One migration as files and history see it together. */
typedef struct godwit_migration {
    const char *version;
    const char *name;
    const char *path;      /* NULL: in the history only */
    const char *down_path; /* NULL: none */
    const char *kind;      /* "versioned", "repeatable", "checkpoint", "covered" (by one), "baseline", "adopted" */
    const char *direction; /* what the call did or would do: "up" or "down"; NULL: nothing */
    godwit_state state;
    bool out_of_order;             /* pending, and older than the newest applied */
    bool missing;                  /* in the history as applied, and its file is gone */
    bool edited;                   /* applied, and its file has another checksum */
    bool reversible;               /* a down text is known, from the file or from the history */
    const char *checksum;          /* SHA-256 of the file, hex; NULL when the file is gone */
    const char *recorded_checksum; /* of the history; NULL when it has none */
    size_t statements;             /* in the file; of the history when the file is gone */
    size_t done;                   /* statements known to be kept, for running and failed ones */
    const char *started_at;        /* UTC, "2026-03-26 17:09:03.123" */
    int64_t duration_ms;
    const char *applied_by;
    const char *error; /* of the newest attempt; of a deferred one: why */
} godwit_migration;

/* One row of the history table, oldest first. */
typedef struct godwit_attempt {
    int64_t id;
    const char *version, *name, *kind, *direction, *state, *checksum;
    size_t statements, done;
    const char *started_at, *finished_at; /* UTC; NULL: did not end */
    int64_t duration_ms;
    const char *applied_by, *run_id, *tool, *error;
} godwit_attempt;

/* One statement of a migration, for what a failure left. */
typedef struct godwit_statement {
    size_t index; /* 1-based */
    const char *path;
    unsigned line;
    const char *text; /* its first line, cut */
    bool done;
    const char *note; /* what else is known: "was under way, and was not carried out"; NULL nothing */
} godwit_statement;

/* What a call did or saw. Every call fills it, also one that fails. */
typedef struct godwit_report {
    bool success;
    const char *target; /* the database, without secrets */
    const char *service, *env;
    size_t files_executed;
    int64_t duration_ms;
    const godwit_migration *migrations; /* up, down, redo: those that ran or would run; status, verify: all */
    size_t migration_count;
    size_t pending;                 /* left after the call, deferred ones among them */
    const godwit_attempt *attempts; /* history */
    size_t attempt_count;
    const godwit_statement *statements; /* of the migration that failed, here or before; resolve, status */
    size_t statement_count;
    const godwit_error *errors; /* every problem found; verify may find several */
    size_t error_count;
    const char *const *paths; /* files written: new, init */
    size_t path_count;
    bool pretend;
} godwit_report;

/* ---- calls: each returns its class, fills *report (may be NULL) and, unless GODWIT_OK, *error ---- */

typedef struct godwit_up_params {
    const char *target; /* up to and including this version; NULL all */
    size_t steps;       /* at most so many; 0 all */
    bool pretend;       /* say what would run, write nothing */
} godwit_up_params;
/* Of two migrations that must not come in one deploy (directives n-1-shim and n-1-shim-drop) the second is deferred to the next call, unless
 * the database is fresh; GODWIT_FOLDER, and nothing runs, when what comes behind it may depend on it. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_up(godwit *gw, const godwit_up_params *params, const godwit_report **report,
                                              godwit_error *error);

typedef struct godwit_down_params {
    const char *target; /* revert everything newer than this version; "0" all; NULL: the newest */
    size_t steps;       /* revert so many; 0: 1 without a target */
    bool pretend;
} godwit_down_params;
GODWIT_API GODWIT_CHECKED godwit_rc godwit_down(godwit *gw, const godwit_down_params *params,
                                                const godwit_report **report, godwit_error *error);

/* Revert the newest applied migration and apply it again. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_redo(godwit *gw, bool pretend, const godwit_report **report,
                                                godwit_error *error);

/* Writes nothing; works when the database or its history does not exist. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_status(godwit *gw, const godwit_report **report, godwit_error *error);
GODWIT_API GODWIT_CHECKED godwit_rc godwit_history(godwit *gw, const godwit_report **report, godwit_error *error);

typedef struct godwit_validate_params {
    const char *
        base; /* a commit of git, "origin/main": also that what it has is unchanged, and that what is new comes behind it */
    const char *commit; /* the folder as this commit has it; NULL: as it is in the work tree */
    bool staged;        /* the folder as it is staged in git */
} godwit_validate_params;
/* The folder by itself, without a connection: names, order, every statement, shims, and the sum file; and against `base`. Every problem is one of
 * report->errors; GODWIT_FOLDER when there is one. The command of the setting `issues` is asked about shims that nothing
 * drops. `params` may be NULL: the folder as it is. For a commit, and what is staged, no command is asked, neither for the URL (where it is not
 * at hand, the files are not split) nor about shims. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_validate(godwit *gw, const godwit_validate_params *params,
                                                    const godwit_report **report, godwit_error *error);
/* Write the folder's sum file as its files are now: atlas.sum where that exists, else godwit.sum, which is report->paths when it changed; and
 * sign it, if `sign` (may be NULL) is the path of an ed25519 private key in PEM: in godwit.sum.sig, or atlas.sum.sig. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_hash(godwit *gw, const char *sign, const godwit_report **report,
                                                godwit_error *error);

/* Give the migrations of this branch that do not come behind those of `base` (NULL: "origin/main") new versions, in their order, and write the
 * sum file anew where there is one; the new files are report->paths. Needs no connection. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_rebase(godwit *gw, const char *base, const godwit_report **report,
                                                  godwit_error *error);

typedef struct godwit_convert_params {
    const char *folder; /* a new one: nothing has the name, but an empty folder */
    const char *to;     /* its layout */
    const char
        *without; /* what is left out: of "down", "verify", "repeatable", "checkpoint", with commas; may be NULL */
} godwit_convert_params;
/* Write the migrations of the folder into a new folder in another layout, with its index and sum file; the new files are report->paths. The new
 * folder is read again and compared with the old one before it gets its name: GODWIT_FOLDER, and no folder, where anything would run otherwise,
 * or the layout has no place for it. The old one is not changed. Needs the URL, for the kind of database, and no connection. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_convert(godwit *gw, const godwit_convert_params *params,
                                                   const godwit_report **report, godwit_error *error);

/* Give them the next numbers behind those of `base`, without gaps and each once, in their order. GODWIT_USAGE: they have no numbers. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_renumber(godwit *gw, const char *base, const godwit_report **report,
                                                    godwit_error *error);

typedef struct godwit_squash_params {
    const char *from,
        *to; /* the first and the last, versions or files; from NULL: what the branch added, to NULL: up to the newest */
    const char *name; /* of the one that they become; NULL: that of the last */
    const char *base; /* what it has stays; NULL: "origin/main", where there is one */
    bool offline;     /* the configured database is not asked what is applied there */
    bool no_down;     /* no way down */
} godwit_squash_params;
/* One migration in place of several, which does what they do one after the other; its files are report->paths. What is on `base` or applied in
 * the chosen environment, and what one file cannot say, is GODWIT_REFUSED, and the folder then as it was. `params` may be NULL. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_squash(godwit *gw, const godwit_squash_params *params,
                                                  const godwit_report **report, godwit_error *error);

/* A new migration that does what all those before it do: a database in which nothing was run begins with it, any other passes over it. `name`
 * may be NULL. Needs no connection. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_checkpoint(godwit *gw, const char *name, const godwit_report **report,
                                                      godwit_error *error);

/* The folder as it is on `base` (NULL: "origin/main"): what came back is report->paths. Files that are not committed as they are
 * GODWIT_REFUSED without `force`. Nothing is staged or committed. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_reset_migrations(godwit *gw, const char *base, bool force,
                                                            const godwit_report **report, godwit_error *error);

/* Files against history, and against the sum file; every difference is one of report->errors; GODWIT_FOLDER when there is one. Writes nothing. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_verify(godwit *gw, const godwit_report **report, godwit_error *error);

typedef enum godwit_resolution {
    GODWIT_RESOLVE_SHOW,
    GODWIT_RESOLVE_APPLIED,
    GODWIT_RESOLVE_REVERTED,
    GODWIT_RESOLVE_RETRY
} godwit_resolution;
typedef struct godwit_resolve_params {
    const char *version;
    godwit_resolution resolution;
    bool counts; /* RETRY: the number of statements that are done is said, instead of taken from the history */
    size_t done;
} godwit_resolve_params;
/* Settle a migration whose newest attempt is running or failed. SHOW only lists its statements.
 * RETRY runs again what is not done, beginning with the statement at which it stopped. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_resolve(godwit *gw, const godwit_resolve_params *params,
                                                   const godwit_report **report, godwit_error *error);

/* Record everything up to and including `version` (NULL: all files) as applied, without running it. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_baseline(godwit *gw, const char *version, const godwit_report **report,
                                                    godwit_error *error);

typedef struct godwit_adopt_params {
    const char *from; /* the tool, by the name that `godwit adopt --from` takes; NULL: whichever has a history there */
    bool edited;      /* files that are not what the tool applied are taken as they are now */
    bool pretend;
} godwit_adopt_params;
/* Record what another tool applied as applied, from its own history; what it ran in part, and can prove statement by statement, as failed or
 * running, for `up` to go on with. Nothing is run, and nothing of the tool's is changed; its lock is held meanwhile. GODWIT_USAGE: no history
 * of a tool that is known, or of several; GODWIT_FAILED: it stopped halfway, and nobody knows where; GODWIT_FOLDER: a file is not what it applied;
 * GODWIT_LOCKED: it is at work. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_adopt(godwit *gw, const godwit_adopt_params *params,
                                                 const godwit_report **report, godwit_error *error);

typedef struct godwit_lock {
    bool held;
    bool brief;         /* there is no lock between migrations: each one excludes others while it runs */
    const char *method; /* "advisory lock", "GET_LOCK", "database file", "lease" */
    const char *key;
    const char *holder; /* "app@10.0.0.7, pid 4711, psql"; NULL unknown */
    const char *since;  /* UTC; NULL unknown */
    const char *query;  /* what it runs; NULL unknown */
} godwit_lock;
GODWIT_API GODWIT_CHECKED godwit_rc godwit_lock_status(godwit *gw, godwit_lock *lock, godwit_error *error);
/* End the session that holds the lock. Refuses a holder that runs something, unless `force`. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_lock_release(godwit *gw, bool force, godwit_lock *lock, godwit_error *error);

typedef struct godwit_new_params {
    const char *name;    /* "add users"; becomes add_users */
    const char *pattern; /* NULL: an empty file; else a row of godwit_patterns() */
    bool no_down;
    bool config; /* rows that the application needs: config_<name>, and the pattern config unless another is said */
} godwit_new_params;
typedef struct godwit_pattern {
    const char *name, *summary;
} godwit_pattern;
GODWIT_API const godwit_pattern *godwit_patterns(size_t *count);
/* A new migration in the folder's layout; its files are report->paths. Needs no connection. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_new_migration(godwit *gw, const godwit_new_params *params,
                                                         const godwit_report **report, godwit_error *error);

/* godwit.yaml, a migrations folder, and an example for SQLite when nothing says otherwise. Overwrites nothing. */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_init(godwit *gw, const godwit_report **report, godwit_error *error);

/* The database itself. `drop` and `reset` need `confirmed`: GODWIT_REFUSED otherwise.
 * reset: drop, create, migrate. wait: until the server answers, also that the database does not exist, at most
 * `timeout_ms` (0: a minute). */
GODWIT_API GODWIT_CHECKED godwit_rc godwit_db_create(godwit *gw, const godwit_report **report, godwit_error *error);
GODWIT_API GODWIT_CHECKED godwit_rc godwit_db_drop(godwit *gw, bool confirmed, const godwit_report **report,
                                                   godwit_error *error);
GODWIT_API GODWIT_CHECKED godwit_rc godwit_db_reset(godwit *gw, bool confirmed, const godwit_report **report,
                                                    godwit_error *error);
GODWIT_API GODWIT_CHECKED godwit_rc godwit_db_wait(godwit *gw, int64_t timeout_ms, const godwit_report **report,
                                                   godwit_error *error);

#ifdef __cplusplus
}
#endif

#endif
