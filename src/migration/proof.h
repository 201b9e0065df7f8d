/*
 * migration/proof - the hashes that other tools keep of what they applied, made again of the files.
 *
 * Reads the files. Sources: each tool's own source, and databases that the tools made.
 */
#ifndef GW_MIGRATION_PROOF_H
#define GW_MIGRATION_PROOF_H

#include "migration/folder.h"

/* What the tool's hash is of. */
typedef enum gw_proof {
    GW_PROOF_NONE,
    GW_PROOF_SHA256, /* the bytes of the file, hex */
    GW_PROOF_SHA384,
    GW_PROOF_SHA1,
    GW_PROOF_CRC32, /* its lines without their ends, signed decimal: Flyway's */
    GW_PROOF_MD5, /* a changeset without its white space: Liquibase's "9:…"; those of older versions are not made again */
    GW_PROOF_QUOTED, /* it stands in the file itself: graphile-migrate's header */
    GW_PROOF_LISTED  /* it stands in atlas.sum */
} gw_proof;

typedef struct gw_proof_params {
    gw_proof proof;
    const gw_folder *folder;
    const gw_file *file;
    const gw_sum *listed; /* the sum file, for LISTED */
} gw_proof_params;

/* Can what the tool kept be compared at all? */
bool gw_proof_is_comparable(gw_proof proof, const char *kept);
/* *out NULL: the file has no such hash. GODWIT_IO: it cannot be read. */
GW_CHECKED gw_rc gw_proof_of(gw_arena *a, const gw_proof_params *p, const char **out, gw_err *e);

#endif
