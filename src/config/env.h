/*
 * config/env - environment variables: the process's own, then a .env file's.
 *
 * The .env grammar: NAME=value, `export ` allowed, # comments, '…' literal, "…" with \n \r \t \" \\ \$ escapes, both
 * over several lines; ${NAME}, ${NAME:-default} and $NAME expanded in bare and "…" values, from the process first. A
 * bare value ends at the line's end or at a # behind a blank. Of several lines for one name the last wins. A wrong line
 * is an error with file, line and column that shows no value, and so is ${NAME} of a variable that is not set; $NAME of
 * such a one stays as it is, because programs without expansion write hashes and passwords like that.
 */
#ifndef GW_CONFIG_ENV_H
#define GW_CONFIG_ENV_H

#include "base/err.h"
#include "base/map.h"

typedef struct gw_env {
    gw_map *process; /* name → const char *; what began with */
    gw_map *file;    /* of .env; process wins */
    const char *file_path;
} gw_env;

enum { GW_ENV_FILE_MAX = 1 << 20 };

/* environ: "NAME=value" entries, NULL-terminated; NULL none. path: the .env file, read when it is a file; NULL none. */
GW_CHECKED gw_rc gw_env_load(gw_arena *a, const char *const *environ_entries, const char *path, gw_env *out, gw_err *e);
GW_CHECKED gw_rc gw_env_parse(gw_arena *a, const char *path, gw_str text, gw_env *env, gw_err *e); /* fills env->file */
/* Empty values count as absent. *origin (may be NULL) becomes "environment NAME" or ".env NAME". */
const char *gw_env_get(gw_arena *a, const gw_env *env, const char *name, const char **origin);
/* The first of the blank-separated `names` that the process has, else the first that .env has (*from_file). */
const char *gw_env_first(gw_arena *a, const gw_env *env, const char *names, const char **origin, bool *from_file);
/* "NAME=value" of what .env adds to the process, NULL-terminated: for the commands that we start. */
const char *const *gw_env_added(gw_arena *a, const gw_env *env);
/* ${NAME}, ${NAME:-default} and $$ in a configuration value. GODWIT_USAGE names a variable that is not set, never the
 * value. */
GW_CHECKED gw_rc gw_env_expand(gw_arena *a, const gw_env *env, gw_str text, const char **out, gw_err *e);

#endif
