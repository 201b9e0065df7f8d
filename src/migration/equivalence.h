/*
 * migration/equivalence - is a folder that was converted the same as the one that it came from?
 *
 * It is read again, as any folder of its layout is read, and every migration is compared with its source: order, kind, ways, statements.
 */
#ifndef GW_MIGRATION_EQUIVALENCE_H
#define GW_MIGRATION_EQUIVALENCE_H

#include "migration/conversion.h"

/* `made` holds the files of c. GODWIT_FOLDER with position in the source: what would be run otherwise. */
GW_CHECKED gw_rc gw_equivalence_check(gw_arena *a, const gw_conversion_params *p, const gw_conversion *c,
                                      const gw_tree *made, gw_err *e);

#endif
