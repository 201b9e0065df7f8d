/*
 * migration/conversion - a folder of migrations, written anew in another layout.
 *
 * Says which files there are to be; that they are the same migrations migration/equivalence shows. Pure: texts come and go through trees.
 *
 * What the other layout has no place for is refused by name, unless it is to be left out.
 */
#ifndef GW_MIGRATION_CONVERSION_H
#define GW_MIGRATION_CONVERSION_H

#include "migration/renumber.h"
#include "migration/ways.h"

typedef struct gw_conversion_params {
    gw_side from;
    const gw_layout *to;
    bool allow_gaps;
    unsigned without;    /* of gw_layout_part: what is left out */
    const char *project; /* what the new folder is called */
    int64_t now_ms;
} gw_conversion_params;

typedef struct gw_conversion {
    gw_layout_files files;
    gw_vec(const gw_file *) origins; /* one a file: what it was made of; NULL of an index */
    gw_vec(const char *) notes;      /* what is not as it was: versions, and what is left out */
    bool *left_out;                  /* one a file of the source */
} gw_conversion;

/* "down,verify": the bits, *wrong is the first word that is none of them. */
unsigned gw_conversion_parts(gw_str list, gw_str *wrong);
extern const char *const gw_conversion_part_names; /* for messages */

/* GODWIT_FOLDER with position in the source: what cannot be read, and what the layout cannot say. */
GW_CHECKED gw_rc gw_conversion_make(gw_arena *a, const gw_conversion_params *p, gw_conversion *out, gw_err *e);

#endif
