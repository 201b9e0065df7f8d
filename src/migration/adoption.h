/*
 * migration/adoption - what another tool's history says of the files of a folder.
 *
 * Rows in, records for godwit's history out; nothing is run and nothing is guessed silently: what the tool could not know is told as an
 * assumption, and what nobody can take over for certain is an error. Reads the files again where the tool kept a hash of them.
 */
#ifndef GW_MIGRATION_ADOPTION_H
#define GW_MIGRATION_ADOPTION_H

#include "migration/folder.h"
#include "migration/record.h"

typedef enum gw_legacy_state {
    GW_LEGACY_APPLIED,
    GW_LEGACY_GONE,   /* reverted, skipped, taken out: not in the database any more */
    GW_LEGACY_UP_TO,  /* a head: this one, and so all before it, though no row says so of them */
    GW_LEGACY_FAILED, /* begun, and its end is not known or was a failure */
    GW_LEGACY_UNKNOWN /* a word that no version of the tool is known to write */
} gw_legacy_state;

/* A row. A later one of the same key says what is true now. */
typedef struct gw_legacy {
    const char *key;  /* by which the tool tells migrations apart: a version, a file, a folder */
    const char *name; /* NULL: there is none */
    gw_legacy_state state;
    const char *proof; /* a hash of the file; NULL: none was kept */
    const char *at;    /* when, as the server says it; NULL: unknown */
} gw_legacy;
typedef gw_vec(gw_legacy) gw_legacies;

/* What the tool's hash is of. */
typedef enum gw_proof {
    GW_PROOF_NONE,
    GW_PROOF_SHA256, /* the bytes of the file, hex */
    GW_PROOF_SHA384,
    GW_PROOF_SHA1,
    GW_PROOF_CRC32,  /* its lines without their ends, signed decimal: Flyway's */
    GW_PROOF_QUOTED, /* it stands in the file itself: graphile-migrate's header */
    GW_PROOF_LISTED  /* it stands in atlas.sum */
} gw_proof;

typedef struct gw_adoption_params {
    const char *tool;
    const gw_folder *folder;
    const gw_legacies *rows;
    gw_proof proof;
    bool any_content; /* files may differ from what the tool kept */
} gw_adoption_params;

typedef struct gw_adoption {
    gw_records records; /* kind "adopted", applied, by the order of the folder; then those of rows without a file */
    size_t proved;      /* of these: how many have the content that the tool kept a hash of */
    gw_vec(const char *) assumed; /* sentences */
} gw_adoption;

/* GODWIT_FOLDER: a file differs from what was applied (named, both hashes); rows of a head whose file nobody has. GODWIT_FAILED: something
 * failed halfway under the other tool. GODWIT_IO: a file cannot be read. */
GW_CHECKED gw_rc gw_adoption_judge(gw_arena *a, const gw_adoption_params *p, gw_adoption *out, gw_err *e);

#endif
