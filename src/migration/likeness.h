/*
 * migration/likeness - do two scripts run the same?
 *
 * Their statements, text by text, in the same transactions, under the same rules. A BEGIN and COMMIT around all of one are understood and
 * not sent, so that they may be missing in the other. Pure.
 */
#ifndef GW_MIGRATION_LIKENESS_H
#define GW_MIGRATION_LIKENESS_H

#include "migration/script.h"

typedef struct gw_difference {
    const char *what; /* "its text", …; NULL: none */
    size_t statement; /* of the first script; SIZE_MAX: it concerns the file */
} gw_difference;

gw_difference gw_likeness(gw_arena *a, const gw_script *one, const gw_script *other);

#endif
