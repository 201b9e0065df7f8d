/*
 * migration/adoption - what another tool's history says of the files of a folder.
 *
 * Rows in, records for godwit's history out; nothing is run and nothing is guessed silently: what the tool could not know is told as an
 * assumption, and what nobody can take over for certain is an error. Reads the files again where the tool kept a hash of them.
 */
#ifndef GW_MIGRATION_ADOPTION_H
#define GW_MIGRATION_ADOPTION_H

#include "migration/proof.h"
#include "migration/record.h"

typedef enum gw_legacy_state {
    GW_LEGACY_APPLIED,
    GW_LEGACY_GONE,    /* reverted, skipped, taken out: not in the database any more */
    GW_LEGACY_UP_TO,   /* a head: this one, and so all before it, though no row says so of them */
    GW_LEGACY_PARTIAL, /* ended behind some of its statements, and which is known */
    GW_LEGACY_FAILED,  /* begun, and its end is not known or was a failure */
    GW_LEGACY_UNKNOWN  /* a word that no version of the tool is known to write */
} gw_legacy_state;

/* A row. A later one of the same key says what is true now. */
typedef struct gw_legacy {
    const char *key;  /* by which the tool tells migrations apart: a version, a file, a folder */
    const char *name; /* NULL: there is none */
    gw_legacy_state state;
    const char *proof;   /* a hash of the file; NULL: none was kept */
    const char *at;      /* when, as the server says it; NULL: unknown */
    const char *project; /* of several in one table; NULL: there are none */
    /* PARTIAL: how many statements are done, their hashes as the tool keeps them, and what it said at the next one ("" or NULL: nothing, so that
     * nobody knows whether that happened). */
    size_t done;
    const char *chain, *error;
} gw_legacy;
typedef gw_vec(gw_legacy) gw_legacies;

typedef struct gw_adoption_params {
    const char *tool;
    const gw_folder *folder;
    const gw_legacies *rows;
    gw_proof proof;
    const char *project; /* whose files these are, where a tool's table is one of several projects; NULL: not known */
    bool any_content;    /* files may differ from what the tool kept */
} gw_adoption_params;

/* A record whose file ran in part: its statements, and the progress that goes with it, are still to be filled in. */
typedef struct gw_adoption_part {
    size_t record;
    const gw_file *file;
    const char *chain; /* see gw_legacy */
} gw_adoption_part;

typedef struct gw_adoption {
    gw_records records; /* kind "adopted", by the order of the folder; then those of rows without a file */
    size_t proved;      /* of these: how many have the content that the tool kept a hash of */
    gw_vec(gw_adoption_part) parts;
    gw_vec(const char *) assumed; /* sentences */
} gw_adoption;

/* GODWIT_FOLDER: a file differs from what was applied (named, both hashes); rows of a head whose file nobody has. GODWIT_FAILED: something
 * failed halfway under the other tool. GODWIT_IO: a file cannot be read. */
GW_CHECKED gw_rc gw_adoption_judge(gw_arena *a, const gw_adoption_params *p, gw_adoption *out, gw_err *e);

#endif
