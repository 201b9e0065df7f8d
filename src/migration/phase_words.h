/*
 * migration/phase_words - what a file says of the two phases of a deploy (migration/phase), wherever it says it.
 *
 * Whole folders are looked through for it, applied files too, also where nobody knows which SQL they are in. So this goes by lines, not by
 * statements: a comment line that says something of shims, or of where the file runs. That each stands where it may is told by whoever
 * reads the file as a script.
 */
#ifndef GW_MIGRATION_PHASE_WORDS_H
#define GW_MIGRATION_PHASE_WORDS_H

#include "migration/directive.h"

typedef struct gw_phase_words {
    gw_str text;         /* as long as the file's; all lines but those are blank */
    gw_directives rules; /* its shims, drops and environments; none where something is wrong */
    gw_err fault;        /* what is wrong with one of these; rc 0: nothing */
} gw_phase_words;

/* NULL: it says nothing of shims. `text` is what is run of the file, as long as that. `prefixes` as in gw_directive_params. */
const gw_phase_words *gw_phase_words_read(gw_arena *a, const char *path, gw_str text, const char *const *prefixes);

#endif
