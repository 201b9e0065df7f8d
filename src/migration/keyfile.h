/*
 * migration/keyfile - the small files of `key = value` lines that stand beside migrations: metadata.toml, migration_lock.toml, V1__x.sql.conf,
 * sqitch.conf.
 *
 * A line is empty, a comment (`#` or `;`), a section ("[core]", "[engine "pg"]"), or a key with its value, which may stand in quotes. Of TOML,
 * git's and Java's formats this is what they have in common; whatever else a line says is an error.
 * Pure.
 */
#ifndef GW_MIGRATION_KEYFILE_H
#define GW_MIGRATION_KEYFILE_H

#include "base/err.h"
#include "base/vec.h"

typedef struct gw_keyline {
    gw_str section;    /* "core", "engine \"pg\""; empty above the first one */
    gw_str key, value; /* views into the text; without quotes */
} gw_keyline;

typedef struct gw_keyfile {
    const char *path;
    gw_str text;
    gw_vec(gw_keyline) lines;
} gw_keyfile;

/* GODWIT_FOLDER with position. */
GW_CHECKED gw_rc gw_keyfile_read(gw_arena *a, const char *path, gw_str text, gw_keyfile *out, gw_err *e);
/* The last of that key, as whoever reads such files has it; NULL: none. Upper and lower case are the same in both. */
const gw_keyline *gw_keyfile_find(const gw_keyfile *f, const char *section, const char *key);
/* "true" or "false"; GODWIT_FOLDER with position. */
GW_CHECKED gw_rc gw_keyfile_switch(const gw_keyfile *f, const gw_keyline *line, bool *out, gw_err *e);
/* A key that nobody knows, or a value that does not fit: GODWIT_FOLDER at `where`, which is a view into the text. */
gw_rc gw_keyfile_fail(const gw_keyfile *f, gw_str where, gw_err *e, const char *format, ...) GW_PRINTF(4, 5);

#endif
