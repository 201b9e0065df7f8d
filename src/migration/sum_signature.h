/*
 * migration/sum_signature - the signature of a sum file, in a file beside it: godwit.sum.sig, atlas.sum.sig.
 *
 *     godwit-signature ed25519 sha256:06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9
 *     zUYT9ZtLACPetvz66N1f…DQ==
 *
 * The first line names the kind of the signature and, by its fingerprint, the key that made it: with that an error can say which key it was.
 * The second is the signature of the bytes of the sum file, in base64. Nothing but the signature counts.
 *
 * Pure. Errors are GODWIT_FOLDER; those of a folder that is not signed have `path`, and their message names the file by itself.
 */
#ifndef GW_MIGRATION_SUM_SIGNATURE_H
#define GW_MIGRATION_SUM_SIGNATURE_H

#include "base/signature.h"
#include "migration/folder.h"

/* "migrations/godwit.sum.sig", of the path of the sum file. */
char *gw_sum_signature_path(gw_arena *a, const char *sum_path);
/* The whole file, to be written. */
char *gw_sum_signature_text(gw_arena *a, const gw_signature *signature, const gw_public_key *by);

/* Is `sum` signed so by the owner of this key? With position: the file is no signature. Without: it does not fit, or another key made it,
 * with both fingerprints. */
typedef struct gw_sum_signature_params {
    const char *sum_path, *path; /* of the sum file, and of its signature */
    gw_str sum, text;            /* the bytes of both */
    const gw_public_key *key;
} gw_sum_signature_params;
GW_CHECKED gw_rc gw_sum_signature_check(const gw_sum_signature_params *p, gw_err *e);

/* A signature says nothing of a file that its sum file leaves out: those that say `atlas:sum ignore`, Atlas's down files. The first of them that
 * godwit would run is refused. The folder was hashed, and agrees with its sum file. */
GW_CHECKED gw_rc gw_sum_signature_covers(const gw_folder *folder, gw_err *e);

#endif
